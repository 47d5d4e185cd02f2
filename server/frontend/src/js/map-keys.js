// Arrow keys go to the nearest country in that direction; Tab enters and leaves the map at one stop.
const AHEAD = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {HTMLElement} figure
 * @param {Element[]} shapes
 */
export function rove(figure, shapes) {
  if (!shapes.length) return;
  let current = shapes.find((s) => s.classList.contains("chosen")) ?? shapes.find((s) => s.dataset.state === "self") ?? shapes[0];
  for (const shape of shapes) shape.setAttribute("tabindex", shape === current ? "0" : "-1");
  figure.addEventListener("focusin", (event) => {
    const shape = event.target instanceof Element ? event.target.closest("[data-id]") : null;
    if (shape && shape !== current) move(shape, false);
  });
  figure.addEventListener("keydown", (event) => {
    const shape = event.target instanceof Element ? event.target.closest("[data-id]") : null;
    const ahead = AHEAD[event.key];
    if (!shape || !ahead || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = nearest(shape, shapes, ahead);
    if (next) move(next, true);
  });

  function move(shape, focus) {
    current.setAttribute("tabindex", "-1");
    current = shape;
    current.setAttribute("tabindex", "0");
    if (focus) current.focus();
  }
}

function middle(shape) {
  const own = shape.querySelector("[data-middle]") ?? shape;
  const box = own.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** The shape with the least distance in a direction; what lies aside counts twice, what lies behind not at all. */
function nearest(from, shapes, [dx, dy]) {
  const [x, y] = middle(from);
  let best = null;
  let least = Infinity;
  for (const shape of shapes) {
    if (shape === from) continue;
    const [sx, sy] = middle(shape);
    const along = (sx - x) * dx + (sy - y) * dy;
    const aside = Math.abs((sx - x) * dy) + Math.abs((sy - y) * dx);
    if (along <= 1) continue;
    const cost = along + 2 * aside;
    if (cost < least) [best, least] = [shape, cost];
  }
  return best;
}
