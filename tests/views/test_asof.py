"""Valid time: what had not begun by a day isn't there; how sure a date is, is said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Store

from kizuna.views.asof import Precision, certainty, last_day, restrict
from kizuna.views.build import build_view
from kizuna.views.terms import DERIVED, INFERRED, ns
from tests.views.facts import TODAY, agreement, event, holds, iri, stated, values, view

days = st.dates(date(1950, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("day", "precision", "as_of", "expected"),
    [
        (date(2016, 1, 1), "year", date(2015, 12, 31), "future"),
        (date(2016, 1, 1), "year", date(2016, 1, 1), "uncertain"),
        (date(2016, 1, 1), "year", date(2016, 12, 30), "uncertain"),
        (date(2016, 1, 1), "year", date(2016, 12, 31), "certain"),
        (date(2016, 2, 1), "month", date(2016, 2, 28), "uncertain"),
        (date(2016, 2, 1), "month", date(2016, 2, 29), "certain"),
        (date(2016, 2, 3), "day", date(2016, 2, 3), "certain"),
        (date(2016, 2, 3), "day", date(2016, 2, 2), "future"),
    ],
)
def test_a_date_is_uncertain_until_its_period_is_over(
    day: date, precision: Precision, as_of: date, expected: str
) -> None:
    assert certainty(day, precision, as_of) == expected


@given(days, st.sampled_from(["day", "month", "year"]), days)
def test_certainty_only_grows(day: date, precision: Precision, as_of: date) -> None:
    order = ["future", "uncertain", "certain"]
    assert order.index(certainty(day, precision, as_of)) <= order.index(
        certainty(day, precision, as_of + timedelta(days=1))
    )
    assert last_day(day, precision) >= day


def without_computed(store: Store) -> set[Quad]:
    return {quad for quad in store if quad.graph_name not in (DERIVED, INFERRED)}


@settings(max_examples=25, deadline=None)
@given(days, days)
def test_a_later_day_knows_more_except_that_nothing_had_an_end_yet(one: date, other: date) -> None:
    early, late = sorted((one, other))
    before, after = stated(), stated()
    restrict(before, early)
    restrict(after, late)
    assert set(before) <= set(after)


@settings(max_examples=15, deadline=None)
@given(days)
def test_restricting_twice_is_restricting_once(day: date) -> None:
    store = stated()
    restrict(store, day)
    once = set(store)
    restrict(store, day)
    assert set(store) == once


def test_a_day_far_ahead_takes_nothing_away() -> None:
    store = stated()
    everything = set(store)
    restrict(store, date(9999, 12, 31))
    assert set(store) == everything


def test_an_end_after_the_day_has_not_happened() -> None:
    store = stated()
    restrict(store, date(2015, 6, 29))
    participation = iri("participation/club-bbb-member-2001")
    assert not list(store.quads_for_pattern(participation, ns("to"), None, None))
    assert not list(store.quads_for_pattern(participation, ns("toPrecision"), None, None))
    assert list(store.quads_for_pattern(participation, ns("from"), None, None))
    store = stated()
    restrict(store, date(2015, 6, 30))
    assert list(store.quads_for_pattern(participation, ns("to"), None, None))


def test_what_is_said_of_an_unborn_thing_goes_with_it() -> None:
    turtle = (
        "framework:late a k:Minilateral . state:AAA a k:State .\n"
        + event("framework/late", "founded", "2020-05-01")
        + "<https://w3id.org/kizuna/id/participation/p> a k:Participation ; k:participant state:AAA ;"
        " k:framework framework:late ; k:role role:member ."
        "<https://w3id.org/kizuna/id/absence/x> a k:Absence ; k:absentActor state:AAA ; k:framework framework:late ."
        "agreement:undated a k:Agreement ; k:underFramework framework:late ; k:legalWeight weight:treaty ."
    )
    store = stated(turtle)
    restrict(store, date(2020, 4, 30))
    for gone in ("framework/late", "participation/p", "absence/x"):
        assert not list(store.quads_for_pattern(iri(gone), None, None, None)), gone
    assert list(store.quads_for_pattern(iri("agreement/undated"), None, None, None))
    assert not list(store.quads_for_pattern(None, None, iri("framework/late"), None))


def test_a_thing_whose_first_known_event_continues_a_life_has_an_unknown_beginning() -> None:
    turtle = "framework:old a k:Dialogue .\n" + event("framework/old", "renamed", "2010")
    turtle += "framework:new a k:Dialogue .\n" + event("framework/new", "founded", "2010")
    store = stated(turtle)
    restrict(store, date(2000, 1, 1))
    assert list(store.quads_for_pattern(iri("framework/old"), None, None, None))
    assert not list(store.quads_for_pattern(iri("framework/new"), None, None, None))


def test_undated_things_and_states_stay() -> None:
    turtle = "agreement:x a k:Agreement . state:AAA a k:State .\n" + event("state/AAA", "founded", "2011")
    store = stated(turtle)
    restrict(store, date(1900, 1, 1))
    assert list(store.quads_for_pattern(iri("agreement/x"), None, None, None))
    assert list(store.quads_for_pattern(iri("state/AAA"), None, None, None))


def test_sources_and_closed_lists_are_of_record_time_and_stay() -> None:
    turtle = (
        "<https://w3id.org/kizuna/id/closed-list/x> a k:ClosedList ; k:framework framework:club ;"
        ' k:role role:member ; k:asOf "2026-01-01"^^xsd:date .'
        '<https://w3id.org/kizuna/id/source/s> a k:Source ; k:published "2026-01-01"^^xsd:date .'
    )
    store = stated(turtle)
    restrict(store, date(1990, 1, 1))
    assert list(store.quads_for_pattern(iri("closed-list/x"), None, None, None))
    assert list(store.quads_for_pattern(iri("source/s"), None, None, None))


def test_the_view_of_today_is_the_default_view() -> None:
    """What is dated after today is not there either: today is a day like any other."""
    turtle = "state:AAA a k:State . state:BBB a k:State .\n" + agreement(
        "x", "treaty", "state/AAA state/BBB", "signed 2020", "in-force 2027-01-01"
    )
    assert values(view(turtle), "agreement/x", "k:status") == {"status/signed"}
    assert values(view(turtle, date(2027, 1, 1)), "agreement/x", "k:status") == {"status/in-force"}


# Scenarios ---------------------------------------------------------------------------------------------------

GRAPH = "<https://w3id.org/kizuna/graph/data/scenario>"


def patch_of(turtle: str) -> bytes:
    before = stated("")
    after = stated(turtle)
    lines = [
        f"A {quad.subject} {quad.predicate} {quad.object} {GRAPH} ." for quad in set(after) - set(before)
    ]
    return "\n".join(sorted(lines)).encode()


def test_a_scenario_is_laid_over_the_record_before_the_date_is_applied() -> None:
    patch = patch_of(event("agreement/pact", "in-force", "2028-01-01", "state/BBB"))
    assert not holds(view(None, TODAY, patch), "state/BBB", "k:partyTo", "agreement/pact")
    assert holds(view(None, date(2028, 1, 1), patch), "state/BBB", "k:partyTo", "agreement/pact")
    assert not holds(view(None, date(2028, 1, 1)), "state/BBB", "k:partyTo", "agreement/pact")


def test_scenarios_that_touch_different_things_commute() -> None:
    one = patch_of(event("agreement/pact", "in-force", "2025-01-01", "state/BBB"))
    other = patch_of(event("agreement/access", "terminated", "2025-06-01"))
    assert set(view(None, TODAY, one, other)) == set(view(None, TODAY, other, one))


def test_a_removal_in_a_scenario_takes_its_consequences_along() -> None:
    subject = iri("participation/club-aaa-founding-member-2001")
    quad = next(stated().quads_for_pattern(subject, ns("role"), None, None))
    store = view(None, TODAY, f"D {quad} .".encode())
    assert not holds(store, "state/AAA", "k:memberOf", "framework/club")
    assert not holds(store, "framework/club", "k:hasMember", "state/AAA")


def test_the_computed_graphs_hold_nothing_stale() -> None:
    store = view()
    store.add(Quad(iri("state/AAA"), ns("memberOf"), NamedNode("https://example.org/x"), DERIVED))
    build_view(store, TODAY)
    assert not list(store.quads_for_pattern(None, None, NamedNode("https://example.org/x"), None))
    assert without_computed(store) == without_computed(view())
