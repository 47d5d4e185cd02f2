"""The page of a framework: who takes part and how, since when, what it rests on. Plain data, no words, no HTML."""

from __future__ import annotations

from dataclasses import dataclass

from kizuna.atlas.about import About, read_about
from kizuna.atlas.agreement_facts import read_facts
from kizuna.atlas.evidence import NOTHING, Backing, backing_by
from kizuna.atlas.lines import (
    ActivityLine,
    AgreementLine,
    EventLine,
    activity_lines,
    agreement_lines,
    event_lines,
)
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, Name, day, iri, local_name, named, text
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.workspace.names import NS

ROLE_ORDER = [
    "chair",
    "founding-member",
    "member",
    "acceding",
    "applicant",
    "associate-member",
    "observer",
    "dialogue-partner",
    "sectoral-dialogue-partner",
    "partner",
    "participant",
    "guest",
    "signatory",
    "suspended",
]
LEVEL_ORDER = ["leaders", "ministers", "vice-ministers", "officials"]


@dataclass(frozen=True, slots=True)
class Participant:
    """One spell of one actor in one role."""

    participation: str
    actor: Name
    role: Name
    since: Day | None
    since_kind: str | None
    until: Day | None
    backing: Backing


@dataclass(frozen=True, slots=True)
class RoleGroup:
    """All who hold a role now. `complete_as_of` is set where the list is known to be complete."""

    role: Name
    participants: tuple[Participant, ...]
    complete: bool
    complete_as_of: Day | None


@dataclass(frozen=True, slots=True)
class Absent:
    """An actor known not to take part: the node that says so, and the day that it speaks of."""

    absence: str
    actor: Name
    as_of: Day | None


@dataclass(frozen=True, slots=True)
class Level:
    """A level at which the framework meets; `meetings` counts those held at it that are recorded."""

    level: Name
    meetings: int


@dataclass(frozen=True, slots=True)
class FrameworkPage:
    """Everything the page of a framework shows."""

    about: About
    groups: tuple[RoleGroup, ...]
    absent: tuple[Absent, ...]
    former: tuple[Participant, ...]
    history: tuple[EventLine, ...]
    agreements: tuple[AgreementLine, ...]
    activities: tuple[ActivityLine, ...]
    related: tuple[tuple[str, Name], ...]
    domains: tuple[Name, ...]
    levels: tuple[Level, ...]
    places: tuple[tuple[Name, Name], ...]

    @property
    def participants(self) -> tuple[Participant, ...]:
        """All spells, current ones first."""
        return tuple(p for g in self.groups for p in g.participants) + self.former

    @property
    def members(self) -> int:
        """How many are members now (founding members included)."""
        roles = ("member", "founding-member")
        return len(
            {p.actor.iri for g in self.groups if local_name(g.role.iri) in roles for p in g.participants}
        )


def read_framework(reader: Reader, words: Vocabulary, framework: str) -> FrameworkPage | None:
    """Read the page of a framework; None when nothing is stated about it."""
    about = read_about(reader, words, framework)
    if about is None:
        return None
    backing = backing_by(reader, reader.rows("evidence", thing=framework), "statement")
    participants: dict[str, Participant] = {}
    for row in reader.rows("framework-participants", framework=framework):
        participation, role = iri(row, "participation"), words.concept(iri(row, "role"))
        if participation is None or role is None or participation in participants:
            continue
        participants[participation] = Participant(
            participation=participation,
            actor=named(row, "actor"),
            role=role,
            since=day(row, "from"),
            since_kind=text(row, "fromKind"),
            until=day(row, "to"),
            backing=backing.get(participation, NOTHING),
        )
    closed = {
        local_name(closed_role): day(row, "asOf")
        for row in reader.rows("framework-lists", framework=framework)
        if (closed_role := iri(row, "role"))
    }
    current = [p for p in participants.values() if p.until is None]
    return FrameworkPage(
        about=about,
        groups=_groups(current, closed),
        absent=_absent(reader, framework, {p.actor.iri for p in current}),
        former=tuple(sorted((p for p in participants.values() if p.until), key=_former_order)),
        history=event_lines(reader.rows("events", thing=framework), words, backing),
        agreements=agreement_lines(
            reader.rows("framework-agreements", framework=framework), words, read_facts(reader)
        ),
        activities=activity_lines(reader.rows("framework-activities", framework=framework), words),
        related=tuple(
            (local_name(iri(row, "relation") or ""), named(row, "other"))
            for row in reader.rows("related-frameworks", framework=framework)
        ),
        domains=words.concepts_in(n.iri for n in about.names(NS + "domain")),
        levels=_levels(reader, words, framework),
        places=_places(reader, words, framework),
    )


def _groups(current: list[Participant], closed: dict[str, Day | None]) -> tuple[RoleGroup, ...]:
    by_role: dict[Name, list[Participant]] = {}
    for participant in current:
        by_role.setdefault(participant.role, []).append(participant)
    groups = []
    for role, people in sorted(by_role.items(), key=lambda item: _role_rank(item[0])):
        slug = local_name(role.iri)
        key = "member" if slug == "founding-member" else slug
        groups.append(RoleGroup(role, tuple(sorted(people, key=_order)), key in closed, closed.get(key)))
    return tuple(groups)


def _absent(reader: Reader, framework: str, present: set[str]) -> tuple[Absent, ...]:
    """Who is known not to take part, by name; whoever holds a place now is not named."""
    found: dict[str, Absent] = {}
    for row in reader.rows("framework-absences", framework=framework):
        actor, absence = named(row, "actor"), iri(row, "absence")
        if absence and actor.iri not in present:
            found.setdefault(actor.iri, Absent(absence, actor, day(row, "asOf")))
    return tuple(sorted(found.values(), key=lambda a: (a.actor.label("en").casefold(), a.actor.iri)))


def _role_rank(role: Name) -> tuple[int, str]:
    slug = local_name(role.iri)
    return (ROLE_ORDER.index(slug) if slug in ROLE_ORDER else len(ROLE_ORDER), role.iri)


def _order(participant: Participant) -> tuple[int, str, str]:
    """By the day; those of one day, and those without a known one, by name."""
    since = participant.since.value.toordinal() if participant.since else 0
    return (since, participant.actor.label("en").casefold(), participant.actor.iri)


def _former_order(participant: Participant) -> tuple[int, str]:
    return (-participant.until.value.toordinal() if participant.until else 0, participant.actor.iri)


def _levels(reader: Reader, words: Vocabulary, framework: str) -> tuple[Level, ...]:
    """The levels at which the framework meets, the highest first; one that was only stated has no meetings."""
    held: dict[str, set[str]] = {}
    for row in reader.rows("framework-levels", framework=framework):
        meetings = held.setdefault(iri(row, "level") or "", set())
        if meeting := iri(row, "meeting"):
            meetings.add(meeting)
    levels = (Level(words.concept(at) or Name(at), len(meetings)) for at, meetings in held.items())
    return tuple(sorted(levels, key=lambda each: _level_rank(each.level)))


def _level_rank(level: Name) -> tuple[int, str]:
    slug = local_name(level.iri)
    return (LEVEL_ORDER.index(slug) if slug in LEVEL_ORDER else len(LEVEL_ORDER), level.iri)


def _places(reader: Reader, words: Vocabulary, framework: str) -> tuple[tuple[Name, Name], ...]:
    """Where the framework is itself an actor (a treaty organisation): the frameworks it takes part in."""
    places = []
    for row in reader.rows("actor-frameworks", actor=framework):
        role = words.concept(iri(row, "role"))
        if role and iri(row, "to") is None:
            places.append((named(row, "framework"), role))
    return tuple(dict.fromkeys(places))
