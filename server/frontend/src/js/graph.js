// The graph page: draws what the server has laid out. Physics stays off; every step is an address of its own.
import { DataSet } from "vis-data/peer";
import { Network } from "vis-network/peer";
import { drawLabels, fit, named } from "./graph-labels.js";

const BASE = "https://w3id.org/kizuna/";

/** @typedef {{nodes: object[], edges: object[], options: object, pages: Record<string, string>, opened: string[], mostOpen: number}} Drawing */

const frame = document.getElementById("graph");
const canvas = document.getElementById("graph-canvas");
const panel = document.getElementById("graph-panel");
const nodes = new DataSet();
const edges = new DataSet();
/** @type {Drawing} */
let drawn;

if (frame && canvas && panel) {
  frame.hidden = false;
  const first = read(document);
  const network = new Network(canvas, { nodes, edges }, first.options);
  const labels = drawLabels(network, nodes);
  show(first);
  fit(network);

  network.on("click", ({ nodes: [id] }) => {
    if (id === undefined) return hint();
    tell(id);
    const wider = withOpen(id);
    if (wider) go(wider);
  });
  network.on("dragEnd", ({ nodes: moved }) => moved.length && pin(moved));
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
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-png]")) savePicture();
  });
  offerPicture();
  addEventListener("popstate", () => load(location.href));
  globalThis.kizunaGraph = { network, nodes, edges, labels };

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
      for (const id of ["graph-state", "graph-take", "graph-twin"]) {
        document.getElementById(id)?.replaceWith(document.adoptNode(page.getElementById(id)));
      }
      document.title = page.title;
      show(drawing);
      labels.fresh();
      offerPicture();
      fit(network);
      return true;
    } catch {
      panel.textContent = panel.dataset.fail ?? "";
      return false;
    } finally {
      panel.removeAttribute("aria-busy");
    }
  }

  /** Keeps the places of moved nodes in the address, so that the picture can be sent as it stands. @param {string[]} moved */
  function pin(moved) {
    const address = new URL(location.href);
    const pinned = new Map(address.searchParams.getAll("at").map((at) => [at.slice(0, at.lastIndexOf("@")), at]));
    for (const [id, { x, y }] of Object.entries(network.getPositions(moved))) {
      const name = id.replace(BASE, "");
      pinned.delete(name);
      pinned.set(name, `${name}@${Math.round(x)},${Math.round(y)}`);
    }
    address.searchParams.delete("at");
    for (const at of [...pinned.values()].slice(-60)) address.searchParams.append("at", at);
    history.replaceState(null, "", readable(address));
    for (const link of document.querySelectorAll("a[data-state]")) link.search = address.search;
    for (const input of document.querySelectorAll("#graph-filter input[name=at]")) input.remove();
    const form = document.getElementById("graph-filter");
    for (const at of address.searchParams.getAll("at")) {
      const input = Object.assign(document.createElement("input"), { type: "hidden", name: "at", value: at });
      form?.append(input);
    }
    document.querySelector("[data-unpin]")?.removeAttribute("hidden");
  }

  /** The drawing as it is seen now, on white. */
  function savePicture() {
    const seen = canvas.querySelector("canvas");
    if (!seen) return;
    const paper = Object.assign(document.createElement("canvas"), { width: seen.width, height: seen.height });
    const pen = paper.getContext("2d");
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, paper.width, paper.height);
    pen.drawImage(seen, 0, 0);
    paper.toBlob((blob) => {
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: "kizuna-graph.png" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }
}

function offerPicture() {
  document.querySelector("[data-png]")?.removeAttribute("hidden");
}

/** The address of this graph with one more thing open; empty when it is open or enough are. @param {string} id */
function withOpen(id) {
  if (drawn.opened.includes(id) || drawn.opened.length >= drawn.mostOpen) return "";
  const address = new URL(location.href);
  if (!address.searchParams.has("thing")) for (const open of drawn.opened) address.searchParams.append("thing", open.replace(BASE, ""));
  address.searchParams.append("thing", id.replace(BASE, ""));
  return readable(address);
}

/** An address with the signs unescaped that a query may hold as they are (RFC 3986, section 3.4). @param {URL} address */
function readable(address) {
  return address.href.replaceAll("%2F", "/").replaceAll("%40", "@").replaceAll("%2C", ",");
}

/** @param {Document} page @returns {Drawing} */
function read(page) {
  return JSON.parse(page.getElementById("graph-data")?.textContent ?? "{}");
}

/** @param {Drawing} drawing */
function show(drawing) {
  drawn = drawing;
  const wanted = new Set(drawing.nodes.map((node) => node.id));
  nodes.remove(nodes.getIds().filter((id) => !wanted.has(id)));
  nodes.update(drawing.nodes.map(named));
  edges.clear();
  edges.add(drawing.edges);
}

/** @param {string} id */
function tell(id) {
  const link = document.createElement("a");
  link.href = drawn.pages[id] ?? "";
  link.textContent = panel?.dataset.page ?? "";
  const name = document.createElement("b");
  name.textContent = nodes.get(id)?.called ?? "";
  panel?.replaceChildren(name, " ", link);
}

function hint() {
  if (panel) panel.textContent = panel.dataset.hint ?? "";
}
