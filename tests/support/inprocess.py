"""An engine in the test process: the same protocol, no keeper, no workers. For tests of pages and queries."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from pathlib import Path

from pyoxigraph import (
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    Variable,
    serialize,
)

from kizuna.engine.types import (
    Answer,
    EngineState,
    QuerySyntaxError,
    Question,
    Row,
    RunningQuery,
    Term,
    UnsupportedFormatError,
    View,
)
from kizuna.workspace.names import DERIVED_GRAPH, GRAPH, INFERRED_GRAPH

ROOT = Path(__file__).parents[2]
FIXTURE = Path(__file__).parent / "workspace"
TODAY = date(2026, 11, 24)

GRAPH_FORMATS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
}
RESULT_FORMATS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "text/csv": QueryResultsFormat.CSV,
}

INTERIM = """
PREFIX k: <https://w3id.org/kizuna/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX ek: <https://w3id.org/kizuna/id/event-kind/>
PREFIX role: <https://w3id.org/kizuna/id/role/>
PREFIX status: <https://w3id.org/kizuna/id/status/>
INSERT { ?x a ?c } WHERE { ?x a ?t . ?t rdfs:subClassOf+ ?c FILTER(ISIRI(?c)) } ;
INSERT { ?a k:signedOn ?d } WHERE { ?e k:eventOf ?a ; k:eventKind ek:signed ; k:date ?d . ?a a k:Agreement } ;
INSERT { ?a k:inForceOn ?d } WHERE {
  { SELECT ?a (MIN(?day) AS ?d) WHERE { ?e k:eventOf ?a ; k:eventKind ek:in-force ; k:date ?day . ?a a k:Agreement } GROUP BY ?a }
} ;
INSERT { ?a k:status status:in-force } WHERE { ?a k:inForceOn ?d } ;
INSERT { ?a k:status status:adopted } WHERE { ?e k:eventOf ?a ; k:eventKind ek:adopted . ?a a k:Agreement } ;
INSERT { ?a k:status status:signed } WHERE { ?a k:signedOn ?d FILTER NOT EXISTS { ?a k:inForceOn ?f } } ;
INSERT { ?a k:status status:negotiating } WHERE { ?a a k:Negotiation } ;
INSERT { ?p k:partyTo ?a } WHERE { ?a k:party ?p ; k:inForceOn ?d OPTIONAL { ?e k:eventOf ?a ; k:eventParty ?one } FILTER(!BOUND(?one) || ?one = ?p) } ;
INSERT { ?p k:signatoryTo ?a } WHERE { ?a k:party ?p ; k:signedOn ?d FILTER NOT EXISTS { ?p k:partyTo ?a } } ;
INSERT { ?p k:adherentTo ?a } WHERE { ?a k:party ?p ; k:status status:adopted } ;
INSERT { ?p k:memberOf ?f } WHERE {
  ?n k:participant ?p ; k:framework ?f ; k:role ?r FILTER(?r IN (role:member, role:founding-member)) FILTER NOT EXISTS { ?n k:to ?to }
} ;
"""


def interim_store(workspace: Path = FIXTURE) -> Store:
    """The fixture and the product's ontology with a few derived edges."""
    store = Store()
    for folder, prefix in ((ROOT / "ontology", "ontology"), (workspace / "data", "data")):
        for file in sorted(folder.rglob("*.ttl")):
            name = file.relative_to(folder).with_suffix("").as_posix()
            graph = NamedNode(f"{GRAPH}{prefix}/{name}")
            store.load(path=str(file), format=RdfFormat.TURTLE, to_graph=graph)
    flat = Store()
    flat.extend(Quad(q.subject, q.predicate, q.object) for q in store)
    stated = set(flat)
    flat.update(INTERIM)
    for quad in set(flat) - stated:
        graph = INFERRED_GRAPH if quad.predicate.value.endswith("#type") else DERIVED_GRAPH
        store.add(Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph)))
    return store


class InProcessEngine:
    """Answers from one store, whatever the view's date."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.asked: list[View] = []

    def query(self, view: View, question: Question) -> Answer:
        start = time.perf_counter()
        bound = {Variable(k): v for k, v in question.bindings.items()}
        try:
            result = self.store.query(question.text, use_default_graph_as_union=True, substitutions=bound)
        except SyntaxError as error:
            raise QuerySyntaxError(str(error)) from error
        if isinstance(result, (QuerySolutions, QueryBoolean)):
            kind = "boolean" if isinstance(result, QueryBoolean) else "solutions"
            if question.media_type not in RESULT_FORMATS:
                raise UnsupportedFormatError(question.media_type, kind)
            body = result.serialize(format=RESULT_FORMATS[question.media_type])
        else:
            kind = "graph"
            if question.media_type not in GRAPH_FORMATS:
                raise UnsupportedFormatError(question.media_type, kind)
            out = BytesIO()
            serialize(list(result), out, GRAPH_FORMATS[question.media_type])
            body = out.getvalue()
        return Answer(kind, question.media_type, body or b"", None, False, time.perf_counter() - start)

    def select(self, view: View, text: str, bindings: Mapping[str, Term] | None = None) -> list[Row]:
        self.asked.append(view)
        bound = {Variable(k): v for k, v in (bindings or {}).items()}
        result = self.store.query(text, use_default_graph_as_union=True, substitutions=bound)
        assert isinstance(result, QuerySolutions)
        names = [v.value for v in result.variables]
        return [{n: s[n] for n in names if s[n] is not None} for s in result]

    def ask(self, view: View, text: str, bindings: Mapping[str, Term] | None = None) -> bool:
        bound = {Variable(k): v for k, v in (bindings or {}).items()}
        return bool(self.store.query(text, use_default_graph_as_union=True, substitutions=bound))

    def today(self) -> View:
        return View(TODAY)

    def revision(self, view: View) -> str:
        return json.dumps([0, view.as_of.isoformat(), list(view.scenario)])

    def running(self) -> list[RunningQuery]:
        return []

    def cancel(self, query_id: str, owner: str | None = None) -> bool:
        return False

    def state(self) -> EngineState:
        return EngineState(True, 0, len(self.store), 0, 0, 0, 0)

    def close(self) -> None:
        return None
