"""How long a proof takes, over the facts that the product's own data gives rise to, for each kind of rule.

python -m benchmarks views.proofs                   2,000 facts, chosen evenly
python -m benchmarks views.proofs --facts all       every computed fact (minutes); fails when one has no proof

Facts come in random order; an explainer is made anew after as many questions as a server does. Processor time. What Python's search
for garbage takes of a proof's time is told apart: it goes through all that is remembered and has nothing to do with the proof in hand.
"""

from __future__ import annotations

import gc
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from kizuna.atlas.why import QUESTIONS
from kizuna.views.build import build_view
from kizuna.views.proof import Fact, Proof
from kizuna.views.terms import DERIVED, INFERRED
from kizuna.views.why import explainer_of
from kizuna.workspace.load import load_store

ROOT = Path(__file__).resolve().parents[2]
TOO_LONG = 100.0
"""Milliseconds; slower proofs are named."""


def measure(wanted: int) -> None:
    store = load_store(ROOT).store
    build_view(store, date(2026, 11, 24))
    facts = [
        Fact(quad.subject, quad.predicate, quad.object)
        for graph in (DERIVED, INFERRED)
        for quad in store.quads_for_pattern(None, None, None, graph)
    ]
    chosen = random.Random(1).sample(sorted(facts, key=str), min(wanted, len(facts)))
    start = time.process_time()
    explainer = explainer_of(store)
    for _ in explainer.read_rules():  # once a process
        pass
    print(f"  made ready in {time.process_time() - start:.2f} s")
    gc.collect()
    gc.freeze()  # what is there for good is not looked through again, as in a server
    times: dict[str, list[float]] = defaultdict(list)
    heights, slow = Counter[int](), []
    garbage = Garbage()
    for number, fact in enumerate(chosen):
        if number and number % QUESTIONS == 0:
            explainer = explainer_of(store)
        garbage.last = 0.0
        start = time.process_time()
        proof = explainer.explain(fact)
        taken = 1000 * (time.process_time() - start - garbage.last)
        times[_kind(proof)].append(taken)
        if proof is not None:
            heights[proof.height] += 1
        if taken > TOO_LONG:
            slow.append((taken, fact))
    whole = [taken for each in times.values() for taken in each]
    unexplained = len(times.get("unexplained", ()))
    print(
        f"  {len(chosen):,} of {len(facts):,} computed facts: {_told(whole)}; {unexplained} unexplained; {sum(whole) / 1000:.0f} s"
    )
    print(
        f"  search for garbage: {garbage.all:.2f} s, at most {1000 * garbage.longest:.0f} ms at a time, not in these times"
    )
    print("| rule | facts | p50 | p95 | longest |")
    print("|---|---:|---:|---:|---:|")
    for kind, each in sorted(times.items(), key=lambda item: -len(item[1])):
        print(f"| {kind} | {len(each):,} | {_at(each, 0.5):.2f} | {_at(each, 0.95):.2f} | {max(each):.1f} |")
    print(
        "  steps from the fact down to what is stated: "
        + ", ".join(f"{h}: {n}" for h, n in sorted(heights.items()))
    )
    for taken, fact in sorted(slow, key=lambda item: -item[0])[:10]:
        print(f"  {taken:.0f} ms: {fact}")
    if unexplained:
        raise SystemExit(1)


class Garbage:
    """How long Python's search for garbage takes, in seconds: since `last` was set to 0, at most, and in all."""

    def __init__(self) -> None:
        self.last = self.longest = self.all = self._begun = 0.0
        gc.callbacks.append(self._hear)

    def _hear(self, phase: str, _: object) -> None:
        now = time.process_time()
        if phase == "start":
            self._begun = now
            return
        self.last += now - self._begun
        self.all += now - self._begun
        self.longest = max(self.longest, now - self._begun)


def _kind(proof: Proof | None) -> str:
    """Which sort of rule made the fact: a derivation rule by its id, a rule of OWL 2 RL by its name."""
    if proof is None:
        return "unexplained"
    return (proof.rule or proof.kind).split("/")[0]


def _told(times: Sequence[float]) -> str:
    return f"p50 {_at(times, 0.5):.2f} ms, p95 {_at(times, 0.95):.2f} ms, longest {max(times):.0f} ms"


def _at(times: Sequence[float], share: float) -> float:
    return sorted(times)[int(len(times) * share)]


def run() -> None:
    wanted = os.environ.get("KIZUNA_PROOFS_FACTS", "2000")
    measure(10**9 if wanted == "all" else int(wanted))


if __name__ == "__main__":
    run()
