"""Every computed fact has a sound proof down to what is stated, and can be told in both languages."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Store

from kizuna.views.build import build_view
from kizuna.views.proof import Fact, Proof
from kizuna.views.supports import hitting_sets, minimal, removals, supports
from kizuna.views.terms import DERIVED, INFERRED, TYPE
from kizuna.views.why import Explainer, explainer_of
from kizuna.views.why_not import why_not
from kizuna.views.words import Speaker, sentences
from kizuna.workspace.load import load_store
from tests.views.facts import TODAY, agreement, holds, iri, stated, view

ROOT = Path(__file__).resolve().parents[2]


@lru_cache(maxsize=1)
def fixture() -> tuple[Store, Explainer]:
    store = view()
    return store, explainer_of(store)


def computed(store: Store) -> list[Fact]:
    return [
        Fact(quad.subject, quad.predicate, quad.object)
        for graph in (DERIVED, INFERRED)
        for quad in store.quads_for_pattern(None, None, None, graph)
    ]


def fact(subject: str, predicate: str, object_: str) -> Fact:
    return Fact(iri(subject), TYPE if predicate == "a" else iri(predicate), iri(object_))


def proven(explainer: Explainer, wanted: Fact) -> Proof:
    proof = explainer.explain(wanted)
    assert proof is not None, wanted
    return proof


def test_every_computed_fact_of_the_fixture_has_a_sound_proof() -> None:
    store, explainer = fixture()
    for wanted in computed(store):
        proof = proven(explainer, wanted)
        assert explainer.faults(proof) == ()
        assert all(explainer.stated_in(leaf) for leaf in proof.leaves())


@pytest.mark.slow
def test_every_computed_fact_of_the_default_view_has_a_sound_proof() -> None:
    store = load_store(ROOT).store
    build_view(store, TODAY)
    explainer = explainer_of(store)
    unexplained = [wanted for wanted in computed(store) if explainer.explain(wanted) is None]
    assert unexplained == []
    for wanted in computed(store)[::20]:
        assert explainer.faults(proven(explainer, wanted)) == ()


def test_a_proof_never_rests_on_what_it_proves() -> None:
    store, explainer = fixture()

    def above(proof: Proof, seen: frozenset[Fact]) -> None:
        assert proof.fact not in seen
        for premise in proof.premises:
            assert premise.height < proof.height
            above(premise, seen | {proof.fact})

    for wanted in computed(store):
        above(proven(explainer, wanted), frozenset())


def test_what_the_view_does_not_hold_has_no_proof() -> None:
    _, explainer = fixture()
    assert explainer.explain(fact("state/BBB", "k:partyTo", "agreement/pact")) is None


def test_a_forged_proof_is_found_out() -> None:
    _, explainer = fixture()
    proof = proven(explainer, fact("agreement/access", "k:hasParty", "state/BBB"))
    other = fact("agreement/pact", "k:hasParty", "state/BBB")
    assert explainer.faults(replace(proof, fact=other))
    assert explainer.faults(replace(proof, premises=()))
    assert explainer.faults(replace(proof, rule="prp-trp/none"))
    leaf = Proof(other, "stated", ())
    assert explainer.faults(leaf)
    derived = proof.premises[0]
    assert derived.kind == "derived"
    assert explainer.faults(replace(derived, values=(*derived.values[:-1], ("event", iri("event/none")))))
    assert explainer.faults(replace(derived, premises=derived.premises[1:]))
    assert explainer.faults(replace(derived, rule="no-such-rule"))


def test_a_derived_step_says_what_must_be_absent() -> None:
    _, explainer = fixture()
    proof = proven(explainer, fact("state/AAA", "k:memberOf", "framework/club"))
    assert proof.rule == "takes-part"
    participation = str(iri("participation/club-aaa-founding-member-2001"))
    assert any((participation, str(iri("k:to")), "?end") in absence.patterns for absence in proof.absences)


def test_a_thing_that_is_named_twice_is_explained_through_its_other_name() -> None:
    store = view("state:AAA a k:State . state:AAA owl:sameAs state:OLD . state:OLD k:partOf state:XXX .")
    wanted = fact("state/AAA", "k:partOf", "state/XXX")
    explainer = explainer_of(store)
    proof = proven(explainer, wanted)
    assert explainer.faults(proof) == ()
    assert fact("state/OLD", "k:partOf", "state/XXX") in proof.leaves()


# Words ---------------------------------------------------------------------------------------------------


def test_a_proof_is_told_in_both_languages_with_dates_as_far_as_they_are_known() -> None:
    _, explainer = fixture()
    proof = proven(explainer, fact("state/BBB", "k:partyTo", "agreement/access"))
    english, japanese = (sentences(explainer, proof, language) for language in ("en", "ja"))
    assert english[-1].because == (
        "Access Agreement has been in force for Beland since 2013 (entered into force 2013);"
        " no end and no suspension by this date."
    )
    assert "2013年から" in japanese[-1].because
    assert "2013-01-01" not in english[-1].because
    assert english[-1].rule == "In force for a party"
    assert [sentence.number for sentence in english] == list(range(1, len(english) + 1))
    assert all(number < sentence.number for sentence in english for number in sentence.rests_on)


def test_every_sentence_of_the_fixture_is_complete() -> None:
    store, explainer = fixture()
    for wanted in computed(store)[::7]:
        proof = proven(explainer, wanted)
        for language in ("ja", "en"):
            for sentence in sentences(explainer, proof, language):  # type: ignore[arg-type]
                assert sentence.text
                assert sentence.because
                assert "{" not in sentence.because


def test_what_is_stated_names_its_source_or_its_debt() -> None:
    sourced = (
        "framework:club a k:Minilateral . state:AAA a k:State ."
        "<https://w3id.org/kizuna/id/participation/x> a k:Participation ; k:participant state:AAA ;"
        " k:framework framework:club ; k:role role:member ; k:evidence <https://w3id.org/kizuna/id/evidence/e> ."
        "<https://w3id.org/kizuna/id/evidence/e> k:source <https://w3id.org/kizuna/id/source/s> ;"
        ' k:checked "2026-11-01"^^xsd:date ; k:confidence confidence:high .'
        '<https://w3id.org/kizuna/id/source/s> dcterms:title "Members"@en ; k:address <https://example.org/m> .'
    )
    explainer = explainer_of(view(sourced))
    proof = proven(explainer, fact("state/AAA", "k:memberOf", "framework/club"))
    told = sentences(explainer, proof, "en")
    (backing,) = next(s for s in told if s.fact.predicate == iri("k:participant")).backing
    assert backing.title == "Members"
    assert backing.address == "https://example.org/m"
    assert backing.checked == "2026-11-01"
    store, _ = fixture()
    speaker = Speaker(explainer_of(store).select, "en")
    event = fact("event/framework-club-founded-2001", "k:eventOf", "framework/club")
    (debt,) = speaker.backing(event)
    assert debt.source is None


# What a fact stands on -------------------------------------------------------------------------------------


def test_two_memberships_of_one_thing_must_both_go() -> None:
    both = agreement("a", "treaty", "state/AAA state/BBB", "in-force 2010") + agreement(
        "b", "memorandum", "state/AAA state/BBB", "signed 2011"
    )
    store = view("state:AAA a k:State . state:BBB a k:State .\n" + both)
    explainer = explainer_of(store)
    wanted = fact("state/AAA", "k:hasAgreementWith", "state/BBB")
    found = supports(explainer, wanted)
    assert found.complete
    assert len(found.sets) == 2
    gone = removals(explainer, wanted)
    assert gone.complete
    assert frozenset({iri("agreement/a"), iri("agreement/b")}) in gone.sets
    assert all(len(choice) == 2 for choice in gone.sets)


def test_taking_a_removal_away_takes_the_fact_away_and_nothing_less_does() -> None:
    wanted = fact("state/AAA", "k:cooperatesIn", "domain/security")
    store, explainer = fixture()
    assert holds(store, "state/AAA", "k:cooperatesIn", "domain/security")
    gone = removals(explainer, wanted)
    assert gone.complete
    assert gone.sets
    for choice in gone.sets[:6]:
        assert not explainer_of(_without(choice)).graphs(wanted)
        for kept in choice:
            assert explainer_of(_without(choice - {kept})).graphs(wanted)


def _without(records: frozenset[object]) -> Store:
    store = stated()
    for record in records:
        assert isinstance(record, NamedNode)
        for quad in list(store.quads_for_pattern(record, None, None, None)):
            store.remove(quad)
    build_view(store, TODAY)
    return store


def test_smallest_sets_contain_no_other() -> None:
    assert minimal([frozenset("ab"), frozenset("a"), frozenset("bc"), frozenset("a")]) == [
        frozenset("a"),
        frozenset("bc"),
    ]
    assert set(hitting_sets([frozenset("ab"), frozenset("bc")])) == {frozenset("b"), frozenset("ac")}


# Why not -----------------------------------------------------------------------------------------------------


def test_why_not_says_which_conditions_hold_and_which_do_not() -> None:
    """A full set of security agreements is defined by conditions; here two of them are missing."""
    parties = "state/JPN state/BBB"
    facts = (
        "state:JPN a k:State . state:BBB a k:State .\n"
        + agreement("raa", "treaty", parties, "in-force 2020", more="a k:ReciprocalAccessAgreement ;")
        + agreement("isa", "treaty", parties, "signed 2020", more="a k:InformationSecurityAgreement ;")
        + agreement(
            "acsa", "treaty", parties, "in-force 2021", more="a k:AcquisitionAndCrossServicingAgreement ;"
        )
    )
    explainer = explainer_of(view(facts))
    answer = why_not(explainer, iri("k:FullSecuritySetPartner"), iri("state/BBB"))
    assert not answer.member
    best = answer.ways[0]
    assert best.lacking == 2
    missing = {str(condition.missing.object) for condition in best.conditions if condition.missing}
    assert str(iri("k:JapanInformationSecurityAgreement")) in missing
    met = [condition for condition in best.conditions if condition.holds]
    assert met
    assert all(condition.facts for condition in met)


def test_why_not_follows_a_condition_that_is_itself_defined() -> None:
    explainer = explainer_of(view("state:BBB a k:State ."))
    answer = why_not(explainer, iri("k:FullSecuritySetPartner"), iri("state/BBB"))
    details = [c.detail for c in answer.ways[0].conditions if c.detail is not None]
    assert [detail.class_ for detail in details] == [iri("k:JapanAccessPartner")]


def test_a_class_without_definition_has_no_ways() -> None:
    _, explainer = fixture()
    assert why_not(explainer, iri("k:State"), iri("framework/club")).ways == ()
