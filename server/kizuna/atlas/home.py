"""The front page: how much there is, where to start, what happened last. Plain data, no words, no HTML."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from kizuna.atlas.actors import region_place
from kizuna.atlas.compare import STANDING
from kizuna.atlas.lines import EventLine, event_lines
from kizuna.atlas.map import read_atlas
from kizuna.atlas.matrix_ground import read_ground
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Name, iri, local_name, name, named, number, text
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.workspace.names import NS

PARTNERS = 8


@dataclass(frozen=True, slots=True)
class RegionCount:
    """A region with the number of states and economies in it."""

    region: Name
    actors: int


@dataclass(frozen=True, slots=True)
class KindCount:
    """A kind of agreement with the number of those standing between the principal and at most two others."""

    kind: Name
    standing: int


@dataclass(frozen=True, slots=True)
class KindGroup:
    """The kinds that the ontology puts under one class; None for those it puts under none."""

    group: Name | None
    kinds: tuple[KindCount, ...]


@dataclass(frozen=True, slots=True)
class FrameworkLine:
    """A framework in a list. `roles` are the principal's places in it now."""

    framework: Name
    kind: Name | None
    abbreviation: str | None
    members: int
    roles: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class FrameworkGroup:
    """The frameworks of one kind."""

    kind: Name | None
    frameworks: tuple[FrameworkLine, ...]


@dataclass(frozen=True, slots=True)
class PartnerCount:
    """A state or an economy with the number of its agreements of few parties that stand with the principal."""

    actor: Name
    standing: int


@dataclass(frozen=True, slots=True)
class HomePage:
    """Everything the front page shows. `counts` goes by the local name of the class."""

    counts: dict[str, int]
    principal: Name | None
    regions: tuple[RegionCount, ...]
    frameworks: tuple[FrameworkGroup, ...]
    changes: tuple[EventLine, ...]
    kinds: tuple[KindGroup, ...]
    partners: tuple[PartnerCount, ...] = ()


def read_frameworks(reader: Reader, words: Vocabulary, principal: str | None) -> tuple[FrameworkLine, ...]:
    """All frameworks, those with the principal in them and the smaller ones first within their kind."""
    roles: dict[str, list[Name]] = {}
    if principal:
        for row in reader.rows("roles-of", actor=principal):
            framework, role = iri(row, "framework"), words.concept(iri(row, "role"))
            if framework and role:
                roles.setdefault(framework, []).append(role)
    lines: dict[str, FrameworkLine] = {}
    for row in reader.rows("frameworks"):
        found = named(row, "framework")
        if found.iri in lines:
            continue
        lines[found.iri] = FrameworkLine(
            framework=found,
            kind=words.class_name(iri(row, "frameworkKind")),
            abbreviation=text(row, "abbreviation"),
            members=number(row, "members"),
            roles=tuple(roles.get(found.iri, ())),
        )
    return tuple(
        sorted(lines.values(), key=lambda f: (f.kind.iri if f.kind else "", not f.roles, f.framework.iri))
    )


def by_kind(lines: Iterable[FrameworkLine]) -> tuple[FrameworkGroup, ...]:
    """Frameworks by kind: the kind with the fewest members to a framework first, for a circle of a few binds
    its members closer than one of many; a kind without a known number of members comes last."""
    kinds: dict[Name | None, list[FrameworkLine]] = {}
    for line in lines:
        kinds.setdefault(line.kind, []).append(line)
    groups = [FrameworkGroup(kind, tuple(members)) for kind, members in kinds.items()]
    return tuple(sorted(groups, key=lambda g: (_usual_size(g), g.kind.iri if g.kind else "")))


def _usual_size(group: FrameworkGroup) -> float:
    return median([line.members for line in group.frameworks if line.members] or [math.inf])


def read_home(reader: Reader, words: Vocabulary, principal: str | None) -> HomePage:
    """Read the front page of a view."""
    counts = {
        local_name(class_iri): number(row, "things")
        for row in reader.rows("counts")
        if (class_iri := iri(row, "class"))
    }
    regions = [
        RegionCount(r, number(row, "actors")) for row in reader.rows("regions") if (r := name(row, "region"))
    ]
    frameworks = read_frameworks(reader, words, principal)
    return HomePage(
        counts=counts,
        principal=actor_name(reader, principal),
        regions=tuple(sorted(regions, key=lambda r: region_place(r.region))),
        frameworks=by_kind(tuple(f for f in frameworks if f.roles) or frameworks),
        changes=event_lines(reader.rows("changes"), words),
        kinds=read_kinds(reader, words, principal) if principal else (),
        partners=reader.kept(("partners", principal), lambda: _partners(reader, words, principal))
        if principal
        else (),
    )


def _partners(reader: Reader, words: Vocabulary, principal: str) -> tuple[PartnerCount, ...]:
    """The states and economies with the most agreements standing, as the map counts them, the first PARTNERS of them."""
    ties = read_ground(reader, words, principal).ties
    counts = [
        PartnerCount(
            country.actor,
            sum(t.life.close and not t.life.talks and t.status in STANDING for t in ties[country.actor.iri]),
        )
        for country in read_atlas(reader, words, principal).countries
        if country.actor.iri in ties
    ]
    most = sorted(counts, key=lambda c: (-c.standing, c.actor.iri))
    return tuple(c for c in most[:PARTNERS] if c.standing)


def read_kinds(reader: Reader, words: Vocabulary, principal: str) -> tuple[KindGroup, ...]:
    """The kinds of agreement that stand with the principal, group by group, the commonest first."""
    return reader.kept(("kinds-standing", principal), lambda: _kinds(reader, words, principal))


def _kinds(reader: Reader, words: Vocabulary, principal: str) -> tuple[KindGroup, ...]:
    standing: dict[str, set[str]] = {}
    for row in reader.rows("ties", principal=principal):
        kind, agreement, status = iri(row, "agreementKind"), iri(row, "agreement"), iri(row, "status")
        if kind and agreement and status and local_name(status) in STANDING:
            standing.setdefault(kind, set()).add(agreement)
    groups: dict[Name | None, list[KindCount]] = {}
    for kind in sorted(standing, key=lambda k: (-len(standing[k]), k)):
        above = (g for g in words.below(NS + "Agreement") if g.iri != kind and words.is_a(kind, g.iri))
        group = min(above, key=lambda g: (words.order.get(g.iri, len(words.order) + 1), g.iri), default=None)
        count = KindCount(words.class_name(kind) or Name(kind), len(standing[kind]))
        groups.setdefault(group, []).append(count)
    ordered = sorted(
        groups,
        key=lambda g: (
            g is None,
            words.order.get(g.iri, len(words.order) + 1) if g else 0,
            g.iri if g else "",
        ),
    )
    return tuple(KindGroup(group, tuple(groups[group])) for group in ordered)


def actor_name(reader: Reader, actor: str | None) -> Name | None:
    """The names of an actor, or None for None."""
    if actor is None:
        return None
    for row in reader.rows("actors"):
        if iri(row, "actor") == actor:
            return name(row, "actor")
    return Name(actor)
