"""Activities (projects, transfers, programmes …): the list, and the page of one. Plain data, no words, no HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kizuna.atlas.about import About, read_about
from kizuna.atlas.evidence import NOTHING, Backing, backing_by
from kizuna.atlas.lines import ActivityLine, EventLine, activity_lines, event_lines
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, Name, each, iri, local_name, named
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.workspace.names import NS


@dataclass(frozen=True, slots=True)
class Share:
    """Who takes which part (`place`: provider, recipient …) in an activity."""

    place: str
    actor: Name


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """Everything the page of an activity shows. `amount` is in units of `currency`."""

    about: About
    status: Name | None
    shares: tuple[Share, ...]
    item: Name | None
    quantity: str | None
    level: Name | None
    finance: Name | None
    amount: str | None
    currency: str | None
    fiscal_year: str | None
    target: Day | None
    domains: tuple[Name, ...]
    agreements: tuple[Name, ...]
    frameworks: tuple[Name, ...]
    wholes: tuple[Name, ...]
    parts: tuple[ActivityLine, ...]
    history: tuple[EventLine, ...]
    backing: Backing


@dataclass(frozen=True, slots=True)
class ActivitiesPage:
    """The list with the filter it was made by; `kinds` are the choices with their numbers."""

    kind: str
    kinds: tuple[tuple[Name, int], ...]
    lines: tuple[ActivityLine, ...]


def read_activities(reader: Reader, words: Vocabulary, kind: str = "") -> ActivitiesPage:
    """Read all activities, or those of one class (local name) and below."""
    lines = activity_lines(reader.rows("activities"), words)
    counts: dict[Name, int] = {}
    for line in lines:
        if line.kind:
            counts[line.kind] = counts.get(line.kind, 0) + 1
    chosen = tuple(x for x in lines if not kind or (x.kind and words.is_a(x.kind.iri, NS + kind)))
    return ActivitiesPage(kind, tuple(sorted(counts.items(), key=lambda i: (-i[1], i[0].iri))), chosen)


def read_activity(reader: Reader, words: Vocabulary, activity: str) -> ActivityPage | None:
    """Read the page of an activity; None when nothing is stated about it."""
    about = read_about(reader, words, activity)
    if about is None:
        return None
    backing = backing_by(reader, reader.rows("evidence", thing=activity), "statement")
    status = each(iri, reader.rows("standing", thing=activity), "status")
    finance = about.one(NS + "finance")
    level = about.one(NS + "meetingLevel")
    year = about.first(NS + "fiscalYear")
    return ActivityPage(
        about=about,
        status=words.concept(status[0]) if status else None,
        shares=tuple(
            dict.fromkeys(
                Share(local_name(iri(r, "relation") or ""), named(r, "actor"))
                for r in reader.rows("activity-actors", activity=activity)
            )
        ),
        item=about.words(NS + "item"),
        quantity=about.first(NS + "quantity"),
        level=words.concept(level.iri) if level else None,
        finance=words.concept(finance.iri) if finance else None,
        amount=about.first(NS + "amount"),
        currency=about.first(NS + "currency"),
        fiscal_year=year[:4] if year else None,
        target=_target(about),
        domains=words.concepts_in(n.iri for n in about.names(NS + "domain")),
        agreements=about.names(NS + "underAgreement"),
        frameworks=about.names(NS + "underFramework"),
        wholes=about.names(NS + "partOf"),
        parts=activity_lines(reader.rows("activity-parts", whole=activity), words),
        history=event_lines(reader.rows("events", thing=activity), words, backing),
        backing=backing.get(activity, NOTHING),
    )


def _target(about: About) -> Day | None:
    value, precision = about.first(NS + "targetDate"), about.one(NS + "targetDatePrecision")
    if value is None:
        return None
    return Day(date.fromisoformat(value[:10]), local_name(precision.iri) if precision else "day")
