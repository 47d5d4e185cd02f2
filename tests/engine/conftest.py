"""One engine with real processes for the whole folder, on the small world of doubles.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import EmbeddedEngine, start_embedded
from kizuna.engine.types import Limits
from tests.engine.doubles import DOUBLES
from tests.support.waiting import PATIENCE, until_noon


def config(workspace: Path, **changes: Any) -> EngineConfig:
    """The tests' settings: two workers, the doubles, a day that does not end before they do."""
    settings: dict[str, Any] = {
        "loader": f"{DOUBLES}:load",
        "view_builder": f"{DOUBLES}:build_view",
        "scenario_loader": f"{DOUBLES}:scenario",
        "workers": 2,
        "wait_seconds": PATIENCE,
        "limits": Limits(seconds=PATIENCE),
        "clock_offset_seconds": until_noon(),
    }
    return EngineConfig(workspace, **{**settings, **changes})


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    """An engine that tests share. Queries may kill its workers, not its keeper."""
    with start_embedded(config(tmp_path_factory.mktemp("workspace"))) as started:
        yield started


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., EmbeddedEngine]]:
    """Starts an engine of one's own, with changed settings; all end with the test."""
    started: list[EmbeddedEngine] = []

    def one(**changes: Any) -> EmbeddedEngine:
        started.append(start_embedded(config(tmp_path, **changes)))
        return started[-1]

    yield one
    for engine in started:
        engine.close()
