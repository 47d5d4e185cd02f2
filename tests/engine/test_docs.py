"""The engine's page and its code agree."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import EmbeddedEngine
from kizuna.engine.types import Limits, Question

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/engine.md").read_text("utf-8")


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", PAGE, re.M))
    fields = {field.name: field for field in dataclasses.fields(EngineConfig)}
    assert set(rows) == set(fields)
    for name, field in fields.items():
        if isinstance(field.default, bool):
            assert rows[name] == ("yes" if field.default else "no")
        elif isinstance(field.default, (int, float)) and name != "max_memory_bytes":
            assert float(rows[name].replace(",", "")) == float(field.default), name
        elif isinstance(field.default, str):
            assert rows[name] == f"`{field.default}`"
    assert EngineConfig(Path()).max_memory_bytes == 4_000_000_000
    assert Limits() == Limits(10.0, 100_000, 1_500_000_000, 200_000_000)


def test_the_configuration_travels_unchanged() -> None:
    config = EngineConfig(Path("/w"), Path("/r"), preload=("a", "b"), limits=Limits(rows=None, seconds=1.5))
    assert EngineConfig.from_json(config.to_json()) == config


def test_the_pages_example_works(engine: EmbeddedEngine) -> None:
    today = engine.today()
    assert len(engine.select(today, "SELECT ?s WHERE { ?s ?p ?o } LIMIT 5")) == 5
    answer = engine.query(today, Question("ASK { ?s ?p ?o }", "application/sparql-results+json"))
    assert b"true" in answer.body


def test_every_module_of_the_engine_says_what_it_is_for() -> None:
    for path in (ROOT / "server/kizuna/engine").glob("*.py"):
        assert path.read_text("utf-8").startswith('"""'), path.name
