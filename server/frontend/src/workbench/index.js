// The workbench: writes, runs, shows and shares queries. Without it the page is a plain form that works as well.
import { makeEditor } from "./editor.js";
import { forget, remember, remembered } from "./history.js";
import { Names } from "./names.js";
import { numberOf, readResult, readTriples, shapeOf } from "./rows.js";
import { snippets } from "./snippets.js";
import { ResultTable } from "./table.js";

/** Milliseconds between two tries to end a query. */
const CANCEL_AGAIN = 200;

const form = document.getElementById("workbench");
if (form instanceof HTMLFormElement) start(form);

function start(form) {
  const told = JSON.parse(document.getElementById("workbench-data").textContent);
  const { say, prefixes, language, state, view } = told;
  const by = (id) => document.getElementById(id);
  const area = form.elements.namedItem("query");
  const clientId = sessionStorage.getItem("kizuna-client") ?? crypto.randomUUID();
  sessionStorage.setItem("kizuna-client", clientId);
  let running = null;
  let shown = null;

  function send(parameters, accept, signal) {
    const body = new URLSearchParams(parameters);
    for (const [name, value] of Object.entries(view)) body.set(name, value);
    const address = `/sparql?lang=${language}`;
    return fetch(address, { method: "POST", body, signal, headers: { Accept: accept, "Kizuna-Client": clientId } });
  }

  const names = new Names(language, prefixes, send);
  const host = document.createElement("div");
  host.className = "wb-editor";
  area.hidden = true;
  area.after(host);
  form.querySelector("label[for=wb-query]").addEventListener("click", () => editor.view.focus());
  for (const one of document.querySelectorAll("[data-wb-script]")) one.hidden = false;
  for (const one of document.querySelectorAll("[data-wb-plain]")) one.hidden = true;
  const editor = makeEditor(host, {
    text: area.value,
    label: say.query,
    words: async () => (await fetch(told.words)).json(),
    run: () => run(),
    change: () => {
      area.value = editor.text;
      tools();
    },
  });
  const table = new ResultTable(by("wb-table"), say, names, state);

  // Running and cancelling.
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  by("wb-cancel").addEventListener("click", () => running && cancel(running));

  /** Ends a query. One that has only just been sent may not have begun: it is asked for until it is found, or has ended. */
  async function cancel(id) {
    by("wb-cancel").disabled = true;
    while (running === id) {
      const answer = await fetch(`/sparql/running/${id}`, { method: "DELETE", headers: { "Kizuna-Client": clientId } }).catch(() => null);
      if (answer?.ok) return;
      if (answer && answer.status !== 404) break;
      await new Promise((go) => setTimeout(go, CANCEL_AGAIN));
    }
    by("wb-cancel").disabled = running !== id;
  }

  async function run() {
    if (running) return;
    running = crypto.randomUUID();
    const text = editor.text;
    editor.mark("");
    by("wb-problem").hidden = true;
    by("wb-run").disabled = true;
    by("wb-cancel").disabled = false;
    status(say.running);
    const began = performance.now();
    const clock = setInterval(() => status(`${say.running} ${((performance.now() - began) / 1000).toFixed(0)} s`), 1000);
    try {
      const answer = await send({ query: withPrefixes(text), "query-id": running }, "application/sparql-results+json, application/n-triples;q=0.9");
      if (!answer.ok) return problem(await answer.json(), text);
      const isGraph = answer.headers.get("Content-Type").startsWith("application/n-triples");
      const result = isGraph ? readTriples(await answer.text()) : readResult(await answer.json(), text);
      const head = (name) => answer.headers.get(name);
      remember(text);
      history.replaceState(null, "", shareAddress(text));
      listHistory();
      await show(result);
      const seconds = (performance.now() - began) / 1000;
      const parts = [
        result.boolean === undefined ? `${Number(head("Kizuna-Rows") ?? result.rows.length).toLocaleString()} ${say.rows}` : result.boolean ? say.yes : say.no,
        `${Number(head("Kizuna-Seconds")).toFixed(3)} s ${say.worker}`,
        `${seconds.toFixed(2)} s ${say.total}`,
      ];
      if (head("Kizuna-Cache") === "hit") parts.push(say.cached);
      status(parts.join(" · "));
      by("wb-cut").hidden = head("Kizuna-Truncated") !== "true";
    } catch {
      status(say.failed);
    } finally {
      clearInterval(clock);
      running = null;
      by("wb-run").disabled = false;
      by("wb-cancel").disabled = true;
    }
  }

  function status(text) {
    by("wb-status").textContent = text;
  }

  function problem(said, text) {
    status("");
    by("wb-results").hidden = true;
    const box = by("wb-problem");
    box.hidden = false;
    box.replaceChildren(strong(said.title), ` ${said.detail} ${said.what_to_do}`);
    const added = withPrefixes(text).split("\n").length - text.split("\n").length;
    const place = /(?:Line |^)(\d+)(?:, column | 行 )(\d+)/.exec(said.detail);
    if (place) editor.mark(said.detail, Number(place[1]) - added, Number(place[2]));
  }

  function strong(text) {
    const element = document.createElement("b");
    element.textContent = text;
    return element;
  }

  /** Declares the known prefixes that the text uses and does not declare. */
  function withPrefixes(text) {
    const bare = text.replace(/<[^<>\s]*>|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*/g, " ");
    const used = new Set([...bare.matchAll(/(?<![\w?$:-])([a-z][a-z-]*):/g)].map((match) => match[1]));
    const declared = new Set([...text.matchAll(/^\s*PREFIX\s+([a-z][\w-]*):/gim)].map((match) => match[1]));
    const missing = [...used].filter((one) => prefixes[one] && !declared.has(one)).sort();
    return missing.map((one) => `PREFIX ${one}: <${prefixes[one]}>\n`).join("") + text;
  }

  // Results.
  const views = ["table", "graph", "chart", "map"];
  for (const name of views) by(`wb-show-${name}`).addEventListener("click", () => open(name));

  async function show(result) {
    shown = { result, shape: shapeOf(result) };
    by("wb-results").hidden = false;
    for (const name of ["graph", "chart", "map"]) {
      by(`wb-show-${name}`).disabled = !shown.shape[name];
      by(`wb-${name}`).replaceChildren();
    }
    if (result.boolean === undefined) await table.show(result);
    else by("wb-table").replaceChildren(strong(result.boolean ? say.yes : say.no));
    await open("table");
    downloads(result);
  }

  async function open(name) {
    for (const one of views) {
      by(`wb-${one}`).hidden = one !== name;
      by(`wb-show-${one}`).setAttribute("aria-pressed", String(one === name));
    }
    if (name === "table" || by(`wb-${name}`).childElementCount) return;
    const { result, shape } = shown;
    const { drawChart, drawGraph, drawMap } = await import(told.pictures);
    const columns = shape[name];
    await names.learn(result.rows.slice(0, 400).flatMap((row) => columns.filter(Boolean).map((column) => row[column])));
    const nameOf = (cell) => names.of(cell);
    if (name === "graph") drawGraph(by("wb-graph"), result, columns, nameOf);
    if (name === "chart") {
      const sorted = { ...result, rows: [...result.rows].sort((a, b) => (numberOf(b[columns[1]]) ?? 0) - (numberOf(a[columns[1]]) ?? 0)) };
      drawChart(by("wb-chart"), sorted, columns, nameOf, `${say.chart}: ${columns.join(", ")}`);
    }
    if (name === "map") await drawMap(by("wb-map"), result, columns, nameOf, `${say.map}: ${columns.join(", ")}`, told.geometry);
  }

  function downloads(result) {
    const formats = result.graph ? ["ttl", "nt", "jsonld", "rdf", "trig", "nq"] : ["csv", "excel", "json", "tsv", "xml"];
    const holder = by("wb-downloads");
    holder.replaceChildren(
      ...formats.map((name) => {
        const button = document.createElement("button");
        button.name = "format";
        button.value = name;
        button.textContent = name;
        return button;
      }),
    );
    by("wb-download-query").value = withPrefixes(editor.text);
  }

  // Sharing, snippets, history, library.
  function shareAddress(text) {
    const parameters = new URLSearchParams(location.search);
    for (const name of [...parameters.keys()]) if (name !== "lang" && !(name in view)) parameters.delete(name);
    parameters.set("query", text);
    return `/sparql?${parameters}`;
  }

  by("wb-share").addEventListener("click", async () => {
    const address = location.origin + shareAddress(editor.text);
    try {
      await navigator.clipboard.writeText(address);
      status(say.copied);
    } catch {
      status(address);
    }
  });

  function tools() {
    const holder = by("wb-snippets");
    if (!holder.closest("details").open) return;
    const address = new URL("/sparql", location.origin);
    for (const [name, value] of Object.entries(view)) address.searchParams.set(name, value);
    holder.replaceChildren(
      ...snippets(address.href, withPrefixes(editor.text)).flatMap(([name, text]) => {
        const title = document.createElement("h3");
        title.textContent = name;
        const block = document.createElement("pre");
        block.tabIndex = 0;
        block.textContent = text;
        return [title, block];
      }),
    );
  }
  by("wb-snippets").closest("details").addEventListener("toggle", tools);

  function listHistory() {
    const list = by("wb-history");
    list.replaceChildren(
      ...remembered().map((one) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.className = "wb-past";
        button.textContent = one.query.replace(/\s+/g, " ").slice(0, 160);
        button.addEventListener("click", () => take(one.query));
        const when = document.createElement("span");
        when.className = "fine";
        when.textContent = new Date(one.at).toLocaleString(language);
        item.append(button, " ", when);
        return item;
      }),
    );
    by("wb-forget").disabled = !list.childElementCount;
  }
  by("wb-forget").addEventListener("click", () => {
    forget();
    listHistory();
  });
  listHistory();

  function take(text) {
    editor.text = text;
    editor.view.focus();
    window.scrollTo({ top: 0 });
  }

  for (const button of document.querySelectorAll("[data-wb-query]")) {
    button.addEventListener("click", async () => {
      const answer = await fetch(button.dataset.wbQuery);
      if (answer.ok) take(await answer.text());
    });
  }

  by("wb-explain-run").addEventListener("click", async () => {
    const holder = by("wb-explanation");
    holder.textContent = say.running;
    const body = new URLSearchParams({ query: withPrefixes(editor.text), ...view });
    const answer = await fetch(`/sparql/explain?lang=${language}`, { method: "POST", body, headers: { "Kizuna-Client": clientId } });
    const said = await answer.json();
    if (!answer.ok) {
      holder.textContent = `${said.title} ${said.detail}`;
      return;
    }
    const element = document.createElement("table");
    element.className = "list";
    const head = element.createTHead().insertRow();
    for (const text of [say.step, say.detail, say.rows, say.milliseconds]) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = text;
      head.append(cell);
    }
    const rows = element.createTBody();
    for (const step of said.steps) {
      const line = rows.insertRow();
      line.insertCell().textContent = `${"· ".repeat(step.depth)}${step.operation}`;
      line.insertCell().textContent = step.detail;
      line.insertCell().textContent = step.rows === null ? "" : step.rows.toLocaleString();
      line.insertCell().textContent = step.milliseconds === null ? "" : step.milliseconds.toFixed(2);
    }
    const scroll = document.createElement("div");
    scroll.className = "scroll";
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", say.explanation);
    scroll.append(element);
    holder.replaceChildren(scroll);
  });

  globalThis.kizunaWorkbench = { editor, run };
  if (told.run) run();
}
