// The editor: CodeMirror in a shadow root, because its styles then come as constructed style sheets, which the page's
// content security policy allows, and not as <style> elements, which it does not.
import { autocompletion, completeFromList } from "@codemirror/autocomplete";
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup } from "codemirror";

const KEYWORDS =
  "SELECT CONSTRUCT ASK DESCRIBE WHERE FROM NAMED PREFIX BASE DISTINCT REDUCED OPTIONAL UNION MINUS FILTER BIND VALUES GRAPH EXISTS NOT ORDER BY ASC DESC GROUP HAVING LIMIT OFFSET UNDEF AS COUNT SUM AVG MIN MAX SAMPLE GROUP_CONCAT STR LANG LANGMATCHES DATATYPE BOUND IF COALESCE REGEX REPLACE CONTAINS STRSTARTS STRENDS STRLEN SUBSTR UCASE LCASE CONCAT YEAR MONTH DAY NOW ISIRI ISLITERAL ISBLANK ISNUMERIC".split(
    " ",
  );

// Every colour has a contrast of at least 4.5 to 1 on white.
const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "#0b3a9c", fontWeight: "600" },
  { tag: [tags.atom, tags.bool, tags.number], color: "#6e4a00" },
  { tag: tags.string, color: "#0b5c2e" },
  { tag: tags.comment, color: "#595959", fontStyle: "italic" },
  { tag: [tags.variableName, tags.special(tags.variableName)], color: "#8a0045" },
]);
const look = EditorView.theme({
  "&": { fontSize: "14px", backgroundColor: "#fff", minHeight: "14em", maxHeight: "60vh", border: "1px solid #767676" },
  "&.cm-focused": { outline: "3px solid #0b57d0", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: 'ui-monospace, "SFMono-Regular", "Noto Sans Mono", "Noto Sans Mono CJK JP", monospace', overflow: "auto" },
  ".cm-gutters": { color: "#595959", backgroundColor: "#f8f8fb" },
  // The library draws its wave as an image in the style, which the page's Content-Security-Policy does not let in.
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy #d32f2f 1.5px", textUnderlineOffset: "3px" },
  ".cm-completionDetail": { color: "#595959", fontStyle: "normal", marginLeft: "1em" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "#0b3a9c" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected] .cm-completionDetail": { color: "#fff" },
});

/**
 * @param {HTMLElement} host
 * @param {{text: string, label: string, words: () => Promise<Words>, run: () => void, change: () => void}} options
 */
export function makeEditor(host, options) {
  const root = host.attachShadow({ mode: "open" });
  const known = options.words();
  const keywords = completeFromList(KEYWORDS.map((label) => ({ label, type: "keyword" })));

  async function complete(context) {
    const name = context.matchBefore(/[A-Za-z][\w-]*:[\w.-]*/);
    if (name) {
      const words = await known;
      const prefix = name.text.slice(0, name.text.indexOf(":") + 1);
      const fitting = words.names.filter((one) => one.label.startsWith(prefix));
      return { from: name.from, options: fitting, validFor: /^[\w-]*:[\w.-]*$/ };
    }
    const quoted = context.matchBefore(/[\p{L}\p{N}]{2,}/u);
    if (!quoted) return context.explicit ? keywords(context) : null;
    const words = await known;
    // A thing is found by any part of its name in either language and written as its prefixed name.
    const wanted = quoted.text.toLowerCase();
    const found = words.names.filter((one) => one.detail.toLowerCase().includes(wanted)).slice(0, 50);
    const own = keywords(context)?.options ?? [];
    return {
      from: quoted.from,
      filter: false,
      options: [
        ...own.filter((one) => one.label.toLowerCase().startsWith(wanted)),
        ...found.map((one) => ({ ...one, displayLabel: one.detail, detail: one.label, apply: one.label, label: one.detail })),
      ],
    };
  }

  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        keymap.of([{ key: "Mod-Enter", run: () => (options.run(), true) }]),
        basicSetup,
        StreamLanguage.define(sparql),
        syntaxHighlighting(colours),
        autocompletion({ override: [complete] }),
        look,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": options.label }),
        EditorView.updateListener.of((update) => update.docChanged && options.change()),
      ],
    }),
  });

  return {
    view,
    get text() {
      return view.state.doc.toString();
    },
    set text(value) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
    },
    /** Marks the place that an error names; none clears the mark. @param {string} message @param {number} [line] @param {number} [column] */
    mark(message, line, column) {
      const list = [];
      if (line && line <= view.state.doc.lines) {
        const at = view.state.doc.line(line);
        const from = Math.max(at.from, Math.min(at.from + (column ?? 1) - 1, at.to - 1));
        list.push({ from, to: Math.max(from, at.to), severity: "error", message });
      }
      view.dispatch(setDiagnostics(view.state, list));
    },
  };
}
/** @typedef {{names: {label: string, detail: string, type: string}[]}} Words */
