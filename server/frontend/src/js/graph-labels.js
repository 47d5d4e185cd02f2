// Names of the nodes, drawn over the graph at one readable size whatever the magnification. Which of them have room is
// chosen anew when the magnification or a place changes: the first in rank first, none on another name, nor on a node
// as long as nodes are more than dots.
// The node under the pointer, or chosen, is always named, in full.

const SIZE = 12;
const LINE = 14;
const GAP = 3;
const CELL = 64;
const MARGIN = 2;
const DOT = 5; // nodes that look smaller than this may lie under a name, which then keeps others at a distance
const WIDEST = 260;

/** @typedef {{x: number, y: number, w: number, h: number}} Box middle and half sides */
/** @typedef {{id: string, box: Box, lines: string[], open: boolean}} Named */

/**
 * Takes the names out of vis-network's hands and draws them after each of its frames.
 * @param {import("vis-network/peer").Network} network
 * @param {import("vis-data/peer").DataSet<any>} nodes
 * @returns {{fresh: () => void, shown: () => Named[]}} `fresh` after nodes have changed; `shown` what is named now
 */
export function drawLabels(network, nodes) {
  const pen = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(document.body).fontFamily;
  /** @type {Map<string, {w: number, lines: string[]}>} */
  const measured = new Map();
  /** @type {Named[]} */
  let chosen = [];
  let key = "";
  let version = 0;
  let hovered = "";

  /** @param {string[]} lines */
  function measure(lines, weight = "") {
    const text = `${weight}${lines.join("\n")}`;
    let known = measured.get(text);
    if (!known) {
      pen.font = `${weight} ${SIZE}px ${family}`;
      known = { w: Math.max(...lines.map((line) => pen.measureText(line).width)), lines };
      measured.set(text, known);
    }
    return known;
  }

  /** Which names have room at this scale; boxes are in the units of the graph. @param {number} scale */
  function choose(scale) {
    const places = network.getPositions();
    const all = nodes.get().sort((a, b) => a.rank - b.rank);
    const taken = new Grid(CELL / scale);
    const room = { x: 24 / scale, y: 8 / scale };
    for (const { id, size } of all) if (size * scale >= DOT) taken.add(id, { ...places[id], w: size + MARGIN / scale, h: size + MARGIN / scale });
    chosen = [];
    const dots = all.some(({ size }) => size * scale < DOT);
    for (const { id, size, words, open } of all) {
      const { w, lines } = measure(words, open ? "bold" : "");
      const half = { w: w / 2 / scale, h: (lines.length * LINE) / 2 / scale };
      const { x, y } = places[id];
      const away = size + GAP / scale;
      for (const [dx, dy] of [[0, away + half.h], [0, -away - half.h], [away + half.w, 0], [-away - half.w, 0]]) {
        const box = { x: x + dx, y: y + dy, ...half };
        if (!taken.free(id, box)) continue;
        taken.add("", dots ? { ...box, w: box.w + room.x, h: box.h + room.y } : box);
        chosen.push({ id, box, lines, open });
        break;
      }
    }
  }

  network.on("afterDrawing", (/** @type {CanvasRenderingContext2D} */ brush) => {
    const scale = network.getScale();
    const now = `${scale} ${version}`;
    if (now !== key) {
      choose(scale);
      key = now;
    }
    const { a, e, f } = brush.getTransform();
    const ratio = a / scale;
    brush.save();
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    Object.assign(brush, { font: `${SIZE}px ${family}`, textAlign: "center", textBaseline: "alphabetic", lineJoin: "round", lineWidth: 3 });
    const edge = { right: brush.canvas.width / ratio, foot: brush.canvas.height / ratio };
    for (const { box, lines, open } of chosen) {
      const x = (box.x * a + e) / ratio;
      const top = ((box.y - box.h) * a + f) / ratio;
      if (x < -WIDEST || x > edge.right + WIDEST || top < -LINE * 4 || top > edge.foot) continue;
      brush.font = `${open ? "bold" : ""} ${SIZE}px ${family}`;
      write(brush, lines, x, top);
    }
    for (const id of new Set([...network.getSelectedNodes(), hovered])) {
      if (id && nodes.get(id)) tell(brush, String(id), a / ratio, e / ratio, f / ratio, edge.right);
    }
    brush.restore();
  });

  /** @param {CanvasRenderingContext2D} brush @param {string[]} lines @param {number} x @param {number} top */
  function write(brush, lines, x, top) {
    lines.forEach((line, i) => {
      const y = top + i * LINE + SIZE - 1;
      brush.strokeStyle = "rgb(255 255 255 / 90%)";
      brush.strokeText(line, x, y);
      brush.fillStyle = "#1a1a1c";
      brush.fillText(line, x, y);
    });
  }

  /** The whole name on a card below its node. @param {CanvasRenderingContext2D} brush @param {string} id @param {number} scale @param {number} dx @param {number} dy @param {number} right */
  function tell(brush, id, scale, dx, dy, right) {
    const node = nodes.get(id);
    const place = network.getPosition(id);
    const { w, lines } = measure(broken(node.called, pen, `bold ${SIZE}px ${family}`), "bold");
    const half = w / 2 + 6;
    const x = Math.min(Math.max(place.x * scale + dx, half + 2), Math.max(right - half - 2, half + 2));
    const top = (place.y + node.size) * scale + dy + GAP + 2;
    brush.font = `bold ${SIZE}px ${family}`;
    brush.fillStyle = "#ffffff";
    brush.strokeStyle = "#1a1a1c";
    brush.lineWidth = 1;
    brush.beginPath();
    brush.roundRect(x - half, top - 3, 2 * half, lines.length * LINE + 7, 4);
    brush.fill();
    brush.stroke();
    brush.lineWidth = 3;
    write(brush, lines, x, top);
  }

  network.on("hoverNode", ({ node }) => { hovered = node; });
  network.on("blurNode", () => { hovered = ""; });
  network.on("dragging", ({ nodes: moved }) => { if (moved.length) version += 1; });
  return {
    fresh: () => { version += 1; },
    shown: () => chosen,
  };
}

/** Shows the whole graph with room for the names at its rim. @param {import("vis-network/peer").Network} network */
export function fit(network) {
  network.fit({ animation: false });
  const wide = network.canvas.frame.clientWidth || WIDEST;
  network.moveTo({ scale: network.getScale() * Math.min(0.9, Math.max(0.6, 1 - 100 / wide)), animation: false });
}

/** What vis-network gets of a node: its names go by others, so that it neither draws them nor makes a tooltip. @param {any} node */
export function named({ label, title, ...rest }) {
  return { ...rest, words: label.split("\n"), called: title };
}

/** A whole name in lines of at most WIDEST pixels. @param {string} text @param {CanvasRenderingContext2D} pen @param {string} font */
function broken(text, pen, font) {
  pen.font = font;
  const lines = [""];
  for (const part of text.slice(0, 400).match(/[\x21-\u2e7f]{1,30}\s*|\s+|./gu) ?? []) {
    const longer = lines[lines.length - 1] + part;
    if (lines[lines.length - 1] && pen.measureText(longer).width > WIDEST) lines.push(part);
    else lines[lines.length - 1] = longer;
  }
  return lines.map((line) => line.trim());
}

/** Boxes by the cells of a grid, so that only near ones are compared. */
class Grid {
  /** @param {number} cell */
  constructor(cell) {
    this.cell = cell;
    /** @type {Map<string, [string, Box][]>} */
    this.held = new Map();
  }

  /** @param {Box} box @returns {string[]} */
  around({ x, y, w, h }) {
    const keys = [];
    for (let c = Math.floor((x - w) / this.cell); c <= Math.floor((x + w) / this.cell); c++) {
      for (let r = Math.floor((y - h) / this.cell); r <= Math.floor((y + h) / this.cell); r++) keys.push(`${c} ${r}`);
    }
    return keys;
  }

  /** @param {string} owner @param {Box} box */
  add(owner, box) {
    for (const key of this.around(box)) {
      const there = this.held.get(key);
      if (there) there.push([owner, box]);
      else this.held.set(key, [[owner, box]]);
    }
  }

  /** @param {string} owner @param {Box} box */
  free(owner, box) {
    return this.around(box).every((key) =>
      (this.held.get(key) ?? []).every(([whose, held]) =>
        whose === owner || Math.abs(box.x - held.x) >= box.w + held.w || Math.abs(box.y - held.y) >= box.h + held.h));
  }
}
