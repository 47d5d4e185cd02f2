"""Import tables: which table is which, what a file of one holds, and what it gives as Turtle. Plain functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal as Word

from pyoxigraph import Literal, NamedNode, Store, Triple

from kizuna.changes import mapping as mappings
from kizuna.changes.csvs import csv_rows
from kizuna.changes.documents import refusal
from kizuna.changes.tables import Row, TableProblem, TableRow, understood
from kizuna.changes.workbooks import open_sheet
from kizuna.workspace.names import NS
from kizuna.workspace.turtle import to_turtle

Kind = Word["csv", "xlsx"]
PREVIEWED = 20
MOST_PROBLEMS = 200

Previewed = tuple[int, str, tuple[tuple[str, str], ...]]
"""A row as it was understood: line, IRI, and (property IRI, N-Triples value) pairs."""


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table whose rows are not read yet.

    Args:
        mapping: what its columns mean.
        rows: header and rows, to be read once.
        sheet: title of the sheet, in a spreadsheet; else "".
        others: titles of the sheets that are not read.
    """

    mapping: mappings.Mapping
    rows: Iterator[Row]
    sheet: str = ""
    others: tuple[str, ...] = ()

    def understood(self, actors: Mapping[str, str], problems: list[TableProblem]) -> Iterator[TableRow]:
        """Its rows one by one; what is wrong goes to `problems`. Nothing is kept of them.

        Raises:
            DocumentError: the file cannot be read to its end.
        """
        return understood(self.mapping, self.rows, actors, problems, self.sheet)


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """One table, read: its Turtle (empty with problems), its first rows, and what is wrong."""

    name: str
    turtle: str
    rows: int
    problems: tuple[TableProblem, ...]
    preview: tuple[Previewed, ...] = ()
    sheet: str = ""
    others: tuple[str, ...] = ()


def actor_codes(store: Store) -> dict[str, str]:
    """Codes of the states and economies that a store holds, to their IRIs."""
    return {
        quad.object.value: quad.subject.value
        for quad in store.quads_for_pattern(None, NamedNode(NS + "iso3"), None, None)
        if isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode)
    }


def kind_of(suffix: str) -> Kind:
    """What a file is by the end of its name: xlsx, or else text."""
    return "xlsx" if suffix.lower().lstrip(".") == "xlsx" else "csv"


def open_table(body: bytes, kind: Kind, table: str, sheet: str = "") -> OpenTable:
    """Open a file by a mapping.

    Args:
        body: the file.
        kind: csv or xlsx.
        table: name of the mapping.
        sheet: title of the sheet of a spreadsheet; "" leaves the choice (kizuna.changes.workbooks).

    Raises:
        DocumentError: no mapping has that name, or the file cannot be read.
    """
    known = mappings.built_in()
    if table not in known:
        names = ", ".join(known)
        raise refusal(
            "unknown-table",
            f"「{table[:40]}」という表の対応づけはありません。どれかを選んでください: {names}。",
            f"There is no mapping for a table '{table[:40]}': choose one of {names}.",
        )
    if kind == "csv":
        return OpenTable(known[table], csv_rows(body))
    opened = open_sheet(body, table, sheet)
    return OpenTable(known[table], opened.rows, opened.title, opened.others)


def previewed(row: TableRow) -> Previewed:
    """A row for a preview."""
    return (row.line, row.subject.value, tuple((t.predicate.value, str(t.object)) for t in row.triples))


def import_table(
    name: str, body: bytes, actors: Mapping[str, str], kind: Kind = "csv", sheet: str = ""
) -> ImportedTable:
    """Read one table by the mapping of its name.

    Args:
        name: the mapping's name (a file name without suffix).
        body: the file.
        actors: codes of states and economies (see `actor_codes`).
        kind: csv or xlsx.
        sheet: as `open_table`.

    Raises:
        DocumentError: as `open_table`.
    """
    opened = open_table(body, kind, name, sheet)
    problems: list[TableProblem] = []
    triples: list[Triple] = []
    preview: list[Previewed] = []
    count = 0
    for row in opened.understood(actors, problems):
        count += 1
        triples += row.triples
        if len(preview) < PREVIEWED:
            preview.append(previewed(row))
        if len(problems) >= MOST_PROBLEMS:
            break
    turtle = "" if problems else to_turtle(triples)
    shown = tuple(islice(problems, MOST_PROBLEMS))
    return ImportedTable(name, turtle, count, shown, tuple(preview), opened.sheet, opened.others)
