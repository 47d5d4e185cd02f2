"""The OWL 2 RL closure against owlrl and reasonable, the results proven equal in the same run, and how it grows.

    python -m benchmarks views.closure                      owlrl at 11,000 quads, reasonable at that and at 52,000
    python -m benchmarks views.closure --owlrl 34000        owlrl at that many facts (52,000 quads: about a minute)
    python -m benchmarks views.closure --facts "600000"     ours alone at these numbers of facts

owlrl is the reference. reasonable is the fastest library found; it has no property chains (prp-spo2) and none of the rules
of table 9 that tell of domains, ranges and intersections (`ITS_GAPS`), so it is held against what our rules
give without those. Processor time, compiling included.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import Final

import reasonable
from pyoxigraph import Store
from rdflib import Graph
from tests.views.oracle import Triple, by_owlrl, comparable, inferred, noise, union_of

from benchmarks.generate import store_of
from kizuna.views.build import infer, rules_for
from kizuna.views.rl.compile import compile_ontology
from kizuna.views.rl.engine import closure
from kizuna.views.rl.model import CompiledOntology
from kizuna.views.rules import derive
from kizuna.views.terms import INFERRED

AGAINST_OWLRL: Final = os.environ.get("KIZUNA_CLOSURE_OWLRL", "5000")
AGAINST_REASONABLE: Final = os.environ.get("KIZUNA_CLOSURE_REASONABLE", "5000 34000")
ALONE: Final = os.environ.get("KIZUNA_CLOSURE_FACTS", "20000 50000 200000 600000")
ITS_GAPS: Final = frozenset(("prp-spo2", "scm-dom1", "scm-dom2", "scm-rng1", "scm-rng2", "scm-int"))
"""Rules of the OWL 2 RL profile that our ontology needs and reasonable 0.4.4 does not run."""


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


def against_reasonable(facts: int) -> None:
    """Both on the same store: its result must equal ours on the rules that it has, and lie within ours on all."""
    store = store_of(facts)
    derive(store, rules_for(store))
    size = len(store)
    graph = Graph().parse(data=union_of(store), format="nt")
    before = {comparable(*triple) for triple in graph}
    reasoner = reasonable.PyReasoner()
    start = time.process_time()
    reasoner.from_graph(graph)
    loaded = time.process_time()
    found = reasoner.reason()
    done = time.process_time()
    theirs = {comparable(*triple) for triple in found if not noise(*triple)} - before
    begun = time.process_time()
    compiled = compile_ontology(store)
    closure(store, compiled)
    own = time.process_time() - begun
    whole = _closed(store, compiled)
    common = _closed(
        store, replace(compiled, rules=tuple(rule for rule in compiled.rules if rule.name not in ITS_GAPS))
    )
    same = "equal" if theirs == common else f"NOT EQUAL: {len(theirs ^ common)} triples differ"
    print(
        f"  {size:,} quads: ours {own:.3f} s, reasonable {done - loaded:.2f} s (and {loaded - start:.2f} s to take the graph),"
        f" ratio {(done - loaded) / own:.1f}; {len(common):,} triples by the rules that it has, {same};"
        f" {len(whole - theirs):,} more by those it lacks"
    )
    if theirs != common or not theirs <= whole:
        raise SystemExit(1)


def _closed(store: Store, compiled: CompiledOntology) -> set[Triple]:
    text = closure(store, compiled).n_triples().decode()
    return {comparable(*triple) for triple in Graph().parse(data=text, format="nt")}


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
    for facts in map(int, AGAINST_OWLRL.split()):
        against_owlrl(facts)
    for facts in map(int, AGAINST_REASONABLE.split()):
        against_reasonable(facts)
    for facts in map(int, ALONE.split()):
        alone(facts)


if __name__ == "__main__":
    run()
