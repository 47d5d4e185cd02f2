"""The named queries of the atlas: they parse, say what they answer, and can be shown with their values."""

from __future__ import annotations

import re
from datetime import date

import pytest
from pyoxigraph import Literal, NamedNode

from kizuna.atlas.behind import title_of, with_values, write_term
from kizuna.atlas.reader import AnswerMemory, Reader, query_names, query_text
from kizuna.engine.types import Question, Term, View
from tests.support.world import WatchedEngine

ID = "https://w3id.org/kizuna/id/"
VALUES: dict[str, Term] = {
    "actor": NamedNode(ID + "state/PHL"),
    "principal": NamedNode(ID + "state/JPN"),
    "other": NamedNode(ID + "state/PHL"),
    "thing": NamedNode(ID + "agreement/jp-ph-raa"),
    "agreement": NamedNode(ID + "agreement/cptpp"),
    "framework": NamedNode(ID + "framework/cptpp"),
    "domain": NamedNode(ID + "domain/security"),
    "source": NamedNode(ID + "source/ministry-raa"),
    "activity": NamedNode(ID + "activity/osa-ph-radar"),
    "whole": NamedNode(ID + "activity/osa-ph-radar"),
    "instrument": NamedNode(ID + "instrument/transfer-principles"),
    "recommendation": NamedNode(ID + "recommendation/r1"),
    "about": NamedNode(ID + "state/PHL"),
    "from": Literal("2016-01-01", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#date")),
    "to": Literal("2026-01-01", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#date")),
    "prefix": Literal(ID + "state/"),
    "class": NamedNode("https://w3id.org/kizuna/ns#Agreement"),
    "graph": NamedNode("https://w3id.org/kizuna/graph/data/agreements"),
}
PARAMETERS = {
    "briefing-activity-evidence": ("thing", "other"),
    "changes-about": ("about",),
    "neighbourhood-dates": ("thing",),
    "changes-between": ("from", "to"),
    "actor-activities": ("actor",),
    "actor-agreements": ("actor", "principal"),
    "actor-all-agreements": ("actor",),
    "actor-changes": ("actor",),
    "actor-frameworks": ("actor",),
    "about": ("thing",),
    "agreement-activities": ("agreement",),
    "agreement-parties": ("agreement",),
    "activity-actors": ("activity",),
    "activity-parts": ("whole",),
    "derived": ("thing",),
    "domain-activities": ("domain",),
    "domain-agreements": ("domain",),
    "domain-frameworks": ("domain",),
    "domain-others": ("domain",),
    "recommendation-bearings": ("recommendation",),
    "recommendation-events": ("recommendation",),
    "related-instruments": ("instrument",),
    "source-statements": ("source",),
    "describe": ("thing",),
    "events": ("thing",),
    "evidence": ("thing",),
    "framework-activities": ("framework",),
    "framework-agreements": ("framework",),
    "framework-levels": ("framework",),
    "framework-lists": ("framework",),
    "framework-participants": ("framework",),
    "graph": ("graph",),
    "known-absence": ("principal",),
    "list": ("class",),
    "pair-events": ("actor", "principal"),
    "pair-activities": ("actor", "principal"),
    "pair-evidence": ("actor", "principal"),
    "pair-graph": ("actor", "principal"),
    "pair-texts": ("actor", "principal"),
    "map-absence": ("framework",),
    "map-events": ("principal",),
    "map-parties": ("principal",),
    "map-things": ("principal",),
    "parts-of": ("actor",),
    "pointers": ("thing",),
    "related-agreements": ("agreement",),
    "related-frameworks": ("framework",),
    "roles-of": ("actor",),
    "standing": ("thing",),
    "talks": ("principal",),
    "things-of-kind": ("prefix",),
    "ties": ("principal",),
}


def is_construct(text: str) -> bool:
    return re.search(r"^CONSTRUCT\b", text, re.MULTILINE) is not None


@pytest.mark.parametrize("name", query_names())
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_query_says_in_its_header_what_it_answers(name: str, language: str) -> None:
    assert title_of(query_text(name), language), f"a line '# title@{language}: …' is missing"


@pytest.mark.parametrize("name", query_names())
def test_the_query_shown_answers_as_the_query_run(engine: WatchedEngine, name: str) -> None:
    """What a reader copies from the page gives what the page showed."""
    text = query_text(name)
    values = {p: VALUES[p] for p in PARAMETERS.get(name, ())}
    shown = with_values(text, list(values.items()))
    view = engine.today()
    if is_construct(text):
        run = engine.query(view, Question(text, "application/n-triples", values)).body
        copied = engine.query(view, Question(shown, "application/n-triples")).body
        assert sorted(run.splitlines()) == sorted(copied.splitlines())
        assert run
        return
    run_rows, copied_rows = engine.select(view, text, values), engine.select(view, shown)
    assert sorted(map(repr, (sorted(r.items()) for r in run_rows))) == sorted(
        map(repr, (sorted(r.items()) for r in copied_rows))
    )


def test_values_are_written_safely() -> None:
    assert write_term(Literal('a"b\\c\nd', language="ja")) == '"a\\"b\\\\c\\nd"@ja'


@pytest.mark.parametrize("bad", ["urn:a> } DELETE", "urn:a b", "urn:<x>"])
def test_an_iri_with_a_forbidden_character_is_refused_before_it_is_a_value(bad: str) -> None:
    with pytest.raises(ValueError, match="IRI"):
        NamedNode(bad)


def test_an_answer_is_remembered_for_its_view_only(engine: WatchedEngine) -> None:
    memory = AnswerMemory()
    Reader(engine, engine.today(), memory).rows("frameworks")
    engine.asked.clear()
    Reader(engine, engine.today(), memory).rows("frameworks")
    assert engine.asked == []
    Reader(engine, View(date(2010, 1, 1)), memory).rows("frameworks")
    assert len(engine.asked) == 1


def test_the_memory_of_answers_is_bounded() -> None:
    memory = AnswerMemory(rows=40)
    for number in range(100):
        memory.put(("token", str(number), ()), ({}, {}, {}))
    held = [n for n in range(100) if memory.get(("token", str(n), ())) is not None]
    assert held == list(range(90, 100))


def test_only_the_latest_used_views_are_remembered() -> None:
    memory = AnswerMemory(views=3)
    for token in "abc":
        memory.put((token, "query", ()), ({},))
        memory.put_made((token, "made"), token, {})
    assert memory.get(("a", "query", ())) is not None, "which counts as use"
    memory.put_made(("d", "made"), "d", {})
    assert [t for t in "abcd" if memory.get((t, "query", ())) is not None] == ["a", "c"]
    assert [t for t in "abcd" if memory.get_made((t, "made")) is not None] == ["a", "c", "d"]
    memory.put(("e", "query", ()), ({},))
    assert memory.get_made(("a", "made")) is None, "a was used longest ago"


def test_what_is_computed_is_kept_for_its_view_with_the_queries_it_took(engine: WatchedEngine) -> None:
    memory, runs = AnswerMemory(), []

    def make(reader: Reader) -> int:
        runs.append(reader.view)
        return len(reader.rows("frameworks"))

    first, second = Reader(engine, engine.today(), memory), Reader(engine, engine.today(), memory)
    assert first.kept("count", lambda: make(first)) == second.kept("count", lambda: make(second)) == 3
    assert len(runs) == 1
    assert "frameworks" in second.asked, "a page that uses what is kept still shows the query behind it"
    past = Reader(engine, View(date(1950, 1, 1)), memory)
    past.kept("count", lambda: make(past))
    assert len(runs) == 2
