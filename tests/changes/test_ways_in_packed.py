"""What a table changes is the same whether it is worked out with all quads at hand or line by line, and takes little memory."""

from __future__ import annotations

from typing import get_args

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store

from kizuna.changes import affected, documents, packed, sheets
from kizuna.changes.documents import Mode
from kizuna.changes.importing import open_table
from kizuna.changes.mapping import built_in
from kizuna.changes.packed import PackedPatch, SortedLines, difference
from kizuna.changes.reads import reads_of_text
from kizuna.workspace.names import GRAPH, ID, NS, SKOS
from tests.changes.worlds import ROOT

G = GRAPH + "data/new"
HEADER = built_in()["events"].header


def table(number: int) -> bytes:
    """Events whose notes sort in other ways than their rows, with what has to be escaped."""
    rows = [
        {
            "subject": f"agreement/a{n}",
            "event": "signed",
            "date": f"{1900 + n % 120}",
            "note_en": f'{n % 7} said "no"',
            "note_ja": f"絆{n}\\",
        }
        for n in range(number)
    ]
    cells = [",".join('"' + row.get(name, "").replace('"', '""') + '"' for name in HEADER) for row in rows]
    return "\n".join([",".join(HEADER), *cells]).encode()


@pytest.fixture
def store() -> Store:
    """The graph holds half of the rows already, with something else beside."""
    made = Store()
    name = NamedNode(G)
    for row in open_table(table(40), "csv", "events").understood({}, []):
        made.extend(Quad(t.subject, t.predicate, t.object, name) for t in row.triples[:-1])
        made.add(Quad(row.subject, NamedNode(SKOS + "note"), Literal("old"), name))
    made.add(Quad(NamedNode(ID + "event/other"), NamedNode(NS + "date"), Literal("2001"), name))
    return made


@pytest.mark.parametrize("mode", get_args(Mode))
def test_line_by_line_gives_the_patch_that_all_quads_give(
    store: Store, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "RUN", 50)  # many runs, many pieces
    monkeypatch.setattr(packed, "_PIECE", 97)
    monkeypatch.setattr(sheets, "TOGETHER", 31)
    body = table(80)
    quads = [
        Quad(t.subject, t.predicate, t.object, NamedNode(G))
        for row in open_table(body, "csv", "events").understood({}, [])
        for t in row.triples
    ]
    expected = documents.to_patch(store, quads, mode, G)
    found = sheets.to_sheet(store, body, "csv", "events", G, mode)
    assert found.problems == ()
    assert found.rows == 80
    assert found.patch.text() == expected.text()
    assert found.patch.patch() == expected
    assert len(found.patch) == len(expected) > 0
    assert sheets.read_answer(sheets.read(store, body, "csv", "events", G, mode)) == found


def test_a_patch_of_a_table_grows_by_a_few_bytes_a_quad() -> None:
    few, many = (sheets.to_sheet(Store(), table(n), "csv", "events", G, "add").patch for n in (100, 1_000))
    assert (len(many.come) - len(few.come)) / (many.added - few.added) < 15


def test_lines_are_sorted_and_each_is_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "RUN", 3)
    lines = SortedLines()
    for text in (b"c\na\n", b"b\nc\n", b"a\nd\n", b""):
        lines.add(text)
    assert list(lines) == [b"a", b"b", b"c", b"d"]
    assert difference(lines, lines) == PackedPatch()
    assert len(difference((), ())) == 0


def test_a_header_without_rows_is_said_to_be_that() -> None:
    found = sheets.to_sheet(Store(), table(0), "csv", "events", G, "add")
    assert "no rows" in found.problems[0].en
    empty = sheets.to_sheet(Store(), b"", "csv", "events", G, "add")
    assert "subject" in empty.problems[0].en


def test_what_rows_share_is_walked_once_when_looking_for_what_they_affect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shapes, calls = Store(), []
    for file in (ROOT / "shapes").glob("*.ttl"):
        shapes.load(file.read_bytes(), format=RdfFormat.TURTLE)
    reads = reads_of_text(shapes.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()) or b"")
    looked = affected.neighbours
    monkeypatch.setattr(affected, "neighbours", lambda *given: calls.append(1) or looked(*given))
    counts = []
    for number in (20, 80):
        patch = sheets.to_sheet(Store(), table(number), "csv", "events", G, "add").patch.patch()
        record = Store()
        record.extend(patch.added)
        calls.clear()
        assert not affected.affected(record, patch, reads).full
        counts.append(len(calls))
    assert counts[1] < 5 * counts[0]
