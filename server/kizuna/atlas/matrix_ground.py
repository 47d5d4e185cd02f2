"""What every cell of the matrix is made of: all ties of the principal that count on the view's day, what is known to be missing,
and which states are alike. Read once for a view. Plain data over a Reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kizuna.atlas.lines import strength
from kizuna.atlas.map import Country, domains_above, lives_of, read_atlas
from kizuna.atlas.map_colour import NONE, UNKNOWN, Emptiness, kind_emptiness
from kizuna.atlas.map_life import STANDING, Life, Lives
from kizuna.atlas.matrix_peers import find_peers, members_by_framework
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day
from kizuna.atlas.vocabulary import Vocabulary

NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Tie:
    """An agreement or talks of a partner: its status, since when, and its life."""

    status: str
    since: Day
    thing: str
    life: Life


def current_ties(lives: Lives, on: date) -> Mapping[str, tuple[Tie, ...]]:
    """By partner, every agreement and talks that count on a day: the strongest first, then those of few parties, the oldest."""
    found: dict[str, list[Tie]] = {}
    for life in lives.by_thing.values():
        for actor in life.parties - {lives.principal}:
            past = [t for t in lives.turns(life, actor) if t.when.value <= on]
            if past and past[-1].status and past[-1].status != "ended":
                found.setdefault(actor, []).append(Tie(past[-1].status, past[-1].when, life.thing.iri, life))
    for ties in found.values():
        ties.sort(key=lambda t: (strength(t.status), not t.life.close, t.since.value, t.thing))
    return {actor: tuple(ties) for actor, ties in found.items()}


@dataclass(frozen=True, slots=True)
class Ground:
    """What all cells of a view are made of."""

    lives: Lives
    ties: Mapping[str, tuple[Tie, ...]]
    empty: Mapping[str, Emptiness]
    state_only: frozenset[str]
    peers: Mapping[str, tuple[str, ...]]
    above: Mapping[str, frozenset[str]]

    def emptiness(self, country: Country, kind: str) -> str:
        """Which kind of empty a partner without this kind of agreement has."""
        known = self.empty.get(kind)
        if known and country.actor.iri in known.absent:
            return NONE
        if country.economy and kind in self.state_only:
            return NOT_APPLICABLE
        return known.word(country.actor.iri) if known else UNKNOWN


def read_ground(reader: Reader, words: Vocabulary, principal: str) -> Ground:
    """Read what the matrix of a principal is made of, remembered for the view."""
    lives, atlas = lives_of(reader, principal), read_atlas(reader, words, principal)
    empty, above = kind_emptiness(reader, principal), domains_above(reader)
    members = members_by_framework(reader)

    def make() -> Ground:
        ties = current_ties(lives, reader.view.as_of)
        economies = {c.actor.iri for c in atlas.countries if c.economy}
        with_economies = {x.kind for x in lives.by_thing.values() if x.parties & economies}
        kinds = {x.kind for x in lives.by_thing.values()} | set(empty)
        tied = {
            c.actor.iri
            for c in atlas.countries
            if not c.economy and any(t.status in STANDING and t.life.close for t in ties.get(c.actor.iri, ()))
        }
        everyone = {c.actor.iri for c in atlas.countries if not c.economy} - {principal}
        pairs = [(actor, framework) for framework, own in members.items() for actor in own]
        wide = find_peers(pairs, everyone, len(everyone))
        peers = {a: tuple(p for p in found if p in tied)[:5] for a, found in wide.items()}
        return Ground(lives, ties, empty, frozenset(kinds - with_economies), peers, above)

    return reader.kept(("matrix-ground", principal), make)
