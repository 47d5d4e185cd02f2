"""The OWL 2 RL closure against owlrl, the results proven equal in the same run, and how it grows.

python -m benchmarks.views.closure [FACTS …]    owlrl at each of these numbers of facts (default 5000)
"""

from __future__ import annotations

import sys
import time

from tests.views.oracle import by_owlrl, inferred

from benchmarks.generate import store_of
from kizuna.views.build import infer, rules_for
from kizuna.views.rl.compile import compile_ontology
from kizuna.views.rl.engine import closure
from kizuna.views.rules import derive
from kizuna.views.terms import INFERRED

AGAINST_OWLRL = (5_000,)
ALONE = (20_000, 50_000, 200_000)


def against_owlrl(facts: int) -> None:
    """Both on the same store: seconds of processor time, and whether every triple is the same."""
    store = store_of(facts)
    derive(store, rules_for(store))
    size = len(store)
    start = time.process_time()
    infer(store)
    own = time.process_time() - start
    ours = inferred(store)
    store.clear_graph(INFERRED)
    start = time.process_time()
    theirs = by_owlrl(store)
    reference = time.process_time() - start
    same = "equal" if ours == theirs else f"NOT EQUAL: {len(ours ^ theirs)} triples differ"
    print(
        f"  {size:,} quads: ours {own:.3f} s (compiling and writing included), owlrl {reference:.1f} s,"
        f" ratio {reference / own:.0f}; {len(ours):,} inferred triples, {same}"
    )
    if ours != theirs:
        raise SystemExit(1)


def alone(facts: int) -> None:
    """Ours alone, at sizes where owlrl takes minutes."""
    store = store_of(facts)
    derive(store, rules_for(store))
    size = len(store)
    start = time.process_time()
    result = closure(store, compile_ontology(store))
    seconds = time.process_time() - start
    print(
        f"  {size:,} quads: {seconds:.3f} s, {len(result.lines):,} new triples,"
        f" {1e6 * seconds / size:.1f} µs a quad, {result.rounds} visits of relations"
    )


def run() -> None:
    measure(AGAINST_OWLRL)


def measure(sizes: tuple[int, ...]) -> None:
    for facts in sizes:
        against_owlrl(facts)
    for facts in ALONE:
        alone(facts)


if __name__ == "__main__":
    measure(tuple(int(argument) for argument in sys.argv[1:]) or AGAINST_OWLRL)
