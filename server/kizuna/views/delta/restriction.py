"""The as-of day by the difference: which stated quads a patch puts into a view or takes out of it. Changes the given draft only.

A view keeps what its day has taken out (`Held`), so that the whole record can be seen from it. Whether a node is taken out follows from the
quads around it alone, so only the nodes that a patch can touch are asked about again, before and after.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Store

from kizuna.views.ask import Term
from kizuna.views.asof import (
    DATE,
    EVENT_KIND,
    EVENT_OF,
    FROM,
    HOLDERS,
    LASTING,
    TO,
    TO_PRECISION,
    begins,
)
from kizuna.views.delta.reach import OutOfReachError
from kizuna.views.delta.sight import GONE, Draft
from kizuna.views.terms import DERIVED, INFERRED, TYPE
from kizuna.workspace.names import XSD

_COMPUTED: Final = (DERIVED, INFERRED, GONE)
_DATE_TYPE: Final = NamedNode(XSD + "date")
_PLAIN: Final = re.compile(r"\d{4}-\d\d-\d\d")


class Stated:
    """The stated record, seen from a view of it: what the view states, and what its day has taken out.

    Args:
        view: the view's store.
        held: what the day has taken out.
        day: the day.
    """

    def __init__(self, view: Store, held: Store, day: date) -> None:
        self.view = view
        self.held = held
        self.limit = day.isoformat()
        self._out: dict[Term, bool] = {}

    def find(self, subject: Term | None, predicate: NamedNode | None, object_: Term | None) -> Iterator[Quad]:
        """Stated quads, taken out or not."""
        if isinstance(subject, Literal):
            return
        for quad in self.view.quads_for_pattern(subject, predicate, object_, None):
            if quad.graph_name not in _COMPUTED:
                yield quad
        yield from self.held.quads_for_pattern(subject, predicate, object_, None)

    # What kizuna.views.asof says of all nodes at once, of one.

    def later(self, node: Term, predicate: NamedNode) -> bool:
        """Whether a date of a node is after the day.

        Raises:
            OutOfReachError: a date with a time zone, or in the days before the year 0.
        """
        for quad in self.find(node, predicate, None):
            if isinstance(quad.object, Literal) and quad.object.datatype == _DATE_TYPE:
                if not _PLAIN.fullmatch(quad.object.value):
                    raise OutOfReachError(f"the date {quad.object}")
                if quad.object.value > self.limit:
                    return True
        return False

    def _unborn(self, node: Term) -> bool:
        events = {quad.subject for quad in self.find(None, EVENT_OF, node)}
        if not events or not all(self.later(event, DATE) for event in events):
            return False
        if any(quad.object in LASTING for quad in self.find(node, TYPE, None)):
            return False
        return begins(self.find, [event for event in events if isinstance(event, NamedNode)])

    def is_out(self, node: Term) -> bool:
        """Whether a node, and all quads that name it, is taken out."""
        if not isinstance(node, NamedNode):
            return False
        known = self._out.get(node)
        if known is None:
            known = self._out[node] = (
                self.later(node, DATE)
                or self.later(node, FROM)
                or self._unborn(node)
                or any(self._unborn(quad.object) for name in HOLDERS for quad in self.find(node, name, None))
            )
        return known

    def has(self, quad: Quad) -> bool:
        """Whether a stated quad is in the view."""
        if self.is_out(quad.subject) or self.is_out(quad.object):
            return False
        return quad.predicate not in (TO, TO_PRECISION) or not self.later(quad.subject, TO)


def touched(stated: Stated, quads: Iterable[Quad]) -> set[NamedNode]:
    """The nodes that may be taken out, or no longer, when these quads go or come. What ties them together, if not there, is among these."""
    found: set[NamedNode] = set()
    things: set[Term] = set()
    for quad in quads:
        if quad.predicate in (DATE, FROM, TO) and isinstance(quad.subject, NamedNode):
            found.add(quad.subject)
        if quad.predicate in (DATE, EVENT_KIND):
            things |= {one.object for one in stated.find(quad.subject, EVENT_OF, None)}
        elif quad.predicate == EVENT_OF:
            things.add(quad.object)
        elif quad.predicate == TYPE:
            things.add(quad.subject)
        elif quad.predicate in HOLDERS and isinstance(quad.subject, NamedNode):
            found.add(quad.subject)
    for thing in things:
        if isinstance(thing, NamedNode):
            found.add(thing)
            for name in HOLDERS:
                found |= {
                    one.subject
                    for one in stated.find(None, name, thing)
                    if isinstance(one.subject, NamedNode)
                }
    return found


def restrict_change(
    draft: Draft, held: Draft, day: date, removed: Iterable[Quad], added: Iterable[Quad]
) -> None:
    """Bring the stated part of a view, and what is held back, up to date.

    Args:
        draft: the view.
        held: what its day has taken out; changed.
        day: the day.
        removed: stated quads that go; each is there.
        added: stated quads that come; none is there.
    """
    removed, added = list(removed), list(added)
    before = Stated(draft.store, held.store, day)
    nodes = touched(before, removed + added)
    out = {node for node in nodes if before.is_out(node)}
    ends = {node for node in nodes if before.later(node, TO)}
    for quad in removed:
        (held if quad in held.store else draft).remove(quad)
    for quad in added:
        held.add(quad)  # until it is seen to belong to the view
    after = Stated(draft.store, held.store, day)
    doubtful: set[Quad] = set(added)
    for node in nodes:
        if (node in out) != after.is_out(node):
            doubtful |= {*after.find(node, None, None), *after.find(None, None, node)}
        if (node in ends) != after.later(node, TO):
            doubtful |= {*after.find(node, TO, None), *after.find(node, TO_PRECISION, None)}
    for quad in doubtful:
        inside = quad in draft.store
        if inside != after.has(quad):
            (draft if inside else held).remove(quad)
            (held if inside else draft).add(quad)
