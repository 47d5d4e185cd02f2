"""What a patch changes in a view, found by the difference: new contradictions, consequences. Runs inside a private fork of that view.

When the difference cannot tell (kizuna.views.delta), the answer is empty, and whoever asked builds the views anew.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from pyoxigraph import Quad, Store

from kizuna.changes.consequences import tell
from kizuna.changes.gate import say_contradiction
from kizuna.changes.patch import parse_patch
from kizuna.changes.report import GateReport
from kizuna.validation.report import Report
from kizuna.views.consistency import Inconsistency
from kizuna.views.delta.advance import MOST_QUADS, Change, advance, base_of, tools_of
from kizuna.views.delta.joins import Values, distinct, join, keys, unify
from kizuna.views.delta.reach import OutOfReachError
from kizuna.views.delta.sight import NOW, Draft, fact_of
from kizuna.views.proof import Fact
from kizuna.views.rl.model import Rule

CONTRADICTIONS: Final = "kizuna.changes.following:contradictions"
CONSEQUENCES: Final = "kizuna.changes.following:consequences"


def too_large(patch: str) -> bool:
    """Whether the difference cannot tell for size alone; so nobody needs to ask."""
    return patch.count("\n") > MOST_QUADS


def _advanced(store: Store, patch: bytes) -> Change | None:
    asked = parse_patch(patch.decode())
    try:
        return advance(store, asked.removed, asked.added)
    except OutOfReachError:
        return None


def contradictions(store: Store, patch: bytes) -> bytes:
    """The contradictions with the ontology that a patch brings.

    Args:
        store: a view; changed.
        patch: patch text, UTF-8.

    Returns:
        a `GateReport` as JSON, with these findings and the time they took; empty when the difference cannot tell.
    """
    started = time.perf_counter()
    change = _advanced(store, patch)
    if change is None:
        return b""
    inferred = time.perf_counter()
    found = tuple(say_contradiction(store, one) for one in fresh(store, change))
    seconds = {"infer": inferred - started, "contradictions": time.perf_counter() - inferred}
    day = base_of(store).as_of.isoformat()
    return GateReport(0, day, Report(found, (), 0, "", 0.0), seconds=seconds).to_json().encode()


def fresh(store: Store, change: Change) -> Iterator[Inconsistency]:
    """Contradictions in which something new takes part, each once: exactly those that the view before did not have.

    Args:
        store: the view after the change.
        change: what came and went.
    """
    draft = Draft(store)
    gone = {fact_of(quad) for quad in change.removed}
    seen: set[tuple[str, frozenset[Fact]]] = set()
    index = tools_of(store).index
    for quad in sorted(change.added, key=str):
        fact = fact_of(quad)
        if fact in gone:
            continue  # it has only changed its graph
        for key in keys(fact):
            for rule, pattern, rest in index.constraints_by_premise.get(key, ()):
                values = unify(pattern, fact)
                if values is None:
                    continue
                for met in join(draft, NOW, rest, values):
                    one = _inconsistency(rule, met)
                    if distinct(rule, met) and (rule.name, frozenset(one.facts)) not in seen:
                        seen.add((rule.name, frozenset(one.facts)))
                        yield one


def _inconsistency(rule: Rule, values: Values) -> Inconsistency:
    facts = tuple(dict.fromkeys(Fact(*pattern.bound(values)) for pattern in rule.body))
    return Inconsistency(rule, tuple(sorted(values.items())), facts)


def consequences(store: Store, patch: bytes) -> bytes:
    """What follows from a patch, for `kizuna.changes.consequences.read_answer`; empty when the difference cannot tell.

    Args:
        store: a view; changed.
        patch: patch text, UTF-8.
    """
    change = _advanced(store, patch)
    if change is None:
        return b""

    def go(going: frozenset[Quad], coming: frozenset[Quad]) -> None:
        for quad in going:
            store.remove(quad)
        store.extend(coming)

    return tell(
        store, set(change.removed), set(change.added), lambda: go(change.added, change.removed),
        lambda: go(change.removed, change.added),
    )  # fmt: skip
