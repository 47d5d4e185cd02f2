"""A small sound world for tests of pages: the product's ontology over a few facts, behind a real engine."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import start_embedded
from kizuna.engine.types import Answer, Engine, EngineState, Question, Row, RunningQuery, Term, View
from tests.support.waiting import until_noon

ROOT = Path(__file__).parents[2]
FACTS = Path(__file__).parent / "workspace" / "data"


def make_workspace(folder: Path, more: Mapping[str, str] | None = None) -> Path:
    """A workspace with the product's own ontology and the test world's facts, and more files of facts."""
    shutil.copytree(ROOT / "ontology", folder / "ontology")
    shutil.copytree(FACTS, folder / "data")
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    for name, facts in (more or {}).items():
        (folder / "data" / name).write_text(facts, "utf-8")
    return folder


class WatchedEngine:
    """The real engine; remembers which views its questions were put to."""

    def __init__(self, engine: Engine) -> None:
        self.inner = engine
        self.asked: list[View] = []

    def query(self, view: View, question: Question) -> Answer:
        self.asked.append(view)
        return self.inner.query(view, question)

    def select(self, view: View, text: str, bindings: Mapping[str, Term] | None = None) -> list[Row]:
        self.asked.append(view)
        return self.inner.select(view, text, bindings)

    def ask(self, view: View, text: str, bindings: Mapping[str, Term] | None = None) -> bool:
        return self.inner.ask(view, text, bindings)

    def run_in_fork(
        self, view: View | None, function: str, arguments: Sequence[Any] = (), **how: Any
    ) -> bytes:
        return cast(bytes, self.inner.run_in_fork(view, function, arguments, **how))  # type: ignore[attr-defined]

    def today(self) -> View:
        return self.inner.today()

    def revision(self, view: View) -> str:
        return self.inner.revision(view)

    def running(self) -> list[RunningQuery]:
        return self.inner.running()

    def cancel(self, query_id: str, owner: str | None = None) -> bool:
        return self.inner.cancel(query_id, owner)

    def state(self) -> EngineState:
        return self.inner.state()

    def close(self) -> None:
        self.inner.close()


def start_world(folder: Path, more: Mapping[str, str] | None = None) -> WatchedEngine:
    """Start a real engine over the test world, and more files of facts; its day does not end during a test."""
    loader = "kizuna.atlas.scenarios:load"
    workspace = make_workspace(folder, more)
    return WatchedEngine(
        start_embedded(EngineConfig(workspace, scenario_loader=loader, clock_offset_seconds=until_noon()))
    )
