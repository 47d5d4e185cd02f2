// Draws the world in the Equal Earth projection (Šavrič, Patterson, Jenny 2018) as links, with a ring for each country too
// small to be hit, and lets it be moved and magnified.
import { geoCentroid, geoEqualEarth, geoGraticule10, geoPath } from "d3-geo";
import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";
import { feature } from "topojson-client";

const WIDTH = 1200;
const HEIGHT = 590;
const SMALL = 11;
const SVG = "http://www.w3.org/2000/svg";

function make(name, attributes, parent) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}

/**
 * @param {Element} holder
 * @param {{id: string, code: string, numeric?: string, point: number[] | null, state: string, label: string, chosen: boolean}[]} countries
 * @param {DOMStringMap} settings
 */
export async function drawWorld(holder, countries, settings) {
  const world = await (await fetch(settings.geometry)).json();
  const shapes = feature(world, world.objects.countries).features;
  const projection = geoEqualEarth().rotate([-Number(settings.centre), 0]);
  projection.fitExtent([[4, 4], [WIDTH - 4, HEIGHT + 40]], { type: "Sphere" });
  const path = geoPath(projection).digits(1);
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": settings.label }, holder);
  const ground = make("g", {}, svg);
  make("path", { class: "sea", d: path({ type: "Sphere" }) ?? "" }, ground);
  make("path", { class: "graticule", d: path(geoGraticule10()) ?? "" }, ground);

  const byNumeric = new Map(countries.filter((c) => c.numeric).map((c) => [c.numeric, c]));
  const areas = new Map();
  for (const shape of shapes) {
    const country = byNumeric.get(shape.id);
    if (country && !areas.has(country.id)) areas.set(country.id, shape);
    else make("path", { class: "land", d: path(shape) ?? "" }, ground);
  }
  const rings = [];
  const base = new URL(location.href);
  base.hash = "";
  const dots = [];
  for (const country of countries) {
    const shape = areas.get(country.id);
    const place = country.point ?? (shape ? geoCentroid(shape) : null);
    const at = place ? projection(place) : null;
    if (!shape && !at) continue;
    base.searchParams.set("at", country.id);
    const link = make("a", {
      href: base.pathname + base.search,
      class: country.chosen ? "country chosen" : "country",
      "data-id": country.id,
      "data-state": country.state,
      "data-name": country.label.split(": ")[0],
      "aria-label": country.label,
      ...(country.differs ? { "data-delta": "" } : {}),
    });
    const fill = `url(#p-${country.state})`;
    let small = true;
    if (shape) {
      const [[x0, y0], [x1, y1]] = path.bounds(shape);
      small = Math.min(x1 - x0, y1 - y0) < SMALL && path.area(shape) < SMALL * SMALL * 1.2;
      make("path", { d: path(shape) ?? "", fill, "data-fill": "" }, link);
    }
    if (small && at) {
      const ring = make("g", { transform: `translate(${at[0].toFixed(1)} ${at[1].toFixed(1)})`, "data-middle": "" }, link);
      const inner = make("g", {}, ring);
      make("circle", { r: "11", class: "hit" }, inner);
      make("circle", { r: "4.6", fill, class: "dot", "data-fill": "" }, inner);
      rings.push(inner);
      dots.push(link);
    } else {
      ground.append(link);
    }
  }
  ground.append(...dots);
  magnify(svg, ground, rings);
}

function magnify(svg, ground, rings) {
  const patterns = [...document.querySelectorAll("#map-patterns pattern")];
  const behaviour = zoom()
    .scaleExtent([1, 16])
    .translateExtent([[0, 0], [WIDTH, HEIGHT]])
    .extent([[0, 0], [WIDTH, HEIGHT]])
    .filter((event) => {
      if (event.type === "wheel") return event.ctrlKey || event.metaKey || event.altKey;
      if (event.type.startsWith("touch")) return event.touches.length > 1 || ground.dataset.scale > 1;
      return !event.button;
    })
    .clickDistance(5)
    .on("zoom", ({ transform }) => {
      ground.setAttribute("transform", transform.toString());
      ground.dataset.scale = transform.k;
      const shrunk = `scale(${1 / Math.sqrt(transform.k)})`;
      for (const ring of rings) ring.setAttribute("transform", shrunk);
      for (const pattern of patterns) pattern.setAttribute("patternTransform", `scale(${1 / transform.k})`);
      svg.classList.toggle("magnified", transform.k > 1);
    });
  const target = select(svg).call(behaviour).on("dblclick.zoom", null);
  const act = {
    in: () => behaviour.scaleBy(target, 1.6),
    out: () => behaviour.scaleBy(target, 1 / 1.6),
    reset: () => behaviour.transform(target, zoomIdentity),
  };
  const buttons = document.getElementById("map-zoom");
  if (buttons) buttons.hidden = false;
  buttons?.addEventListener("click", (event) => {
    const kind = event.target instanceof Element ? event.target.closest("[data-zoom]")?.dataset.zoom : null;
    if (kind) act[kind]();
  });
  svg.addEventListener("keydown", (event) => {
    const kind = { "+": "in", "=": "in", "-": "out", 0: "reset" }[event.key];
    if (!kind || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act[kind]();
  });
  svg.addEventListener("focusin", (event) => {
    const shape = event.target instanceof Element ? event.target.closest("[data-id]") : null;
    if (!shape || !(ground.dataset.scale > 1) || !shape.matches(":focus-visible")) return;
    const own = (shape.querySelector("[data-middle]") ?? shape).getBoundingClientRect();
    const frame = svg.getBoundingClientRect();
    const scale = WIDTH / frame.width;
    const dx = frame.x + frame.width / 2 - own.x - own.width / 2;
    const dy = frame.y + frame.height / 2 - own.y - own.height / 2;
    behaviour.translateBy(target, (dx * scale) / ground.dataset.scale, (dy * scale) / ground.dataset.scale);
  });
}
