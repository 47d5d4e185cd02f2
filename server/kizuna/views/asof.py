"""Valid time: takes out of a private store what had not begun by a day, and tells how sure a date is.

Changes the given store only. The exact meaning is in docs/views.md.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from typing import Final
from typing import Literal as TypingLiteral

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, serialize

from kizuna.views.ask import Term, solutions
from kizuna.views.terms import TYPE, ns
from kizuna.workspace.names import ID, XSD

Certainty = TypingLiteral["certain", "uncertain", "future"]
Precision = TypingLiteral["day", "month", "year"]
Find = Callable[[Term | None, NamedNode | None, Term | None], Iterator[Quad]]

DATE: Final = ns("date")
FROM: Final = ns("from")
TO: Final = ns("to")
TO_PRECISION: Final = ns("toPrecision")
EVENT_OF: Final = ns("eventOf")
EVENT_KIND: Final = ns("eventKind")
HOLDERS: Final = (ns("framework"), ns("participant"), ns("bearingThing"))
"""Properties whose subject is a statement about their object, and goes when the object goes."""

LASTING: Final = (ns("State"), ns("Economy"))
"""Kinds of things that no as-of date takes away: events in their life say nothing of their beginning."""

CONTINUING_KINDS: Final = frozenset(
    f"{ID}event-kind/{kind}"
    for kind in (
        "renamed",
        "moved",
        "development",
        "amended",
        "extended",
        "revised",
        "repealed",
        "suspended",
        "resumed",
        "withdrawal-notified",
        "withdrawn",
        "terminated",
        "expired",
        "dissolved",
        "talks-suspended",
        "talks-resumed",
        "talks-ended",
    )
)
"""Events that only something already alive can have: when they come first, the beginning is unknown."""

_LATER: Final = "SELECT DISTINCT ?s ?p ?limit WHERE { ?s ?p ?d FILTER(?d > ?limit) }"


def certainty(day: date, precision: Precision, as_of: date) -> Certainty:
    """Whether a dated thing had happened by a day.

    Args:
        day: first day of the stated period.
        precision: how much of `day` was stated.
        as_of: the day that is asked about.

    Returns:
        "future" before the period, "uncertain" within it (it counts as having happened, and is marked),
        "certain" from its last day on. A date of day precision is never uncertain.
    """
    if day > as_of:
        return "future"
    return "certain" if last_day(day, precision) <= as_of else "uncertain"


def last_day(day: date, precision: Precision) -> date:
    """Last day of the period that starts on `day`."""
    if precision == "year":
        return date(day.year, 12, 31)
    if precision == "month":
        return day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return day


def hidden(store: Store, as_of: str) -> bytes:
    """What a view of a day leaves out of the record, as N-Quads. To be run in a fork of the record.

    Args:
        store: stated quads, changed in place.
        as_of: the last day that counts, ISO.
    """
    return serialize(restrict(store, date.fromisoformat(as_of)), format=RdfFormat.N_QUADS) or b""


def restrict(store: Store, as_of: date) -> tuple[Quad, ...]:
    """Take out what had not begun by the end of `as_of`.

    Args:
        store: stated quads, changed in place.
        as_of: the last day that counts.

    Returns:
        what has been taken out.
    """
    limit = Literal(as_of.isoformat(), datatype=NamedNode(XSD + "date"))
    events = _later(store, DATE, limit)
    unborn = _unborn(store, events)
    gone = events | unborn | _later(store, FROM, limit)
    for node in unborn:
        for holder in HOLDERS:
            for quad in store.quads_for_pattern(None, holder, node, None):
                if isinstance(quad.subject, NamedNode):
                    gone.add(quad.subject)
    out: list[Quad] = []
    # The look-ups are made into lists: a store must not change under its own iterator.
    for node in gone:
        for quad in [
            *store.quads_for_pattern(node, None, None, None),
            *store.quads_for_pattern(None, None, node, None),
        ]:
            out.append(quad)
            store.remove(quad)
    for node in _later(store, TO, limit):
        for predicate in (TO, TO_PRECISION):
            for quad in list(store.quads_for_pattern(node, predicate, None, None)):
                out.append(quad)
                store.remove(quad)
    return tuple(out)


def _later(store: Store, predicate: NamedNode, limit: Literal) -> set[NamedNode]:
    """Subjects whose date is after the limit."""
    found = solutions(store, _LATER, {"p": predicate, "limit": limit})
    return {subject for row in found if isinstance(subject := row["s"], NamedNode)}


def _unborn(store: Store, later: set[NamedNode]) -> set[NamedNode]:
    """Things whose life, as far as it is dated, began after the limit."""
    things: dict[NamedNode, list[NamedNode]] = {}
    for event in later:
        for quad in store.quads_for_pattern(event, EVENT_OF, None, None):
            if isinstance(quad.object, NamedNode):
                things.setdefault(quad.object, []).append(event)
    unborn: set[NamedNode] = set()
    for thing, events in things.items():
        known = {quad.subject for quad in store.quads_for_pattern(None, EVENT_OF, thing, None)}
        if known - later:
            continue
        kinds = {quad.object for quad in store.quads_for_pattern(thing, TYPE, None, None)}
        if kinds.isdisjoint(LASTING) and begins(partial(store.quads_for_pattern, graph_name=None), events):
            unborn.add(thing)
    return unborn


def begins(find: Find, events: Iterable[NamedNode]) -> bool:
    """Whether the earliest of some events is one that can begin a life (any of those on the same first day).

    Args:
        find: quads by subject, predicate, object.
        events: dated, at least one.
    """
    dated = []
    for event in events:
        days = [quad.object.value for quad in find(event, DATE, None) if isinstance(quad.object, Literal)]
        kinds = [quad.object for quad in find(event, EVENT_KIND, None)]
        continuing = any(isinstance(kind, NamedNode) and kind.value in CONTINUING_KINDS for kind in kinds)
        dated.append((min(days), continuing))
    return not min(dated)[1]
