"""What binds two actors beside what binds a comparable pair, and what is missing. Pure over a Reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kizuna.atlas.lines import strength
from kizuna.atlas.map import Country, lives_of, read_atlas
from kizuna.atlas.map_colour import NONE
from kizuna.atlas.map_life import STANDING
from kizuna.atlas.matrix_ground import NOT_APPLICABLE, Ground, read_ground
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, Name
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.workspace.names import NS

JOINING = NS + "AccessionProtocol"
"""The protocol by which one state joined a pact: its own, so that its peers lack nothing by having none."""


@dataclass(frozen=True, slots=True)
class Side:
    """One pair's strongest instrument of a kind: a status slug or which kind of empty, since when, and the things."""

    status: str
    since: Day | None = None
    things: tuple[str, ...] = ()

    @property
    def standing(self) -> bool:
        """In force, provisional, or adopted."""
        return self.status in STANDING


@dataclass(frozen=True, slots=True)
class SideLine:
    """One kind of agreement: this pair and the comparable one; `peers` of `of` peers have one standing.

    `against` is True where a person chose the comparable pair: then what it has counts as missing here as well.
    """

    kind: Name
    this: Side
    other: Side | None
    peers: int
    of: int
    against: bool = False

    @property
    def missing(self) -> bool:
        """This pair has none standing, while the chosen comparable pair or most peers have."""
        here = not self.this.standing and self.this.status != NOT_APPLICABLE
        beside = self.against and self.other is not None and self.other.standing
        return here and (beside or self.peers * 2 > self.of > 0)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The comparison of a pair with (whose, beside)."""

    whose: Name
    beside: Name | None
    chosen: bool
    peers: tuple[Name, ...]
    lines: tuple[SideLine, ...]

    @property
    def missing(self) -> tuple[SideLine, ...]:
        """The kinds this pair lacks."""
        return tuple(line for line in self.lines if line.missing)


def compare_pairs(
    reader: Reader,
    words: Vocabulary,
    one: str,
    other: str,
    beside: str | None,
    whose: str | None = None,
) -> SideBySide:
    """Lay a pair beside a comparable one.

    Args:
        one, other: the pair.
        beside: IRI of the second actor of the comparable pair; None takes the state most alike to `other` that has
            anything with `one`.
        whose: IRI of its first actor; None keeps `one`.
    """
    ground = read_ground(reader, words, one)
    countries = {c.actor.iri: c for c in read_atlas(reader, words, one).countries}
    peers = tuple(p for p in ground.peers.get(other, ()) if p != one)
    against = beside or next(iter(peers), None)
    there_ground = read_ground(reader, words, whose) if whose and whose != one else ground
    wanted = {t.life.kind for a in (other, *peers) for t in ground.ties.get(a, ())}
    wanted |= {t.life.kind for t in there_ground.ties.get(against or "", ())}
    wanted.discard(JOINING)
    lines = []
    for kind in wanted:
        here = _side(ground, other, kind, other in countries and countries[other].economy)
        there = (
            _side(there_ground, against, kind, against in countries and countries[against].economy)
            if against
            else None
        )
        having = sum(1 for p in peers if _side(ground, p, kind, False).standing)
        lines.append(
            SideLine(
                words.class_name(kind) or Name(kind), here, there, having, len(peers), beside is not None
            )
        )
    lines.sort(key=lambda x: (strength(x.this.status), -x.peers, x.kind.iri))
    return SideBySide(
        _name(countries, whose or one) or Name(whose or one),
        _name(countries, against),
        beside is not None,
        tuple(countries[p].actor for p in peers),
        tuple(lines),
    )


def _name(countries: Mapping[str, Country], actor: str | None) -> Name | None:
    if actor is None:
        return None
    return countries[actor].actor if actor in countries else Name(actor)


def _side(ground: Ground, actor: str, kind: str, economy: bool) -> Side:
    ties = [t for t in ground.ties.get(actor, ()) if t.life.kind == kind]
    if ties:
        return Side(ties[0].status, ties[0].since, tuple(t.thing for t in ties))
    known = ground.empty.get(kind)
    if known and known.word(actor) == NONE and actor in known.absent:
        return Side(NONE)
    if economy and kind in ground.state_only:
        return Side(NOT_APPLICABLE)
    return Side(known.word(actor) if known else "not-researched")


def since_when(reader: Reader, one: str, other: str) -> Day | None:
    """The day of the first thing that ever bound two actors and is recorded here, few parties only."""
    lives = lives_of(reader, one)
    days = [
        turn.when
        for life in lives.by_thing.values()
        if life.close and not life.talks and other in life.parties
        for turn in lives.turns(life, other)
        if turn.status in (*STANDING, "signed")
    ]
    return min(days, default=None)
