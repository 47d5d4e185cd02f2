"""Spreadsheets as a way in: CSV in the encodings that occur, and XLSX, read by a declared mapping with a preview.

`read` runs in a sandboxed fork. Nothing is calculated and nothing is guessed: a formula, a broken cell, an encoding that does not hold
to the end of the file are problems with their place. Rows become sorted lines as they are read (kizuna.changes.packed): none is kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from pyoxigraph import NamedNode, Quad, Store

from kizuna.changes.documents import DocumentError, DocumentProblem, Mode, refusal
from kizuna.changes.importing import (
    MOST_PROBLEMS,
    PREVIEWED,
    Kind,
    Previewed,
    actor_codes,
    open_table,
    previewed,
)
from kizuna.changes.packed import PackedPatch, SortedLines, difference
from kizuna.changes.patch import PatchError, n_quads, stated
from kizuna.changes.tables import TableProblem, TableRow
from kizuna.engine.progress import tell

JOB: Final = "kizuna.changes.sheets:read"
TOGETHER: Final = 2_000
"""Quads that are brought into the index's form at a time."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a table gave.

    Args:
        patch: the change; empty with problems.
        rows: rows understood.
        problems: what is wrong, with line, column and cell (at most 200).
        preview: the first rows.
        sheet: title of the sheet that was read; "" for text.
        others: titles of the sheets that were not.
    """

    patch: PackedPatch
    rows: int
    problems: tuple[TableProblem, ...]
    preview: tuple[Previewed, ...]
    sheet: str = ""
    others: tuple[str, ...] = ()


def read(store: Store, body: bytes, kind: Kind, table: str, graph: str, mode: Mode, sheet: str = "") -> bytes:
    """Turn a table into a patch. To be run in a fork.

    Args:
        store: the record.
        body: the file.
        kind: csv or xlsx.
        table: name of the mapping.
        graph: IRI of the graph that gets the rows.
        mode: as in kizuna.changes.documents.
        sheet: title of the sheet; "" leaves the choice (kizuna.changes.workbooks).

    Returns:
        a line of JSON and the two halves of the patch, for `read_answer`.
    """
    try:
        found = to_sheet(store, body, kind, table, graph, mode, sheet)
    except DocumentError as error:
        one = error.problem
        return _packed({"problem": [one.code, one.ja, one.en, one.line, one.column]})
    except PatchError as refused:
        return _packed({"problem": [refused.code, refused.ja, refused.en, None, None]})
    patch = found.patch
    head = {
        "patch": [len(patch.gone), patch.removed, patch.added],
        "rows": found.rows,
        "problems": [[p.table, p.line, p.column, p.ja, p.en, p.cell] for p in found.problems],
        "preview": found.preview,
        "sheet": [found.sheet, found.others],
    }
    return _packed(head) + patch.gone + patch.come


def _packed(head: dict[str, Any]) -> bytes:
    return json.dumps(head).encode() + b"\n"


def read_answer(answer: bytes) -> Sheet:
    """What `read` returned.

    Raises:
        DocumentError: the file as a whole cannot be used.
    """
    head, _, halves = answer.partition(b"\n")
    given = json.loads(head)
    if "problem" in given:
        raise DocumentError(DocumentProblem(*given["problem"]))
    length, removed, added = given["patch"]
    return Sheet(
        PackedPatch(halves[:length], halves[length:], removed, added),
        given["rows"],
        tuple(TableProblem(*one) for one in given["problems"]),
        tuple((line, iri, tuple(map(tuple, pairs))) for line, iri, pairs in given["preview"]),
        given["sheet"][0],
        tuple(given["sheet"][1]),
    )


def to_sheet(
    store: Store, body: bytes, kind: Kind, table: str, graph: str, mode: Mode, sheet: str = ""
) -> Sheet:
    """As `read`, with plain data.

    Raises:
        DocumentError, PatchError: the file cannot be used.
    """
    opened = open_table(body, kind, table, sheet)
    try:
        name = NamedNode(graph)
    except ValueError as error:
        raise refusal(
            "no-graph",
            f"「{graph[:80]}」はグラフの名前になりません。data/… の形で指定してください。",
            f"'{graph[:80]}' cannot name a graph: use data/….",
        ) from error
    problems: list[TableProblem] = []
    preview: list[Previewed] = []
    said = _Said(store, name, mode)
    count = 0
    total = body.count(b"\n") if kind == "csv" else 0
    for row in opened.understood(actor_codes(store), problems):
        count += 1
        tell("rows", count, total)
        if not problems:  # else there will be no patch
            said.add(row)
        if len(preview) < PREVIEWED:
            preview.append(previewed(row))
        if len(problems) >= MOST_PROBLEMS:
            break
    if not count and not problems:
        words = ("見出しの下に行がありません。", "There are no rows below the header.")
        problems.append(TableProblem(table, 1, "", *words))
    patch = PackedPatch() if problems else said.patch()
    return Sheet(patch, count, tuple(problems[:MOST_PROBLEMS]), tuple(preview), opened.sheet, opened.others)


class _Said:
    """What rows say and what the record says of the same, both as sorted lines.

    Args:
        store: the record.
        name: graph that gets the rows.
        mode: what they mean.
    """

    def __init__(self, store: Store, name: NamedNode, mode: Mode) -> None:
        self._store, self._name, self._mode = store, name, mode
        self._waiting: list[Quad] = []
        self._rows, self._held = SortedLines(), SortedLines()

    def add(self, row: TableRow) -> None:
        """One more row.

        Raises:
            PatchError: it may not be said.
        """
        self._waiting += [Quad(t.subject, t.predicate, t.object, self._name) for t in row.triples]
        if len(self._waiting) >= TOGETHER:
            self._take()

    def _take(self) -> None:
        self._rows.add(stated(self._waiting))
        if self._mode == "replace-things":
            for subject in {quad.subject for quad in self._waiting}:
                self._held.add(n_quads(self._store.quads_for_pattern(subject, None, None, self._name)))
        self._waiting = []

    def patch(self) -> PackedPatch:
        """What all of them change.

        Raises:
            PatchError: they may not be said.
        """
        self._take()
        if self._mode == "remove":
            return difference(self._rows, ())
        if self._mode == "replace-graphs":
            held = self._store.quads_for_pattern(None, None, None, self._name)
            while some := list(islice(held, TOGETHER)):
                self._held.add(n_quads(some))
        return difference(self._held, self._rows)
