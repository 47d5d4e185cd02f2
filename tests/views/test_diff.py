"""The difference of two views is exact, in three parts, and is a patch that leads from one to the other."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Store

from kizuna.views.diff import difference, difference_of_quads
from kizuna.views.patch import PatchError, apply_patch, read_patch
from kizuna.views.terms import DERIVED, INFERRED
from tests.views.facts import TODAY, iri, view

nodes = st.integers(0, 5).map(lambda number: NamedNode(f"https://example.org/{number}"))
quads = st.sets(st.builds(Quad, nodes, nodes, nodes, nodes), max_size=12)


def test_what_changed_between_two_days_comes_in_three_parts() -> None:
    changes = difference(view(as_of=date(2014, 1, 1)), view(as_of=TODAY))
    member = f"{iri('state/BBB')} {iri('k:memberOf')} {iri('framework/club')} {DERIVED}"
    has_member = f"{iri('framework/club')} {iri('k:hasMember')} {iri('state/BBB')} {INFERRED}"
    assert member in changes.derived.removed
    assert has_member in changes.inferred.removed
    assert any("agreement/pact" in line for line in changes.stated.added)
    assert not any(str(DERIVED) in line or str(INFERRED) in line for line in changes.stated.added)
    assert len(changes) == len(changes.stated) + len(changes.derived) + len(changes.inferred)


def test_a_view_does_not_differ_from_itself() -> None:
    assert len(difference(view(), view())) == 0


@settings(max_examples=50)
@given(quads, quads)
def test_the_patch_leads_from_one_to_the_other_and_its_inverse_back(
    before: set[Quad], after: set[Quad]
) -> None:
    changes = difference_of_quads(before, after)
    store = Store()
    store.extend(before)
    apply_patch(store, changes.patch())
    assert set(store) == after
    apply_patch(store, changes.inverse().patch())
    assert set(store) == before


def test_the_lines_of_a_patch_are_applied_in_order() -> None:
    line = "<https://e.org/s> <https://e.org/p> <https://e.org/o> <https://e.org/g> ."
    store = Store()
    apply_patch(store, f"H id <urn:x> .\nTX .\nA {line}\nD {line}\nTC .\n".encode())
    assert len(store) == 0
    apply_patch(store, f"D {line}\nA {line}\n".encode())
    assert len(store) == 1


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ("X <https://e.org/s> .", "Line 1: a change starts with A or D"),
        ("A <https://e.org/s> <https://e.org/p> .", "Line 1"),
        ("\nA <https://e.org/s> <https://e.org/p> <https://e.org/o> .", "Line 2: the graph is missing"),
        (f"A <https://e.org/s> <https://e.org/p> <https://e.org/o> {DERIVED} .", "computed"),
        (f"D <https://e.org/s> <https://e.org/p> <https://e.org/o> {INFERRED} .", "computed"),
    ],
)
def test_a_bad_patch_is_refused_with_its_line_and_changes_nothing(patch: str, message: str) -> None:
    good = "A <https://e.org/s> <https://e.org/p> <https://e.org/o> <https://e.org/g> ."
    with pytest.raises(PatchError, match=message):
        read_patch(patch.encode())
    store = Store()
    with pytest.raises(PatchError):
        apply_patch(store, f"{good}\n{patch}".encode())
    assert len(store) == 0
