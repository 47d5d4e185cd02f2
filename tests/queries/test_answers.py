"""Every query of the library answers for a fixed date with what is known to be true, and not with what is not."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kizuna.commands.query import short
from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import EmbeddedEngine, start_embedded
from kizuna.engine.types import Question, View
from kizuna.workspace.queries import load_library

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 24)
ANSWERS = tomllib.loads(Path(__file__).with_name("answers.toml").read_text("utf-8"))["answer"]
LIBRARY = load_library(ROOT)


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    with start_embedded(EngineConfig(workspace=ROOT)) as started:
        yield started


def rows(engine: EmbeddedEngine, name: str, params: dict[str, str]) -> list[dict[str, str]]:
    query = LIBRARY[name]
    answer = engine.query(
        View(DAY),
        Question(query.text, "application/sparql-results+json", bindings=query.bindings(params, DAY)),
    )
    found = json.loads(answer.body)
    return [{key: short(term) for key, term in row.items()} for row in found["results"]["bindings"]]


def holds(row: dict[str, str], wanted: dict[str, str]) -> bool:
    return all(row.get(key) == value.strip("<>") for key, value in wanted.items())


def test_the_library_has_at_least_sixty_queries_and_each_has_a_known_answer() -> None:
    assert len(LIBRARY) >= 60
    assert {item["query"] for item in ANSWERS} == set(LIBRARY)


@pytest.mark.parametrize("item", ANSWERS, ids=[f"{at}-{item['query']}" for at, item in enumerate(ANSWERS)])
def test_the_answer_holds_what_is_known(engine: EmbeddedEngine, item: dict[str, Any]) -> None:
    found = rows(engine, item["query"], item.get("params", {}))
    for wanted in item["contains"]:
        assert any(holds(row, wanted) for row in found), f"{wanted} is not among {found[:20]}"
    for unwanted in item.get("absent", []):
        wrong = [row for row in found if holds(row, unwanted)]
        assert not wrong, wrong


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_titles_stand_in_both_languages_and_names_follow_the_language(
    engine: EmbeddedEngine, name: str
) -> None:
    query = LIBRARY[name]
    assert query.title_ja != query.title_en
    if any(parameter.name == "lang" for parameter in query.parameters):
        labels = [
            {key: value for key, value in row.items() if key.lower().endswith("label") or key == "label"}
            for row in rows(engine, name, {"lang": "ja"})[:20]
        ]
        assert all(
            any(ord(char) > 127 for value in row.values() for char in value)
            or all(value.isascii() for value in row.values())
            for row in labels
        )
