"""Which things a patch can affect, and what has to be known to validate them. Reads the given store only.

Both follow from what the shapes look at (reads.py): backwards from a changed edge to the focus nodes, forwards from a focus node
to all that its shapes can see. Walking back is done where removed and added quads both are, so that an edge that led to a
changed one is found whichever state it belonged to.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Quad, Store

from kizuna.changes.patch import Change
from kizuna.changes.reads import ShapesReads
from kizuna.changes.steps import ANY, SUB_CLASS, Chain, Read, Step

Node = NamedNode | BlankNode
_BOTH: Final = NamedNode("urn:x-kizuna:removed")
MOST_FOCUS: Final = 5_000
"""More affected things than this, and a full run is the cheaper way."""
MOST_TOGETHER: Final = 30_000
"""Likewise, for a patch of many quads: a full run would hold the whole record as objects."""
TOGETHER_FROM: Final = 5_000
"""Patches of more quads than this are looked at as a whole."""
MOST_WALKED: Final = 4_000_000
"""Likewise: nodes that are looked at to find them."""


@dataclass(frozen=True, slots=True)
class Affected:
    """Things whose validation a patch can change.

    Args:
        focus: their IRIs, sorted; empty when everything has to be validated.
        full: everything has to be validated, because of `why`.
        why: "" or: `shapes`, `ontology`, `unknown-shape`, `untied`, `many`, `blank-node`.
    """

    focus: tuple[str, ...]
    full: bool = False
    why: str = ""


def neighbours(store: Store, node: Node, step: Step) -> set[Node]:
    """Nodes that one application of a step leads to."""
    found: set[Node] = set()
    for predicate, inverse in step.edges:
        name = None if predicate == ANY else NamedNode(predicate)
        quads = (
            store.quads_for_pattern(None, name, node, None)
            if inverse
            else store.quads_for_pattern(node, name, None, None)
        )
        for quad in quads:
            end = quad.subject if inverse else quad.object
            if isinstance(end, (NamedNode, BlankNode)):
                found.add(end)
    return found


def follow(store: Store, starts: Iterable[Node], chain: Chain) -> set[Node]:
    """Nodes at the end of a chain."""
    here = set(starts)
    for step in chain:
        there: set[Node] = set(here) if step.star else set()
        edge = here
        while edge:
            found = {end for node in edge for end in neighbours(store, node, step)}
            edge = found - there if step.star else set()
            there |= found
        here = there
        if not here:
            break
    return here


@lru_cache(maxsize=4_096)
def _back(way: Chain) -> Chain:
    return tuple(_turned(step) for step in reversed(way))


@lru_cache(maxsize=4_096)
def _turned(step: Step) -> Step:
    return step.turned()


def _starts(read: Read, quad: Quad) -> set[Node]:
    """Where a changed edge would be looked at from by this read."""
    found: set[Node] = set()
    for predicate, inverse in read.step.edges:
        if predicate in (ANY, quad.predicate.value):
            end = quad.object if inverse else quad.subject
            if isinstance(end, (NamedNode, BlankNode)):
                found.add(end)
    return found


def affected(store: Store, patch: Change, reads: ShapesReads, *, schema_changed: str = "") -> Affected:
    """Find what a patch can affect.

    Args:
        store: the stated quads with the patch applied; is as it was when this returns.
        patch: the patch, exact.
        reads: what the shapes look at.
        schema_changed: name of a room whose change concerns everything ("shapes", "ontology"), or "".
    """
    if schema_changed:
        return Affected((), True, schema_changed)
    if reads.unknown:
        return Affected((), True, "unknown-shape")
    store.extend(Quad(q.subject, q.predicate, q.object, _BOTH) for q in patch.removed)
    try:
        if len(patch.removed) + len(patch.added) > TOGETHER_FROM:
            return _together(store, patch, reads)
        return _affected(store, patch, reads)
    finally:
        store.remove_graph(_BOTH)


def _wanted(reads: ShapesReads) -> dict[str, set[Read]]:
    """The reads that look at edges of a predicate."""
    wanted: dict[str, set[Read]] = {}
    for shape in reads.shapes:
        for read in shape.reads:
            for predicate, _inverse in read.step.edges:
                wanted.setdefault(predicate, set()).add(read)
    return wanted


def _together(store: Store, patch: Change, reads: ShapesReads) -> Affected:
    """As `_affected`, for a patch of many quads: each way is walked once, from all that it starts at, and nothing is kept of it.

    Where a node is reached by several ways at once, things count that two different nodes are reached from: more may be named than
    the patch affects, never less.
    """
    wanted = _wanted(reads)
    focus: set[Node] = set()
    starts: dict[Read, set[Node]] = {}
    for quad in itertools.chain(patch.removed, patch.added):
        if quad.predicate.value == SUB_CLASS:
            return Affected((), True, "ontology")
        for read in wanted.get(quad.predicate.value, set()) | wanted.get(ANY, set()):
            if not read.prefixes:
                return Affected((), True, "untied")
            starts.setdefault(read, set()).update(_starts(read, quad))
        if isinstance(quad.subject, (NamedNode, BlankNode)):
            focus.add(quad.subject)
    for read, begin in starts.items():
        if read.step.star:
            begin = follow(store, begin, (_turned(read.step),))
        focus |= set.intersection(*(follow(store, begin, _back(prefix)) for prefix in read.prefixes))
        if len(focus) > MOST_TOGETHER:
            return Affected((), True, "many")
    if any(isinstance(node, BlankNode) for node in focus):
        return Affected((), True, "blank-node")
    return Affected(tuple(sorted(node.value for node in focus)))


def _affected(store: Store, patch: Change, reads: ShapesReads) -> Affected:
    wanted = _wanted(reads)
    focus: set[Node] = set()
    known: dict[tuple[Node, Read], frozenset[Node]] = {}
    walk = _Walk(store)
    for quad in itertools.chain(patch.removed, patch.added):
        if quad.predicate.value == SUB_CLASS:
            return Affected((), True, "ontology")
        for read in wanted.get(quad.predicate.value, set()) | wanted.get(ANY, set()):
            for start in _starts(read, quad):
                if not read.prefixes:
                    return Affected((), True, "untied")
                key = (start, read)
                if key not in known:
                    known[key] = walk.focus_of(start, read)
                focus |= known[key]
        # Nodes named by sh:targetNode, and things that nothing looks at yet: themselves.
        if isinstance(quad.subject, (NamedNode, BlankNode)):
            focus.add(quad.subject)
        if len(focus) > MOST_FOCUS or walk.looked_at > MOST_WALKED:
            return Affected((), True, "many")
    if any(isinstance(node, BlankNode) for node in focus):
        return Affected((), True, "blank-node")
    return Affected(tuple(sorted(node.value for node in focus)))


class _Walk:
    """Ways back from changed edges. Many rows of a table share what they point to: the way on from there is walked once.

    Args:
        store: stated quads, with what was removed.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[Node, Chain], frozenset[Node]] = {}
        self.looked_at = 0

    def focus_of(self, start: Node, read: Read) -> frozenset[Node]:
        """The things for which a read looks at edges of a node."""
        begin = {start}
        if read.step.star:
            begin = follow(self._store, begin, (_turned(read.step),))
        found: frozenset[Node] | None = None
        for prefix in read.prefixes:
            back = _back(prefix)
            ends = self._joined([self.ends(node, back) for node in begin])
            found = ends if found is None or found is ends else self._both(found, ends)
        return found or frozenset()

    def ends(self, node: Node, chain: Chain) -> frozenset[Node]:
        """Nodes at the end of a chain from a node, as `follow` has them."""
        if not chain:
            return frozenset((node,))
        key = (node, chain)
        if key not in self._known:
            near = follow(self._store, (node,), chain[:1])
            self.looked_at += len(near) + 1
            self._known[key] = self._joined([self.ends(one, chain[1:]) for one in near])
        return self._known[key]

    def _joined(self, parts: list[frozenset[Node]]) -> frozenset[Node]:
        if len(parts) == 1:
            return parts[0]  # shared, not copied
        self.looked_at += sum(map(len, parts))
        return frozenset().union(*parts)

    def _both(self, one: frozenset[Node], other: frozenset[Node]) -> frozenset[Node]:
        self.looked_at += min(len(one), len(other))
        return one & other


class _Trie:
    """The chains of all reads that have one, merged where they begin alike."""

    def __init__(self) -> None:
        self.edges: set[Step] = set()
        self.then: dict[Step, _Trie] = {}

    def add(self, chain: Chain, step: Step) -> None:
        at = self
        for one in chain:
            at = at.then.setdefault(one, _Trie())
        at.edges.add(step)


def surroundings(store: Store, focus: Iterable[str], reads: ShapesReads) -> set[Quad]:
    """All that the shapes can see from some things: enough to validate these, and nothing else, exactly.

    Args:
        store: stated quads.
        focus: IRIs.
        reads: what the shapes look at.

    Returns:
        triples (as quads of the default graph), with the whole class hierarchy among them.
    """
    root = _Trie()
    several: set[Read] = set()
    for shape in reads.shapes:
        for read in shape.reads:
            if _is_hierarchy(read.step):
                continue
            if len(read.prefixes) == 1:
                root.add(read.prefixes[0], read.step)
            else:
                several.add(read)
    found: set[Quad] = set()
    for quad in store.quads_for_pattern(None, NamedNode(SUB_CLASS), None, None):
        found.add(Quad(quad.subject, quad.predicate, quad.object))
    things = [NamedNode(iri) for iri in focus]
    seen: set[tuple[int, Node]] = set()
    todo: list[tuple[_Trie, Node]] = [(root, thing) for thing in things]
    while todo:
        trie, node = todo.pop()
        if (id(trie), node) in seen:
            continue
        seen.add((id(trie), node))
        for step in trie.edges:
            _see(store, node, step, found)
        for step, then in trie.then.items():
            todo += [(then, end) for end in follow(store, [node], (step,))]
    walk, looked = _Walk(store), set[tuple[Node, Step]]()
    for thing in things:
        for read in several:
            ends = [walk.ends(thing, prefix) for prefix in read.prefixes]
            for node in frozenset.intersection(*ends):
                if (node, read.step) not in looked:
                    looked.add((node, read.step))
                    _see(store, node, read.step, found)
    return found


def _is_hierarchy(step: Step) -> bool:
    return step.edges == frozenset({(SUB_CLASS, False)})


def _see(store: Store, node: Node, step: Step, found: set[Quad]) -> None:
    nodes = follow(store, [node], (step,)) if step.star else {node}
    for one in nodes:
        for predicate, inverse in step.edges:
            name = None if predicate == ANY else NamedNode(predicate)
            quads = (
                store.quads_for_pattern(None, name, one, None)
                if inverse
                else store.quads_for_pattern(one, name, None, None)
            )
            found.update(Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
