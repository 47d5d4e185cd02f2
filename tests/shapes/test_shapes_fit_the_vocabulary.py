"""The shapes speak of the vocabulary as it is: kinds, properties and lists that exist, and all of them."""

from __future__ import annotations

import pytest
from rdflib import OWL, RDF, RDFS, SH, Graph, Namespace, URIRef
from rdflib.collection import Collection

from .support import REPOSITORY

K = Namespace("https://w3id.org/kizuna/ns#")
KS = Namespace("https://w3id.org/kizuna/shapes#")
DERIVED_CLASSES = {K.BilateralAgreement}


@pytest.fixture(scope="module")
def vocabulary() -> Graph:
    graph = Graph()
    for name in ("kizuna", "lists", "domains"):
        graph.parse(REPOSITORY / f"ontology/{name}.ttl")
    return graph


@pytest.fixture(scope="module")
def shapes() -> Graph:
    graph = Graph()
    for path in sorted((REPOSITORY / "shapes").glob("*.ttl")):
        graph.parse(path)
    return graph


def kinds_in(shapes: Graph, constraint: str) -> set[URIRef]:
    inner = shapes.value(KS[constraint], SH.qualifiedValueShape)
    assert inner is not None
    head = shapes.value(inner, SH["in"])
    assert head is not None
    return {kind for kind in Collection(shapes, head) if isinstance(kind, URIRef)}


def defined_classes(vocabulary: Graph) -> set[URIRef]:
    left = {node for node in vocabulary.subjects(OWL.equivalentClass) if isinstance(node, URIRef)}
    right = {
        node
        for sub, node in vocabulary.subject_objects(RDFS.subClassOf)
        if not isinstance(sub, URIRef) and isinstance(node, URIRef)
    }
    return left | right


@pytest.mark.parametrize(
    ("constraint", "base", "groups"),
    [
        ("framework-kind-required", "Framework", set()),
        (
            "agreement-kind-required",
            "Agreement",
            {
                "SecurityAgreement",
                "EconomicAgreement",
                "LegalAgreement",
                "ScienceAgreement",
                "PoliticalDeclaration",
            },
        ),
        ("activity-kind-required", "Activity", set()),
        ("instrument-kind-required", "PolicyInstrument", set()),
    ],
)
def test_every_kind_of_the_vocabulary_can_be_chosen(
    vocabulary: Graph, shapes: Graph, constraint: str, base: str, groups: set[str]
) -> None:
    wider = {K[base], *(K[name] for name in groups)}
    below = vocabulary.transitive_subjects(RDFS.subClassOf, K[base])
    other = wider | DERIVED_CLASSES | defined_classes(vocabulary)
    kinds = {kind for kind in below if isinstance(kind, URIRef)} - other
    assert kinds_in(shapes, constraint) == kinds
    assert kinds_in(shapes, constraint.replace("required", "one")) == kinds


def test_shapes_name_only_terms_that_exist(vocabulary: Graph, shapes: Graph) -> None:
    ours = "https://w3id.org/kizuna/"
    for term in {term for triple in shapes for term in triple if isinstance(term, URIRef)}:
        if str(term).startswith((str(K), ours + "id/")):
            assert (term, RDF.type, None) in vocabulary, term


def test_a_shape_that_is_mentioned_exists(shapes: Graph) -> None:
    for term in {term for triple in shapes for term in triple if isinstance(term, URIRef) and term in KS}:
        assert (term, RDF.type, None) in shapes, term


def test_every_edited_class_has_a_shape(vocabulary: Graph, shapes: Graph) -> None:
    aimed = set(shapes.objects(None, SH.targetClass))
    defined = defined_classes(vocabulary) | DERIVED_CLASSES | {K.Accession}
    for cls in vocabulary.subjects(RDF.type, OWL.Class):
        if isinstance(cls, URIRef) and cls in K and cls not in defined:
            assert set(vocabulary.transitive_objects(cls, RDFS.subClassOf)) & aimed, cls


def test_what_is_derived_or_inferred_may_not_be_stated(vocabulary: Graph, shapes: Graph) -> None:
    refused = set(shapes.objects(KS["derived-not-stated"], SH.targetSubjectsOf))
    ties = set(vocabulary.transitive_subjects(RDFS.subPropertyOf, K.takesPartIn))
    assert ties <= refused
    assert {K.partyTo, K.signatoryTo, K.status, K.inForceOn, K.cooperatesIn, K.hasMember} <= refused


def test_every_property_of_facts_is_known_to_a_closed_shape(vocabulary: Graph, shapes: Graph) -> None:
    known: set[object] = set()
    for shape in shapes.subjects(SH.closed):
        head = shapes.value(shape, SH.ignoredProperties)
        assert head is not None
        known.update(Collection(shapes, head))
    for kind in (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty):
        for prop in vocabulary.subjects(RDF.type, kind):
            if prop != K.givesRise and str(prop).startswith(str(K)):
                assert prop in known, prop


def test_nothing_in_a_shape_needs_a_slow_exists(shapes: Graph) -> None:
    """(NOT) EXISTS over joined patterns is quadratic in the index; OPTIONAL with !BOUND is not."""
    for query in shapes.objects(None, SH.select):
        assert "EXISTS" not in str(query).upper()
