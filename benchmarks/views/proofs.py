"""How long a proof takes, over the facts that the product's own data gives rise to.

python -m benchmarks views.proofs                   2,000 facts, chosen evenly
python -m benchmarks views.proofs --facts all       every computed fact (minutes); fails when one has no proof
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from datetime import date
from pathlib import Path

from kizuna.views.build import build_view
from kizuna.views.proof import Fact
from kizuna.views.terms import DERIVED, INFERRED
from kizuna.views.why import explainer_of
from kizuna.workspace.load import load_store

ROOT = Path(__file__).resolve().parents[2]


def measure(wanted: int) -> None:
    store = load_store(ROOT).store
    build_view(store, date(2026, 11, 24))
    facts = [
        Fact(quad.subject, quad.predicate, quad.object)
        for graph in (DERIVED, INFERRED)
        for quad in store.quads_for_pattern(None, None, None, graph)
    ]
    chosen = random.Random(1).sample(sorted(facts, key=str), min(wanted, len(facts)))
    explainer = explainer_of(store)
    for fact in chosen[:50]:  # reads each rule once
        explainer.explain(fact)
    explainer = explainer_of(store)
    times, heights, unexplained = [], Counter[int](), 0
    for fact in chosen:
        start = time.process_time()
        proof = explainer.explain(fact)
        times.append(1000 * (time.process_time() - start))
        if proof is None:
            unexplained += 1
        else:
            heights[proof.height] += 1
    times.sort()
    print(
        f"  {len(chosen):,} of {len(facts):,} computed facts: p50 {times[len(times) // 2]:.2f} ms,"
        f" p95 {times[int(len(times) * 0.95)]:.2f} ms, longest {times[-1]:.0f} ms; {unexplained} unexplained"
    )
    print(
        "  steps from the fact down to what is stated: "
        + ", ".join(f"{h}: {n}" for h, n in sorted(heights.items()))
    )
    if unexplained:
        raise SystemExit(1)


def run() -> None:
    wanted = os.environ.get("KIZUNA_PROOFS_FACTS", "2000")
    measure(10**9 if wanted == "all" else int(wanted))


if __name__ == "__main__":
    run()
