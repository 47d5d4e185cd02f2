"""Views work through the engine as they do in one process: built by the keeper, explained from outside."""

from __future__ import annotations

from functools import partial

from pyoxigraph import NamedNode

from kizuna.engine.types import View
from kizuna.views.proof import Fact
from kizuna.views.terms import DERIVED, INFERRED
from kizuna.views.why import explainer_through
from kizuna.views.words import sentences
from tests.support.world import WatchedEngine
from tests.views.facts import TODAY

COMPUTED = "SELECT ?s ?p ?o ?g WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?s ?p ?o LIMIT 4000"


def test_every_computed_fact_is_explained_through_the_engine(engine: WatchedEngine) -> None:
    view = View(TODAY)
    explainer = explainer_through(partial(engine.select, view))
    rows = [row for graph in (DERIVED, INFERRED) for row in engine.select(view, COMPUTED, {"g": graph})]
    assert len(rows) > 100
    for row in rows[::9]:
        predicate = row["p"]
        assert isinstance(predicate, NamedNode)
        fact = Fact(row["s"], predicate, row["o"])
        proof = explainer.explain(fact)
        assert proof is not None, fact
        assert explainer.faults(proof) == ()
        assert sentences(explainer, proof, "ja")[-1].fact == fact
