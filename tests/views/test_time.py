"""Rules under as-of: what needs no absence only grows with time; what does is told by the life alone; days compose."""

from __future__ import annotations

import re
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Store

from kizuna.views.asof import restrict
from kizuna.views.build import bundled_rules, rules_for
from kizuna.views.rules import DerivationRule, derive
from kizuna.views.strata import groups, readings
from kizuna.views.terms import DERIVED
from tests.views.facts import PROLOGUE, values

FIRST = date(2000, 1, 1)
DAYS = st.integers(0, 40).map(lambda n: FIRST + timedelta(days=n))
KINDS = ("signed", "in-force", "suspended", "resumed", "terminated")
LIVES = st.lists(st.tuples(st.sampled_from(KINDS), DAYS), min_size=1, max_size=7, unique=True)
TIES = ("partyTo", "suspendedPartyTo", "formerPartyTo", "signatoryTo")


def life(events: list[tuple[str, date]]) -> str:
    lines = [
        "agreement:x a k:TaxTreaty ; k:party state:AAA , state:BBB ; k:legalWeight weight:treaty .",
        "framework:f a k:Framework . participation:p a k:Participation ; k:framework framework:f ;"
        ' k:participant state:AAA ; k:role role:member ; k:from "2000-01-05"^^xsd:date .',
    ]
    lines += [
        f"event:e{n} a k:LifeCycleEvent ; k:eventOf agreement:x ; k:eventKind ek:{kind} ;"
        f' k:date "{day}"^^xsd:date .'
        for n, (kind, day) in enumerate(events)
    ]
    return "\n".join(lines)


def monotone_rules() -> tuple[DerivationRule, ...]:
    """The rules that ask for no absence, neither themselves nor through what they read."""
    rules = bundled_rules()
    wanted = {
        rule.id
        for rule in rules
        if not any(negative and re.search(r"[?:<]", text) for text, negative in groups(rule.where))
    }
    while True:
        spoilt = {r.reader for r in readings(rules) if r.reader in wanted and r.maker not in wanted}
        if not spoilt:
            return tuple(rule for rule in rules if rule.id in wanted)
        wanted -= spoilt


MONOTONE = monotone_rules()


def derived_by(rules: tuple[DerivationRule, ...], turtle: str, day: date) -> set[str]:
    store = _facts(turtle)
    restrict(store, day)
    derive(store, rules)
    return {str(quad) for quad in store.quads_for_pattern(None, None, None, DERIVED)}


def _facts(turtle: str) -> Store:
    store = Store()
    store.load(
        PROLOGUE + turtle,
        format=RdfFormat.TURTLE,
        to_graph=NamedNode("https://w3id.org/kizuna/graph/data/test"),
    )
    return store


def test_there_are_rules_of_both_sorts() -> None:
    assert {"applies-to-named"} <= {rule.id for rule in MONOTONE}
    assert len(MONOTONE) < len(bundled_rules())


@given(LIVES, DAYS, DAYS)
@settings(max_examples=60, deadline=None)
def test_what_asks_for_no_absence_only_grows_with_time(
    events: list[tuple[str, date]], one: date, other: date
) -> None:
    turtle = life(events)
    before, after = sorted((one, other))
    assert derived_by(MONOTONE, turtle, before) <= derived_by(MONOTONE, turtle, after)


def expected(events: list[tuple[str, date]], day: date) -> set[str]:
    """The tie by the definition in docs/views.md, told without rules."""
    past = [(kind, when) for kind, when in events if when <= day]
    last = {
        kind: max(when for k, when in past if k == kind) for kind in KINDS if kind in {k for k, _ in past}
    }
    begun, ended = last.get("in-force"), last.get("terminated")
    if begun is None:
        return {"signatoryTo"} if "signed" in last and (ended is None or ended < last["signed"]) else set()
    if ended is not None and ended >= begun:
        return {"formerPartyTo"}
    suspended, resumed = last.get("suspended"), last.get("resumed")
    if suspended is not None and (resumed is None or resumed < suspended):
        return {"suspendedPartyTo"}
    return {"partyTo"}


@given(LIVES, DAYS)
@settings(max_examples=150, deadline=None)
def test_the_tie_on_a_day_is_what_the_life_up_to_that_day_says(
    events: list[tuple[str, date]], day: date
) -> None:
    store = _facts(life(events))
    restrict(store, day)
    derive(store, rules_for(store))
    found = {tie for tie in TIES if values(store, "state/AAA", f"k:{tie}")}
    assert found == expected(events, day)


@given(LIVES, DAYS, DAYS)
@settings(max_examples=60, deadline=None)
def test_a_day_within_the_view_of_a_later_day_is_that_day(
    events: list[tuple[str, date]], one: date, other: date
) -> None:
    earlier, later = sorted((one, other))
    at_once, in_steps = _facts(life(events)), _facts(life(events))
    restrict(at_once, earlier)
    restrict(in_steps, later)
    restrict(in_steps, earlier)
    assert set(at_once) == set(in_steps)
