"""A view holds what was so on its day: stated, derived and inferred, each in its own graph."""

from __future__ import annotations

from datetime import date

from kizuna.views.build import build_view
from kizuna.views.terms import DERIVED, INFERRED
from tests.views.facts import TODAY, holds, stated, values, view


def test_memberships_follow_their_dates() -> None:
    early, late = view(as_of=date(2012, 1, 1)), view(as_of=TODAY)
    assert holds(early, "state/BBB", "k:memberOf", "framework/club")
    assert not holds(early, "state/BBB", "k:formerMemberOf", "framework/club")
    assert not holds(late, "state/BBB", "k:memberOf", "framework/club")
    assert holds(late, "state/BBB", "k:formerMemberOf", "framework/club")
    assert not holds(view(as_of=date(2010, 3, 31)), "state/CCC", "k:observerOf", "framework/club")
    assert holds(view(as_of=date(2010, 4, 1)), "state/CCC", "k:observerOf", "framework/club")


def test_nothing_is_known_of_a_thing_before_it_began() -> None:
    before = view(as_of=date(2012, 2, 29))
    assert not values(before, "agreement/access", "k:party")
    assert values(view(as_of=date(2012, 3, 1)), "agreement/access", "k:status") == {"status/signed"}
    assert values(view(as_of=date(2013, 1, 1)), "agreement/access", "k:status") == {"status/in-force"}


def test_entry_into_force_counts_for_each_party_alone() -> None:
    store = view()
    assert values(store, "state/AAA", "k:partyTo") == {"agreement/access", "agreement/pact"}
    assert values(store, "state/BBB", "k:signatoryTo") == {"agreement/pact"}
    assert values(store, "economy/DDD", "k:signatoryTo") == {"agreement/pact"}
    assert values(store, "agreement/pact", "k:inForceOn") == {"2018-12-30"}


def test_the_closure_adds_inverses_labels_and_classes() -> None:
    store = view()
    assert holds(store, "framework/club", "k:hasMember", "state/AAA")
    assert holds(store, "agreement/access", "k:hasParty", "state/BBB")
    inferred = list(store.quads_for_pattern(None, None, None, INFERRED))
    assert inferred
    assert list(store.quads_for_pattern(None, None, None, DERIVED))


def test_building_again_changes_nothing() -> None:
    store = stated()
    build_view(store, TODAY)
    once = set(store)
    build_view(store, TODAY)
    assert set(store) == once
