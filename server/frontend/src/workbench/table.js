// The result as a table: labels for IRIs, links, pages. Builds elements, never markup from text.

const PAGE = 50;
const ID = "https://w3id.org/kizuna/";

/** Where a person is sent for an IRI: our own are resolved here. @param {string} iri */
export function addressOf(iri, state) {
  if (iri.startsWith(ID)) return `/${iri.slice(ID.length)}${state}`;
  return /^https?:/.test(iri) ? iri : null;
}

export class ResultTable {
  /** @param {HTMLElement} holder @param {Record<string, string>} say */
  constructor(holder, say, names, state) {
    Object.assign(this, { holder, say, names, state, table: null, page: 0 });
  }

  /** @param {import("./rows.js").Table} table */
  async show(table) {
    this.table = table;
    await this.turn(0);
  }

  async turn(page) {
    this.page = page;
    const { table, say } = this;
    const shown = table.rows.slice(page * PAGE, (page + 1) * PAGE);
    await this.names.learn(shown.flatMap((row) => Object.values(row)));
    const element = document.createElement("table");
    element.className = "list";
    const head = element.createTHead().insertRow();
    for (const name of table.columns) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name;
      head.append(cell);
    }
    const body = element.createTBody();
    for (const row of shown) {
      const line = body.insertRow();
      for (const name of table.columns) line.insertCell().append(this.cell(row[name]));
    }
    const scroll = document.createElement("div");
    scroll.className = "scroll";
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", say.table);
    scroll.append(element);
    this.holder.replaceChildren(scroll);
    if (table.rows.length > PAGE) this.holder.append(this.pager());
  }

  pager() {
    const { table, say, page } = this;
    const last = Math.ceil(table.rows.length / PAGE) - 1;
    const bar = document.createElement("p");
    bar.className = "wb-pager";
    for (const [text, to] of [[say.previous, page - 1], [say.next, page + 1]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.disabled = to < 0 || to > last;
      button.addEventListener("click", () => this.turn(to));
      bar.append(button);
    }
    const place = document.createElement("span");
    place.textContent = `${page * PAGE + 1}–${Math.min((page + 1) * PAGE, table.rows.length)} / ${table.rows.length}`;
    bar.append(place);
    return bar;
  }

  /** @param {import("./rows.js").Cell | undefined} cell */
  cell(cell) {
    if (!cell) return document.createTextNode("");
    const name = this.names.of(cell);
    if (cell.type === "uri") {
      const address = addressOf(cell.value, this.state);
      if (!address) return document.createTextNode(name);
      const link = document.createElement("a");
      link.href = address;
      link.textContent = name;
      link.title = cell.value;
      return link;
    }
    const text = document.createElement("span");
    text.textContent = name;
    if (cell.lang) text.lang = cell.lang;
    return text;
  }
}
