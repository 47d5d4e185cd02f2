// Queries this browser has run, kept in this browser only.

const KEY = "kizuna-queries";
const MOST = 50;

export function remembered() {
  try {
    const list = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(list) ? list.filter((one) => typeof one?.query === "string") : [];
  } catch {
    return [];
  }
}

export function remember(query) {
  const list = [{ query, at: new Date().toISOString() }, ...remembered().filter((one) => one.query !== query)].slice(0, MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(list));
  } catch {
    // A full or forbidden storage costs the history, nothing else.
  }
}

export function forget() {
  localStorage.removeItem(KEY);
}
