"""A workspace loads one named graph a file, and a broken file is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from kizuna.workspace.load import WorkspaceError, load_store


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_each_file_is_a_graph_named_by_its_path(tmp_path: Path) -> None:
    write(tmp_path / "data/a/b.ttl", "<https://example.org/x> a <https://example.org/C> .")
    write(tmp_path / "ontology/k.ttl", "<https://example.org/C> a <https://example.org/D> .")
    loaded = load_store(tmp_path)
    assert {graph.value for graph in loaded.store.named_graphs()} == {
        "https://w3id.org/kizuna/graph/data/a/b",
        "https://w3id.org/kizuna/graph/ontology/k",
    }
    in_file = list(
        loaded.store.quads_for_pattern(None, None, None, NamedNode("https://w3id.org/kizuna/graph/data/a/b"))
    )
    assert len(in_file) == 1


def test_derivation_rules_travel_in_the_store(tmp_path: Path) -> None:
    write(tmp_path / "ontology/rules/one.rq", "# id: one\nCONSTRUCT {} WHERE {}")
    (quad,) = load_store(tmp_path).store
    assert quad.subject.value == "https://w3id.org/kizuna/id/rule/one"
    assert quad.graph_name.value == "https://w3id.org/kizuna/graph/ontology/rules"


def test_an_empty_folder_is_a_workspace(tmp_path: Path) -> None:
    assert len(load_store(tmp_path).store) == 0


def test_a_file_that_does_not_parse_is_named_with_its_line(tmp_path: Path) -> None:
    write(tmp_path / "data/bad.ttl", "<https://example.org/x> a <https://example.org/C> .\n<oops .\n")
    with pytest.raises(WorkspaceError) as caught:
        load_store(tmp_path)
    assert caught.value.path.name == "bad.ttl"
    assert caught.value.line == 2


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no such folder"):
        load_store(tmp_path / "nothing")
