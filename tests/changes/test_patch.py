"""A patch is exact: it has one text, its inverse undoes it, and it says nothing that may not be said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

from kizuna.changes.patch import (
    Patch,
    PatchError,
    apply,
    difference,
    exact,
    missing,
    parse_patch,
    patch_of,
)
from kizuna.ledger.load import replay, split
from kizuna.workspace.names import DERIVED_GRAPH, GRAPH, XSD

G = NamedNode(GRAPH + "data/a")
NAMES = [NamedNode(f"urn:n{n}") for n in range(4)]
VALUES = [
    *NAMES,
    Literal("0.70", datatype=NamedNode(XSD + "decimal")),
    Literal("0.7", datatype=NamedNode(XSD + "decimal")),
    Literal("007", datatype=NamedNode(XSD + "integer")),
    Literal("x", language="en-US"),
    Literal('改行\nと\t"引用" \\ A D .'),
    Literal("2020-01-01", datatype=NamedNode(XSD + "date")),
]
quads = st.builds(
    Quad,
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.sampled_from(VALUES),
    st.sampled_from([G, NamedNode(GRAPH + "data/b/c")]),
)
some = st.lists(quads, max_size=12)


def store_of(given: list[Quad]) -> Store:
    store = Store()
    store.extend(given)
    return store


@given(some, some, some)
def test_a_patch_and_its_inverse_give_back_the_record(
    held: list[Quad], removed: list[Quad], added: list[Quad]
) -> None:
    store = store_of(held)
    before = set(store)
    patch = exact(patch_of(removed, added), store)
    apply(patch, store)
    apply(patch.inverse(), store)
    assert set(store) == before
    assert patch.inverse().inverse() == patch


@given(some, some)
def test_the_text_of_a_patch_is_the_patch(removed: list[Quad], added: list[Quad]) -> None:
    patch = patch_of(removed, added)
    text = patch.text()
    assert parse_patch(text) == patch
    assert parse_patch(text).text() == text
    assert len(text.splitlines()) == len(patch)


@given(some, some)
def test_a_difference_leads_from_one_to_the_other(first: list[Quad], second: list[Quad]) -> None:
    store = store_of(first)
    patch = difference(first, second)
    apply(patch, store)
    assert set(store) == set(store_of(second))
    assert exact(patch, store_of(first)) == patch


@given(some, some, some, some, some)
def test_two_patches_as_one(
    held: list[Quad], r1: list[Quad], a1: list[Quad], r2: list[Quad], a2: list[Quad]
) -> None:
    first, second = patch_of(r1, a1), patch_of(r2, a2)
    apart, together = store_of(held), store_of(held)
    apply(first, apart)
    apply(second, apart)
    apply(first.then(second), together)
    assert set(apart) == set(together)


@given(some, some, some)
@settings(max_examples=50)
def test_the_ledger_replays_the_text_to_the_same_state(
    held: list[Quad], removed: list[Quad], added: list[Quad]
) -> None:
    patch = patch_of(removed, added)
    one, other = store_of(held), store_of(held)
    apply(patch, one)
    replay(other, patch.text())
    assert set(one) == set(other)
    assert split(patch.text()) == patch.halves()


def test_spellings_that_the_index_holds_as_one_are_one() -> None:
    spelled = Quad(NAMES[0], NAMES[1], Literal("0.70", datatype=NamedNode(XSD + "decimal")), G)
    plain = Quad(NAMES[0], NAMES[1], Literal("0.7", datatype=NamedNode(XSD + "decimal")), G)
    assert difference([spelled], [plain]) == Patch()
    assert patch_of([spelled], []).removed == (plain,)


def test_what_is_gone_already_is_named() -> None:
    quad = Quad(NAMES[0], NAMES[1], NAMES[2], G)
    assert missing(patch_of([quad], []), Store()) == (quad,)


@pytest.mark.parametrize(
    ("quad", "code"),
    [
        (Quad(NAMES[0], NAMES[1], NAMES[2], DefaultGraph()), "patch-graph"),
        (Quad(NAMES[0], NAMES[1], NAMES[2], NamedNode(DERIVED_GRAPH)), "patch-graph"),
        (Quad(NAMES[0], NAMES[1], NAMES[2], NamedNode("urn:elsewhere")), "patch-graph"),
        (Quad(NAMES[0], NAMES[1], NAMES[2], NamedNode(GRAPH + "data/")), "patch-graph"),
        (Quad(NAMES[0], NAMES[1], NAMES[2], NamedNode(GRAPH + "data/../../up")), "patch-graph"),
        (Quad(NAMES[0], NAMES[1], NAMES[2], NamedNode(GRAPH + "data/%2e%2e/up")), "patch-graph"),
        (Quad(BlankNode("b"), NAMES[1], NAMES[2], G), "patch-blank-node"),
        (Quad(NAMES[0], NAMES[1], BlankNode("b"), G), "patch-blank-node"),
    ],
)
def test_what_may_not_be_said_is_refused_in_both_languages(quad: Quad, code: str) -> None:
    with pytest.raises(PatchError) as caught:
        patch_of([], [quad])
    assert caught.value.code == code
    assert caught.value.ja != caught.value.en


@pytest.mark.parametrize("text", ["X <urn:a> <urn:b> <urn:c> <urn:d> .", "A nonsense", "A"])
def test_lines_that_are_no_change_are_named_by_their_number(text: str) -> None:
    with pytest.raises(PatchError, match="Line 2") as caught:
        parse_patch("TX .\n" + text)
    assert caught.value.code == "patch-syntax"
