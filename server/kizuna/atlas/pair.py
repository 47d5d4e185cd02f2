"""The page of two actors: what binds them, since when, what is missing. Plain data, no words, no HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kizuna.atlas.actor_names import actor_names
from kizuna.atlas.agreement_facts import read_facts
from kizuna.atlas.evidence import backing_by
from kizuna.atlas.lines import (
    ActivityLine,
    AgreementLine,
    EventLine,
    activity_lines,
    agreement_lines,
    agreement_order,
    event_lines,
)
from kizuna.atlas.map_life import STANDING
from kizuna.atlas.pair_side import SideBySide, compare_pairs, since_when
from kizuna.atlas.reader import Reader
from kizuna.atlas.talks import open_talks
from kizuna.atlas.terms import Day, Name, day, iri, kind_and_slug, local_name, named, text
from kizuna.atlas.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class KindGroup:
    """The agreements and talks of one kind, the strongest first."""

    kind: Name | None
    lines: tuple[AgreementLine, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """A framework both take part in; `since` is the later of the two days, where both are known."""

    framework: Name
    kind: Name | None
    one_role: Name
    one_since: Day | None
    other_role: Name
    other_since: Day | None
    since: Day | None


@dataclass(frozen=True, slots=True)
class PairPage:
    """Everything the page of two actors shows. `texts` goes by IRI of the agreement."""

    one: Name
    other: Name
    since: Day | None
    groups: tuple[KindGroup, ...]
    wide: tuple[AgreementLine, ...]
    frameworks: tuple[Shared, ...]
    activities: tuple[ActivityLine, ...]
    history: tuple[EventLine, ...]
    texts: dict[str, str]
    side: SideBySide

    @property
    def lines(self) -> tuple[AgreementLine, ...]:
        """All agreements and talks, the closest and strongest first."""
        close = (line for group in self.groups for line in group.lines)
        return tuple(sorted((*close, *self.wide), key=agreement_order))

    def count(self, *statuses: str) -> int:
        """How many agreements or talks have one of these statuses."""
        return sum(1 for x in self.lines if x.status and local_name(x.status.iri) in statuses)

    @property
    def standing(self) -> int:
        """How many agreements stand."""
        return self.count(*STANDING)

    @property
    def close(self) -> int:
        """How many of those have at most three parties."""
        return self.standing - sum(1 for x in self.wide if x.status and local_name(x.status.iri) in STANDING)

    @property
    def signed(self) -> int:
        """How many are signed and don't stand."""
        return self.count("signed")

    @property
    def negotiating(self) -> int:
        """How many are being negotiated."""
        return self.count("negotiating")


def find_actor(reader: Reader, given: str) -> Name | None:
    """The actor with a slug, or `KIND:SLUG`; where kinds share a slug, states come first, then the first IRI.

    Args:
        given: as it stands in the address of a pair.
    """
    kind, _, slug = given.rpartition(":")
    found = {k: n for k, n in _by_slug(reader).get(slug, ()) if not kind or k == kind}
    for first in ("state", "economy"):
        if first in found:
            return found[first]
    return min(found.values(), key=lambda n: n.iri, default=None)


def _by_slug(reader: Reader) -> Mapping[str, tuple[tuple[str, Name], ...]]:
    """The actors of each slug with their kinds, remembered for the view."""

    def make() -> Mapping[str, tuple[tuple[str, Name], ...]]:
        found: dict[str, dict[str, Name]] = {}
        for actor, named_so in actor_names(reader).items():
            if parts := kind_and_slug(actor):
                found.setdefault(parts[1], {}).setdefault(parts[0], named_so)
        return {slug: tuple(own.items()) for slug, own in found.items()}

    return reader.kept("actors by slug", make)


def read_between(
    reader: Reader, words: Vocabulary, actor: str, principal: str
) -> tuple[tuple[AgreementLine, ...], tuple[EventLine, ...]]:
    """The agreements that bind two actors and what happened between them, each line with what backs it.

    Args:
        reader: the reader of a view.
        words: the names of kinds and states.
        actor: IRI of one.
        principal: IRI of the other, from whose side it is told.
    """
    pair = {"actor": actor, "principal": principal}
    evidence = reader.rows("pair-evidence", **pair)
    agreements = agreement_lines(
        reader.rows("actor-agreements", **pair),
        words,
        read_facts(reader),
        backing_by(reader, evidence, "agreement"),
    )
    return agreements, event_lines(
        reader.rows("pair-events", **pair), words, backing_by(reader, evidence, "statement")
    )


def read_pair(
    reader: Reader,
    words: Vocabulary,
    one: Name,
    other: Name,
    beside: Name | None = None,
    whose: Name | None = None,
) -> PairPage:
    """Read the page of two actors, compared with the pair (whose, beside); by default (one, the most alike state)."""
    pair = {"actor": other.iri, "principal": one.iri}
    agreements, history = read_between(reader, words, other.iri, one.iri)
    talks = open_talks(reader, words, one.iri, other.iri, history)
    groups: dict[Name | None, list[AgreementLine]] = {}
    for line in (*(a for a in agreements if not a.multilateral), *talks):
        groups.setdefault(line.kind, []).append(line)
    ordered = [KindGroup(kind, tuple(sorted(x, key=agreement_order))) for kind, x in groups.items()]
    ordered.sort(key=lambda g: (agreement_order(g.lines[0])[:2], g.kind.iri if g.kind else ""))
    return PairPage(
        one=one,
        other=other,
        since=since_when(reader, one.iri, other.iri),
        groups=tuple(ordered),
        wide=tuple(a for a in agreements if a.multilateral),
        frameworks=_shared(reader, words, one.iri, other.iri),
        activities=activity_lines(reader.rows("pair-activities", **pair), words),
        history=history,
        texts=_texts(reader, pair),
        side=compare_pairs(
            reader,
            words,
            one.iri,
            other.iri,
            beside.iri if beside else None,
            whose.iri if whose else None,
        ),
    )


def _texts(reader: Reader, pair: dict[str, str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for row in reader.rows("pair-texts", **pair):
        agreement, address = iri(row, "agreement"), iri(row, "address") or text(row, "address")
        if agreement and address and address.lower().startswith(("https://", "http://")):
            texts.setdefault(agreement, address)
    return texts


def _shared(reader: Reader, words: Vocabulary, one: str, other: str) -> tuple[Shared, ...]:
    places: list[dict[str, tuple[Name, Name | None, Name, Day | None]]] = []
    for actor in (one, other):
        own: dict[str, tuple[Name, Name | None, Name, Day | None]] = {}
        for row in reader.rows("actor-frameworks", actor=actor):
            framework, role = named(row, "framework"), words.concept(iri(row, "role"))
            if role and iri(row, "to") is None and day(row, "to") is None:
                own.setdefault(
                    framework.iri,
                    (framework, words.class_name(iri(row, "frameworkKind")), role, day(row, "from")),
                )
        places.append(own)
    lines = []
    for both in places[0].keys() & places[1].keys():
        mine, theirs = places[0][both], places[1][both]
        days = [d for d in (mine[3], theirs[3]) if d]
        since = max(days) if len(days) == 2 else None
        lines.append(Shared(mine[0], mine[1], mine[2], mine[3], theirs[2], theirs[3], since))
    return tuple(sorted(lines, key=lambda s: (-s.since.value.toordinal() if s.since else 0, s.framework.iri)))
