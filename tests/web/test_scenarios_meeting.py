"""Scenarios that speak of the same facts, and one that the record has moved past, are told so to their reader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kizuna.atlas.scenarios import read_scenario
from kizuna.atlas.scenarios_meeting import Meeting, meetings
from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.support.world import start_world

LABEL = "<https://w3id.org/kizuna/id/state/PHL> <http://www.w3.org/2004/02/skos/core#prefLabel>"
NOTE = "<https://w3id.org/kizuna/id/state/PHL> <http://www.w3.org/2004/02/skos/core#note>"
GRAPH = "<https://w3id.org/kizuna/graph/data/scenario/x>"
FILES = {
    "name-one": f'# title@en: Name one\nA {LABEL} "One"@en {GRAPH} .\n',
    "name-two": f'# title@en: <b>Name two</b>\nA {LABEL} "Two"@en {GRAPH} .\n',
    "note-one": f'# title@en: Note one\nA {NOTE} "One"@en {GRAPH} .\n',
    "note-two": f'# title@en: Note two\nA {NOTE} "Two"@en {GRAPH} .\n',
    "takes-away": f'# title@en: Takes away\nD {NOTE} "One"@en {GRAPH} .\n',
    "moved-past": f'# title@en: Moved past\nD {LABEL} "Never said"@en {GRAPH} .\nA {LABEL} "New"@en {GRAPH} .\n',
    "unreadable": "A this is no line\n",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Flask]]:
    folder = tmp_path_factory.mktemp("meeting")
    engine = start_world(folder)
    for name, text in FILES.items():
        (folder / "scenarios" / f"{name}.patch").write_text(text)
    yield folder, create_app(engine, Settings(workspace=folder))
    engine.close()


@pytest.fixture
def workspace(place: tuple[Path, Flask]) -> Path:
    return place[0]


@pytest.fixture
def client(place: tuple[Path, Flask]) -> FlaskClient:
    return place[1].test_client()


def met(workspace: Path, *names: str) -> list[tuple[int, int]]:
    found: tuple[Meeting, ...] = meetings(
        workspace, tuple(read_scenario(workspace, name).pinned for name in names)
    )
    assert all(one.things == ("https://w3id.org/kizuna/id/state/PHL",) for one in found)
    return [(one.earlier, one.later) for one in found]


def test_what_speaks_of_the_same_fact(workspace: Path) -> None:
    assert met(workspace, "name-one", "name-two") == [(0, 1)]
    assert met(workspace, "note-one", "takes-away") == [(0, 1)]
    # A thing may have as many notes as it likes, and other properties are other facts.
    assert met(workspace, "note-one", "note-two") == []
    assert met(workspace, "name-one", "note-one") == []
    assert met(workspace, "eu-in-cptpp", "note-one", "takes-away") == [(1, 2)]


def test_the_reader_of_a_stack_is_told(client: FlaskClient, workspace: Path) -> None:
    html = client.get("/actors?scenario=name-one,name-two&lang=en").text
    assert "“Name one” and “&lt;b&gt;Name two&lt;/b&gt;” speak of the same facts about" in html
    assert 'href="/actors/state/PHL?' in html.split("speak of the same facts")[1].split("</p>")[0]
    assert "同じ事実に触れています" in client.get("/actors?scenario=name-one,name-two&lang=ja").text
    assert "speak of the same facts" not in client.get("/actors?scenario=name-one,note-one&lang=en").text


def test_the_comparison_says_that_they_touch(client: FlaskClient, workspace: Path) -> None:
    html = client.get("/scenarios/compare?with=name-one&with=name-two&lang=en").text
    assert "speak of the same facts about" in html
    assert "They do not touch each other" not in html


def test_a_record_that_has_moved_on_is_told(client: FlaskClient, workspace: Path) -> None:
    assert "Of 1 statements that “Moved past” takes away, 1 are not" in (
        client.get("/actors?scenario=moved-past&lang=en").text
    )
    assert "現在の記録にありません" in client.get("/actors?scenario=moved-past&lang=ja").text
    assert "not in the record now" not in client.get("/actors?scenario=name-one&lang=en").text


def test_what_the_record_holds_already_is_told(client: FlaskClient, workspace: Path) -> None:
    held = "<https://w3id.org/kizuna/id/state/PHL> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/kizuna/ns#State>"
    graph = client.get(
        "/sparql",
        query_string={"query": f"SELECT ?g {{ GRAPH ?g {{ {held} }} FILTER(CONTAINS(STR(?g), '/data/')) }}"},
        headers={"Accept": "application/sparql-results+json"},
    ).get_json(force=True)["results"]["bindings"][0]["g"]["value"]
    (workspace / "scenarios" / "known.patch").write_text(f"# title@en: Known\nA {held} <{graph}> .\n")
    assert "All that “Known” adds is in the record now." in (
        client.get("/actors?scenario=known&lang=en").text
    )


@pytest.mark.parametrize(("language", "words"), [("en", "cannot be read"), ("ja", "読めません")])
def test_a_file_that_cannot_be_read_is_told_from_one_that_is_not_there(
    client: FlaskClient, workspace: Path, language: str, words: str
) -> None:
    answer = client.get(f"/actors?scenario=unreadable&lang={language}")
    assert answer.status_code == 404
    assert words in answer.text
    assert "unreadable.patch" in answer.text
    assert words not in client.get(f"/actors?scenario=nowhere&lang={language}").text
