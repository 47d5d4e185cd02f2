// Draws a result as network, bars or map. Each picture has the table as its twin.
import { geoEqualEarth, geoPath } from "d3-geo";
import { feature } from "topojson-client";
import { DataSet } from "vis-data/peer";
import { Network } from "vis-network/peer";
import { numberOf, pointOf } from "./rows.js";

const SVG = "http://www.w3.org/2000/svg";
const MOST_NODES = 400;
const MOST_BARS = 60;

function make(name, attributes, parent) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  parent?.append(element);
  return element;
}

export function drawGraph(holder, table, [from, by, to], nameOf) {
  const nodes = new Map();
  const edges = [];
  const add = (cell) => {
    const key = cell.type + cell.value;
    if (!nodes.has(key) && nodes.size < MOST_NODES) {
      const label = nameOf(cell);
      nodes.set(key, { id: key, label: label.length > 40 ? `${label.slice(0, 39)}…` : label, shape: cell.type === "literal" ? "box" : "dot", size: 10 });
    }
    return nodes.has(key) ? key : null;
  };
  for (const row of table.rows) {
    if (!row[from] || !row[to]) continue;
    const [a, b] = [add(row[from]), add(row[to])];
    if (a && b) edges.push({ from: a, to: b, label: by && row[by] ? nameOf(row[by]) : undefined, arrows: "to" });
  }
  const canvas = document.createElement("div");
  canvas.className = "wb-canvas";
  holder.replaceChildren(canvas);
  const network = new Network(
    canvas,
    { nodes: new DataSet([...nodes.values()]), edges: new DataSet(edges) },
    {
      nodes: { font: { size: 14, color: "#1a1a1c" }, color: { background: "#d8e6ff", border: "#0b3a9c" } },
      edges: { color: "#767676", font: { size: 11, color: "#595959", strokeWidth: 4 } },
      physics: { stabilization: { iterations: 200 } },
    },
  );
  network.once("stabilized", () => network.setOptions({ physics: false }));
  return nodes.size;
}

// Letters of Chinese and Japanese script are twice as wide as Latin ones.
function shortened(name, letters) {
  let wide = 0;
  let kept = "";
  for (const letter of name) {
    wide += letter.codePointAt(0) > 0x2e7f ? 1.6 : 0.9;
    if (wide > letters) return `${kept}…`;
    kept += letter;
  }
  return name;
}

export function drawChart(holder, table, [label, value], nameOf, title) {
  const bars = table.rows
    .filter((row) => row[label] && numberOf(row[value]) !== null)
    .slice(0, MOST_BARS)
    .map((row) => ({ name: nameOf(row[label]), value: numberOf(row[value]) ?? 0 }));
  const most = Math.max(1e-9, ...bars.map((bar) => Math.abs(bar.value)));
  // Drawn at the size at which it is shown, so that its letters are as large as those around it.
  const across = Math.max(280, Math.min(900, holder.clientWidth || 900));
  const names = Math.min(290, Math.round(across * 0.4));
  const letters = Math.floor(names / 8.5);
  const longest = across - names - 70;
  const svg = make("svg", {
    viewBox: `0 0 ${across} ${bars.length * 26 + 10}`,
    width: across,
    role: "img",
    "aria-label": title,
    class: "wb-chart",
  });
  bars.forEach((bar, at) => {
    const y = at * 26 + 6;
    const text = make("text", { x: names, y: y + 14, "text-anchor": "end" }, svg);
    text.textContent = shortened(bar.name, letters);
    make("title", {}, text).textContent = bar.name;
    const width = (Math.abs(bar.value) / most) * longest;
    make("rect", { x: names + 10, y, width: Math.max(1, width), height: 18, class: bar.value < 0 ? "below" : "bar" }, svg);
    make("text", { x: names + 16 + width, y: y + 14 }, svg).textContent = bar.value.toLocaleString();
  });
  holder.replaceChildren(svg);
  return bars.length;
}

export async function drawMap(holder, table, [label, place], nameOf, title, geometry) {
  const svg = make("svg", { viewBox: "0 0 1000 490", role: "img", "aria-label": title, class: "wb-map" });
  const projection = geoEqualEarth().rotate([-150, 0]).fitExtent([[4, 4], [996, 486]], { type: "Sphere" });
  if (geometry) {
    const world = await (await fetch(geometry)).json();
    const path = geoPath(projection).digits(1);
    make("path", { class: "sea", d: path({ type: "Sphere" }) ?? "" }, svg);
    for (const shape of feature(world, world.objects.countries).features) make("path", { class: "land", d: path(shape) ?? "" }, svg);
  }
  let drawn = 0;
  for (const row of table.rows) {
    const point = pointOf(row[place]);
    const at = point && projection(point);
    if (!at) continue;
    const dot = make("circle", { cx: at[0].toFixed(1), cy: at[1].toFixed(1), r: 5, class: "dot" }, svg);
    make("title", {}, dot).textContent = row[label] ? nameOf(row[label]) : row[place].value;
    drawn += 1;
  }
  holder.replaceChildren(svg);
  return drawn;
}
