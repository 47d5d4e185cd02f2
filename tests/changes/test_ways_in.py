"""Documents, tables, updates and forms become patches in a sandbox; what is hostile or broken gets an answer, nothing is fetched."""

from __future__ import annotations

import io
import socket
import threading
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook
from pyoxigraph import Literal, NamedNode, Quad

from kizuna.changes import consequences, documents, filled, forms, sheets, updates
from kizuna.changes.documents import DocumentError
from kizuna.changes.mapping import built_in
from kizuna.changes.patch import Patch, PatchError, patch_of
from kizuna.changes.workflow import GATE_LIMITS
from kizuna.engine.types import EngineError, Limits
from kizuna.sparql.updating import Update, UpdateProblem, evaluate
from kizuna.workspace.names import GRAPH, ID, NS, SKOS
from tests.changes.conftest import Bench
from tests.changes.worlds import FACTS, PREF, TYPE, facts, term, thing

G = GRAPH + "data/new"


def document(bench: Bench, body: bytes | str, media_type: str = "text/turtle", mode: str = "add", graph: str = G) -> Patch:  # fmt: skip
    raw = body if isinstance(body, bytes) else body.encode()
    return documents.read_answer(
        bench.engine.run_in_fork(None, documents.JOB, (raw, media_type, graph, mode))
    )


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        ('<urn:a> <urn:b> "あ"@ja .', "text/turtle"),
        ("\ufeff" + '<urn:a> <urn:b> "あ"@ja .', "text/turtle"),
        (f'<{G}> {{ <urn:a> <urn:b> "あ"@ja }}', "application/trig"),
        ('{"@id": "urn:a", "urn:b": {"@value": "あ", "@language": "ja"}}', "application/ld+json"),
        (f'<urn:a> <urn:b> "あ"@ja <{G}> .', "application/n-quads"),
    ],
)
def test_every_format_says_the_same(shared: Bench, body: str, media_type: str) -> None:
    expected = Quad(NamedNode("urn:a"), NamedNode("urn:b"), Literal("あ", language="ja"), NamedNode(G))
    assert document(shared, body, media_type) == patch_of([], [expected])


def test_utf_16_is_read_and_broken_turtle_is_placed(shared: Bench) -> None:
    assert len(document(shared, '<urn:a> <urn:b> "あ"@ja .'.encode("utf-16"))) == 1
    with pytest.raises(DocumentError) as caught:
        document(shared, "<urn:a> <urn:b>\n  <urn:c ")
    assert (caught.value.problem.code, caught.value.problem.line) == ("bad-document", 2)


def test_replacing_things_takes_away_what_is_not_said_any_more(shared: Bench) -> None:
    old = next(q for q in facts() if q.predicate == PREF and "/agreement/" in str(q.subject))
    text = f'<{old.subject.value}> <{SKOS}prefLabel> "only this"@en .'  # type: ignore[union-attr]
    patch = document(shared, text, mode="replace-things", graph=FACTS.value)
    held = {q for q in facts() if q.subject == old.subject}
    assert set(patch.removed) == held
    assert len(patch.added) == 1


def test_replacing_a_graph_by_itself_changes_nothing(shared: Bench) -> None:
    name = "common"
    body = (shared.workspace / "shapes" / f"{name}.ttl").read_bytes()
    patch = document(shared, body, mode="replace-graphs", graph=f"{GRAPH}shapes/{name}")
    assert len(patch) == 0


def test_remote_contexts_are_refused_and_nothing_is_fetched(shared: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        called = threading.Event()
        server.settimeout(1.0)

        def listen() -> None:
            try:
                server.accept()
                called.set()
            except TimeoutError:
                pass

        listener = threading.Thread(target=listen)
        listener.start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}/context"
        for context in (f'"{address}"', f'{{"@import": "{address}"}}'):
            with pytest.raises(DocumentError) as caught:
                document(
                    shared, f'{{"@context": {context}, "@id": "urn:a", "p": "x"}}', "application/ld+json"
                )
            assert caught.value.problem.code == "remote-context"
        listener.join()
        assert not called.is_set()


def test_an_entity_bomb_ends_in_its_sandbox(shared: Bench) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20}">' for n in range(1, 9))
    bomb = (
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e0 "xxxxxxxxxx">{entities}]>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:k="urn:k:">'
        '<rdf:Description rdf:about="urn:a"><k:p>&e8;</k:p></rdf:Description></rdf:RDF>'
    )
    with pytest.raises((EngineError, DocumentError)):
        documents.read_answer(
            shared.engine.run_in_fork(
                None,
                documents.JOB,
                (bomb.encode(), "application/rdf+xml", G, "add"),
                limits=Limits(seconds=5.0, memory_bytes=500_000_000),
            )
        )
    assert len(document(shared, "<urn:a> <urn:b> 1 .")) == 1


def test_data_without_names_is_refused(shared: Bench) -> None:
    with pytest.raises(DocumentError) as caught:
        document(shared, "<urn:a> <urn:b> [ <urn:c> 1 ] .")
    assert caught.value.problem.code == "patch-blank-node"


# SPARQL Update.


def update(bench: Bench, text: str) -> Patch:
    effect = evaluate(bench.engine, bench.engine.today(), Update(text), GATE_LIMITS)
    return updates.to_patch(effect.removed, effect.added)


def test_an_update_becomes_what_it_would_change(shared: Bench) -> None:
    old = next(q for q in facts() if q.predicate == PREF)
    patch = update(
        shared,
        f"WITH <{FACTS.value}> DELETE {{ ?s ?p {old.object} }} INSERT {{ ?s ?p 'new'@en }} WHERE {{ ?s ?p {old.object} }}",
    )
    assert set(patch.removed) >= {old}
    assert all(q.object == Literal("new", language="en") for q in patch.added)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("INSERT DATA { <urn:a> <urn:b> 1 }", "patch-graph"),
        ("INSERT DATA {", "query-syntax"),
        ("LOAD <http://127.0.0.1:9/x>", "update-failed"),
        (f"INSERT DATA {{ GRAPH <{GRAPH}derived> {{ <urn:a> <urn:b> 1 }} }}", "patch-graph"),
    ],
)
def test_updates_that_may_not_be_are_answered(shared: Bench, text: str, code: str) -> None:
    with pytest.raises((UpdateProblem, PatchError)) as caught:
        update(shared, text)
    assert caught.value.code == code


# Tables.

HEADER = built_in()["participations"].header
ROW = ["quad", "AAA", "member", "2007-05", "", "statement", "", "注", "note"]


def csv_text(*rows: list[str], header: tuple[str, ...] = HEADER) -> str:
    return "\r\n".join(",".join(row) for row in (list(header), *rows)) + "\r\n"


def table(bench: Bench, body: bytes, kind: str = "csv", name: str = "participations") -> sheets.Sheet:
    return sheets.read_answer(bench.engine.run_in_fork(None, sheets.JOB, (body, kind, name, G, "add")))


def xlsx(*rows: list[object]) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_csv_in_every_encoding_gives_the_same(shared: Bench, encoding: str) -> None:
    sheet = table(shared, csv_text(ROW).encode(encoding))
    assert sheet.problems == ()
    assert sheet.rows == 1
    assert Literal("注", language="ja") in {q.object for q in sheet.patch.patch().added}
    assert sheet.preview[0][1] == ID + "participation/quad-aaa-member-2007-05"


def test_xlsx_with_real_dates_and_columns_in_another_order(shared: Bench) -> None:
    order = [1, 0, 2, 3, 4, 5, 6, 7, 8]
    cells: list[object] = list(ROW)
    cells[3] = datetime(2007, 5, 25)
    cells[4] = date(2010, 1, 1)
    sheet = table(shared, xlsx([HEADER[n] for n in order], [cells[n] for n in order]), "xlsx")
    assert sheet.problems == ()
    assert "2007-05-25" in sheet.patch.text()
    assert "2010-01-01" in sheet.patch.text()


def test_formulas_errors_and_duplicates_are_placed(shared: Bench) -> None:
    bad = [*ROW]
    bad[3] = "=TODAY()"
    sheet = table(shared, csv_text(ROW, bad, ROW).encode())
    assert [(p.line, p.column) for p in sheet.problems] == [(3, HEADER[3]), (4, "")]
    assert "value" in sheet.problems[0].en
    assert len(sheet.patch) == 0
    cells: list[object] = list(ROW)
    cells[7] = "=1+1"
    from_xlsx = table(shared, xlsx(list(HEADER), cells), "xlsx")
    assert [(p.line, p.column, p.cell) for p in from_xlsx.problems] == [(2, HEADER[7], "Sheet!H2")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (csv_text(ROW).encode("utf-8") + "日本".encode("cp932") + b"\x81", "bad-encoding"),
        (b'a,"b\n', "bad-table"),
        (b"not an archive", "bad-table"),
    ],
)
def test_files_that_cannot_be_tables(shared: Bench, body: bytes, code: str) -> None:
    with pytest.raises(DocumentError) as caught:
        table(shared, body, "xlsx" if body.startswith(b"not") else "csv")
    assert caught.value.problem.code == code


def test_zip_bombs_are_refused_before_they_unpack(shared: Bench) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 400_000_000)
    with pytest.raises(DocumentError) as caught:
        table(shared, out.getvalue(), "xlsx")
    assert caught.value.problem.code == "table-too-large"


def test_wrong_columns_are_named(shared: Bench) -> None:
    sheet = table(shared, b"framework,actor,colour\r\n")
    assert "colour" in sheet.problems[0].en
    assert "role" in sheet.problems[0].ja


# Forms.


def test_a_form_follows_the_shapes_and_gives_back_what_it_was_filled_with(shared: Bench) -> None:
    state = next(q.subject for q in facts() if q.predicate == TYPE and q.object == term("State"))
    answer = shared.engine.run_in_fork(None, forms.JOB, (NS + "State", state.value))  # type: ignore[union-attr]
    form = forms.read_answer(answer)
    by_path = {one.path: one for one in form.fields}
    label = by_path[PREF.value]
    assert (label.kind, label.required, set(label.languages)) == ("text", True, {"ja", "en"})
    assert by_path[NS + "region"].kind == "choice"
    assert by_path[NS + "region"].choices
    assert form.graph == FACTS.value
    given = {one.path: list(one.values) for one in form.fields}
    assert isinstance(state, NamedNode)
    said = set(filled.quads_of(form, state, form.graph, given))
    held = {q for q in facts() if q.subject == state and q.predicate.value in given}
    assert said == held | {Quad(state, TYPE, term("State"), FACTS)}


def test_forms_keep_the_precision_of_dates_and_refuse_nonsense(shared: Bench) -> None:
    form = forms.read_answer(shared.engine.run_in_fork(None, forms.JOB, (NS + "LifeCycleEvent", "")))
    event = thing("event/x")
    quads = filled.quads_of(form, event, FACTS.value, {NS + "date": [("", "2016-04")]})
    assert {str(q.object) for q in quads if q.predicate in (term("date"), term("precision"))} == {
        '"2016-04-01"^^<http://www.w3.org/2001/XMLSchema#date>',
        f"<{ID}precision/month>",
    }
    with pytest.raises(DocumentError) as caught:
        filled.quads_of(form, event, FACTS.value, {NS + "date": [("", "Spring 2016")]})
    assert caught.value.problem.code == "bad-field"


# Consequences.


def test_consequences_tell_what_is_derived_and_where_it_shows(shared: Bench) -> None:
    event = next(
        q.subject
        for q in facts()
        if q.predicate == term("eventKind") and str(q.object).endswith("/in-force>")
    )
    gone = [q for q in facts() if q.subject == event]
    answer = shared.engine.run_in_fork(
        None, consequences.JOB, (patch_of(gone, []).text().encode(), "2026-11-24")
    )
    found = consequences.read_answer(answer)
    assert found.counts[("stated", False)] == len(gone)
    assert found.counts.get(("derived", False), 0) > 0
    assert any(line.predicate == NS + "partyTo" and not line.comes for line in found.lines)
    assert found.pages
    assert found.cells
