"""A server without a gate: updates and documents become exact patches, and the journal keeps them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kizuna.sparql.plain import as_stored, drop_graph, put_document, run_update, unpack
from kizuna.sparql.using import with_dataset
from kizuna.workspace.journal import Entry, Journal, load_with_journal, replay

TURTLE = "text/turtle"
G = NamedNode("http://x/g")


def node(name: str) -> NamedNode:
    return NamedNode("http://x/" + name)


def filled() -> Store:
    store = Store()
    store.add(Quad(node("a"), node("p"), node("b")))
    store.add(Quad(node("a"), node("p"), node("c"), G))
    return store


UPDATES = [
    "CLEAR ALL",
    "DELETE WHERE { ?s ?p ?o }",
    "INSERT DATA { <http://x/n> <http://x/p> 0.70 , '007'^^<http://www.w3.org/2001/XMLSchema#integer> }",
    "INSERT { GRAPH <http://x/h> { ?s ?p [] } } WHERE { ?s ?p ?o }",
    "MOVE SILENT <http://x/g> TO DEFAULT",
    "COPY DEFAULT TO <http://x/g>",
    "INSERT DATA { <http://x/n> <http://x/p> 'line\\nbreak' }",
]


@given(st.lists(st.sampled_from(UPDATES), max_size=5))
def test_the_patch_of_an_update_is_the_update(updates: list[str]) -> None:
    record = filled()
    for revision, text in enumerate(updates, 1):
        fork = Store()
        fork.extend(record)
        removed, added = unpack(run_update(fork, text, ""))
        replay(record, Entry(revision, removed, added))
        assert set(record) == set(fork)


def test_a_document_is_merged_or_put_in_place_of_the_graph() -> None:
    store = filled()
    body = b"<n> <p> 0.70 . <http://x/a> <http://x/p> <http://x/c> ."
    removed, added = unpack(put_document(store, "http://x/g", TURTLE, body, "http://x/", False))
    assert removed == b""
    assert added.count(b"\n") == 1
    assert b'<http://x/n> <http://x/p> "0.7"' in added
    removed, _ = unpack(put_document(store, "http://x/g", TURTLE, b"<n> <p> 1 .", "http://x/", True))
    assert removed == b"<http://x/a> <http://x/p> <http://x/c> <http://x/g> .\n"
    removed, _ = unpack(drop_graph(store, ""))
    assert removed == b"<http://x/a> <http://x/p> <http://x/b> .\n"
    with pytest.raises(SyntaxError):
        put_document(store, "", TURTLE, b"<a", "", True)
    with pytest.raises(ValueError, match="graph of its own"):
        put_document(store, "", "application/trig", b"<http://x/g> { <a:a> <a:b> 1 }", "", True)


def test_two_documents_never_share_a_blank_node() -> None:
    store = Store()
    for _ in range(2):
        _, added = unpack(put_document(store, "", TURTLE, b"_:a <http://x/p> 1 .", "", False))
        replay(store, Entry(1, b"", added))
    assert len(store) == 2


def test_the_view_is_the_store() -> None:
    store = filled()
    as_stored(store, date(2000, 1, 1), ())
    assert set(store) == set(filled())


def test_the_journal_keeps_what_was_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "new")
    first = Entry(1, b"", b'<http://x/a> <http://x/p> "1\\n" <http://x/g> .\n')
    second = Entry(2, first.added, b"<http://x/a> <http://x/p> <http://x/b> .\n")
    for entry in (first, second):
        with journal.writing() as file:
            assert journal.revision(file) == entry.revision - 1
            journal.append(file, entry)
    assert list(Journal(tmp_path / "new").entries()) == [first, second]
    loaded = load_with_journal(tmp_path / "new")
    assert loaded.revision == 2
    assert set(loaded.store) == {Quad(node("a"), node("p"), node("b"))}
    assert not loaded.store.contains_named_graph(G)


@pytest.mark.parametrize("kept", range(1, 130, 7))
def test_an_entry_cut_off_by_a_crash_does_not_count(tmp_path: Path, kept: int) -> None:
    journal = Journal(tmp_path)
    first = Entry(1, b"", b"<http://x/a> <http://x/p> <http://x/b> .\n")
    with journal.writing() as file:
        journal.append(file, first)
    sound = journal.path.read_bytes()
    with journal.writing() as file:
        journal.append(file, Entry(2, first.added, b""))
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[: len(sound) + min(kept, len(whole) - len(sound) - 1)])
    assert list(journal.entries()) == [first]
    third = Entry(2, b"", b"<http://x/a> <http://x/p> <http://x/d> .\n")
    with journal.writing() as file:
        journal.append(file, third)
    assert list(journal.entries()) == [first, third]


def test_the_dataset_of_the_protocol_is_written_into_each_operation() -> None:
    text = (
        "PREFIX : <http://x/> DELETE { ?s :p ?o } INSERT { ?s :q 'WHERE' } WHERE { ?s :p ?o . { SELECT * WHERE { ?s ?p ?o } } };"
        " DELETE WHERE { ?s :q ?o }; INSERT DATA { :a :b :c }"
    )
    assert with_dataset(text, ["http://x/g"], ["http://x/h"]) == (
        "PREFIX : <http://x/> DELETE { ?s :p ?o } INSERT { ?s :q 'WHERE' } USING <http://x/g> USING NAMED <http://x/h> "
        "WHERE { ?s :p ?o . { SELECT * WHERE { ?s ?p ?o } } };"
        " DELETE { ?s :q ?o } USING <http://x/g> USING NAMED <http://x/h> WHERE { ?s :q ?o }; INSERT DATA { :a :b :c }"
    )
    with pytest.raises(ValueError, match="no IRI"):
        with_dataset(text, ["http://x/> WHERE {} ; CLEAR ALL ; DELETE {} USING <http://x/"], [])
    store = filled()
    store.update(with_dataset("DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", ["http://x/g"], []))
    assert len(list(store.quads_for_pattern(None, None, None, DefaultGraph()))) == 1
