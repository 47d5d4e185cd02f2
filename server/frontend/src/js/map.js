// The world map: draws the bundled geometry, plays through the years, and lets pointer and keyboard choose a country.
// What is shown comes from the page's own table; the page says the same without this script.
import { startFilm } from "./map-film.js";
import { drawWorld } from "./map-world.js";
import { rove } from "./map-keys.js";
import { swap } from "./map-swap.js";

const figure = document.getElementById("map");
if (figure) start(figure);

/** @param {HTMLElement} figure */
async function start(figure) {
  const countries = readTable();
  const holder = figure.querySelector(".map-world");
  if (holder) {
    try {
      await drawWorld(holder, countries, figure.dataset);
    } catch {
      figure.querySelector(".map-failed")?.removeAttribute("hidden");
      holder.remove();
      return;
    }
  }
  const shapes = [...figure.querySelectorAll("[data-id]")];
  rove(figure, shapes);
  const readout = figure.querySelector(".map-readout");
  const tell = (event) => {
    const shape = event.target instanceof Element ? event.target.closest("[data-id]") : null;
    if (readout) readout.textContent = shape ? shape.getAttribute("aria-label") : "";
  };
  for (const kind of ["pointerover", "focusin", "pointerleave"]) figure.addEventListener(kind, tell);
  figure.addEventListener("click", (event) => {
    const shape = event.target instanceof Element ? event.target.closest("[data-id]") : null;
    if (!shape || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(shape.getAttribute("data-id"));
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("#map-panel a[data-close]") : null;
    if (link) {
      event.preventDefault();
      choose(null);
    }
  });
  startFilm(figure, shapes);
}

/** Choose a country, or none: the panel comes from the server, the address follows. */
async function choose(id) {
  const address = new URL(location.href);
  if (id) address.searchParams.set("at", id);
  else address.searchParams.delete("at");
  address.hash = "";
  await swap(address);
  for (const shape of document.querySelectorAll("#map [data-id]")) {
    shape.classList.toggle("chosen", shape.getAttribute("data-id") === id);
  }
}

/** What the table says of every country. */
function readTable() {
  return [...document.querySelectorAll("#map-table tr[data-id]")].map((row) => ({
    id: row.dataset.id,
    code: row.dataset.code,
    numeric: row.dataset.numeric,
    point: row.dataset.point ? row.dataset.point.split(" ").map(Number) : null,
    state: row.dataset.state,
    label: row.dataset.label,
    chosen: row.dataset.chosen !== undefined,
    differs: row.dataset.delta !== undefined,
  }));
}
