"""Where in a file that somebody sent the gate's findings stand: line, cell and column. `find` runs in a sandboxed fork.

A finding is about a thing and a property; the file is looked through for the place that states them, else for the thing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace
from typing import Any, Final, cast

from pyoxigraph import NamedNode, Store

from kizuna.changes.csvs import decoded
from kizuna.changes.documents import DocumentError
from kizuna.changes.importing import OpenTable, actor_codes, open_table
from kizuna.changes.mapping import Mapping
from kizuna.changes.report import GateReport
from kizuna.changes.tables import Row, TableProblem, letters, understood
from kizuna.engine.types import EngineError, ForkingEngine, Limits, QueryCancelledError
from kizuna.validation.locate import statements
from kizuna.validation.report import Finding, Location

JOB: Final = "kizuna.changes.places:find"
CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST: Final = 1_000
"""Findings that are looked for; a report of more is read from its beginning anyway."""
_TURTLE: Final = frozenset(
    {"text/turtle", "application/trig", "application/n-triples", "application/n-quads"}
)
_STRING: Final = re.compile(r'"((?:\\.|[^"\\\n])*)"\s*(:)?')

Wanted = list[list[str]]
"""Pairs of thing and property; the property may be empty."""
Places = dict[tuple[str, str], Location]


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a change came from.

    Args:
        body: its bytes.
        media_type: what it is.
        name: what it is called; "" when it was pasted.
        graph: IRI that relative names are resolved against.
        table: name of the mapping, for tables.
        sheet: title of the sheet, for spreadsheets; "" leaves the choice.
    """

    body: bytes
    media_type: str
    name: str = ""
    graph: str = ""
    table: str = ""
    sheet: str = ""

    @property
    def called(self) -> str:
        """Its name, or what it is instead."""
        if self.name:
            return self.name.replace("\\", "/").rpartition("/")[2][:120]
        return f"{self.table}.csv" if self.table else "document"


def located(engine: ForkingEngine, report: GateReport, source: Source | None, limits: Limits) -> GateReport:
    """The report with the place of each finding in the file; as it is when the places cannot be had."""
    findings = (*report.report.findings, *report.standing)[:MOST]
    if source is None or not findings:
        return report
    wanted = [[f.focus, f.path or ""] for f in findings]
    try:
        answer = engine.run_in_fork(
            None,
            JOB,
            (
                source.body,
                source.media_type,
                source.called,
                source.graph,
                source.table,
                wanted,
                source.sheet,
            ),
            limits=limits,
        )
    except QueryCancelledError:
        raise
    except EngineError:  # the findings are what matters: they are told without their places then
        return report
    return _placed(report, {(one[0], one[1]): Location(*one[2]) for one in json.loads(answer)})


def carried(report: GateReport, before: GateReport) -> GateReport:
    """A fresh report with the places that an older one of the same patch has."""
    old = (*before.report.findings, *before.standing)
    return _placed(report, {(f.focus, f.path or ""): f.location for f in old if f.location is not None})


def _placed(report: GateReport, places: Places) -> GateReport:
    def put(found: Finding) -> Finding:
        return replace(found, location=places.get((found.focus, found.path or ""), found.location))

    whole = replace(report.report, findings=tuple(map(put, report.report.findings)))
    return replace(report, report=whole, standing=tuple(map(put, report.standing)))


# In the sandbox.


def find(
    store: Store,
    body: bytes,
    media_type: str,
    name: str,
    graph: str,
    table: str,
    wanted: Wanted,
    sheet: str = "",
) -> bytes:
    """Look for things and their properties in a file. To be run in a fork.

    Returns:
        JSON: for each pair that was found, thing, property and the parts of its place.
    """
    subjects = {one[0] for one in wanted}
    try:
        if media_type in (CSV, XLSX):
            opened = open_table(body, "csv" if media_type == CSV else "xlsx", table, sheet)
            places = _in_table(store, opened, name, subjects)
        else:
            places = _in_document(decoded(body), media_type, name, graph, subjects)
    except DocumentError:
        places = {}
    found = [
        [focus, path, astuple(place)]
        for focus, path in {(one[0], one[1]) for one in wanted}
        if (place := places.get((focus, path)) or places.get((focus, "")))
    ]
    return json.dumps(found).encode()


def _in_document(text: str, media_type: str, name: str, graph: str, subjects: set[str]) -> Places:
    places: Places = {}
    if media_type in _TURTLE:
        said = statements(text, base=graph)
    elif media_type == "application/ld+json":
        said = _json_statements(text, graph)
    else:
        said = _mentions(text, subjects)
    for subject, predicate, line in said:
        if subject in subjects:
            place = Location(name, line)
            places.setdefault((subject, ""), place)
            places.setdefault((subject, predicate), place)
    return places


def _mentions(text: str, subjects: set[str]) -> Iterator[tuple[str, str, int]]:
    """Lines that name a thing in full: RDF/XML, RDF Patch, updates."""
    for number, line in enumerate(text.splitlines(), start=1):
        for word in re.findall(r'[<"]([^<>"\s]+)[>"]', line):
            if word in subjects:
                named = re.search(r">\s+<([^<>\s]+)>", line)
                yield word, named[1] if named else "", number


def _json_statements(text: str, base: str) -> Iterator[tuple[str, str, int]]:
    """As `statements`, for JSON-LD: the line of each `@id`, and of the keys that follow it."""
    words = _context(json.loads(text))
    named = {key for key, iri in words.items() if iri == "@id"} | {"@id"}
    subject, key, line, at = "", "", 1, 0
    for match in _STRING.finditer(text):
        line, at = line + text.count("\n", at, match.start()), match.start()
        word = json.loads(f'"{match[1]}"')
        if match[2]:
            key = word
            if subject and key not in named and not key.startswith("@"):
                yield subject, _expanded(key, words, base), line
        elif key in named:
            subject = _expanded(word, words, base)
            yield subject, "", line


def _context(document: Any) -> dict[str, str]:
    """Terms and prefixes of all contexts that the document itself holds."""
    found: dict[str, str] = {}
    waiting = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            contexts = one.get("@context")
            for context in contexts if isinstance(contexts, list) else [contexts]:
                for term, meaning in context.items() if isinstance(context, dict) else ():
                    iri = meaning.get("@id") if isinstance(meaning, dict) else meaning
                    if isinstance(iri, str):
                        found[term] = iri
            waiting += [value for name, value in one.items() if name != "@context"]
        elif isinstance(one, list):
            waiting += one
    return found


def _expanded(word: str, words: dict[str, str], base: str) -> str:
    for _ in range(5):  # a term may stand for a compact name, which has a prefix
        prefix, colon, local = word.partition(":")
        if word in words:
            word = words[word]
        elif colon and prefix in words and not local.startswith("//"):
            word = words[prefix] + local
        else:
            break
    return word if ":" in word else words.get("@vocab", base) + word


def _in_table(store: Store, opened: OpenTable, name: str, subjects: set[str]) -> Places:
    mapping, sheet = opened.mapping, opened.sheet
    problems: list[TableProblem] = []
    header: list[str] = []

    def watched() -> Iterator[Row]:
        for line, cells in opened.rows:
            if not any(header):
                header[:] = (cell.strip().removeprefix("\ufeff") for cell in cells)
            yield line, cells

    places: Places = {}
    for row in understood(mapping, watched(), actor_codes(store), problems, sheet):
        for triple in row.triples:
            subject = cast(NamedNode, triple.subject).value
            if subject in subjects:
                whole = Location(name, row.line, cell=f"{sheet}!{row.line}:{row.line}" if sheet else "")
                places.setdefault((subject, ""), whole)
                column = _column(mapping, triple.predicate.value)
                if column in header:
                    place = _cell(name, row.line, header.index(column) + 1, column, sheet)
                    places.setdefault((subject, triple.predicate.value), place)
    for column_of in mapping.columns:  # a property that no cell states: where it would be stated
        for subject, said in list(places):
            for predicate in column_of.properties if not said and column_of.name in header else ():
                line = places[subject, ""].line or 1
                place = _cell(name, line, header.index(column_of.name) + 1, column_of.name, sheet)
                places.setdefault((subject, predicate), place)
    return places


def _column(mapping: Mapping, predicate: str) -> str:
    """The column that states a property; "" when none does."""
    stating = (c.name for c in mapping.columns if predicate in c.properties or predicate == c.precision)
    return next(stating, "")


def _cell(name: str, line: int, number: int, column: str, sheet: str) -> Location:
    return Location(name, line, number, column, f"{sheet}!{letters(number)}{line}" if sheet else "")
