// The same request for other tools. Pure: text in, text out.

const quoteShell = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const quoteJson = (text) => JSON.stringify(text);
const quotePython = (text) => (text.includes('"""') || text.includes("\\") ? JSON.stringify(text) : `"""${text}\n"""`);
const quoteM = (text) => `"${text.replaceAll('"', '""').replaceAll("\r", "").replaceAll("\n", '" & "#(lf)" & "')}"`;

/** @param {string} endpoint @param {string} query @returns {[string, string][]} */
export function snippets(endpoint, query) {
  return [
    ["curl", `curl -H 'Accept: text/csv' ${quoteShell(endpoint)} \\\n  --data-urlencode ${quoteShell(`query=${query}`)}`],
    [
      "Python",
      `import io\n\nimport pandas as pd\nfrom SPARQLWrapper import CSV, POST, SPARQLWrapper\n\nendpoint = SPARQLWrapper(${quoteJson(endpoint)})\nendpoint.setMethod(POST)\nendpoint.setReturnFormat(CSV)\nendpoint.setQuery(${quotePython(query)})\ntable = pd.read_csv(io.BytesIO(endpoint.query().convert()), keep_default_na=False, na_values=[""])  # "NA" is Namibia\nprint(table)`,
    ],
    [
      "R",
      `library(httr)\n\nanswer <- POST(${quoteJson(endpoint)},\n  body = list(query = ${quoteJson(query)}), encode = "form",\n  accept("text/csv"))\ntable <- read.csv(text = content(answer, "text", encoding = "UTF-8"),\n  na.strings = "") # "NA" is Namibia\nprint(table)`,
    ],
    [
      "JavaScript",
      `const answer = await fetch(${quoteJson(endpoint)}, {\n  method: "POST",\n  headers: { Accept: "application/sparql-results+json" },\n  body: new URLSearchParams({ query: ${quoteJson(query)} }),\n});\nconst { results } = await answer.json();\nconsole.table(results.bindings.map((row) => Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, cell.value]))));`,
    ],
    [
      "Excel",
      `let\n  Answer = Web.Contents(${quoteM(endpoint)}, [\n    Headers = [Accept = "text/csv", #"Content-Type" = "application/sparql-query"],\n    Content = Text.ToBinary(${quoteM(query)})]),\n  Table = Table.PromoteHeaders(Csv.Document(Answer, [Delimiter = ",", Encoding = 65001]))\nin\n  Table`,
    ],
  ];
}
