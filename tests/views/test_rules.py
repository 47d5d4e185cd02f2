"""The derivation rules: one behaviour of the law of treaties a test, and how a rule file is read."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from kizuna.views.backward import shape_of
from kizuna.views.build import bundled_rules
from kizuna.views.rules import RuleError, ordered, parse_rule, read_rules, rule_quads, rules_of
from tests.views.facts import TODAY, agreement, event, holds, stated, values, view

BOTH = "state/AAA state/BBB"
ACTORS = "".join(f"state:{code} a k:State .\n" for code in ("AAA", "BBB", "CCC", "DDD"))
TIES = (
    "k:partyTo",
    "k:provisionalPartyTo",
    "k:signatoryTo",
    "k:adherentTo",
    "k:formerPartyTo",
    "k:suspendedPartyTo",
)


def ties(turtle: str, actor: str = "state/AAA", as_of: date = TODAY) -> set[str]:
    """How an actor stands to the agreement x."""
    store = view(ACTORS + turtle, as_of)
    return {tie[2:] for tie in TIES if holds(store, actor, tie, "agreement/x")}


def status(turtle: str, thing: str = "agreement/x", as_of: date = TODAY) -> set[str]:
    return {value.split("/")[-1] for value in values(view(ACTORS + turtle, as_of), thing, "k:status")}


@pytest.mark.parametrize(
    ("weight", "events", "tie", "state"),
    [
        ("treaty", ["signed 2010"], {"signatoryTo"}, {"signed"}),
        ("treaty", ["signed 2010", "in-force 2011"], {"partyTo"}, {"in-force"}),
        ("treaty", ["signed 2010", "provisional 2011"], {"provisionalPartyTo"}, {"provisional"}),
        ("treaty", ["signed 2010", "provisional 2011", "in-force 2012"], {"partyTo"}, {"in-force"}),
        ("treaty", ["in-force 2011", "terminated 2015"], {"formerPartyTo"}, {"ended"}),
        ("treaty", ["in-force 2011", "expired 2015"], {"formerPartyTo"}, {"ended"}),
        ("treaty", ["signed 2010", "terminated 2015"], set(), {"ended"}),
        ("treaty", ["in-force 2011", "suspended 2014"], {"suspendedPartyTo"}, {"suspended"}),
        ("treaty", ["in-force 2011", "suspended 2014", "resumed 2015"], {"partyTo"}, {"in-force"}),
        ("treaty", ["in-force 2011", "suspended 2014", "resumed 2014"], {"partyTo"}, {"in-force"}),
        ("treaty", ["in-force 2011", "suspended 2014", "terminated 2016"], {"formerPartyTo"}, {"ended"}),
        ("treaty", ["in-force 2011", "withdrawal-notified 2014"], {"partyTo"}, {"in-force"}),
        ("treaty", ["agreed 2011"], set(), {"proposed"}),
        ("treaty", [], set(), set()),
        ("memorandum", ["signed 2010"], {"adherentTo"}, {"adopted"}),
        ("joint-statement", ["adopted 2010"], {"adherentTo"}, {"adopted"}),
        ("memorandum", ["signed 2010", "expired 2012"], {"formerPartyTo"}, {"ended"}),
        ("memorandum", ["signed 2010", "in-force 2011"], {"partyTo"}, {"in-force"}),
        ("joint-statement", ["announced 2010"], set(), {"proposed"}),
        ("exchange-of-notes", ["signed 2010"], {"partyTo"}, {"in-force"}),
        ("exchange-of-notes", ["notes-exchanged 2010", "terminated 2011"], {"formerPartyTo"}, {"ended"}),
        ("exchange-of-notes", ["signed 2010", "in-force 2012"], {"partyTo"}, {"in-force"}),
    ],
)
def test_the_life_of_an_agreement_of_two(
    weight: str, events: list[str], tie: set[str], state: set[str]
) -> None:
    turtle = agreement("x", weight, BOTH, *events)
    assert ties(turtle) == ties(turtle, "state/BBB") == tie
    assert status(turtle) == state


def test_an_actor_stands_in_one_way_to_an_agreement_at_any_time() -> None:
    turtle = agreement(
        "x", "treaty", BOTH, "signed 2010", "provisional 2011", "in-force 2012", "suspended 2013", "resumed 2014",
        "terminated 2015",
    )  # fmt: skip
    expected = [
        "signatoryTo",
        "provisionalPartyTo",
        "partyTo",
        "suspendedPartyTo",
        "partyTo",
        "formerPartyTo",
    ]
    for year, tie in zip(range(2010, 2016), expected, strict=True):
        assert ties(turtle, as_of=date(year, 12, 31)) == {tie}, year
    assert ties(turtle, as_of=date(2009, 12, 31)) == set()


def test_dates_a_party_at_a_time_count_for_that_party_alone() -> None:
    turtle = agreement(
        "x", "treaty", "state/AAA state/BBB state/CCC", "signed 2010", "in-force 2012 state/AAA",
        "in-force 2014 state/BBB", "withdrawn 2016 state/AAA",
    )  # fmt: skip
    assert ties(turtle, "state/AAA") == {"formerPartyTo"}
    assert ties(turtle, "state/BBB") == {"partyTo"}
    assert ties(turtle, "state/CCC") == {"signatoryTo"}
    assert status(turtle) == {"in-force"}


def test_an_actor_that_left_can_come_back() -> None:
    turtle = agreement(
        "x", "treaty", "state/AAA state/BBB state/CCC", "in-force 2016 state/AAA", "withdrawn 2020 state/AAA",
        "in-force 2021 state/AAA",
    )  # fmt: skip
    assert ties(turtle, as_of=date(2020, 12, 31)) == {"formerPartyTo"}
    assert ties(turtle) == {"partyTo"}


def test_a_signatory_that_withdrew_is_none_any_more() -> None:
    turtle = agreement(
        "x", "treaty", "state/AAA state/BBB state/CCC", "signed 2016", "withdrawn 2017 state/AAA"
    )
    assert ties(turtle) == set()
    assert ties(turtle, "state/BBB") == {"signatoryTo"}


def test_an_accession_counts_though_the_actor_is_not_listed_as_a_party() -> None:
    turtle = agreement("x", "treaty", BOTH, "in-force 2012 state/AAA", "in-force 2020 state/CCC")
    assert ties(turtle, "state/CCC") == {"partyTo"}


def test_withdrawal_from_an_agreement_of_two_ends_it_for_both() -> None:
    turtle = agreement("x", "treaty", BOTH, "in-force 2012", "withdrawn 2016 state/AAA")
    assert ties(turtle, "state/BBB") == {"formerPartyTo"}
    assert status(turtle) == {"ended"}


def test_a_successor_ends_what_it_replaces_when_it_begins() -> None:
    replaced = agreement("x", "treaty", BOTH, "in-force 2000")
    turtle = replaced + agreement(
        "y", "treaty", BOTH, "signed 2010", "in-force 2012", more=f"k:replaces <{_iri('agreement/x')}> ;"
    )
    assert ties(turtle, as_of=date(2011, 1, 1)) == {"partyTo"}
    assert ties(turtle) == {"formerPartyTo"}
    store = view(ACTORS + turtle)
    assert values(store, "agreement/x", "k:endedOn") == {"2012-01-01"}
    assert values(store, "agreement/y", "k:status") == {"status/in-force"}


def test_an_agreement_whose_parties_are_not_listed_has_a_status() -> None:
    assert status(agreement("x", "treaty", "", "signed 1960", "in-force 1970")) == {"in-force"}
    assert status(agreement("x", "treaty", "", "in-force 1970", "terminated 1990")) == {"ended"}


def test_overall_dates_are_the_first_and_the_last() -> None:
    turtle = agreement(
        "x", "treaty", BOTH, "signed 2010-03-01 state/AAA", "signed 2010-02 state/BBB", "in-force 2012 state/BBB",
        "in-force 2011-05 state/AAA", "withdrawn 2015 state/AAA", "withdrawn 2016-02-03 state/BBB",
    )  # fmt: skip
    store = view(ACTORS + turtle)
    assert values(store, "agreement/x", "k:signedOn") == {"2010-02-01"}
    assert values(store, "agreement/x", "k:inForceOn") == {"2011-05-01"}
    assert values(store, "agreement/x", "k:endedOn") == {"2016-02-03"}


def test_an_agreement_with_a_status_has_exactly_one() -> None:
    kinds = ("signed", "in-force", "provisional", "suspended", "resumed", "terminated", "agreed")
    for first in kinds:
        for second in kinds:
            turtle = agreement("x", "treaty", BOTH, f"{first} 2010", f"{second} 2012")
            assert len(status(turtle)) <= 1, (first, second)


def test_two_actors_are_tied_by_a_standing_agreement_of_at_most_three() -> None:
    three = agreement("x", "memorandum", "state/AAA state/BBB state/CCC", "signed 2010")
    four = agreement("y", "treaty", "state/AAA state/BBB state/CCC state/DDD", "in-force 2010")
    signed = agreement("z", "treaty", "state/AAA state/DDD", "signed 2010")
    store = view(ACTORS + three + four + signed)
    assert values(store, "state/AAA", "k:hasAgreementWith") == {"state/BBB", "state/CCC"}


def test_events_of_frameworks_make_nobody_party() -> None:
    turtle = "framework:f a k:TreatyRegime .\n" + event("framework/f", "in-force", "2010", "state/AAA")
    assert not values(view(ACTORS + turtle), "state/AAA", "k:partyTo")


@pytest.mark.parametrize(
    ("events", "state", "negotiates"),
    [
        ([("announced", "2019")], {"proposed"}, False),
        ([("applied", "2019")], {"proposed"}, False),
        ([("talks-opened", "2020")], {"negotiating"}, True),
        ([("talks-opened", "2020"), ("announced", "2021")], {"negotiating"}, True),
        ([("talks-opened", "2020"), ("talks-suspended", "2021")], {"suspended"}, False),
        (
            [("talks-opened", "2020"), ("talks-suspended", "2021"), ("talks-resumed", "2021")],
            {"negotiating"},
            True,
        ),
        ([("talks-opened", "2020"), ("agreed-in-principle", "2021")], {"negotiating"}, True),
        ([("talks-opened", "2020"), ("concluded", "2020")], {"concluded"}, False),
        ([("talks-opened", "2020"), ("talks-ended", "2022")], {"ended"}, False),
        ([], set(), False),
    ],
)
def test_the_course_of_a_negotiation(
    events: list[tuple[str, str]], state: set[str], negotiates: bool
) -> None:
    turtle = f"<{_iri('negotiation/n')}> a k:Negotiation ; k:agreementKind k:TaxTreaty ; k:party state:AAA, state:BBB .\n"
    turtle += "".join(event("negotiation/n", kind, day) for kind, day in events)
    assert status(turtle, "negotiation/n") == state
    assert bool(values(view(ACTORS + turtle), "state/AAA", "k:negotiatesIn")) is negotiates


def test_an_agreement_in_negotiation_has_that_status_until_it_is_signed() -> None:
    turtle = (
        f"<{_iri('negotiation/n')}> a k:Negotiation ; k:agreementKind k:TaxTreaty ; k:concerns agreement:x .\n"
        + event("negotiation/n", "talks-opened", "2020")
    )
    assert status(turtle + agreement("x", "treaty", BOTH)) == {"negotiating"}
    assert status(turtle + agreement("x", "treaty", BOTH, "signed 2021")) == {"signed"}


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([("announced", "2020")], {"proposed"}),
        ([("agreed", "2020")], {"agreed"}),
        ([("contracted", "2020"), ("announced", "2022")], {"under-way"}),
        ([("agreed", "2020"), ("contracted", "2021")], {"under-way"}),
        ([("started", "2020"), ("contracted", "2021")], {"under-way"}),
        ([("agreed", "2020"), ("started", "2021")], {"under-way"}),
        ([("agreed", "2020"), ("delivered", "2021")], {"completed"}),
        ([("started", "2020"), ("cancelled", "2021")], {"ended"}),
        ([("held", "2020")], {"completed"}),
        ([("started", "2020"), ("suspended", "2021")], {"suspended"}),
        ([("started", "2020"), ("suspended", "2021"), ("resumed", "2022")], {"under-way"}),
    ],
)
def test_the_course_of_an_activity(events: list[tuple[str, str]], state: set[str]) -> None:
    turtle = "activity:a a k:Transfer ; k:provider state:AAA .\n"
    turtle += "".join(event("activity/a", kind, day) for kind, day in events)
    assert status(turtle, "activity/a") == state


@pytest.mark.parametrize(
    ("role", "tie"),
    [
        ("member", "k:memberOf"),
        ("founding-member", "k:memberOf"),
        ("observer", "k:observerOf"),
        ("applicant", "k:applicantTo"),
        ("acceding", "k:accedingTo"),
        ("dialogue-partner", "k:dialoguePartnerOf"),
        ("guest", "k:guestOf"),
        ("suspended", "k:suspendedFrom"),
    ],
)
def test_a_role_says_what_a_participation_gives_rise_to(role: str, tie: str) -> None:
    turtle = _participation(role)
    assert holds(view(ACTORS + turtle), "state/AAA", tie, "framework/f")
    assert holds(view(ACTORS + turtle), "state/AAA", "k:takesPartIn", "framework/f")
    ended = _participation(role, ' k:to "2015-01-01"^^xsd:date ;')
    store = view(ACTORS + ended)
    assert not holds(store, "state/AAA", tie, "framework/f")
    assert holds(store, "state/AAA", "k:formerMemberOf", "framework/f") is (tie == "k:memberOf")


def test_who_came_back_is_no_former_member() -> None:
    turtle = _participation("member", ' k:to "2015-01-01"^^xsd:date ;') + _participation(
        "member", name="again"
    )
    store = view(ACTORS + turtle)
    assert holds(store, "state/AAA", "k:memberOf", "framework/f")
    assert not holds(store, "state/AAA", "k:formerMemberOf", "framework/f")


def test_a_dissolved_framework_has_former_members_only() -> None:
    turtle = _participation("member") + event("framework/f", "dissolved", "2014")
    store = view(ACTORS + turtle)
    assert not holds(store, "state/AAA", "k:memberOf", "framework/f")
    assert holds(store, "state/AAA", "k:formerMemberOf", "framework/f")
    assert holds(view(ACTORS + turtle, date(2013, 1, 1)), "state/AAA", "k:memberOf", "framework/f")


# Rule files --------------------------------------------------------------------------------------------------

RULE = """# id: {id}
# label@en: A
# label@ja: あ
# why@en: {{x}}
# why@ja: {{x}}
PREFIX k: <https://w3id.org/kizuna/ns#>
CONSTRUCT {{ ?x k:{makes} ?y }} WHERE {{ ?x k:{reads} ?y }}
"""


def rule_text(id: str, makes: str, reads: str) -> str:
    return RULE.format(id=id, makes=makes, reads=reads)


def test_every_rule_of_ours_can_be_read_backwards_and_says_why_with_its_own_variables() -> None:
    for rule in bundled_rules():
        shape_of(rule)
        for language in ("ja", "en"):
            assert rule.label(language)
            used = set(re.findall(r"\{(\w+)\}", rule.sentence(language)))
            assert used, rule.id
            assert all(f"?{name}" in rule.text for name in used), rule.id


def test_rules_run_after_those_whose_results_they_read() -> None:
    rules = [
        parse_rule(rule_text("late", "c", "b"), "late"),
        parse_rule(rule_text("early", "b", "a"), "early"),
    ]
    assert [rule.id for rule in ordered(rules)] == ["early", "late"]


def test_rules_that_depend_on_each_other_in_a_circle_are_refused() -> None:
    rules = [parse_rule(rule_text("one", "a", "b"), "one"), parse_rule(rule_text("two", "b", "a"), "two")]
    with pytest.raises(RuleError, match="circle: one, two"):
        ordered(rules)


def test_a_rule_without_both_languages_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.rq").write_text(rule_text("x", "a", "b").replace("# why@ja: {x}\n", ""), "utf-8")
    with pytest.raises(RuleError, match="why@ja"):
        read_rules(tmp_path)


def test_a_rule_that_is_no_construct_is_refused() -> None:
    with pytest.raises(RuleError, match="CONSTRUCT"):
        parse_rule(rule_text("x", "a", "b").replace("CONSTRUCT", "SELECT"), "x")


def test_an_unknown_predecessor_is_named() -> None:
    rule = parse_rule("# after: nobody\n" + rule_text("x", "a", "b"), "x")
    with pytest.raises(RuleError, match="nobody"):
        ordered([rule])


def test_two_rules_with_one_id_are_refused() -> None:
    rule = parse_rule(rule_text("x", "a", "b"), "x")
    with pytest.raises(RuleError, match="same id"):
        ordered([rule, rule])


def test_a_rule_that_cannot_be_explained_is_refused_when_read_backwards() -> None:
    text = rule_text("x", "a", "b").replace("?x k:b ?y }", "{ ?x k:b ?y } UNION { ?x k:c ?y } }")
    with pytest.raises(RuleError, match="two rules"):
        shape_of(parse_rule(text, "x"))


def test_a_store_carries_its_rules() -> None:
    store = stated()
    assert rules_of(store) == ()
    store.extend(rule_quads(bundled_rules()))
    assert rules_of(store) == bundled_rules()


def _iri(name: str) -> str:
    return f"https://w3id.org/kizuna/id/{name}"


def _participation(role: str, more: str = "", name: str = "first") -> str:
    return (
        f"framework:f a k:Minilateral . <{_iri('participation/' + name)}> a k:Participation ;{more}"
        f" k:participant state:AAA ; k:framework framework:f ; k:role role:{role} .\n"
    )
