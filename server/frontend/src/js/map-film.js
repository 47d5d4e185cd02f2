// The slider of years: one answer holds the changes of all years, so playing asks nothing more of the server.
import { swap } from "./map-swap.js";

const STEP = 420;

/**
 * @param {HTMLElement} figure
 * @param {Element[]} shapes
 */
export function startFilm(figure, shapes) {
  const form = document.getElementById("map-years");
  const slider = form?.querySelector("input[type=range]");
  const output = form?.querySelector("output");
  const button = form?.querySelector("[data-play]");
  if (!form || !slider || !output || !button) return;
  let film = null;
  let timer = 0;
  button.hidden = false;
  form.querySelector("[data-submit]")?.setAttribute("hidden", "");

  const load = () => {
    film ??= fetch(form.dataset.years, { headers: { Accept: "application/json" } }).then((answer) => answer.json());
    film.catch(() => (film = null));
    return film;
  };
  const show = async () => {
    const years = await load();
    const year = Number(slider.value);
    output.textContent = slider.value;
    const counts = years.states.map(() => 0);
    for (const shape of shapes) {
      const id = shape.getAttribute("data-id");
      let state = years.before[id];
      for (const [from, to] of years.changes[id] ?? []) {
        if (from > year) break;
        state = to;
      }
      if (state === undefined) continue;
      paint(shape, years.states[state], years.words[state]);
      counts[state] += 1;
    }
    years.states.forEach((state, index) => {
      const cell = document.querySelector(`#map-legend [data-count="${state}"]`);
      if (!cell) return;
      cell.textContent = String(counts[index]);
      // What differs from the record was counted for the year the page shows; the legend of the year chosen brings its own.
      cell.nextElementSibling?.setAttribute("hidden", "");
    });
  };
  const settle = async () => {
    const address = new URL(location.href);
    if (slider.value === slider.max) address.searchParams.delete("year");
    else address.searchParams.set("year", slider.value);
    await swap(address);
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    button.textContent = button.dataset.play;
    button.setAttribute("aria-pressed", "false");
  };
  slider.addEventListener("input", () => {
    if (timer) stop();
    void show();
  });
  slider.addEventListener("change", () => void settle());
  button.addEventListener("click", async () => {
    if (timer) {
      stop();
      await settle();
      return;
    }
    await load();
    if (slider.value === slider.max) slider.value = slider.min;
    button.textContent = button.dataset.pause;
    button.setAttribute("aria-pressed", "true");
    void show();
    timer = setInterval(() => {
      slider.value = String(Number(slider.value) + 1);
      void show();
      if (slider.value === slider.max) {
        stop();
        void settle();
      }
    }, STEP);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void settle();
  });
}

function paint(shape, state, word) {
  if (shape.dataset.state === state) return;
  shape.dataset.state = state;
  for (const filled of shape.querySelectorAll("[data-fill]")) filled.setAttribute("fill", `url(#p-${state})`);
  shape.setAttribute("aria-label", `${shape.dataset.name}: ${word}`);
}
