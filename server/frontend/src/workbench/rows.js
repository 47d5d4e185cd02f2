// Reads answers: the JSON result format, and N-Triples as rows of subject, predicate, object. Pure.

const TRIPLE = /^(<[^>]*>|_:\S+) (<[^>]*>) (.*) \.$/;
const LITERAL = /^"((?:[^"\\]|\\.)*)"(?:@([\w-]+)|\^\^<([^>]*)>)?$/;
const ESCAPES = { t: "\t", n: "\n", r: "\r", b: "\b", f: "\f", '"': '"', "'": "'", "\\": "\\" };

/** @typedef {{type: string, value: string, datatype?: string, lang?: string}} Cell */
/** @typedef {{columns: string[], rows: Record<string, Cell>[], boolean?: boolean, graph?: boolean}} Table */

/** @param {string} text @returns {Cell} */
function term(text) {
  if (text.startsWith("<")) return { type: "uri", value: text.slice(1, -1) };
  if (text.startsWith("_:")) return { type: "bnode", value: text.slice(2) };
  const match = LITERAL.exec(text);
  if (!match) return { type: "literal", value: text };
  const value = match[1].replace(/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g, (_all, short, long, one) =>
    one ? (ESCAPES[one] ?? one) : String.fromCodePoint(Number.parseInt(short ?? long, 16)),
  );
  return { type: "literal", value, lang: match[2], datatype: match[3] };
}

/** @param {string} text @returns {Table} */
export function readTriples(text) {
  const rows = [];
  for (const line of text.split("\n")) {
    const match = TRIPLE.exec(line);
    if (match) rows.push({ subject: term(match[1]), predicate: term(match[2]), object: term(match[3]) });
  }
  return { columns: ["subject", "predicate", "object"], rows, graph: true };
}

/** @param {any} result @param {string} query @returns {Table} */
export function readResult(result, query) {
  if ("boolean" in result) return { columns: [], rows: [], boolean: result.boolean };
  // SELECT * says nothing of the order of columns: the order in which the query names them reads best.
  const order = /select\s+(?:distinct\s+|reduced\s+)?\*/i.test(query) ? [...query.matchAll(/[?$](\w+)/g)].map((m) => m[1]) : [];
  const place = (name) => (order.includes(name) ? order.indexOf(name) : Number.MAX_SAFE_INTEGER);
  const columns = order.length ? [...result.head.vars].sort((a, b) => place(a) - place(b)) : result.head.vars;
  return { columns, rows: result.results.bindings };
}

/** @param {Cell | undefined} cell */
export function numberOf(cell) {
  if (!cell || cell.type === "uri" || cell.lang) return null;
  const value = cell.datatype ? Number(cell.value) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

/** @param {Cell | undefined} cell @returns {[number, number] | null} */
export function pointOf(cell) {
  const match = cell && /^\s*(?:<[^>]*>\s*)?POINT\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)\s*\)/i.exec(cell.value);
  return match ? [Number(match[1]), Number(match[2])] : null;
}

/** Which pictures the columns allow. @param {Table} table */
export function shapeOf(table) {
  const sample = table.rows.slice(0, 200);
  const all = (name, test) => sample.length > 0 && sample.every((row) => !row[name] || test(row[name])) && sample.some((row) => row[name]);
  const iris = table.columns.filter((name) => all(name, (cell) => cell.type === "uri" || cell.type === "bnode"));
  const numbers = table.columns.filter((name) => all(name, (cell) => numberOf(cell) !== null));
  const points = table.columns.filter((name) => all(name, (cell) => pointOf(cell) !== null));
  const words = table.columns.filter((name) => !numbers.includes(name) && !points.includes(name));
  const literals = words.filter((name) => !iris.includes(name));
  return {
    graph: table.graph ? ["subject", "predicate", "object"] : iris.length >= 2 ? [iris[0], null, iris[1]] : null,
    chart: numbers.length && words.length ? [literals[0] ?? words[0], numbers[0]] : null,
    map: points.length ? [literals[0] ?? words[0] ?? points[0], points[0]] : null,
  };
}
