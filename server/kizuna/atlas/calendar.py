"""What comes: ends that agreements set themselves, days that activities aim at, round anniversaries. Pure over a Reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, Name, iri, local_name
from kizuna.atlas.timeline import Moment, TimelineFilter, choose, read_moments
from kizuna.atlas.vocabulary import Vocabulary

AHEAD_YEARS = 2
"""Anniversaries are told so far ahead; scheduled days as far as they are known."""
SPECIAL = {5, 25, 75}
"""Anniversaries told beside the multiples of ten."""
CELEBRATED = {"signed", "in-force", "founded"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the calendar.

    Args:
        sort: `ends` (an agreement's own end), `aims` (an activity's aim) or `anniversary`.
        first: its first day; `after` is the first day that no longer belongs to it (RFC 5545, 3.6.1).
        original: for an anniversary, the day that it recalls, and `years` how long ago that was.
        event: what happened on that day.
    """

    sort: str
    thing: Name
    kind: Name | None
    first: date
    after: date
    precision: str
    original: Day | None = None
    years: int | None = None
    event: Name | None = None

    @property
    def day(self) -> Day:
        """When, as precisely as known."""
        return Day(self.first, self.precision)

    @property
    def uid(self) -> str:
        """A name that stays the same from one reading to the next (RFC 7986, 5.3)."""
        what = local_name(self.event.iri) if self.event else self.sort
        return f"{self.thing.iri.removeprefix('https://')}/{what}/{self.first.isoformat()}"


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """The coming entries that fit a filter, soonest first."""

    wanted: TimelineFilter
    entries: tuple[Entry, ...]


def read_calendar(reader: Reader, words: Vocabulary, wanted: TimelineFilter) -> CalendarPage:
    """Read what comes after the view's day, for an actor, framework, domain or kind."""
    if wanted == TimelineFilter():
        return reader.kept("calendar", lambda: _read_calendar(reader, words, wanted))
    return _read_calendar(reader, words, wanted)


def _read_calendar(reader: Reader, words: Vocabulary, wanted: TimelineFilter) -> CalendarPage:
    as_of = reader.view.as_of
    moments = choose(reader, words, read_moments(reader, words), wanted)
    ended = {m.thing.iri for m in moments if m.what == "ended" and m.party is None} | {
        thing
        for row in reader.rows("agreements")
        if (thing := iri(row, "agreement")) and local_name(iri(row, "status") or "") == "ended"
    }
    entries = [_scheduled(m) for m in moments if m.what == "expected"]
    past = [m for m in moments if m.what != "expected" and m.thing.iri not in ended]
    entries += _anniversaries(past, as_of)
    return CalendarPage(wanted, tuple(sorted(entries, key=lambda e: (e.first, e.uid))))


def _scheduled(moment: Moment) -> Entry:
    first = moment.date.value
    return Entry(
        "aims" if moment.aim else "ends",
        moment.thing,
        moment.kind,
        first,
        _after(moment.date),
        moment.date.precision,
    )


def _after(day: Day) -> date:
    first = day.value
    if day.precision == "year":
        return date(first.year + 1, 1, 1)
    if day.precision == "month":
        return date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first + timedelta(days=1)


def _anniversaries(moments: Iterable[Moment], as_of: date) -> list[Entry]:
    entries: dict[tuple[str, str], Entry] = {}
    for moment in moments:
        kind = local_name(moment.event.iri) if moment.event else ""
        if kind not in CELEBRATED or moment.date.precision != "day" or moment.party is not None:
            continue
        for year in range(as_of.year, as_of.year + AHEAD_YEARS + 1):
            years = year - moment.date.value.year
            if years <= 0 or (years % 10 and years not in SPECIAL):
                continue
            first = _in_year(moment.date.value, year)
            if as_of < first <= _in_year(as_of, as_of.year + AHEAD_YEARS):
                entries.setdefault(
                    (moment.thing.iri, kind),
                    Entry(
                        "anniversary",
                        moment.thing,
                        moment.kind,
                        first,
                        first + timedelta(days=1),
                        "day",
                        moment.date,
                        years,
                        moment.event,
                    ),
                )
    return list(entries.values())


def _in_year(day: date, year: int) -> date:
    """The same day in another year; 29 February becomes 28 February where there is none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
