"""What contradicts the ontology is reported with the facts that clash; nothing else is."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

from kizuna.views.build import infer
from kizuna.views.consistency import inconsistencies_of
from tests.views.facts import view
from tests.views.test_rl import EX, PREFIXES

SCHEMA = """
:A a owl:Class ; owl:disjointWith :B . :B a owl:Class . :C a owl:Class . :D a owl:Class . :E a owl:Class .
:A2 rdfs:subClassOf :A .
[] a owl:AllDisjointClasses ; owl:members ( :C :D :E ) .
:f a owl:DatatypeProperty , owl:FunctionalProperty . :g a owl:ObjectProperty , owl:FunctionalProperty .
:i a owl:ObjectProperty , owl:IrreflexiveProperty , owl:TransitiveProperty .
:s a owl:ObjectProperty , owl:AsymmetricProperty .
:p a owl:ObjectProperty ; owl:propertyDisjointWith :q . :q a owl:ObjectProperty .
[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetIndividual :z .
:None rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:maxCardinality 0 ] .
:Not rdfs:subClassOf [ owl:complementOf :C ] .
"""


@pytest.mark.parametrize(
    ("facts", "name", "size"),
    [
        (":x a :A , :B .", "cax-dw", 2),
        (":x a :A2 , :B .", "cax-dw", 2),
        (":x a :C , :E .", "cax-adc", 2),
        (':x :f "1" , "2" .', "prp-fp", 2),
        (":x :g :y , :z .", "prp-fp", 2),
        (":x :i :x .", "prp-irp", 1),
        (":x :i :y . :y :i :x .", "prp-irp", 1),
        (":x :s :y . :y :s :x .", "prp-asyp", 2),
        (":x :p :y ; :q :y .", "prp-pdw", 2),
        (":x :p :z .", "prp-npa1", 1),
        (":x a :None ; :p :y .", "cls-maxc1", 2),
        (":x a :Not , :C .", "cls-com", 2),
        (":x a owl:Nothing .", "cls-nothing2", 1),
        (":x owl:sameAs :y ; owl:differentFrom :y .", "eq-diff1", 2),
    ],
)
def test_a_contradiction_is_reported_with_the_facts_that_clash(facts: str, name: str, size: int) -> None:
    found = _contradictions(facts)
    assert {each.rule.name for each in found} == {name}
    assert all(len(each.facts) == size for each in found)


@pytest.mark.parametrize(
    "facts",
    [
        ":x a :A , :C .",
        ':x :f "1" . :y :f "2" .',
        ":x :i :y .",
        ":x :s :y .",
        ":x :p :y . :y :q :x .",
        ":x :p :y .",
    ],
)
def test_what_is_consistent_is_not_reported(facts: str) -> None:
    assert _contradictions(facts) == ()


def test_the_fixture_contradicts_nothing() -> None:
    assert inconsistencies_of(view()) == ()


def test_a_thing_of_two_disjoint_kinds_is_found_in_our_ontology() -> None:
    (first, *_) = inconsistencies_of(view("state:AAA a k:State , k:Economy ."))
    assert first.rule.name in ("cax-dw", "cax-adc")
    assert {str(fact.subject) for fact in first.facts} == {"<https://w3id.org/kizuna/id/state/AAA>"}


def _contradictions(facts: str):  # type: ignore[no-untyped-def]
    store = Store()
    store.load(PREFIXES + SCHEMA + facts, format=RdfFormat.TURTLE, to_graph=NamedNode(EX + "g"))
    infer(store)
    return inconsistencies_of(store)
