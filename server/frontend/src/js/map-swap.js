// Takes the parts of another state of this page from the server and puts them in place; the address follows.
const PARTS = ["#map-legend", "#map-panel", "#map-table", "#map-stamp", "#map-layouts", ".lang", "footer.foot", "#asof form"];

/** @param {URL} address */
export async function swap(address, push = true) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok) {
    location.assign(address);
    return;
  }
  const other = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of PARTS) {
    const mine = document.querySelector(part);
    const theirs = other.querySelector(part);
    if (mine && theirs) mine.replaceWith(document.adoptNode(theirs));
  }
  if (push) history.pushState(null, "", address);
}

addEventListener("popstate", () => location.reload());
