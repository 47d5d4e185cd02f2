"""The ontology as graphs, and its closure by the reference reasoner, for the tests beside this file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import owlrl
from rdflib import RDFS, SKOS, Graph, Namespace, URIRef
from rdflib.term import Node

ONTOLOGY = Path(__file__).parents[2] / "ontology"
K = Namespace("https://w3id.org/kizuna/ns#")
ID = "https://w3id.org/kizuna/id/"
PREFIXES = f"""
@prefix k: <{K}> .
@prefix skos: <{SKOS}> .
@prefix state: <{ID}state/> .
@prefix framework: <{ID}framework/> .
@prefix agreement: <{ID}agreement/> .
@prefix domain: <{ID}domain/> .
@prefix : <https://example.org/> .
"""
_SAID = (RDFS.label, SKOS.definition, SKOS.example, RDFS.isDefinedBy, SKOS.closeMatch)
_ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")


@cache
def file(name: str) -> Graph:
    """Parse one file of the ontology (do not change the graph that comes back)."""
    return Graph().parse(ONTOLOGY / f"{name}.ttl")


def thing(path: str) -> URIRef:
    """Name a thing by the path after `id/`."""
    return URIRef(ID + path)


def closure(facts: str) -> Graph:
    """Close the ontology (without its texts) and some facts under OWL 2 RL, by owlrl."""
    graph = Graph()
    graph += file("kizuna")
    graph += file("domains")
    for predicate in _SAID:
        graph.remove((None, predicate, None))
    graph.parse(data=PREFIXES + facts, format="turtle")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return graph


def contradictions(facts: str) -> list[str]:
    """Return what the reasoner says is inconsistent."""
    return [str(message) for message in closure(facts).objects(None, _ERROR)]


def members(graph: Graph, head: Node) -> list[Node]:
    """Read an RDF list."""
    return list(graph.items(head))
