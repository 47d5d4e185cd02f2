// The graph page: draws what the server has laid out. Physics stays off; every step is an address of its own.
import { DataSet } from "vis-data/peer";
import { Network } from "vis-network/peer";

/** @typedef {{nodes: object[], edges: object[], options: object, places: Record<string, {page: string, open: string}>}} Drawing */

const frame = document.getElementById("graph");
const canvas = document.getElementById("graph-canvas");
const panel = document.getElementById("graph-panel");
const nodes = new DataSet();
const edges = new DataSet();
/** @type {Drawing["places"]} */
let places = {};

if (frame && canvas && panel) {
  frame.hidden = false;
  const first = read(document);
  const network = new Network(canvas, { nodes, edges }, first.options);
  show(first);
  network.fit({ animation: false });

  network.on("click", ({ nodes: [id] }) => {
    if (id === undefined) return hint();
    tell(id);
    if (places[id]?.open) go(places[id].open);
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-graph-go]") : null;
    if (link instanceof HTMLAnchorElement && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      go(link.href);
    }
  });
  document.addEventListener("change", (event) => {
    const form = event.target instanceof Element ? event.target.closest("form#graph-filter") : null;
    if (form instanceof HTMLFormElement) go(`${location.pathname}?${new URLSearchParams(/** @type {any} */ (new FormData(form)))}`);
  });
  addEventListener("popstate", () => load(location.href));
  globalThis.kizunaGraph = { network, nodes, edges };

  /** @param {string} address */
  async function go(address) {
    if (await load(address)) history.pushState(null, "", address);
  }

  /** Fetches the page of another state and takes over its drawing, its filter and its table. @param {string} address */
  async function load(address) {
    panel.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const drawing = read(page);
      for (const id of ["graph-state", "graph-twin"]) {
        document.getElementById(id)?.replaceWith(document.adoptNode(page.getElementById(id)));
      }
      document.title = page.title;
      show(drawing);
      network.fit({ animation: { duration: reduced() ? 0 : 250 } });
      return true;
    } catch {
      panel.textContent = panel.dataset.fail ?? "";
      return false;
    } finally {
      panel.removeAttribute("aria-busy");
    }
  }
}

/** @param {Document} page @returns {Drawing} */
function read(page) {
  return JSON.parse(page.getElementById("graph-data")?.textContent ?? "{}");
}

/** @param {Drawing} drawing */
function show(drawing) {
  places = drawing.places;
  const wanted = new Set(drawing.nodes.map((node) => node.id));
  nodes.remove(nodes.getIds().filter((id) => !wanted.has(id)));
  nodes.update(drawing.nodes);
  edges.clear();
  edges.add(drawing.edges);
}

/** @param {string} id */
function tell(id) {
  const place = places[id];
  const link = document.createElement("a");
  link.href = place?.page ?? "";
  link.textContent = panel?.dataset.page ?? "";
  const name = document.createElement("b");
  name.textContent = nodes.get(id)?.title ?? "";
  panel?.replaceChildren(name, " ", link);
}

function hint() {
  if (panel) panel.textContent = panel.dataset.hint ?? "";
}

function reduced() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
