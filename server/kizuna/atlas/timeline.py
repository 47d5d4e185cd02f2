"""The timeline: what was signed, entered into force, ended, and what is going to end. Plain data over a Reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kizuna.atlas.actor_names import actor_names
from kizuna.atlas.lines import EventLine
from kizuna.atlas.map import domains_above
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, Name, day, iri, local_name, named
from kizuna.atlas.timeline_bars import Bars, lay_bars
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.workspace.names import ID, NS

WHATS = ("signed", "in-force", "ended", "expected")
WHAT = {
    "signed": "signed",
    "adopted": "signed",
    "notes-exchanged": "signed",
    "founded": "signed",
    "in-force": "in-force",
    "effective": "in-force",
    "provisional": "in-force",
    "terminated": "ended",
    "expired": "ended",
    "withdrawn": "ended",
    "dissolved": "ended",
}
PAGE = 100
LABELLED = 40
"""So many events at most are drawn with a label each."""


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """What is asked for; an empty field does not restrict.

    Args:
        actors: KIND/SLUG of actors that all take part.
        framework, domain: slugs; what lies below a domain counts as well.
        kind: local name of a class; classes below it count as well.
        what: one of WHATS.
        first, last: years, both included.
    """

    actors: tuple[str, ...] = ()
    framework: str = ""
    domain: str = ""
    kind: str = ""
    what: str = ""
    first: int | None = None
    last: int | None = None
    start: int = 0

    @property
    def everything(self) -> bool:
        """Every moment fits, of whatever year."""
        return not (self.actors or self.framework or self.domain or self.kind or self.what)


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to a thing, or is scheduled to.

    Args:
        what: signed, in-force, ended, or expected (a scheduled end or aim).
        event: what exactly happened; None for what is scheduled.
        aim: True where an activity aims at the day, False where an agreement ends on it.
    """

    id: str
    thing: Name
    kind: Name | None
    what: str
    event: Name | None
    date: Day
    party: Name | None = None
    aim: bool = False


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Everything the timeline shows: `moments` newest first, from `wanted.start`; `coming` soonest first."""

    wanted: TimelineFilter
    total: int
    first: int
    last: int
    bars: Bars
    moments: tuple[Moment, ...]
    coming: tuple[Moment, ...]
    labelled: tuple[EventLine, ...]

    @property
    def history(self) -> tuple[EventLine, ...]:
        """The events that are drawn with a label each, oldest first."""
        return self.labelled

    @property
    def following(self) -> int | None:
        """Where the next page starts, or None on the last."""
        after = self.wanted.start + PAGE
        return after if after < self.total else None

    @property
    def preceding(self) -> int | None:
        """Where the page before starts, or None on the first."""
        return max(0, self.wanted.start - PAGE) if self.wanted.start else None


def read_moments(reader: Reader, words: Vocabulary) -> tuple[Moment, ...]:
    """Everything dated in a view, oldest first, remembered for the view."""
    events, scheduled = reader.rows("timeline-events"), reader.rows("timeline-scheduled")
    actors = actor_names(reader)

    def make() -> tuple[Moment, ...]:
        found: dict[str, Moment] = {}
        for row in events:
            event, kind, when = iri(row, "event"), iri(row, "eventKind"), day(row, "date")
            if event and kind and when and event not in found:
                party = iri(row, "party")
                found[event] = Moment(
                    event,
                    named(row, "thing"),
                    words.class_name(iri(row, "thingKind")),
                    WHAT[local_name(kind)],
                    words.concept(kind),
                    when,
                    actors.get(party, Name(party)) if party else None,
                )
        for row in scheduled:
            when = day(row, "date")
            if when and when.value > reader.view.as_of:
                thing, aim = named(row, "thing"), iri(row, "property") == NS + "targetDate"
                kind_name = words.class_name(iri(row, "thingKind"))
                found.setdefault(
                    thing.iri, Moment(thing.iri, thing, kind_name, "expected", None, when, None, aim)
                )
        return tuple(sorted(found.values(), key=lambda m: (m.date.value, m.id)))

    return reader.kept(("timeline-moments",), make)


def read_belongings(reader: Reader) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """By thing and relation (local name), what it belongs to."""
    rows = reader.rows("timeline-ties")

    def make() -> Mapping[str, Mapping[str, frozenset[str]]]:
        found: dict[str, dict[str, set[str]]] = {}
        for row in rows:
            thing, relation, other = iri(row, "thing"), iri(row, "relation"), iri(row, "other")
            if thing and relation and other:
                found.setdefault(thing, {}).setdefault(local_name(relation), set()).add(other)
        return {t: {r: frozenset(o) for r, o in by.items()} for t, by in found.items()}

    return reader.kept(("timeline-ties",), make)


def choose(
    reader: Reader, words: Vocabulary, moments: tuple[Moment, ...], wanted: TimelineFilter
) -> tuple[Moment, ...]:
    """Those of the moments that fit, whatever their year."""
    if wanted.everything:
        return moments
    ties, above = read_belongings(reader), domains_above(reader)
    actors = {ID + a for a in wanted.actors}
    framework, domain = f"{ID}framework/{wanted.framework}", f"{ID}domain/{wanted.domain}"

    def fits(moment: Moment) -> bool:
        own = ties.get(moment.thing.iri, {})
        if actors:
            people = own.get("party", frozenset()) | own.get("involves", frozenset())
            if not actors <= people or (moment.party and moment.party.iri not in actors):
                return False
        under = own.get("underFramework", frozenset()) | {moment.thing.iri}
        if wanted.framework and framework not in under:
            return False
        if wanted.domain and not any(
            d == domain or domain in above.get(d, frozenset()) for d in own.get("domain", frozenset())
        ):
            return False
        if wanted.kind and not (moment.kind and words.is_a(moment.kind.iri, NS + wanted.kind)):
            return False
        return not wanted.what or moment.what == wanted.what

    return tuple(m for m in moments if fits(m))


def read_timeline(
    reader: Reader, words: Vocabulary, wanted: TimelineFilter, whole: bool = False
) -> TimelinePage:
    """Read the timeline; all moments with `whole`, else one page of them."""
    if wanted == TimelineFilter():
        return reader.kept(("timeline", whole), lambda: _read_timeline(reader, words, wanted, whole))
    return _read_timeline(reader, words, wanted, whole)


def _read_timeline(reader: Reader, words: Vocabulary, wanted: TimelineFilter, whole: bool) -> TimelinePage:
    fitting = choose(reader, words, read_moments(reader, words), wanted)
    as_of = reader.view.as_of
    years = [m.date.value.year for m in fitting]
    first = wanted.first if wanted.first is not None else min(years, default=as_of.year)
    last = wanted.last if wanted.last is not None else max(years, default=as_of.year)
    inside = [m for m in fitting if first <= m.date.value.year <= last]
    past = [m for m in reversed(inside) if m.what != "expected"]
    start = min(max(wanted.start, 0), max(len(past) - 1, 0))
    labelled: tuple[EventLine, ...] = ()
    if 0 < len(past) <= LABELLED:
        labelled = tuple(
            EventLine(m.id, m.event, m.date, m.thing, m.party) for m in reversed(past) if m.event
        )
    return TimelinePage(
        wanted=wanted,
        total=len(past),
        first=first,
        last=last,
        bars=lay_bars([(m.date.value.year, m.what) for m in inside], first, last, WHATS, as_of.year),
        moments=tuple(past if whole else past[start : start + PAGE]),
        coming=tuple(m for m in inside if m.what == "expected"),
        labelled=labelled,
    )
