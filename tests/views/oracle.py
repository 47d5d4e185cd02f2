"""The reference reasoner (owlrl) and a naive fixpoint, to hold the compiled rules against."""

from __future__ import annotations

import warnings

import owlrl
from pyoxigraph import RdfFormat, Store
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, XSD

from kizuna.views.rl.model import Pattern, Rule, Var
from kizuna.views.terms import INFERRED

Triple = tuple[str, str, str]
_BUILT_IN = tuple(str(namespace) for namespace in (OWL, RDF, RDFS, XSD))
_TRIVIAL = {
    (RDF.type, OWL.Thing),
    (RDF.type, RDFS.Resource),
    (RDFS.subClassOf, OWL.Thing),
    (RDFS.domain, OWL.Thing),
    (RDFS.range, OWL.Thing),
}
_REFLEXIVE = {
    OWL.sameAs,
    OWL.equivalentClass,
    OWL.equivalentProperty,
    RDFS.subClassOf,
    RDFS.subPropertyOf,
}


def by_owlrl(store: Store) -> set[Triple]:
    """What owlrl adds to the union of a store's graphs, without its noise."""
    graph = Graph()
    graph.parse(data=union_of(store), format="nt")
    before = {comparable(s, p, o) for s, p, o in graph}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return {comparable(s, p, o) for s, p, o in graph if not noise(s, p, o)} - before


def noise(s: object, p: object, o: object) -> bool:
    """Triples that say nothing about a thing: literal subjects, blank nodes, axiomatic and reflexive ones."""
    if not isinstance(s, URIRef) or not isinstance(o, URIRef | Literal):
        return True
    if str(s).startswith(_BUILT_IN) or (s == o and p in _REFLEXIVE) or (p, o) in _TRIVIAL:
        return True
    # Declarations (x a owl:Class, a rdf:Property …) and datatype bookkeeping of the reasoner.
    return p == RDF.type and str(o).startswith(_BUILT_IN)


def inferred(store: Store) -> set[Triple]:
    """What our closure put into the inferred graph."""
    text = store.dump(format=RdfFormat.N_TRIPLES, from_graph=INFERRED)
    assert text is not None
    graph = Graph().parse(data=text.decode(), format="nt")
    return {comparable(s, p, o) for s, p, o in graph}


def comparable(s: object, p: object, o: object) -> Triple:
    """Comparable text: literals by value, since owlrl re-spells some."""
    if isinstance(o, Literal):
        return str(s), str(p), f"{o.toPython()!r}@{o.language}"
    return str(s), str(p), str(o)


def union_of(store: Store) -> str:
    """The union of a store's graphs as N-Triples."""
    lines = {f"{quad.subject} {quad.predicate} {quad.object} ." for quad in store}
    return "\n".join(lines)


def naive(rules: tuple[Rule, ...], facts: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """All rules over all facts until nothing changes: slow, and plain enough to be believed."""
    known = set(facts)
    while True:
        new = {
            fact
            for rule in rules
            if rule.head is not None
            for values in _solutions(rule, known)
            for fact in [_instance(rule.head, values)]
        } - known
        if not new:
            return known - facts
        known |= new


def _solutions(rule: Rule, facts: set[tuple[str, str, str]]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = [{}]
    for pattern in rule.body:
        found = [
            merged
            for values in found
            for fact in facts
            if fact[1] == str(pattern.predicate)
            for merged in [_match(pattern, fact, values)]
            if merged is not None
        ]
    if rule.distinct:
        a, b = rule.distinct
        found = [values for values in found if values[a] != values[b]]
    return found


def _match(pattern: Pattern, fact: tuple[str, str, str], values: dict[str, str]) -> dict[str, str] | None:
    merged = dict(values)
    for slot, term in ((pattern.subject, fact[0]), (pattern.object, fact[2])):
        if isinstance(slot, Var):
            if merged.setdefault(slot.name, term) != term:
                return None
        elif str(slot) != term:
            return None
    return merged


def _instance(pattern: Pattern, values: dict[str, str]) -> tuple[str, str, str]:
    subject, object_ = (
        values[slot.name] if isinstance(slot, Var) else str(slot)
        for slot in (pattern.subject, pattern.object)
    )
    return subject, str(pattern.predicate), object_
