"""The agenda: recommendations, what bears on each, and what has moved. Plain data, no words, no HTML."""

from __future__ import annotations

from dataclasses import dataclass

from kizuna.atlas.about import About, read_about
from kizuna.atlas.evidence import NOTHING, Backing, backing_by
from kizuna.atlas.lines import EventLine, event_lines, latest_event
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, Name, day, each, iri, local_name, named, number, text
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.engine.types import Row
from kizuna.workspace.names import NS


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """A recommendation in the list: how many things bear on it, how often one has moved, and when the last did."""

    recommendation: Name
    number: str | None
    section: Name | None
    bearings: int
    events: int
    latest: Day | None


@dataclass(frozen=True, slots=True)
class Bearing:
    """A thing that bears on a recommendation, why, and what happened to it last."""

    thing: Name
    kind: Name | None
    status: Name | None
    note: Name | None
    latest: Day | None
    latest_kind: Name | None


@dataclass(frozen=True, slots=True)
class RecommendationPage:
    """Everything the page of a recommendation shows; `bearings` and `moved` are newest first."""

    about: About
    number: str | None
    section: Name | None
    summary: Name | None
    domains: tuple[Name, ...]
    bearings: tuple[Bearing, ...]
    moved: tuple[EventLine, ...]
    backing: Backing


def read_agenda(reader: Reader, words: Vocabulary) -> tuple[AgendaLine, ...]:
    """All recommendations, section by section, in the order of their names in the data."""
    lines: dict[str, AgendaLine] = {}
    for row in reader.rows("recommendations"):
        found = named(row, "recommendation")
        lines.setdefault(
            found.iri,
            AgendaLine(
                found,
                text(row, "number"),
                words.concept(iri(row, "section")),
                number(row, "bearings"),
                number(row, "events"),
                day(row, "latest"),
            ),
        )
    return tuple(sorted(lines.values(), key=lambda x: _place(local_name(x.recommendation.iri))))


def _place(slug: str) -> tuple[str, int, str]:
    """Sorts `r2` before `r10`."""
    digits = "".join(c for c in slug if c.isdigit())
    return (slug.rstrip("0123456789"), int(digits) if digits else 0, slug)


def read_recommendation(reader: Reader, words: Vocabulary, recommendation: str) -> RecommendationPage | None:
    """Read the page of a recommendation; None when nothing is stated about it."""
    about = read_about(reader, words, recommendation)
    if about is None:
        return None
    rows: dict[str, list[Row]] = {}
    for row in reader.rows("recommendation-bearings", recommendation=recommendation):
        if thing := iri(row, "thing"):
            rows.setdefault(thing, []).append(row)
    bearings = [_bearing(same, words) for same in rows.values()]
    backing = backing_by(reader, reader.rows("evidence", thing=recommendation), "statement")
    return RecommendationPage(
        about=about,
        number=about.first(NS + "number"),
        section=words.concept(section.iri) if (section := about.one(NS + "section")) else None,
        summary=about.words(NS + "summary"),
        domains=words.concepts_in(n.iri for n in about.names(NS + "domain")),
        bearings=tuple(
            sorted(bearings, key=lambda b: (-b.latest.value.toordinal() if b.latest else 0, b.thing.iri))
        ),
        moved=event_lines(reader.rows("recommendation-events", recommendation=recommendation), words),
        backing=backing.get(recommendation, NOTHING),
    )


def _bearing(rows: list[Row], words: Vocabulary) -> Bearing:
    thing = named(rows[0], "thing")
    note = Name(thing.iri, text(rows[0], "noteJa"), text(rows[0], "noteEn"))
    latest, latest_kind = latest_event(rows, words)
    return Bearing(
        thing=thing,
        kind=words.class_name(words.most_special(each(iri, rows, "thingKind"))),
        status=words.concept(iri(rows[0], "status")),
        note=note if note.ja or note.en else None,
        latest=latest,
        latest_kind=latest_kind,
    )
