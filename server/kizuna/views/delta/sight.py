"""A view's store as the difference sees it: what is hidden, what has gone, what changes on the way. Changes the given store only.

Triples that have gone stay in a graph of their own while ways back are sought, so that an edge which led to a changed one is found
whichever state it belonged to. `Draft.close` takes that graph out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from kizuna.views.ask import Term
from kizuna.views.terms import DERIVED, INFERRED

GONE: Final = NamedNode("urn:x-kizuna:gone")
Fact = tuple[Term, NamedNode, Term]

BEFORE_INFERENCE: Final = frozenset((INFERRED, GONE))
"""Hidden from the derivation rules, which run before the closure."""
BEFORE_INFERENCE_WITH_GONE: Final = frozenset((INFERRED,))
NOW: Final = frozenset((GONE,))
WITH_GONE: Final[frozenset[NamedNode]] = frozenset()


def fact_of(quad: Quad) -> Fact:
    """The triple of a quad."""
    return quad.subject, quad.predicate, quad.object


class Draft:
    """A store that is being changed, with the net change so far."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.removed: set[Quad] = set()
        self.added: set[Quad] = set()

    def add(self, quad: Quad) -> None:
        """Add a quad that is not there."""
        self.store.add(quad)
        if quad in self.removed:
            self.removed.discard(quad)
        else:
            self.added.add(quad)

    def remove(self, quad: Quad) -> None:
        """Remove a quad that is there."""
        self.store.remove(quad)
        if quad in self.added:
            self.added.discard(quad)
        else:
            self.removed.add(quad)

    def remember(self, facts: Iterable[Fact]) -> None:
        """Keep triples that have gone in sight of ways back."""
        self.store.extend([Quad(_subject(s), p, o, GONE) for s, p, o in facts])

    def forget(self) -> None:
        """Let go of the triples that have gone."""
        self.store.remove_graph(GONE)

    def close(self) -> None:
        """Leave no trace; a graph without a quad is no graph."""
        self.forget()
        for graph in {quad.graph_name for quad in self.removed}:
            if next(self.store.quads_for_pattern(None, None, None, graph), None) is None:
                self.store.remove_graph(graph)

    def find(
        self, hidden: frozenset[NamedNode], subject: Term | None, predicate: NamedNode, object_: Term | None
    ) -> Iterator[Quad]:
        """Quads of all graphs but the hidden ones."""
        if isinstance(subject, Literal):
            return
        for quad in self.store.quads_for_pattern(subject, predicate, object_, None):
            if not hidden or quad.graph_name not in hidden:
                yield quad

    def explicit(self, fact: Fact) -> bool:
        """Whether a triple is stated or derived now."""
        return any(quad.graph_name != INFERRED for quad in self.find(NOW, *fact))

    def holds(self, fact: Fact, hidden: frozenset[NamedNode] = NOW) -> bool:
        """Whether a triple is there now."""
        return next(self.find(hidden, *fact), None) is not None


def _subject(term: Term) -> NamedNode | BlankNode:
    if isinstance(term, NamedNode | BlankNode):
        return term
    raise TypeError(f"{term} cannot be a subject")


__all__ = ["DERIVED", "GONE", "INFERRED", "Draft", "Fact", "fact_of"]
