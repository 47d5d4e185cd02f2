"""Every term of the vocabulary and of the lists is named, defined and shown in Japanese and English."""

from __future__ import annotations

import re

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from .support import ID, ONTOLOGY, K, file

ONTOLOGY_IRI = URIRef("https://w3id.org/kizuna/ns")
JAPANESE = re.compile(r"[぀-ヿ㐀-鿿]")
LISTS = (
    "role",
    "event-kind",
    "legal-weight",
    "finance",
    "meeting-level",
    "precision",
    "verification",
    "confidence",
    "status",
    "source-kind",
    "region",
)


def terms() -> list[URIRef]:
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    found = {
        subject
        for kind in kinds
        for subject in file("kizuna").subjects(RDF.type, kind)
        if str(subject).startswith(str(K))
    }
    return sorted(subject for subject in found if isinstance(subject, URIRef))


def concepts() -> list[tuple[Graph, Node]]:
    pairs = [
        (file(name), node) for name in ("lists", "domains") for node in file(name).subjects(SKOS.inScheme)
    ]
    return sorted(set(pairs), key=lambda pair: str(pair[1]))


def languages(graph: Graph, subject: Node, predicate: URIRef) -> list[str]:
    return sorted(
        value.language or "" for value in graph.objects(subject, predicate) if isinstance(value, Literal)
    )


@pytest.mark.parametrize("predicate", [RDFS.label, SKOS.definition, SKOS.example], ids=str)
def test_every_term_speaks_both_languages(predicate: URIRef) -> None:
    graph = file("kizuna")
    assert len(terms()) > 200
    assert [term for term in terms() if languages(graph, term, predicate) != ["en", "ja"]] == []


def test_every_term_says_where_it_is_defined() -> None:
    graph = file("kizuna")
    assert [term for term in terms() if (term, RDFS.isDefinedBy, ONTOLOGY_IRI) not in graph] == []


def test_no_two_terms_of_one_kind_share_a_label() -> None:
    graph = file("kizuna")
    for kinds in ((OWL.Class,), (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)):
        labels = [
            label
            for term in terms()
            if any((term, RDF.type, kind) in graph for kind in kinds)
            for label in graph.objects(term, RDFS.label)
        ]
        assert {label for label in labels if labels.count(label) > 1} == set()


def test_text_tagged_japanese_is_japanese() -> None:
    words = re.compile(r"[A-Za-z0-9 .-]+\Z")  # a code or an acronym reads the same in both languages
    for name in ("kizuna", "lists", "domains"):
        for subject, _, value in file(name):
            if isinstance(value, Literal) and value.language == "ja":
                assert JAPANESE.search(value) or words.match(value), (subject, value)
            if isinstance(value, Literal) and value.language == "en":
                assert not JAPANESE.search(value) or "(for the" in value, (subject, value)


def test_every_word_of_a_list_is_labelled_and_defined_in_both_languages() -> None:
    assert len(concepts()) > 180
    for predicate in (SKOS.prefLabel, SKOS.definition):
        missing = [node for graph, node in concepts() if languages(graph, node, predicate) != ["en", "ja"]]
        assert missing == []


def test_every_word_stands_in_the_scheme_that_its_iri_names() -> None:
    for graph, node in concepts():
        kind, slug = str(node).removeprefix(ID).split("/")
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
        assert list(graph.objects(node, SKOS.inScheme)) == [URIRef(f"{ID}scheme/{kind}")]
        assert (URIRef(f"{ID}scheme/{kind}"), RDF.type, SKOS.ConceptScheme) in graph


def test_every_list_exists_and_labels_are_unique_inside_it() -> None:
    graph = file("lists")
    for name in LISTS:
        words = list(graph.subjects(SKOS.inScheme, URIRef(f"{ID}scheme/{name}")))
        assert words, name
        labels = [label for word in words for label in graph.objects(word, SKOS.prefLabel)]
        assert len(labels) == len(set(labels)), name


def test_a_tree_leads_to_a_top_without_going_round() -> None:
    for name in ("lists", "domains"):
        graph = file(name)
        for node in set(graph.subjects(SKOS.inScheme)):
            seen = [node]
            while (wider := graph.value(seen[-1], SKOS.broader)) is not None:
                assert wider not in seen, node
                seen.append(wider)
            assert (seen[-1], SKOS.topConceptOf, graph.value(node, SKOS.inScheme)) in graph, node


def test_every_role_gives_rise_to_a_relation_of_the_vocabulary() -> None:
    graph = file("lists")
    for role in graph.subjects(SKOS.inScheme, URIRef(f"{ID}scheme/role")):
        relation = graph.value(role, K.givesRise)
        assert (relation, RDFS.subPropertyOf, K.takesPartIn) in file("kizuna"), role


def test_regions_carry_three_digit_codes() -> None:
    graph = file("lists")
    for region in graph.subjects(SKOS.inScheme, URIRef(f"{ID}scheme/region")):
        assert re.fullmatch(r"\d{3}", str(graph.value(region, SKOS.notation)))


def test_the_header_names_version_licence_and_title() -> None:
    graph = file("kizuna")
    assert (ONTOLOGY_IRI, RDF.type, OWL.Ontology) in graph
    assert graph.value(ONTOLOGY_IRI, DCTERMS.license) is not None
    assert graph.value(ONTOLOGY_IRI, OWL.versionInfo) is not None
    assert languages(graph, ONTOLOGY_IRI, DCTERMS.title) == ["en", "ja"]


def test_whatever_the_ontology_mentions_of_ours_exists() -> None:
    """Things (a state, a framework) belong to the data; words and terms must be defined here."""
    everything = Graph()
    for source in sorted(ONTOLOGY.glob("*.ttl")):
        everything.parse(source)
    things = ("state/", "framework/", "agreement/")
    for term in {term for triple in everything for term in triple if isinstance(term, URIRef)}:
        path = str(term).removeprefix(ID)
        if term in K or (path != str(term) and not path.startswith(things)):
            assert (term, None, None) in everything, term
