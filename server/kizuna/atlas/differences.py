"""What changed between two views, told as changes that people know: events, participations, ties, standings. Asks the engine.

Two views may differ by their days, their revisions or their scenarios. Their dumps are made in sandboxes, compared as
sets of lines, and the result is kept for the pair of views.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Final, cast

from pyoxigraph import NamedNode, Quad

from kizuna.atlas.differences_lines import Lines, by_subject, day_of, quads_of
from kizuna.atlas.terms import Day, Name, kind_and_slug, local_name
from kizuna.engine.types import Engine, Limits, View, ViewError
from kizuna.views.diff import ViewDifference, difference_of_lines
from kizuna.workspace.names import NS, RDF

KEPT: Final = 4
KINDS: Final = ("status", "tie", "definition", "participation", "event", "thing")
"""The kinds of change, in the order in which they are told."""
_NO_TIE: Final = {"status", "appliesTo", "beginsFor", "signedOn", "inForceOn", "endedOn"}
_THINGS: Final = {
    "agreement", "framework", "negotiation", "activity", "instrument", "recommendation", "state", "economy",
    "international-organisation", "public-body", "company", "ngo",
}  # fmt: skip
_LIMITS: Final = Limits(seconds=60.0, rows=None)
_DUMP: Final = "kizuna.views.diff:dump"


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Args:
        kind: one of `KINDS`.
        gained: True for what only the later view holds, False for what only the earlier one holds.
        subject: an event's thing, a participation's actor, a tie's first end, the thing itself.
        predicate: the event's kind, the role, the tie; of a status the one before.
        object: the event's party, the framework, the tie's other end, the class; of a status the one after.
        day: when, as far as it is known.
    """

    kind: str
    gained: bool
    subject: Name
    predicate: Name | None
    object: Name | None
    day: Day | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """How many statements only one of the views holds."""

    stated_added: int
    stated_removed: int
    derived_added: int
    derived_removed: int
    inferred_added: int
    inferred_removed: int


@dataclass(frozen=True, slots=True)
class DifferencePage:
    """What changed between two views.

    Args:
        before: how the earlier view is written in an address.
        after: the later one.
        about: what the changes are about; empty for everything.
        changes: kind by kind, in the order of `KINDS`.
        figures: of the whole difference, whatever it is about.
    """

    before: str
    after: str
    about: tuple[Name, ...]
    changes: tuple[Change, ...]
    figures: Figures

    def of(self, kind: str) -> tuple[Change, ...]:
        """The changes of one kind."""
        return tuple(change for change in self.changes if change.kind == kind)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two views compared, with what is needed to tell it."""

    difference: ViewDifference
    lines: Lines
    changes: tuple[tuple[Change, frozenset[str], frozenset[str]], ...]
    """Each change with the things it is itself about, and all that these are about."""


class Comparisons:
    """The latest comparisons of an application. Safe to use from many threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], Compared] = OrderedDict()
        self._lock = threading.Lock()
        self._work = threading.Lock()

    def of(self, engine: Engine, before: View, after: View) -> Compared:
        """Two views compared.

        Raises:
            EngineError: a view cannot be built or read.
        """
        key = (engine.revision(before), engine.revision(after))
        with self._work:  # one at a time: each needs some hundred megabytes while it is made
            with self._lock:
                known = self._known.get(key)
                if known is not None:
                    self._known.move_to_end(key)
                    return known
            with ThreadPoolExecutor(2) as pool:  # two views that are not built yet are built side by side
                dumps = pool.map(lambda view: dump_of(engine, view), (before, after))
                made = compare_dumps(*dumps)
            with self._lock:
                self._known[key] = made
                while len(self._known) > KEPT:
                    self._known.popitem(last=False)
        return made


def dump_of(engine: Engine, view: View) -> bytes:
    """All quads of a view, as N-Quads.

    Raises:
        EngineError: the view cannot be built, or the engine keeps no whole views.
    """
    run = getattr(engine, "run_in_fork", None)
    if run is None:
        raise ViewError("This engine cannot compare views.")
    return cast(bytes, run(view, _DUMP, (), limits=_LIMITS))


def compare_dumps(before: bytes, after: bytes) -> Compared:
    """Compare two views given as N-Quads."""
    first, second = set(before.split(b"\n")), set(after.split(b"\n"))
    difference = difference_of_lines(first, second)
    lines = Lines(chain(first, second - first))
    return Compared(difference, lines, tuple(_all(difference, lines)))


def read_differences(
    comparisons: Comparisons,
    engine: Engine,
    before: tuple[str, View],
    after: tuple[str, View],
    about: Sequence[str],
) -> DifferencePage:
    """What changed between two views.

    Args:
        before: how the earlier view is written, and the view.
        after: the later one.
        about: IRIs of which each change must be about all; none for everything.

    Raises:
        EngineError: a view cannot be built or read.
    """
    compared = comparisons.of(engine, before[1], after[1])
    wanted = frozenset(about)
    found = [
        change
        for change, own, all_ in compared.changes
        if not wanted or (own & wanted and wanted <= own | all_)
    ]
    difference = compared.difference
    figures = Figures(
        *(
            number
            for part in (difference.stated, difference.derived, difference.inferred)
            for number in (len(part.added), len(part.removed))
        )
    )
    names = tuple(compared.lines.name(iri) for iri in about)
    return DifferencePage(before[0], after[0], names, tuple(sorted(found, key=_order)), figures)


def _order(change: Change) -> tuple[int, str, str, str, str]:
    day = change.day.value.isoformat() if change.day else ""
    other = change.object.iri if change.object else ""
    predicate = change.predicate.iri if change.predicate else ""
    return (KINDS.index(change.kind), day, change.subject.iri, predicate, other)


Told = tuple[Change, frozenset[str], frozenset[str]]


def _all(difference: ViewDifference, lines: Lines) -> Iterator[Told]:
    for gained, statements in ((True, difference.stated.added), (False, difference.stated.removed)):
        yield from _stated(by_subject(quads_of(statements)).items(), gained, lines)
    statuses: dict[str, dict[bool, str]] = {}
    for gained, statements in ((True, difference.derived.added), (False, difference.derived.removed)):
        for quad in quads_of(statements):
            subject, other = quad.subject, quad.object
            if not isinstance(subject, NamedNode) or not isinstance(other, NamedNode):
                continue
            if quad.predicate.value == NS + "status":
                statuses.setdefault(subject.value, {})[gained] = other.value
            elif local_name(quad.predicate.value) not in _NO_TIE:
                yield _tie("tie", gained, subject.value, quad.predicate.value, other.value, lines)
    for thing, each in statuses.items():
        before, after = (lines.name(each[key]) if key in each else None for key in (False, True))
        change = Change("status", True, lines.name(thing), before, after)
        yield change, frozenset({thing, *lines.actors(thing)}), frozenset()
    yield from _definitions(difference, lines)


def _stated(groups: Iterable[tuple[str, list[Quad]]], gained: bool, lines: Lines) -> Iterator[Told]:
    for subject, quads in groups:
        node = f"<{subject}>".encode()
        kind = (kind_and_slug(subject) or ("", ""))[0]
        whole = any(quad.predicate.value == RDF + "type" for quad in quads)
        if kind == "event" and whole:
            yield from _event(node, gained, lines)
        elif kind == "participation":
            end = next((quad for quad in quads if quad.predicate.value == NS + "to"), None)
            if whole or end is not None:
                yield from _participation(node, gained if whole else not gained, whole, end, lines)
        elif kind in _THINGS and whole:
            class_ = next(q.object for q in quads if q.predicate.value == RDF + "type")
            name = lines.name(class_.value) if isinstance(class_, NamedNode) else None
            change = Change("thing", gained, lines.name(subject), None, name)
            yield change, frozenset({subject, *lines.actors(subject)}), frozenset()


def _event(node: bytes, gained: bool, lines: Lines) -> Iterator[Told]:
    thing, kind = lines.one(node, "eventOf"), lines.one(node, "eventKind")
    if thing is None or kind is None:
        return
    party = lines.one(node, "eventParty")
    day = lines.day(node, "date", "precision")
    change = Change(
        "event", gained, lines.name(thing), lines.name(kind), lines.name(party) if party else None, day
    )
    parties = frozenset(lines.actors(thing))
    own = frozenset({thing, party}) if party else frozenset({thing, *parties})
    yield change, own, parties


def _participation(node: bytes, gained: bool, whole: bool, end: Quad | None, lines: Lines) -> Iterator[Told]:
    actor, framework, role = (lines.one(node, name) for name in ("participant", "framework", "role"))
    if actor is None or framework is None:
        return
    day = lines.day(node, "from", "fromPrecision")
    if not whole and end is not None:
        day = day_of(end.object.value, local_name(lines.one(node, "toPrecision") or "day"))  # type: ignore[union-attr]
    change = Change(
        "participation",
        gained,
        lines.name(actor),
        lines.name(role) if role else None,
        lines.name(framework),
        day,
    )
    yield change, frozenset({actor, framework}), frozenset(lines.members.get(framework, ()))


def _tie(kind: str, gained: bool, subject: str, predicate: str, other: str, lines: Lines) -> Told:
    change = Change(kind, gained, lines.name(subject), lines.name(predicate), lines.name(other))
    around = lines.actors(subject) | lines.actors(other) | lines.members.get(other, set())
    return change, frozenset({subject, other}), frozenset(around)


def _definitions(difference: ViewDifference, lines: Lines) -> Iterator[Told]:
    """Kinds that things of both views became or ceased to be."""
    known = {
        quad.subject.value
        for statements in (difference.stated.added, difference.stated.removed)
        for quad in quads_of(line for line in statements if f" <{RDF}type> " in line)
        if isinstance(quad.subject, NamedNode)
    }
    for gained, statements in ((True, difference.inferred.added), (False, difference.inferred.removed)):
        for quad in quads_of(line for line in statements if f" <{RDF}type> <{NS}" in line):
            subject, class_ = quad.subject, quad.object
            if (
                isinstance(subject, NamedNode)
                and isinstance(class_, NamedNode)
                and subject.value not in known
            ):
                yield _tie("definition", gained, subject.value, RDF + "type", class_.value, lines)
