// Labels of IRIs, asked of the endpoint in one query a page, and prefixed names where there is no label.

const ASK = `PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?x ?name WHERE { VALUES ?x { %s } { ?x skos:prefLabel ?name } UNION { ?x rdfs:label ?name } FILTER(LANG(?name) = "%l") }`;

export class Names {
  constructor(language, prefixes, send) {
    Object.assign(this, { language, prefixes: Object.entries(prefixes).sort((a, b) => b[1].length - a[1].length), send, known: new Map() });
  }

  /** @param {import("./rows.js").Cell[]} cells */
  async learn(cells) {
    const wanted = new Set();
    for (const cell of cells) {
      if (cell?.type === "uri" && !this.known.has(cell.value) && !/[\s<>"{}|\\^`]/.test(cell.value)) wanted.add(cell.value);
    }
    if (!wanted.size) return;
    const values = [...wanted].slice(0, 300);
    for (const iri of values) this.known.set(iri, null);
    try {
      const query = ASK.replace("%l", this.language).replace("%s", () => values.map((iri) => `<${iri}>`).join(" "));
      const answer = await this.send({ query }, "application/sparql-results+json");
      if (!answer.ok) return;
      for (const row of (await answer.json()).results.bindings) this.known.set(row.x.value, row.name.value);
    } catch {
      // Without labels the prefixed names are shown.
    }
  }

  short(iri) {
    const found = this.prefixes.find(([, namespace]) => iri.startsWith(namespace) && iri.length > namespace.length);
    return found ? `${found[0]}:${iri.slice(found[1].length)}` : iri;
  }

  /** @param {import("./rows.js").Cell} cell */
  of(cell) {
    if (cell.type === "uri") return this.known.get(cell.value) ?? this.short(cell.value);
    return cell.type === "bnode" ? `_:${cell.value}` : cell.value;
  }
}
