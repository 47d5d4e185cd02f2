"""The next view from a view and a patch, by the difference alone. Changes the given store only.

    base = remember(store, as_of, …)        build_view does this
    change = advance(store, removed, added)  in a private copy: makes it the next view and tells what that changed
    take_over(store, change.to_bytes())      in the view's own process: applies what was told

Whoever cannot be answered so gets an `OutOfReachError` and builds anew: changes of ontology or rules, very large patches, ontologies in which
literals or identities are inferred, rules that read what later ones make (docs/decisions/0120).
"""

from __future__ import annotations

import pickle
import secrets
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from pyoxigraph import BlankNode, Quad, RdfFormat, Store, parse, serialize

from kizuna.views.delta.close import reclose
from kizuna.views.delta.derive import Rules, rederive
from kizuna.views.delta.joins import Index
from kizuna.views.delta.reach import OutOfReachError, reach_of
from kizuna.views.delta.restriction import restrict_change
from kizuna.views.delta.sight import Draft, Fact, fact_of
from kizuna.views.rl.model import CompiledOntology
from kizuna.views.rl.schema import AXIOMS, META
from kizuna.views.rules import DerivationRule
from kizuna.views.terms import INFERRED, RULE_TEXT, TYPE

MOST_QUADS: Final = 3_000
"""Larger patches are built anew."""
MOST_TOLD: Final = 4_000_000
"""Bytes of changes that a view's process remembers for `changes_since`."""


@dataclass
class Base:
    """What a view's process remembers of how the view was made.

    Args:
        as_of: its day.
        held: stated quads that the day has taken out.
        rules: the derivation rules, in order.
        compiled: the ontology's rules.
        unsaid: the closure concluded what no triple shows (see `Closure.unsaid`).
        tools: the rules as `advance` wants them; made once.
    """

    as_of: date
    held: Store
    rules: tuple[DerivationRule, ...]
    compiled: CompiledOntology
    unsaid: bool
    tools: Tools | None = None


@dataclass(frozen=True)
class Tools:
    """Rules taken apart: half a second's work."""

    rules: Rules
    index: Index


@dataclass(frozen=True, slots=True)
class Change:
    """What leads from one view to the next.

    Args:
        removed: quads that go: stated, derived and inferred.
        added: quads that come.
        held_removed: quads that the day no longer takes out, or that are in the record no more.
        held_added: quads that the day takes out.
    """

    removed: frozenset[Quad] = frozenset()
    added: frozenset[Quad] = frozenset()
    held_removed: frozenset[Quad] = frozenset()
    held_added: frozenset[Quad] = frozenset()

    def to_bytes(self) -> bytes:
        """As one document, for another process."""
        parts = [
            serialize(quads, format=RdfFormat.N_QUADS) or b""
            for quads in (self.removed, self.added, self.held_removed, self.held_added)
        ]
        return b" ".join(str(len(part)).encode() for part in parts) + b"\n" + b"".join(parts)

    @classmethod
    def from_bytes(cls, content: bytes) -> Change:
        """The reverse of `to_bytes`."""
        head, _, body = content.partition(b"\n")
        parts = []
        for size in map(int, head.split()):
            parts.append(frozenset(parse(body[:size], format=RdfFormat.N_QUADS)))
            body = body[size:]
        return cls(*parts)


@dataclass
class _Kept:
    store: Store | None = None
    base: Base | None = field(default=None)
    origin: str = ""
    steps: int = 0
    told: deque[bytes] = field(default_factory=deque)


_kept = _Kept()
"""A view's process has one view; a fork inherits what is remembered of it."""


def remember(store: Store, base: Base) -> None:
    """Remember how the view in a store was made."""
    _kept.store, _kept.base = store, base
    _kept.origin, _kept.steps = secrets.token_hex(8), 0
    _kept.told.clear()


def place_of(store: Store) -> str:
    """Names this very state of a view in its own process; "" when nothing is remembered of it."""
    return f"{_kept.origin}.{_kept.steps}" if _kept.store is store else ""


def changes_since(store: Store, place: str) -> list[Change] | None:
    """What was taken over since a place of this view, the oldest first; None when it is of another view, or too long ago."""
    origin, _, steps = place.partition(".")
    if _kept.store is not store or not place or origin != _kept.origin:
        return None
    missing = _kept.steps - int(steps)
    if not 0 <= missing <= len(_kept.told):
        return None
    return [Change.from_bytes(content) for content in list(_kept.told)[len(_kept.told) - missing :]]


def base_of(store: Store) -> Base:
    """What is remembered of a view.

    Raises:
        OutOfReachError: nothing.
    """
    if _kept.store is not store or _kept.base is None:
        raise OutOfReachError("nothing is known of how the view was made")
    return _kept.base


def tools_of(store: Store) -> Tools:
    """The rules of a view, taken apart.

    Raises:
        OutOfReachError: they cannot be.
    """
    base = base_of(store)
    if base.tools is None:
        rules = Rules([reach_of(rule) for rule in base.rules], store)
        base.tools = Tools(rules, Index(base.compiled).warm())
    return base.tools


def prepare(store: Store) -> bytes:
    """Take the rules apart in a fork, for `prepared` in the view's own process. Empty when they cannot be."""
    try:
        return pickle.dumps(tools_of(store))
    except OutOfReachError:
        return b""


def prepared(store: Store, content: bytes) -> None:
    """Take over what a fork of this process has prepared."""
    if content:
        base_of(store).tools = pickle.loads(content)  # noqa: S301 (from our own fork)


def advance(store: Store, removed: Iterable[Quad], added: Iterable[Quad]) -> Change:
    """Turn a view into the one after a patch.

    Args:
        store: a view that is remembered; changed.
        removed: stated quads of the record that go; what is not there is passed over.
        added: stated quads that come; what is there is passed over.

    Returns:
        what has changed.

    Raises:
        OutOfReachError: it has to be built anew; the store is neither view then.
    """
    base = base_of(store)
    going, coming = set(removed), set(added)
    both = going & coming
    going = {quad for quad in going - both if quad in store or quad in base.held}
    coming = {quad for quad in coming - both if quad not in store and quad not in base.held}
    coming |= {quad for quad in both if quad not in store and quad not in base.held}
    _check(base, going | coming)
    tools = tools_of(store)
    draft, held = Draft(store), Draft(base.held)
    restrict_change(draft, held, base.as_of, going, coming)
    changed = {fact_of(quad) for quad in draft.removed | draft.added}
    if changed:
        draft.remember({fact_of(quad) for quad in draft.removed})
        rederive(draft, tools.rules, changed)
        gone, come = _explicit_change(draft)
        reclose(draft, tools.index, gone, come)
    draft.close()
    return Change(
        frozenset(draft.removed), frozenset(draft.added), frozenset(held.removed), frozenset(held.added)
    )


def _check(base: Base, quads: set[Quad]) -> None:
    if base.unsaid:
        raise OutOfReachError("the closure has conclusions that no triple shows")
    if len(quads) > MOST_QUADS:
        raise OutOfReachError("the patch is large")
    for quad in quads:
        if quad.predicate in AXIOMS or quad.predicate == RULE_TEXT:
            raise OutOfReachError("the ontology changes")
        if quad.predicate == TYPE and quad.object in META:
            raise OutOfReachError("the ontology changes")
        if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
            raise OutOfReachError("a node without a name")


def _explicit_change(draft: Draft) -> tuple[set[Fact], set[Fact]]:
    """Triples that are stated or derived no longer, and those that are newly so."""
    gone = {fact_of(quad) for quad in draft.removed}
    come = {fact_of(quad) for quad in draft.added}
    lost = {fact for fact in gone if not draft.explicit(fact)}
    new = {
        fact
        for fact in come - gone
        if all(quad.graph_name == INFERRED or quad in draft.added for quad in draft.find(frozenset(), *fact))
    }
    return lost, new


def advance_by(store: Store, steps: Iterable[tuple[bytes, bytes]]) -> bytes:
    """As `advance`, over several patches (removed, added) in N-Quads; what has changed comes as `Change.to_bytes()`."""
    going: set[Quad] = set()
    coming: set[Quad] = set()
    for gone, come in steps:
        removed = {quad for quad in parse(gone, format=RdfFormat.N_QUADS) if isinstance(quad, Quad)}
        added = {quad for quad in parse(come, format=RdfFormat.N_QUADS) if isinstance(quad, Quad)}
        going, coming = (going | removed) - added, (coming - removed) | added
    return advance(store, going, coming).to_bytes()


def take_over(store: Store, content: bytes) -> int:
    """Apply a change that was found in a copy of this view.

    Args:
        store: the view, as it was when the copy was made; changed.
        content: `Change.to_bytes()`.

    Returns:
        by how many quads the view has grown.
    """
    change = Change.from_bytes(content)
    base = base_of(store)
    for target, going, coming in (
        (store, change.removed, change.added),
        (base.held, change.held_removed, change.held_added),
    ):
        for quad in going:
            target.remove(quad)
        target.extend(coming)
        for graph in {quad.graph_name for quad in going}:
            if next(target.quads_for_pattern(None, None, None, graph), None) is None:
                target.remove_graph(graph)
    _kept.steps += 1
    _kept.told.append(content)
    while sum(map(len, _kept.told)) > MOST_TOLD:
        _kept.told.popleft()
    return len(change.added) - len(change.removed)
