"""The list of actors, by region and kind. Plain data, no words, no HTML."""

from __future__ import annotations

from dataclasses import dataclass

from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Name, each, iri, local_name, named, text
from kizuna.atlas.vocabulary import Vocabulary

REGIONS = (
    *("eastern-asia", "south-eastern-asia", "southern-asia", "central-asia"),
    *("australia-and-new-zealand", "melanesia", "micronesia", "polynesia"),
    *("northern-america", "central-america", "caribbean", "south-america"),
    *("western-europe", "northern-europe", "southern-europe", "eastern-europe"),
    *(
        "western-asia",
        "northern-africa",
        "western-africa",
        "middle-africa",
        "eastern-africa",
        "southern-africa",
    ),
)
"""The order of regions: Asia, Oceania, the Americas, Europe, the Middle East, Africa; neighbours stand together."""


@dataclass(frozen=True, slots=True)
class ActorLine:
    """An actor in a list. `ties` counts agreements standing with the principal, at most three parties each."""

    actor: Name
    kind: Name | None
    code: str | None
    region: Name | None
    seat: Name | None
    ties: int


@dataclass(frozen=True, slots=True)
class ActorGroup:
    """The actors of one region, or of one kind for those without a region."""

    heading: Name | None
    lines: tuple[ActorLine, ...]


@dataclass(frozen=True, slots=True)
class ActorsPage:
    """The list with the filter it was made by. `kinds` are the choices, with their numbers."""

    kind: str
    text: str
    kinds: tuple[tuple[Name, int], ...]
    groups: tuple[ActorGroup, ...]
    principal: str | None

    @property
    def lines(self) -> tuple[ActorLine, ...]:
        """All lines, in the order of the groups."""
        return tuple(line for group in self.groups for line in group.lines)


def read_actors(
    reader: Reader, words: Vocabulary, principal: str | None, kind: str = "", text: str = ""
) -> ActorsPage:
    """Read all actors, only those of a class (`kind`, a local name) and only those whose name holds `text`."""
    lines = reader.kept(("actors", principal), lambda: _lines(reader, words, principal))
    counts: dict[Name, int] = {}
    for line in lines:
        if line.kind:
            counts[line.kind] = counts.get(line.kind, 0) + 1
    wanted = text.strip().casefold()
    chosen = [
        line
        for line in lines
        if (not kind or (line.kind and local_name(line.kind.iri) == kind)) and _matches(line, wanted)
    ]
    groups: dict[Name | None, list[ActorLine]] = {}
    for line in chosen:
        groups.setdefault(line.region or line.kind, []).append(line)
    for members in groups.values():
        members.sort(key=lambda line: line.code or line.actor.label("en").casefold())
    ordered = sorted(groups.items(), key=lambda item: _heading_order(item[0], item[1]))
    return ActorsPage(
        kind=kind,
        text=text,
        kinds=tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0].iri))),
        groups=tuple(ActorGroup(heading, tuple(members)) for heading, members in ordered),
        principal=principal,
    )


def _lines(reader: Reader, words: Vocabulary, principal: str | None) -> list[ActorLine]:
    ties: dict[str, set[str]] = {}
    if principal:
        for row in reader.rows("ties", principal=principal):
            actor, agreement, status = iri(row, "actor"), iri(row, "agreement"), iri(row, "status")
            if (
                actor
                and agreement
                and status
                and local_name(status) in ("in-force", "provisional", "adopted")
            ):
                ties.setdefault(actor, set()).add(agreement)
    names = {n.iri: n for n in (named(row, "actor") for row in reader.rows("actors"))}
    lines: dict[str, ActorLine] = {}
    for row in reader.rows("actors"):
        actor_name = named(row, "actor")
        if actor_name.iri in lines:
            continue
        seat = iri(row, "seat")
        lines[actor_name.iri] = ActorLine(
            actor=actor_name,
            kind=words.class_name(words.most_special(each(iri, [row], "actorKind"))),
            code=text(row, "iso3"),
            region=words.concept(iri(row, "region")),
            seat=names.get(seat, Name(seat)) if seat else None,
            ties=len(ties.get(actor_name.iri, ())),
        )
    return list(lines.values())


def _matches(line: ActorLine, wanted: str) -> bool:
    if not wanted:
        return True
    return any(wanted in (word or "").casefold() for word in (line.actor.ja, line.actor.en, line.code))


def region_place(region: Name) -> tuple[int, str]:
    """The place of a region in a list; one that is not foreseen comes last."""
    slug = local_name(region.iri)
    return (REGIONS.index(slug) if slug in REGIONS else len(REGIONS), region.iri)


def _heading_order(heading: Name | None, members: list[ActorLine]) -> tuple[bool, tuple[int, str]]:
    return (
        not any(line.region for line in members),
        region_place(heading) if heading else (len(REGIONS), "~"),
    )
