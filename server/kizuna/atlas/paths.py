"""The shortest ways from one actor to another over agreements, frameworks and activities. Pure over a Reader.

Actors and things form a graph of two sides. A way of one step is a thing with both actors in it; a way of two goes
over a third actor, and so on. A thing with many actors in it says little (almost everybody is in the United Nations),
so among ways of one length those over the smallest things come first, and ways over others avoid large things altogether.
The search works on sets, is bounded in steps, breadth and results, and the same view always gives the same answer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, Name, day, iri, local_name, named

FRAMEWORK, AGREEMENT, ACTIVITY = "framework", "agreement", "activity"
SORTS = (AGREEMENT, FRAMEWORK, ACTIVITY)
RELATIONS = {
    "partyTo": AGREEMENT,
    "provisionalPartyTo": AGREEMENT,
    "adherentTo": AGREEMENT,
    "signatoryTo": AGREEMENT,
    "memberOf": FRAMEWORK,
    "observerOf": FRAMEWORK,
    "associateOf": FRAMEWORK,
    "dialoguePartnerOf": FRAMEWORK,
    "partnerOf": FRAMEWORK,
    "participantIn": FRAMEWORK,
    "accedingTo": FRAMEWORK,
    "applicantTo": FRAMEWORK,
    "provider": ACTIVITY,
    "recipient": ACTIVITY,
    "partner": ACTIVITY,
    "contractor": ACTIVITY,
    "target": ACTIVITY,
}
"""How an actor is tied to a thing, the strongest tie of each sort first, and what sort of thing it is then."""

_ORDER = {relation: place for place, relation in enumerate(RELATIONS)}
LARGE = 16
"""A thing with more actors in it is no bridge between strangers."""
MOST_STEPS = 4
MOST_DIRECT = 12
MOST_WAYS = 12
MOST_BREADTH = 5000

_Trail = tuple[int, tuple[tuple[str, str], ...]]
"""A way so far: its width, and for each step the thing and the actor it leads to."""


@dataclass(frozen=True, slots=True)
class Step:
    """From one actor to the next over a thing.

    Args:
        relation, other_relation: how the first and the second are tied to the thing (local names of properties).
        size: how many actors are tied to it.
        since: since when it is in force, or signed, where that is known.
    """

    actor: Name
    relation: str
    thing: Name
    sort: str
    size: int
    since: Day | None
    other_relation: str
    other: Name


@dataclass(frozen=True, slots=True)
class Way:
    """A way from the first actor to the last, step by step."""

    steps: tuple[Step, ...]

    @property
    def width(self) -> int:
        """The sum of the sizes of its things; less is closer."""
        return sum(step.size for step in self.steps)


@dataclass(frozen=True, slots=True)
class PathsPage:
    """The ways between two actors.

    Args:
        via: the sorts of things that a way may go over.
        direct: ways of one step, `total` of them before the bound.
        ways: the shortest ways over others.
        bounded: True when the search gave up at its bound rather than at the end.
    """

    one: Name
    other: Name
    via: tuple[str, ...]
    direct: tuple[Way, ...]
    total: int
    ways: tuple[Way, ...]
    bounded: bool

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps of all ways."""
        return tuple(step for way in (*self.direct, *self.ways) for step in way.steps)


@dataclass(slots=True)
class Web:
    """Who is tied to what. `ties` goes by (actor, thing) and holds the strongest relation."""

    ties: dict[tuple[str, str], str]
    things: dict[str, set[str]]
    actors: dict[str, set[str]]
    names: dict[str, Name]
    since: dict[str, Day | None]


def read_web(reader: Reader) -> Web:
    """Who is tied to what, remembered for the view."""
    rows, actors = reader.rows("paths-ties"), reader.rows("actors")

    def make() -> Web:
        web = Web({}, {}, {}, {n.iri: n for n in (named(row, "actor") for row in actors)}, {})
        for row in rows:
            actor, thing, relation = iri(row, "actor"), named(row, "thing"), iri(row, "relation")
            if not actor or not relation or actor == thing.iri:
                continue
            key, tie = (actor, thing.iri), local_name(relation)
            if key not in web.ties or _ORDER[tie] < _ORDER[web.ties[key]]:
                web.ties[key] = tie
            web.things.setdefault(actor, set()).add(thing.iri)
            web.actors.setdefault(thing.iri, set()).add(actor)
            web.names.setdefault(thing.iri, thing)
            when = day(row, "inForce") or day(row, "signed")
            known = web.since.get(thing.iri)
            web.since[thing.iri] = max(when, known) if when and known else when or known
        return web

    return reader.kept("paths", make)


def read_paths(reader: Reader, one: Name, other: Name, via: Collection[str] = SORTS) -> PathsPage:
    """The ways from one actor to another.

    Args:
        via: sorts of things (SORTS) that a way may go over.
    """
    chosen = tuple(s for s in SORTS if s in via)
    web = read_web(reader)
    return reader.kept(("paths", one.iri, other.iri, chosen), lambda: _paths(web, one, other, chosen))


def _paths(web: Web, one: Name, other: Name, via: tuple[str, ...]) -> PathsPage:
    shared = sorted(
        (
            thing
            for thing in web.things.get(one.iri, set()) & web.things.get(other.iri, set())
            if _sort(web, one.iri, thing) in via
        ),
        key=lambda thing: _closeness(web, one.iri, thing, other.iri),
    )
    direct = tuple(Way((_step(web, one.iri, thing, other.iri),)) for thing in shared[:MOST_DIRECT])
    found, bounded = _search(web, one.iri, other.iri, via)
    return PathsPage(
        one=one,
        other=other,
        via=via,
        direct=direct,
        total=len(shared),
        ways=found,
        bounded=bounded,
    )


def _closeness(web: Web, one: str, thing: str, other: str) -> tuple[int, int, int, str]:
    """Narrow before wide, binding before signed, new before old."""
    ties = max(_ORDER[web.ties[one, thing]], _ORDER[web.ties[other, thing]])
    since = web.since.get(thing)
    return (len(web.actors[thing]), ties, -since.value.toordinal() if since else 0, thing)


def _sort(web: Web, actor: str, thing: str) -> str:
    return RELATIONS[web.ties[actor, thing]]


def _step(web: Web, actor: str, thing: str, other: str) -> Step:
    return Step(
        actor=web.names.get(actor, Name(actor)),
        relation=web.ties[actor, thing],
        thing=web.names[thing],
        sort=_sort(web, actor, thing),
        size=len(web.actors[thing]),
        since=web.since.get(thing),
        other_relation=web.ties[other, thing],
        other=web.names.get(other, Name(other)),
    )


def _bridges(web: Web, actor: str, via: Collection[str]) -> set[str]:
    """The things of an actor that lead to others."""
    return {
        t for t in web.things.get(actor, ()) if len(web.actors[t]) <= LARGE and _sort(web, actor, t) in via
    }


def _search(web: Web, start: str, end: str, via: Collection[str]) -> tuple[tuple[Way, ...], bool]:
    """The shortest ways over others, layer by layer of actors, with the closest ways to each kept."""
    layer: dict[str, list[_Trail]] = {start: [(0, ())]}
    seen = {start, end}
    last = _bridges(web, end, via)
    for _ in range(MOST_STEPS - 1):
        following: dict[str, list[_Trail]] = {}
        for actor in sorted(layer):
            for thing in sorted(_bridges(web, actor, via)):
                for other in web.actors[thing] - seen:
                    following.setdefault(other, []).extend(_extend(web, layer[actor], thing, other))
        layer = {actor: sorted(trails)[:MOST_WAYS] for actor, trails in following.items()}
        seen |= layer.keys()
        arrived = [
            trail
            for actor in sorted(layer)
            for thing in sorted(last & web.things[actor])
            for trail in _extend(web, layer[actor], thing, end)
        ]
        if arrived:
            return _varied(web, start, sorted(arrived)), False
        if not layer or len(seen) > MOST_BREADTH:
            break
    return (), bool(layer)


def _extend(web: Web, trails: list[_Trail], thing: str, other: str) -> list[_Trail]:
    width = len(web.actors[thing])
    return [
        (so_far + width, (*hops, (thing, other)))
        for so_far, hops in trails[:MOST_WAYS]
        if not hops or hops[-1][0] != thing
    ]


def _varied(web: Web, start: str, trails: list[_Trail]) -> tuple[Way, ...]:
    """The closest ways, at most two over the same actors, so that one neighbour does not fill the list."""
    counts: dict[tuple[str, ...], int] = {}
    chosen: list[Way] = []
    for _, hops in trails:
        over = tuple(actor for _, actor in hops)
        counts[over] = counts.get(over, 0) + 1
        if counts[over] <= 2 and len(chosen) < MOST_WAYS:
            actors = (start, *over)
            chosen.append(
                Way(tuple(_step(web, actors[i], thing, other) for i, (thing, other) in enumerate(hops)))
            )
    return tuple(chosen)
