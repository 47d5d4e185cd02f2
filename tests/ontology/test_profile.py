"""The vocabulary stays inside OWL 2 RL, so that rules can close it.

Source: OWL 2 Web Ontology Language Profiles (Second Edition), section 4.2 (class expressions and axioms).
"""

from __future__ import annotations

from rdflib import OWL, RDF, RDFS, BNode, Graph, URIRef
from rdflib.term import Node

from .support import file, members

CLASS_KEYS = {OWL.Class, OWL.Restriction}
AXIOM_TERMS = {
    OWL.equivalentClass,
    OWL.disjointWith,
    OWL.inverseOf,
    OWL.propertyChainAxiom,
    OWL.intersectionOf,
    OWL.unionOf,
    OWL.onProperty,
    OWL.hasValue,
    OWL.someValuesFrom,
    OWL.members,
    OWL.versionInfo,
    OWL.versionIRI,
}
TYPES = {
    OWL.Ontology,
    OWL.Class,
    OWL.Restriction,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.AnnotationProperty,
    OWL.FunctionalProperty,
    OWL.SymmetricProperty,
    OWL.AsymmetricProperty,
    OWL.IrreflexiveProperty,
    OWL.AllDisjointClasses,
    OWL.AllDisjointProperties,
}


def sub_expression(graph: Graph, node: Node) -> bool:
    """Is this what RL allows on the left of SubClassOf (4.2.3, subClassExpression)?"""
    if isinstance(node, URIRef):
        return (node, RDF.type, OWL.Class) in graph and node != OWL.Thing
    if (head := graph.value(node, OWL.intersectionOf)) or (head := graph.value(node, OWL.unionOf)):
        return all(sub_expression(graph, part) for part in members(graph, head))
    if (filler := graph.value(node, OWL.someValuesFrom)) is not None:
        return sub_expression(graph, filler)
    return graph.value(node, OWL.hasValue) is not None


def super_expression(graph: Graph, node: Node) -> bool:
    """Is this what RL allows on the right of SubClassOf (superClassExpression)? We use three forms of it."""
    if isinstance(node, URIRef):
        return (node, RDF.type, OWL.Class) in graph
    if head := graph.value(node, OWL.intersectionOf):
        return all(super_expression(graph, part) for part in members(graph, head))
    return graph.value(node, OWL.hasValue) is not None


def equivalent_expression(graph: Graph, node: Node) -> bool:
    """Is this what RL allows in EquivalentClasses (equivClassExpression)?"""
    if isinstance(node, URIRef):
        return (node, RDF.type, OWL.Class) in graph
    if head := graph.value(node, OWL.intersectionOf):
        return all(equivalent_expression(graph, part) for part in members(graph, head))
    return graph.value(node, OWL.hasValue) is not None


def test_only_known_constructs_are_used() -> None:
    graph = file("kizuna")
    predicates = {predicate for predicate in graph.predicates() if str(predicate).startswith(str(OWL))}
    assert predicates - AXIOM_TERMS == set()
    assert set(graph.objects(None, RDF.type)) - TYPES == set()


def test_subclass_axioms_have_legal_sides() -> None:
    graph = file("kizuna")
    for left, right in graph.subject_objects(RDFS.subClassOf):
        assert sub_expression(graph, left), left
        assert super_expression(graph, right), (left, right)


def test_equivalences_have_legal_sides() -> None:
    graph = file("kizuna")
    for left, right in graph.subject_objects(OWL.equivalentClass):
        assert equivalent_expression(graph, left), left
        assert equivalent_expression(graph, right), (left, right)


def test_disjoint_classes_are_names() -> None:
    graph = file("kizuna")
    for axiom in graph.subjects(RDF.type, OWL.AllDisjointClasses):
        parts = members(graph, graph.value(axiom, OWL.members) or axiom)
        assert len(parts) > 2
        assert all(isinstance(part, URIRef) and sub_expression(graph, part) for part in parts)


def test_every_property_has_exactly_one_kind() -> None:
    graph = file("kizuna")
    kinds = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    used = {
        *graph.subjects(RDFS.domain),
        *graph.subjects(RDFS.range),
        *graph.subjects(RDFS.subPropertyOf),
        *graph.objects(None, OWL.onProperty),
        *graph.subjects(OWL.inverseOf),
        *graph.objects(None, OWL.inverseOf),
        *(prop for head in graph.objects(None, OWL.propertyChainAxiom) for prop in members(graph, head)),
    }
    for prop in used:
        assert sum((prop, RDF.type, kind) in graph for kind in kinds) == 1, prop


def test_characteristics_and_chains_belong_to_object_properties() -> None:
    graph = file("kizuna")
    for kind in (OWL.SymmetricProperty, OWL.AsymmetricProperty, OWL.IrreflexiveProperty):
        for prop in graph.subjects(RDF.type, kind):
            assert (prop, RDF.type, OWL.ObjectProperty) in graph, prop
    for prop in {*graph.subjects(OWL.propertyChainAxiom), *graph.subjects(OWL.inverseOf)}:
        assert (prop, RDF.type, OWL.ObjectProperty) in graph, prop


def test_blank_nodes_stand_for_class_expressions_lists_and_axioms_only() -> None:
    graph = file("kizuna")
    allowed = {OWL.Class, OWL.Restriction, OWL.AllDisjointClasses, OWL.AllDisjointProperties}
    for node in {subject for subject in graph.subjects() if isinstance(subject, BNode)}:
        kinds = set(graph.objects(node, RDF.type))
        assert (node, RDF.first, None) in graph or kinds & allowed, list(graph.predicate_objects(node))


def test_nothing_is_both_transitive_and_symmetric() -> None:
    """Such a property would tie every actor to every other and blow the closure up."""
    graph = file("kizuna")
    transitive = set(graph.subjects(RDF.type, OWL.TransitiveProperty))
    assert not transitive & set(graph.subjects(RDF.type, OWL.SymmetricProperty))
