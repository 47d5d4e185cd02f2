"""Switching the view through the engine: the first answer of a view nobody has asked for, and the next ones.

    python -m benchmarks views.switch                            at about 50,000 quads
    python -m benchmarks views.switch --quads "50000 1000000"    at other sizes

Wall-clock time of a small query as a reader feels it: another day, another day and scenario (cold: the view is built in a fork),
and the same views again (warm). Everything started here is ended here.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from benchmarks.generate import write_workspace
from benchmarks.views.build import GROWTH, ONTOLOGY
from kizuna.atlas.scenarios import pinned
from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import start_embedded
from kizuna.engine.types import Engine, View
from kizuna.workspace.names import NS

SIZES: Final = [int(size) for size in os.environ.get("KIZUNA_SWITCH_QUADS", "50000").split()]
DAYS: Final = [date(2026, 11, 1), date(2026, 1, 1), date(2022, 6, 1), date(2016, 6, 1), date(2010, 1, 1)]
ASK: Final = f"SELECT ?a ?b WHERE {{ ?a <{NS}memberOf> ?b }} LIMIT 20"
SCENARIO: Final = (
    "A <https://w3id.org/kizuna/id/participation/bench> <{ns}participant> <https://w3id.org/kizuna/id/state/X0001> {g} .\n"
    "A <https://w3id.org/kizuna/id/participation/bench> <{ns}framework> <https://w3id.org/kizuna/id/framework/x1> {g} .\n"
).format(ns=NS, g="<https://w3id.org/kizuna/graph/data/scenario/bench>")


def milliseconds(engine: Engine, view: View) -> float:
    """How long a small query on a view takes."""
    start = time.perf_counter()
    engine.select(view, ASK)
    return (time.perf_counter() - start) * 1000


def stretch() -> float:
    """How much longer a second of work takes here and now than on an idle processor."""
    wall, own = time.perf_counter(), time.process_time()
    while time.process_time() - own < 0.1:
        sum(range(2_000))
    return (time.perf_counter() - wall) / (time.process_time() - own)


def measure(quads: int, folder: Path) -> None:
    """One size."""
    workspace = folder / str(quads)
    write_workspace(workspace, max(1_000, int(quads / GROWTH) - ONTOLOGY))
    (workspace / "scenarios").mkdir()
    (workspace / "scenarios" / "bench.patch").write_text(SCENARIO, "utf-8")
    config = EngineConfig(
        workspace, scenario_loader="kizuna.atlas.scenarios:load", build_seconds=600.0, view_seconds=600.0
    )
    with start_embedded(config) as engine:
        today = engine.today()
        milliseconds(engine, today)
        scenario = (pinned(workspace, "bench"),)
        views = [View(day) for day in DAYS] + [replace(today, scenario=scenario)]
        cold, busy = [], []
        for view in views:
            busy.append(stretch())
            cold.append(milliseconds(engine, view))
        warm = sorted(milliseconds(engine, view) for _ in range(8) for view in views)
        held = engine.state().quads
    told = ", ".join(f"{ms:.0f}" for ms in cold[:-1])
    print(
        f"  {held:,} quads: cold {told} ms (median {statistics.median(cold[:-1]):.0f}) by day, {cold[-1]:.0f} ms for a scenario;"
        f" warm p50 {statistics.median(warm):.1f}, p95 {warm[int(len(warm) * 0.95)]:.1f} ms;"
        f" other work on the machine stretched time {statistics.median(busy):.1f} times",
        flush=True,
    )


def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for quads in SIZES:
            measure(quads, Path(folder))


if __name__ == "__main__":
    run()
