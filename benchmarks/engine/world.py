"""What the engine's benchmarks share: a clock, and the product's own workspace with its query library."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from pyoxigraph import Store

from kizuna.engine.config import EngineConfig
from kizuna.engine.text import bind
from kizuna.views.build import build_view
from kizuna.workspace.load import load_store
from kizuna.workspace.queries import LibraryQuery, load_library

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 11, 24)


def quantiles(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median and 90th percentile of one call, in milliseconds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    times.sort()
    return times[rounds // 2] * 1000, times[rounds * 9 // 10] * 1000


def once(work: Callable[[], object], enough: float = 1.0, rounds: int = 9) -> float:
    """The median of one call in milliseconds, over at most `rounds` calls and about `enough` seconds."""
    times: list[float] = []
    while len(times) < rounds and sum(times) < enough:
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return sorted(times)[len(times) // 2] * 1000


def todays_store() -> Store:
    """The product's own view, in this process."""
    store = load_store(ROOT).store
    build_view(store, DAY, ())
    return store


def config() -> EngineConfig:
    """The engine on the product's own workspace."""
    return EngineConfig(ROOT, workers=2)


def library() -> list[tuple[LibraryQuery, str]]:
    """Every query of the library with the text that its defaults give."""
    return [(query, bind(query.text, query.bindings({}, DAY))) for query in load_library(ROOT).values()]
