// The search box as a combobox with a list of suggestions (ARIA Authoring Practices 1.2, "list autocomplete, manual
// selection"). Enter without a choice sends the form, so everything works without this script.
const WAIT = 60;

/** @typedef {{iri: string, address: string, label: string, language: string | null, kind: string | null, matched: string | null}} Suggestion */

/** @param {HTMLFormElement | null} form */
export function startSearch(form) {
  const box = form?.querySelector("input[type=search]");
  const list = form?.querySelector("[role=listbox]");
  const told = form?.querySelector("[role=status]");
  if (!form || !(box instanceof HTMLInputElement) || !list || !told) return;
  for (const [key, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": list.id })) {
    box.setAttribute(key, value);
  }
  let timer = 0;
  let asked = 0;
  let active = -1;
  /** @type {AbortController | null} */
  let running = null;

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || editing(event.target)) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  box.addEventListener("input", (event) => {
    if (event instanceof InputEvent && event.isComposing && !/[぀-ヿ]$/.test(box.value)) return;
    later();
  });
  box.addEventListener("compositionend", later);
  box.addEventListener("focus", () => list.childElementCount && box.value.trim() && open(true));
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const count = list.childElementCount;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!count) return;
      event.preventDefault();
      open(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(active === -1 && step < 0 ? count - 1 : (active + step + count) % count);
    } else if (event.key === "Enter" && active >= 0 && !list.hidden) {
      event.preventDefault();
      go(list.children[active]);
    } else if (event.key === "Escape") {
      if (!list.hidden) event.preventDefault();
      forget();
      open(false);
    }
  });
  form.addEventListener("focusout", (event) => {
    if (!(event.relatedTarget instanceof Node) || !form.contains(event.relatedTarget)) open(false);
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
    if (option) go(option);
  });

  function later() {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  }

  /** What is on its way opens the list no more. */
  function forget() {
    clearTimeout(timer);
    running?.abort();
    asked += 1;
  }

  async function ask() {
    const query = box.value.trim();
    running?.abort();
    if (!query) return fill([]);
    const number = ++asked;
    running = new AbortController();
    const address = new URL(form.dataset.suggest ?? "", location.href);
    address.searchParams.set("q", query);
    try {
      const answer = await fetch(address, { signal: running.signal, headers: { Accept: "application/json" } });
      const suggestions = answer.ok ? (await answer.json()).suggestions : [];
      if (answer.ok && number === asked) fill(suggestions);
    } catch {
      // A newer question has overtaken this one, or the server is away: the form still works.
    }
  }

  /** @param {Suggestion[]} suggestions */
  function fill(suggestions) {
    list.replaceChildren(...suggestions.map(option));
    active = -1;
    box.removeAttribute("aria-activedescendant");
    const words = suggestions.length === 1 ? told.dataset.one : told.dataset.many;
    told.textContent = box.value.trim() ? (suggestions.length ? (words ?? "").replace("{number}", String(suggestions.length)) : form.dataset.none ?? "") : "";
    open(suggestions.length > 0 && document.activeElement === box);
  }

  /** @param {Suggestion} one @param {number} index */
  function option(one, index) {
    const line = document.createElement("li");
    line.id = `search-option-${index}`;
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", "false");
    line.dataset.address = one.address;
    const name = document.createElement("b");
    name.textContent = one.label;
    if (one.language) name.lang = one.language;
    const about = document.createElement("span");
    about.textContent = [one.matched, one.kind].filter(Boolean).join(" · ");
    line.append(name, " ", about);
    return line;
  }

  /** @param {number} index */
  function mark(index) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const line = list.children[active];
    line?.setAttribute("aria-selected", "true");
    line?.scrollIntoView({ block: "nearest" });
    if (line) box.setAttribute("aria-activedescendant", line.id);
  }

  /** @param {boolean} wanted */
  function open(wanted) {
    list.hidden = !wanted;
    box.setAttribute("aria-expanded", String(wanted));
    if (!wanted) {
      active = -1;
      box.removeAttribute("aria-activedescendant");
      for (const line of list.children) line.setAttribute("aria-selected", "false");
    }
  }

  /** @param {Element} line */
  function go(line) {
    if (line instanceof HTMLElement && line.dataset.address) location.assign(line.dataset.address);
  }
}

/** @param {EventTarget | null} target */
function editing(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}
