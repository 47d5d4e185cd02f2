"""What follows from the axioms: each family of them is exercised, with the reference reasoner, on tiny graphs."""

from __future__ import annotations

import re

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef

from .support import ID, K, closure, contradictions, file, thing

EX = "https://example.org/"
JPN, AUS, GBR, USA, FRA, FIN, CHE = (
    thing(f"state/{code}") for code in ("JPN", "AUS", "GBR", "USA", "FRA", "FIN", "CHE")
)

FACTS = """
state:JPN a k:State ; skos:prefLabel "日本"@ja , "Japan"@en ; k:officialName "日本国"@ja ;
    k:partyTo :raa , :acsa , :isa , :detta , :defence-treaty , :sofa , :un-treaty , :un-sofa , :acsa-fr ;
    k:memberOf framework:quad ; k:partnerOf framework:nato ; k:adherentTo :declaration .
state:AUS a k:State ; k:partyTo :raa , :acsa , :isa , :detta ; k:hasAgreementWith state:JPN ; k:memberOf framework:quad .
state:USA a k:State ; k:partyTo :defence-treaty , :sofa ; k:hasAgreementWith state:JPN .
state:FRA a k:State ; k:partyTo :acsa-fr ; k:signatoryTo :raa-fr ; k:hasAgreementWith state:JPN .
state:CHE a k:State ; k:partyTo :un-treaty , :un-sofa ; k:hasAgreementWith state:JPN ; k:partnerOf framework:nato .
state:FIN a k:State ; k:memberOf framework:nato .
state:GBR a k:State ; k:partyTo agreement:cptpp .
state:UKR a k:State ; k:applicantTo framework:cptpp .
:raa a k:ReciprocalAccessAgreement , k:BilateralAgreement .
:raa-fr a k:ReciprocalAccessAgreement .
:acsa a k:AcquisitionAndCrossServicingAgreement .
:acsa-fr a k:AcquisitionAndCrossServicingAgreement .
:isa a k:InformationSecurityAgreement .
:detta a k:DefenceEquipmentTransferAgreement .
:defence-treaty a k:MutualDefenceTreaty ; k:replaces :old-treaty .
:sofa a k:StatusOfForcesAgreement , k:BilateralAgreement .
:un-sofa a k:StatusOfForcesAgreement .
:un-treaty a k:MultilateralTreaty .
:declaration a k:SecurityDeclaration ; k:domain domain:missile-defence .
framework:nato a k:TreatyOrganisation ; k:domain domain:lng .
framework:quad a k:Minilateral ; k:succeeds :quad-of-2007 ; k:partOf :larger .
:old-treaty a k:MutualDefenceTreaty .
:nato-fin a k:Participation ; k:participant state:FIN ; k:framework framework:nato .
:signing a k:LifeCycleEvent ; k:eventOf :raa .
:gift a k:SecurityAssistance ; k:provider state:JPN ; k:recipient state:PHL .
:jica a k:PublicBody .
"""


@pytest.fixture(scope="module")
def closed() -> Graph:
    return closure(FACTS)


def ex(name: str) -> URIRef:
    return URIRef(EX + name)


def domains_of(graph: Graph, actor: URIRef) -> set[str]:
    return {str(domain).removeprefix(ID + "domain/") for domain in graph.objects(actor, K.cooperatesIn)}


def instances(graph: Graph, name: str) -> set[str]:
    return {str(node).rsplit("/", 1)[1] for node in graph.subjects(RDF.type, K[name])}


def test_subclasses_put_a_thing_in_every_wider_class(closed: Graph) -> None:
    assert {K.SecurityAgreement, K.Agreement} <= set(closed.objects(ex("raa"), RDF.type))
    nato = set(closed.objects(thing("framework/nato"), RDF.type))
    assert {K.Framework, K.InternationalOrganisation, K.Organisation, K.Actor} <= nato
    assert URIRef("http://www.w3.org/ns/org#Organization") in set(closed.objects(ex("jica"), RDF.type))


def test_a_preferred_name_is_a_label_and_an_alias_is_not(closed: Graph) -> None:
    assert set(closed.objects(JPN, RDFS.label)) == {Literal("日本", lang="ja"), Literal("Japan", lang="en")}
    assert Literal("日本国", lang="ja") in set(closed.objects(JPN, SKOS.altLabel))


@pytest.mark.parametrize(
    ("subject", "predicate", "value"),
    [
        (thing("framework/nato"), K.hasMember, FIN),
        (ex("raa"), K.hasParty, AUS),
        (ex("raa"), K.hasEvent, ex("signing")),
        (FIN, K.hasParticipation, ex("nato-fin")),
        (ex("old-treaty"), K.replacedBy, ex("defence-treaty")),
        (ex("quad-of-2007"), K.succeededBy, thing("framework/quad")),
        (thing("domain/energy"), SKOS.narrower, thing("domain/lng")),
    ],
)
def test_inverses_can_be_read_from_the_other_end(
    closed: Graph, subject: URIRef, predicate: URIRef, value: URIRef
) -> None:
    assert (subject, predicate, value) in closed


def test_subproperties_widen_a_relation(closed: Graph) -> None:
    assert (FIN, K.takesPartIn, thing("framework/nato")) in closed
    assert (ex("gift"), K.involves, thing("state/PHL")) in closed
    assert (thing("framework/quad"), DCTERMS.isPartOf, ex("larger")) in closed
    assert (ex("defence-treaty"), DCTERMS.replaces, ex("old-treaty")) in closed


def test_a_kind_of_agreement_implies_its_domain(closed: Graph) -> None:
    assert (ex("raa"), K.domain, thing("domain/training-and-access")) in closed
    assert (ex("acsa"), K.domain, thing("domain/logistics")) in closed
    assert list(closed.objects(ex("un-treaty"), K.domain)) == []


def test_cooperation_follows_from_what_is_in_force_and_climbs_the_tree(closed: Graph) -> None:
    assert {"training-and-access", "logistics", "defence-equipment", "security"} <= domains_of(closed, AUS)


def test_cooperation_follows_from_a_standing_declaration_and_from_membership(closed: Graph) -> None:
    assert {"missile-defence", "security"} <= domains_of(closed, JPN)
    assert {"lng", "energy", "economic-security"} <= domains_of(closed, FIN)


def test_what_is_only_signed_or_a_mere_partnership_is_no_cooperation(closed: Graph) -> None:
    assert "training-and-access" not in domains_of(closed, FRA)
    assert "logistics" not in domains_of(closed, CHE)
    assert "lng" not in domains_of(closed, CHE)


def test_an_agreement_between_two_holds_both_ways(closed: Graph) -> None:
    assert (JPN, K.hasAgreementWith, AUS) in closed


def test_domains_and_ranges_say_what_stands_at_the_ends(closed: Graph) -> None:
    assert (thing("state/PHL"), RDF.type, K.Actor) in closed
    assert (ex("quad-of-2007"), RDF.type, K.Framework) in closed


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NatoAlly", {"FIN"}),
        ("NatoPartner", {"JPN", "CHE"}),
        ("QuadMember", {"JPN", "AUS"}),
        ("CptppParty", {"GBR"}),
        ("CptppApplicant", {"UKR"}),
        ("JapanAccessAgreement", {"raa", "sofa"}),
        ("JapanLogisticsAgreement", {"acsa", "acsa-fr"}),
        ("JapanInformationSecurityAgreement", {"isa"}),
        ("JapanEquipmentTransferAgreement", {"detta"}),
        ("JapanDefenceTreaty", {"defence-treaty"}),
        ("JapanTreatyAlly", {"USA"}),
        ("JapanAccessPartner", {"AUS", "USA"}),
        ("FullSecuritySetPartner", {"AUS"}),
        ("G7Member", set()),
        ("EuMemberState", set()),
        ("AseanMemberState", set()),
    ],
)
def test_defined_classes_gather_exactly_who_meets_them(closed: Graph, name: str, expected: set[str]) -> None:
    assert instances(closed, name) == expected


@pytest.mark.parametrize(
    ("name", "framework"), [("G7Member", "g7"), ("EuMemberState", "eu"), ("AseanMemberState", "asean")]
)
def test_members_who_are_no_state_stay_out(name: str, framework: str) -> None:
    graph = closure(
        f"state:X a k:State ; k:memberOf framework:{framework} ."
        f"framework:other a k:TreatyOrganisation ; k:memberOf framework:{framework} ."
    )
    assert instances(graph, name) == {"X"}


def test_a_status_of_forces_agreement_of_many_makes_nobody_an_access_partner(closed: Graph) -> None:
    assert (CHE, K.partyTo, ex("un-sofa")) in closed
    assert "CHE" not in instances(closed, "JapanAccessPartner")


def test_a_reciprocal_access_agreement_is_not_a_status_of_forces_agreement(closed: Graph) -> None:
    assert "raa" not in instances(closed, "StatusOfForcesAgreement")
    assert "sofa" not in instances(closed, "ReciprocalAccessAgreement")


def test_sound_facts_are_consistent(closed: Graph) -> None:
    error = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
    assert list(closed.objects(None, error)) == []


CONTRADICTIONS = {
    "a state is no economy": ":c1 a k:State , k:Economy .",
    "a company is no public body": ":c2 a k:Company , k:PublicBody .",
    "RAA is no SOFA": ":c3 a k:ReciprocalAccessAgreement , k:StatusOfForcesAgreement .",
    "OSA is no ODA": ":c4 a k:OfficialSecurityAssistanceNote , k:DevelopmentAssistanceNote .",
    "a private arrangement is no treaty": ":c5 a k:InvestmentTreaty , k:PrivateSectorArrangement .",
    "a framework is no agreement": ":c6 a k:TradeFramework , k:MultilateralTreaty .",
    "an event is no activity": ":c7 k:eventOf :y ; a k:Activity .",
    "in force excludes merely signed": ":c8 k:partyTo :y ; k:signatoryTo :y .",
    "nothing replaces itself": ":c9 k:replaces :c9 .",
    "two things are not part of each other": ":c10 k:partOf :y . :y k:partOf :c10 .",
    "nobody agrees with oneself": ":c11 k:hasAgreementWith :c11 .",
    "a domain has no members": ":x k:memberOf :c12 . :c12 a k:Domain .",
}


@pytest.fixture(scope="module")
def complaints() -> list[str]:
    return contradictions("\n".join(CONTRADICTIONS.values()))


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradictions_are_found(complaints: list[str], name: str) -> None:
    number = list(CONTRADICTIONS).index(name) + 1
    assert any(re.search(rf"{EX}c{number}\b", complaint) for complaint in complaints)


def test_two_participants_in_one_participation_are_taken_for_one() -> None:
    graph = closure(":p k:participant :a , :b .")
    assert (ex("a"), OWL.sameAs, ex("b")) in graph


def test_at_least_six_defined_classes_exist() -> None:
    graph = file("kizuna")
    defined = {left for left in graph.subjects(OWL.equivalentClass) if isinstance(left, URIRef)} | {
        right
        for left, right in graph.subject_objects(RDFS.subClassOf)
        if not isinstance(left, URIRef) and isinstance(right, URIRef)
    }
    assert len(defined) >= 6
