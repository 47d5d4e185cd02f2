"""What contradicts the ontology is reported with the facts that clash; nothing else is."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

from kizuna.views.build import infer
from kizuna.views.consistency import Inconsistency, inconsistencies_of
from kizuna.views.rl.compile import compile_ontology
from kizuna.views.rl.words import Language, reason, rule_label
from tests.views.facts import view
from tests.views.test_rl import EX, PREFIXES

TOLD = """
:K a owl:Class ; owl:hasKey ( :n ) . :n a owl:DatatypeProperty . :inv a owl:ObjectProperty , owl:InverseFunctionalProperty .
[] a owl:AllDisjointProperties ; owl:members ( :u :v ) . :u a owl:ObjectProperty . :v a owl:ObjectProperty . :K2 a owl:Class .
:Few rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:maxQualifiedCardinality 0 ; owl:onClass :K2 ] .
"""
"""What the constraints need that the first tests have no use for."""
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
        (":x a :K ; :n 1 . :y a :K ; :n 1 .", "prp-key", 4),
        (":x :inv :z . :y :inv :z .", "prp-ifp", 2),
        (":x :u :y ; :v :y .", "prp-adp", 2),
        (":x a :Few ; :p :y . :y a :K2 .", "cls-maxqc1", 3),
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


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_constraint_says_what_it_demands_in_words_of_its_own(language: Language) -> None:
    names = {rule.name for rule in compile_ontology(_store("")).constraints}
    assert len(names) >= 15
    told = {name: reason(name, ("A", "B", "C"), language) for name in names}
    unsaid = reason("no rule", (), language)
    assert [name for name in names if told[name] == unsaid or "…" in told[name]] == []
    assert [name for name in names if rule_label(name, language) == name] == []


def test_the_fixture_contradicts_nothing() -> None:
    assert inconsistencies_of(view()) == ()


def test_a_thing_of_two_disjoint_kinds_is_found_in_our_ontology() -> None:
    (first, *_) = inconsistencies_of(view("state:AAA a k:State , k:Economy ."))
    assert first.rule.name in ("cax-dw", "cax-adc")
    assert {str(fact.subject) for fact in first.facts} == {"<https://w3id.org/kizuna/id/state/AAA>"}


def _store(facts: str) -> Store:
    store = Store()
    store.load(PREFIXES + SCHEMA + TOLD + facts, format=RdfFormat.TURTLE, to_graph=NamedNode(EX + "g"))
    return store


def _contradictions(facts: str) -> tuple[Inconsistency, ...]:
    store = _store(facts)
    infer(store)
    return inconsistencies_of(store)
