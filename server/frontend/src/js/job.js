// The page of a long job follows it: asks for its state as JSON and shows it, and loads the page once when the job has ended.
// Without JavaScript the page loads itself again every two seconds.
const EVERY = 1000;
const TELL_EVERY = 10_000;

function follow(box) {
  const bar = box.querySelector("progress");
  const words = box.querySelector("[data-words]");
  const live = box.querySelector("[role=status]");
  let stage = box.dataset.stage;
  let toldAt = performance.now();
  let failures = 0;

  function show(job) {
    words.textContent = job.words;
    if (job.percent === null) bar.removeAttribute("value");
    else bar.value = job.percent;
    // Numbers change every second: whoever listens hears each stage, and then how far it is from time to time.
    const now = performance.now();
    if (job.stage !== stage || now - toldAt > TELL_EVERY) {
      live.textContent = job.words;
      stage = job.stage;
      toldAt = now;
    }
  }

  async function ask() {
    try {
      const answer = await fetch(location.pathname, { headers: { Accept: "application/json" }, cache: "no-store" });
      // Signed out meanwhile, or the job is no longer kept: the page itself says so.
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      const job = await answer.json();
      if (!job.alive) return location.reload();
      failures = 0;
      show(job);
    } catch {
      failures += 1;
      if (failures === 3) words.textContent = live.textContent = box.dataset.lost;
    }
    setTimeout(ask, EVERY * Math.min(10, 1 + failures));
  }
  setTimeout(ask, EVERY);
}

/** Follow the job that the page shows, if it shows one that is alive. */
export function followJob() {
  const box = document.querySelector("[data-job]");
  if (box) follow(box);
}
