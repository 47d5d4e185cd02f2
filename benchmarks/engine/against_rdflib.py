"""The query library on the engine, against rdflib's own SPARQL on the same graph."""

from __future__ import annotations

import sys
import warnings

from pyoxigraph import RdfFormat, Store
from rdflib import Dataset

from benchmarks.engine.world import config, library, once, todays_store
from kizuna.engine import formats
from kizuna.engine.embedded import start_embedded
from kizuna.engine.types import Limits, Question
from kizuna.workspace.names import PREFIXES

OWN = {
    "count by type": "SELECT ?t (COUNT(?s) AS ?n) { ?s a ?t } GROUP BY ?t ORDER BY DESC(?n)",
    "label contains": 'SELECT ?s ?l { ?s skos:prefLabel ?l FILTER(CONTAINS(?l, "協定")) }',
    "two steps": "SELECT ?a ?b { state:JPN k:partyTo ?x . ?b k:partyTo ?x . ?b k:capital ?a }",
    "domain path": "SELECT DISTINCT ?x ?d { ?x k:domain/skos:broader* ?d }",
    "construct": "CONSTRUCT { ?s k:in ?d } WHERE { ?s k:domain ?d }",
}
PATIENCE = 20.0
"""Seconds after which rdflib is not asked any further: the whole run stays within a few minutes."""


def as_rdflib(store: Store) -> Dataset:
    """The same graph in rdflib, its default graph being the union."""
    dataset = Dataset(default_union=True)
    dataset.parse(data=store.dump(format=RdfFormat.N_QUADS), format="nquads")
    return dataset


def queries() -> dict[str, str]:
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    own = {name: prefixes + text for name, text in OWN.items()}
    return own | {query.name: text for query, text in library()}


def run() -> None:
    warnings.simplefilter("ignore")
    store = todays_store()
    dataset = as_rdflib(store)
    ratios: dict[str, float] = {}
    spent = 0.0
    with start_embedded(config()) as engine:
        today = engine.today()
        for name, text in queries().items():
            form = formats.TSV if "SELECT" in text else formats.N_TRIPLES
            question = Question(text, f"{form},{formats.JSON},{formats.N_TRIPLES}", limits=Limits(rows=None))
            own = once(lambda question=question: engine.query(today, question))  # type: ignore[misc]
            if spent > PATIENCE * 1000:
                break
            try:
                theirs = once(lambda text=text: list(dataset.query(text)), enough=0.3, rounds=3)  # type: ignore[misc]
            except Exception as error:
                print(f"  {name}: rdflib cannot: {type(error).__name__}", file=sys.stderr)
                continue
            spent += theirs
            ratios[name] = theirs / own
            print(f"  {name:40} engine {own:9.2f} ms   rdflib {theirs:9.1f} ms   {theirs / own:8.1f}×")
    ordered = sorted(ratios.values())
    if ordered:
        print(
            f"  {len(ordered)} queries, {len(store):,} quads: median {ordered[len(ordered) // 2]:.0f}×, "
            f"from {ordered[0]:.1f}× to {ordered[-1]:.0f}×"
        )
