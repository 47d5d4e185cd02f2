"""A real engine with a real ledger over a small workspace: the product's ontology and shapes, and a small sound world."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kizuna.changes.workflow import Actor, Changes
from kizuna.commands.setup import engine_config
from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import EmbeddedEngine, start_embedded
from kizuna.ledger.database import ledger_path
from kizuna.ledger.ledger import Ledger
from kizuna.settings import Settings
from tests.changes.worlds import ROOT
from tests.support.waiting import until_noon


def make_workspace(folder: Path) -> Path:
    """The product's ontology and shapes with the small world as data."""
    for room in ("ontology", "shapes"):
        shutil.copytree(ROOT / room, folder / room)
    (folder / "data").mkdir()
    (folder / "queries").mkdir()
    shutil.copy(ROOT / "tests/shapes/good.ttl", folder / "data" / "facts.ttl")
    return folder


def at_noon(workspace: Path) -> EngineConfig:
    """The engine of a workspace, whose day neither ends during a test nor is near its end."""
    return replace(engine_config(Settings(workspace=workspace)), clock_offset_seconds=until_noon())


class Bench:
    """One workspace with its engine, ledger and people."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.engine: EmbeddedEngine = start_embedded(at_noon(workspace))
        self.ledger = Ledger(ledger_path(workspace))
        self.changes = Changes(self.engine, self.ledger)
        self.people: dict[str, Actor] = {}
        for name, role in (
            ("ren", "reader"),
            ("ana", "analyst"),
            ("sato", "steward"),
            ("mori", "steward"),
            ("abe", "publisher"),
            ("admin", "admin"),
        ):
            self.people[name] = Actor(self.ledger.accounts.add(name, role))  # type: ignore[arg-type]

    def restart(self) -> None:
        self.engine.close()
        self.engine = start_embedded(at_noon(self.workspace))
        self.changes = Changes(self.engine, self.ledger)

    def close(self) -> None:
        self.engine.close()
        self.ledger.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A bench of one's own."""
    made = Bench(make_workspace(tmp_path / "w"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A bench for tests that publish nothing."""
    made = Bench(make_workspace(tmp_path_factory.mktemp("shared") / "w"))
    yield made
    made.close()


@pytest.fixture
def benches(tmp_path: Path) -> Iterator[Callable[[], Bench]]:
    """Makes benches; all end with the test."""
    made: list[Bench] = []

    def one() -> Bench:
        made.append(Bench(make_workspace(tmp_path / f"w{len(made)}")))
        return made[-1]

    yield one
    for bench in made:
        bench.close()
