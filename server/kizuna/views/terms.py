"""The terms that the views' code names, as RDF terms. Pure constants; no I/O."""

from __future__ import annotations

from typing import Final

from pyoxigraph import NamedNode

from kizuna.workspace.names import DERIVED_GRAPH, GRAPH, INFERRED_GRAPH, NS, OWL, RDF, RDFS

TYPE: Final = NamedNode(RDF + "type")
FIRST: Final = NamedNode(RDF + "first")
REST: Final = NamedNode(RDF + "rest")
NIL: Final = NamedNode(RDF + "nil")
SUB_CLASS: Final = NamedNode(RDFS + "subClassOf")
SUB_PROPERTY: Final = NamedNode(RDFS + "subPropertyOf")
DOMAIN: Final = NamedNode(RDFS + "domain")
RANGE: Final = NamedNode(RDFS + "range")
LABEL: Final = NamedNode(RDFS + "label")
SAME_AS: Final = NamedNode(OWL + "sameAs")
THING: Final = NamedNode(OWL + "Thing")
NOTHING: Final = NamedNode(OWL + "Nothing")

DERIVED: Final = NamedNode(DERIVED_GRAPH)
INFERRED: Final = NamedNode(INFERRED_GRAPH)
RULES_GRAPH: Final = NamedNode(GRAPH + "ontology/rules")
RULE_TEXT: Final = NamedNode(NS + "ruleText")
"""Property that carries the text of a derivation rule in the graph `RULES_GRAPH`."""


def owl(name: str) -> NamedNode:
    """The OWL term of that name."""
    return NamedNode(OWL + name)


def ns(name: str) -> NamedNode:
    """The term of that name in the product's own vocabulary."""
    return NamedNode(NS + name)
