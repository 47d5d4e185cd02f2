"""The page of an actor (a state, an economy, an organisation): its tie with the principal and all around it.

Plain data from named queries; no words of any language, no HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kizuna.atlas.about import About, read_about
from kizuna.atlas.agreement_facts import read_facts
from kizuna.atlas.compare import Comparison, compare
from kizuna.atlas.evidence import NOTHING, Backing, backing_by
from kizuna.atlas.lines import (
    ActivityLine,
    AgreementLine,
    EventLine,
    activity_lines,
    agreement_lines,
    agreement_order,
    event_lines,
)
from kizuna.atlas.pair import read_between
from kizuna.atlas.reader import Reader
from kizuna.atlas.talks import open_talks
from kizuna.atlas.terms import Day, Name, day, iri, local_name, named
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.workspace.names import NS

CODES = ("iso3", "iso2", "m49")
STANDING = ("in-force", "provisional", "adopted")
NEVER = Day(date.min)
CURRENT_ROLES_FIRST = ("founding-member", "member", "chair", "acceding", "applicant")


@dataclass(frozen=True, slots=True)
class Place:
    """An actor's place in a framework, with the principal's own current places beside it."""

    participation: str
    framework: Name
    kind: Name | None
    role: Name
    since: Day | None
    until: Day | None
    principal_roles: tuple[Name, ...]
    backing: Backing


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers at the head of the page (with the principal, where there is one).

    Args:
        close: how many of those standing have at most three parties.
    """

    standing: int
    close: int
    signed: int
    talks: int
    shared: int
    activities: int


@dataclass(frozen=True, slots=True)
class ActorPage:
    """Everything the page of an actor shows.

    `principal` is None on the principal's own page and where the workspace has none; then `agreements` are
    all agreements of the actor and there is no comparison.
    """

    about: About
    principal: Name | None
    codes: tuple[str, ...]
    region: Name | None
    capital: Name | None
    seat: Name | None
    figures: Figures
    agreements: tuple[AgreementLine, ...]
    talks: tuple[AgreementLine, ...]
    places: tuple[Place, ...]
    activities: tuple[ActivityLine, ...]
    history: tuple[EventLine, ...]
    comparison: Comparison | None
    parts: tuple[tuple[Name, Name | None], ...]

    @property
    def lines(self) -> tuple[AgreementLine, ...]:
        """Agreements and open talks in one list, the strongest tie first, multilateral ones last."""
        return tuple(sorted(self.agreements + self.talks, key=agreement_order))

    @property
    def newest(self) -> tuple[AgreementLine, ...]:
        """The forty agreements and talks with the newest dates."""
        dated = [(line.in_force or line.signed, line) for line in self.agreements]
        fresh = sorted((pair for pair in dated if pair[0]), key=lambda pair: pair[0] or NEVER, reverse=True)
        return tuple(line for _, line in fresh[:40])

    @property
    def by_kind(self) -> tuple[tuple[Name, int, int], ...]:
        """Kinds of agreement with how many there are and how many stand, the commonest first."""
        counts: dict[Name, list[int]] = {}
        for line in self.agreements:
            if line.kind:
                pair = counts.setdefault(line.kind, [0, 0])
                pair[0] += 1
                pair[1] += _slug(line) in STANDING
        return tuple(sorted(((k, a, s) for k, (a, s) in counts.items()), key=lambda x: (-x[1], x[0].iri)))

    @property
    def recent(self) -> tuple[EventLine, ...]:
        """The newest six events, newest first."""
        return tuple(reversed(self.history[-6:]))

    @property
    def current_places(self) -> tuple[Place, ...]:
        """Places the actor holds now."""
        return tuple(p for p in self.places if p.until is None)

    @property
    def former_places(self) -> tuple[Place, ...]:
        """Places the actor held and left."""
        return tuple(p for p in self.places if p.until is not None)


def read_actor(
    reader: Reader, words: Vocabulary, actor: str, principal: str | None, peers: Sequence[str] = ()
) -> ActorPage | None:
    """Read the page of an actor; None when nothing is stated about it.

    Args:
        reader: the view.
        words: its vocabulary.
        actor: IRI of the actor.
        principal: IRI of the actor the workspace is seen from.
        peers: IRIs of actors to compare with; empty lets likeness decide.
    """
    about = read_about(reader, words, actor)
    if about is None:
        return None
    other = principal if principal != actor else None
    agreements, talks, history = _relation(reader, words, actor, other)
    places = _places(reader, words, actor, other)
    activities = activity_lines(reader.rows("actor-activities", actor=actor), words)
    comparison = None
    if other and (agreements or talks):
        chosen = [Name(p, *_names(reader, words, p)) for p in peers]
        comparison = compare(reader, words, about.thing, other, chosen)
    region = about.one(NS + "region")
    return ActorPage(
        about=about,
        principal=Name(other, *_names(reader, words, other)) if other else None,
        codes=tuple(c for p in CODES if (c := about.first(NS + p))),
        region=region,
        capital=about.one(NS + "capital"),
        seat=about.one(NS + "seat"),
        figures=Figures(
            standing=sum(1 for a in agreements if _slug(a) in STANDING),
            close=sum(1 for a in agreements if _slug(a) in STANDING and not a.multilateral),
            signed=sum(1 for a in agreements if _slug(a) == "signed"),
            talks=sum(1 for t in talks if _slug(t) == "negotiating"),
            shared=len(
                {p.framework.iri for p in places if p.until is None and (p.principal_roles or not other)}
            ),
            activities=len(activities),
        ),
        agreements=agreements,
        talks=talks,
        places=places,
        activities=activities,
        history=history,
        comparison=comparison,
        parts=_parts(reader, words, actor),
    )


def _slug(line: AgreementLine) -> str | None:
    return local_name(line.status.iri) if line.status else None


def _names(reader: Reader, words: Vocabulary, thing: str) -> tuple[str | None, str | None]:
    about = read_about(reader, words, thing)
    return (about.thing.ja, about.thing.en) if about else (None, None)


def _relation(
    reader: Reader, words: Vocabulary, actor: str, principal: str | None
) -> tuple[tuple[AgreementLine, ...], tuple[AgreementLine, ...], tuple[EventLine, ...]]:
    if principal is None:
        # Many, and most asked for: the page of the actor whom the workspace is seen from.
        return reader.kept(("all relations", actor), lambda: _all_relations(reader, words, actor))
    agreements, history = read_between(reader, words, actor, principal)
    return agreements, open_talks(reader, words, principal, actor, history), history


def _all_relations(
    reader: Reader, words: Vocabulary, actor: str
) -> tuple[tuple[AgreementLine, ...], tuple[AgreementLine, ...], tuple[EventLine, ...]]:
    rows = reader.rows("actor-all-agreements", actor=actor)
    changes = event_lines(reader.rows("actor-changes", actor=actor), words)
    talks = open_talks(reader, words, actor, None, changes)
    return agreement_lines(rows, words, read_facts(reader)), talks, tuple(reversed(changes))


def _places(reader: Reader, words: Vocabulary, actor: str, principal: str | None) -> tuple[Place, ...]:
    beside: dict[str, list[Name]] = {}
    if principal:
        for row in reader.rows("roles-of", actor=principal):
            framework, role = iri(row, "framework"), words.concept(iri(row, "role"))
            if framework and role:
                beside.setdefault(framework, []).append(role)
    backing = backing_by(reader, reader.rows("evidence", thing=actor), "statement")
    places: dict[str, Place] = {}
    for row in reader.rows("actor-frameworks", actor=actor):
        participation, role = iri(row, "participation"), words.concept(iri(row, "role"))
        if participation is None or role is None or participation in places:
            continue
        found = named(row, "framework")
        places[participation] = Place(
            participation=participation,
            framework=found,
            kind=words.class_name(iri(row, "frameworkKind")),
            role=role,
            since=day(row, "from"),
            until=day(row, "to"),
            principal_roles=tuple(beside.get(found.iri, ())),
            backing=backing.get(participation, NOTHING),
        )
    return tuple(sorted(places.values(), key=_place_order))


def _place_order(place: Place) -> tuple[bool, int, str, str]:
    role = local_name(place.role.iri)
    rank = CURRENT_ROLES_FIRST.index(role) if role in CURRENT_ROLES_FIRST else len(CURRENT_ROLES_FIRST)
    kind = place.kind.iri if place.kind else ""
    return (not place.principal_roles, rank, kind, place.framework.iri)


def _parts(reader: Reader, words: Vocabulary, actor: str) -> tuple[tuple[Name, Name | None], ...]:
    found: dict[str, tuple[Name, Name | None]] = {}
    for row in reader.rows("parts-of", actor=actor):
        part = named(row, "part")
        found.setdefault(part.iri, (part, words.class_name(iri(row, "partKind"))))
    return tuple(found.values())
