"""Reads the OWL axioms of a store into plain look-ups. Reads the given store only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Store

from kizuna.views.terms import (
    DERIVED,
    DOMAIN,
    FIRST,
    INFERRED,
    NIL,
    RANGE,
    REST,
    SUB_CLASS,
    SUB_PROPERTY,
    TYPE,
    owl,
)
from kizuna.workspace.names import OWL, RDF, RDFS, XSD

Node = NamedNode | BlankNode
Value = NamedNode | BlankNode | Literal

AXIOMS = (
    SUB_CLASS,
    SUB_PROPERTY,
    DOMAIN,
    RANGE,
    FIRST,
    REST,
    *(
        owl(name)
        for name in (
            "equivalentClass",
            "equivalentProperty",
            "inverseOf",
            "propertyChainAxiom",
            "hasKey",
            "disjointWith",
            "propertyDisjointWith",
            "complementOf",
            "intersectionOf",
            "unionOf",
            "oneOf",
            "onProperty",
            "onClass",
            "someValuesFrom",
            "allValuesFrom",
            "hasValue",
            "maxCardinality",
            "maxQualifiedCardinality",
            "cardinality",
            "qualifiedCardinality",
            "minCardinality",
            "minQualifiedCardinality",
            "members",
            "disjointUnionOf",
            "sourceIndividual",
            "assertionProperty",
            "targetIndividual",
            "targetValue",
        )
    ),
)

META = tuple(
    NamedNode(iri)
    for iri in (
        *(
            OWL + name
            for name in (
                "DatatypeProperty",
                "ObjectProperty",
                "FunctionalProperty",
                "InverseFunctionalProperty",
                "SymmetricProperty",
                "AsymmetricProperty",
                "TransitiveProperty",
                "IrreflexiveProperty",
                "AllDisjointClasses",
                "AllDisjointProperties",
            )
        ),
        RDFS + "Datatype",
    )
)

_COMPUTED = (DERIVED, INFERRED)

_DATATYPES = frozenset(
    {
        RDFS + "Literal",
        RDF + "langString",
        RDF + "PlainLiteral",
        RDF + "XMLLiteral",
        RDF + "HTML",
        RDF + "JSON",
    }
)


AXIOMS_QUERY: Final = (
    "SELECT ?s ?p ?o WHERE { "
    f"{{ VALUES ?p {{ {' '.join(map(str, AXIOMS))} }} GRAPH ?g {{ ?s ?p ?o }} }} UNION "
    f"{{ VALUES ?o {{ {' '.join(map(str, META))} }} GRAPH ?g {{ ?s {TYPE} ?o }} BIND({TYPE} AS ?p) }} "
    f"FILTER(?g NOT IN ({DERIVED}, {INFERRED})) }}"
)
"""A SELECT of all that `Schema` reads, for a view in another process."""


class Schema:
    """The axioms that a store states in any of its graphs (computed ones apart), by predicate and by subject."""

    def __init__(self, store: Store) -> None:
        self._pairs: dict[NamedNode, list[tuple[Node, Value]]] = {}
        self._values: dict[tuple[Node, NamedNode], list[Value]] = defaultdict(list)
        for predicate in AXIOMS:
            pairs = {
                (quad.subject, quad.object)
                for quad in store.quads_for_pattern(None, predicate, None, None)
                if isinstance(quad.subject, NamedNode | BlankNode)
                and isinstance(quad.object, NamedNode | BlankNode | Literal)
                and quad.graph_name not in _COMPUTED
            }
            ordered = sorted(pairs, key=lambda pair: (str(pair[0]), str(pair[1])))
            self._pairs[predicate] = ordered
            for subject, value in ordered:
                self._values[subject, predicate].append(value)
        self._instances: dict[NamedNode, list[Node]] = {
            meta: sorted(
                {
                    quad.subject
                    for quad in store.quads_for_pattern(None, TYPE, meta, None)
                    if isinstance(quad.subject, NamedNode | BlankNode) and quad.graph_name not in _COMPUTED
                },
                key=str,
            )
            for meta in META
        }
        self._datatypes = set(self._instances[NamedNode(RDFS + "Datatype")])
        self._data_properties = set(self._instances[owl("DatatypeProperty")])

    def pairs(self, predicate: NamedNode) -> list[tuple[Node, Value]]:
        """Subject and object of each axiom with that predicate, sorted."""
        return self._pairs[predicate]

    def value(self, subject: Node, predicate: NamedNode) -> Value | None:
        """One value, or None."""
        found = self._values.get((subject, predicate))
        return found[0] if found else None

    def values(self, subject: Node, predicate: NamedNode) -> list[Value]:
        """All values, sorted."""
        return self._values.get((subject, predicate), [])

    def instances(self, meta: NamedNode) -> list[Node]:
        """Declared instances of an OWL class such as owl:TransitiveProperty, sorted."""
        return self._instances[meta]

    def named_instances(self, meta_name: str) -> Iterator[NamedNode]:
        """Declared instances that have an IRI, by the local name of an OWL class."""
        return (node for node in self._instances[owl(meta_name)] if isinstance(node, NamedNode))

    def list_of(self, head: Value | None) -> tuple[Value, ...]:
        """Members of an RDF list.

        Raises:
            ValueError: the list is broken or goes round in a circle.
        """
        members: list[Value] = []
        seen: set[Value] = set()
        while head is not None and head != NIL:
            if head in seen or isinstance(head, Literal):
                raise ValueError(f"{head} is no well-formed RDF list.")
            seen.add(head)
            first = self.value(head, FIRST)
            if first is None:
                raise ValueError(f"{head} is no well-formed RDF list: it has no rdf:first.")
            members.append(first)
            head = self.value(head, REST)
        return tuple(members)

    def is_datatype(self, node: Value) -> bool:
        """Whether a range or filler is a datatype (its members are literals)."""
        if not isinstance(node, NamedNode):
            return node in self._datatypes
        return node.value.startswith(XSD) or node.value in _DATATYPES or node in self._datatypes

    def is_data_property(self, node: Value) -> bool:
        """Whether a property is declared to have literal values."""
        return node in self._data_properties
