"""A long patch is never read as a whole where a part of it will do, and says the same as the patch that is."""

from __future__ import annotations

import zlib
from itertools import chain
from unittest.mock import patch as changed

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from kizuna.changes import affected, gate, packed, texts
from kizuna.changes.gate import Validator, shapes_of
from kizuna.changes.patch import Patch, PatchError, apply, exact, parse_patch, patch_of
from kizuna.workspace.names import GRAPH, ID, SKOS
from tests.changes.worlds import record

GRAPH_NAME = NamedNode(GRAPH + "data/made-up")


def long_patch(store: Store, number: int) -> Patch:
    """Removes every name of the record and adds names, among them some that are there already."""
    label = NamedNode(SKOS + "prefLabel")
    old = list(store.quads_for_pattern(None, label, None, None))
    held = [q for q in old if q.graph_name.value.startswith(GRAPH + "data/")]  # type: ignore[union-attr]
    new = [
        Quad(NamedNode(f"{ID}state/made-up-{n}"), label, Literal(f'名{n}\n"A"', language="ja"), GRAPH_NAME)
        for n in range(number)
    ]
    return patch_of(held[::2], chain(new, held[1::2]))


def test_a_lean_patch_changes_what_the_patch_changes() -> None:
    store, other = record(), record()
    whole = long_patch(store, 5_000)
    thin = packed.lean(zlib.compress(whole.text().encode()))
    assert set(thin.removed) == set(whole.removed)
    assert set(thin.added) == set(whole.added)
    assert len(thin) == len(whole)
    real, same = exact(whole, store), thin.exact(other)
    assert (set(same.removed), set(same.added)) == (set(real.removed), set(real.added))
    assert parse_patch(zlib.decompress(same.packed_text()).decode()) == real
    before = set(store)
    apply(real, store)
    apply(same, other)
    assert set(store) == set(other) != before
    apply(same.inverse(), other)
    assert set(other) == before


def test_a_lean_patch_refuses_what_a_patch_refuses() -> None:
    for text in (
        "B <urn:a> <urn:b> <urn:c> .\n",
        f"A <urn:a> <urn:b> <urn:c> <{GRAPH}derived> .\n",
        "A <urn:a> .\n",
    ):
        with pytest.raises(PatchError):
            packed.lean(zlib.compress(text.encode()))


def test_the_gate_says_the_same_of_a_patch_whose_quads_it_does_not_hold() -> None:
    patch = long_patch(record(), 40)
    text = zlib.compress(patch.text().encode())
    plain, changes = gate.read_answer(gate.check(record(), text, 0, "2026-11-24", False))
    with changed.object(gate, "LEAN_FROM", 0), changed.object(gate, "PART", 7):
        thin, same = gate.read_answer(gate.check(record(), text, 0, "2026-11-24", False))
    assert parse_patch(same) == parse_patch(changes)
    assert thin.report.findings == plain.report.findings != ()
    assert thin.standing == plain.standing


def test_looking_at_a_patch_as_a_whole_names_all_that_it_affects() -> None:
    store = record()
    patch = exact(long_patch(store, 40), store)
    apply(patch, store)
    reads = Validator(shapes_of(record())).reads
    one = affected.affected(store, patch, reads)
    with changed.object(affected, "TOGETHER_FROM", 0):
        whole = affected.affected(store, patch, reads)
    assert set(one.focus) <= set(whole.focus)
    assert not one.full
    assert not whole.full


def test_the_head_of_a_patch_is_what_comes_first_in_it() -> None:
    patch = long_patch(record(), 40)
    head = texts.head_of(patch.text(), 3)
    assert (head.removed, head.added) == (patch.removed[:3], patch.added[:3])
    assert len(head) == len(patch)
    everything = texts.head_of(patch.text(), 10_000)
    assert (everything.removed, everything.added) == (patch.removed, patch.added)
    assert len(texts.head_of("", 3)) == 0


def test_the_text_of_a_patch_tells_its_halves_and_its_things() -> None:
    patch = long_patch(record(), 40)
    assert texts.halves_of(patch.text()) == patch.halves()
    by_hand = f"# by hand\nA <urn:b> <urn:p> <urn:o> <{GRAPH_NAME.value}> .\nD <urn:a> <urn:p> <urn:o> <{GRAPH_NAME.value}> .\n"
    assert texts.halves_of(by_hand) == parse_patch(by_hand).halves()
    assert set(patch.things()) <= set(texts.things_of(patch.text()))
    thing = f"{ID}state/made-up-7"
    assert set(texts.added_to(patch.text(), thing)) == {q for q in patch.added if q.subject.value == thing}  # type: ignore[union-attr]
    assert texts.added_about(patch.text(), [thing, "urn:none"]) == {thing}
