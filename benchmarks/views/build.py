"""A cold view, stage by stage: as-of, derivation rules, OWL 2 RL; today's and one of the past.

python -m benchmarks views.build                            at about 20,000, 50,000 and 200,000 quads of the finished view
python -m benchmarks views.build --quads "50000 1000000"    at other sizes
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import date

from benchmarks.generate import store_of
from kizuna.views.asof import restrict
from kizuna.views.build import infer, rules_for
from kizuna.views.rules import derive

SIZES = tuple(int(size) for size in os.environ.get("KIZUNA_BUILD_QUADS", "20000 50000 200000").split())
DAYS = (date(2026, 11, 24), date(2010, 1, 1))
ONTOLOGY = 4_600
GROWTH = 1.78
"""Quads of a finished view a stated quad, about: what is computed comes on top."""


def stages(quads: int, day: date) -> None:
    store = store_of(max(1_000, int(quads / GROWTH) - ONTOLOGY))
    stated = len(store)
    rules = rules_for(store)
    seconds = [
        _timed(lambda: restrict(store, day)),
        _timed(lambda: derive(store, rules)),
        _timed(lambda: infer(store)),
    ]
    as_of, derivation, inference = (1000 * second for second in seconds)
    print(
        f"  as of {day}: {stated:,} stated, {len(store):,} in the view:"
        f" {1000 * sum(seconds):.0f} ms (as-of {as_of:.0f}, rules {derivation:.0f}, closure {inference:.0f})"
    )


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(sizes: tuple[int, ...]) -> None:
    for quads in sizes:
        for day in DAYS:
            stages(quads, day)


def run() -> None:
    measure(SIZES)


if __name__ == "__main__":
    run()
