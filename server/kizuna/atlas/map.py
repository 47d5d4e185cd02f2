"""The world map: what every state and economy is to the principal, or in a framework, on any day. Plain data.

Pure over a Reader; no words of any language, no HTML. What the colours mean is in `map_colour`, how they follow from dated
events in `map_life`, where the tiles lie in `map_tiles`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from kizuna.atlas.map_colour import SELF, Change, Colouring, Emptiness, Track, tracks
from kizuna.atlas.map_life import STANDING, Lives, read_lives
from kizuna.atlas.map_tiles import Place, Tile, lay_tiles
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, Name, iri, local_name, name, named, number, text
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.engine.types import Row
from kizuna.workspace.names import NS

POINT = re.compile(r"POINT\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)\s*\)", re.IGNORECASE)
STEP = 30


@dataclass(frozen=True, slots=True)
class Country:
    """A state or economy as the map needs it. `numeric` is ISO 3166-1 numeric, the key of the geometry."""

    actor: Name
    economy: bool
    code: str
    numeric: str | None
    region: Name | None
    place: Place | None
    tile: Tile


@dataclass(frozen=True, slots=True)
class Atlas:
    """All countries and the longitude in the middle of the map."""

    countries: tuple[Country, ...]
    centre: float


@dataclass(frozen=True, slots=True)
class MapLine:
    """A country on the shown day.

    Args:
        state: what its colour stands for (see `Colouring.order`).
        count: number of ties, where they are counted.
        since: since when the state is so, as precisely as known.
        things: the agreements or talks behind it; empty for frameworks.
    """

    actor: Name
    code: str
    region: Name | None
    state: str
    count: int | None
    since: Day | None
    things: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Selected:
    """The country that was chosen, with all its ties of any kind that stand or are under way on that day."""

    line: MapLine
    ties: tuple[tuple[Name, Name | None, str, Day | None], ...]
    more: int


@dataclass(frozen=True, slots=True)
class MapPage:
    """Everything the map shows.

    Args:
        day: the shown day; `year` is set when it is the end of an earlier year.
        first: the first year in which anything changes.
        legend: each state that the colouring can give, with its number of countries.
        others: how many participants of the framework are no state or economy.
    """

    colouring: str
    subject: Name | None
    principal: Name | None
    day: date
    year: int | None
    first: int
    last: int
    legend: tuple[tuple[str, int], ...]
    lines: tuple[MapLine, ...]
    selected: Selected | None
    others: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the map can be coloured by, with the number of ties or members behind each."""

    frameworks: tuple[tuple[Name, int], ...]
    kinds: tuple[tuple[Name, int], ...]
    domains: tuple[tuple[Name, int], ...]


@dataclass(frozen=True, slots=True)
class Years:
    """The state of every country at the end of every year: the changes only, by KIND/SLUG of the actor."""

    first: int
    last: int
    states: tuple[str, ...]
    before: Mapping[str, int]
    changes: Mapping[str, tuple[tuple[int, int], ...]]


def read_atlas(reader: Reader, words: Vocabulary, principal: str | None) -> Atlas:
    """The countries of a view; tiles are laid so that the principal is not far from the middle."""
    rows = reader.rows("map-actors")
    return reader.kept(("map-atlas", principal), lambda: _atlas(rows, words, principal))


def _atlas(rows: Iterable[Row], words: Vocabulary, principal: str | None) -> Atlas:
    known: dict[str, Row] = {}
    for row in rows:
        known.setdefault(named(row, "actor").iri, row)
    places = {actor: _point(text(row, "point")) for actor, row in known.items()}
    own = places.get(principal or "")
    centre = float(STEP * round(own.longitude / STEP)) if own else 0.0
    tiles = lay_tiles({a: p or _near(a, known, places) for a, p in places.items()}, centre)
    countries = []
    for actor, row in known.items():
        countries.append(
            Country(
                actor=named(row, "actor"),
                economy=iri(row, "actorClass") == NS + "Economy",
                code=text(row, "iso3") or local_name(actor),
                numeric=text(row, "isoNumeric"),
                region=words.concept(iri(row, "region")),
                place=places[actor],
                tile=tiles[actor],
            )
        )
    return Atlas(tuple(countries), centre)


def _point(wkt: str | None) -> Place | None:
    found = POINT.search(wkt or "")
    return Place(float(found[1]), float(found[2])) if found else None


def _near(actor: str, rows: Mapping[str, Row], places: Mapping[str, Place | None]) -> Place:
    """The middle of the places in the same region, for a country whose place is not known."""
    region = rows[actor].get("region")
    beside = [p for a, p in places.items() if p and rows[a].get("region") == region]
    if not beside:
        return Place(0.0, 0.0)
    half = len(beside) // 2
    return Place(sorted(p.longitude for p in beside)[half], sorted(p.latitude for p in beside)[half])


def lives_of(reader: Reader, principal: str) -> Lives:
    """All agreements and talks of an actor, remembered for the view."""
    for query in ("map-events", "map-parties", "map-things"):
        reader.rows(query, principal=principal)
    return reader.kept(("lives", principal), lambda: read_lives(reader, principal))


def domains_above(reader: Reader) -> Mapping[str, frozenset[str]]:
    """All domains above each domain, remembered for the view."""
    rows = reader.rows("domains")
    return reader.kept("domains above", lambda: _above(rows))


def _above(rows: Iterable[Row]) -> Mapping[str, frozenset[str]]:
    direct: dict[str, set[str]] = {}
    for row in rows:
        domain, parent = iri(row, "domain"), iri(row, "parent")
        if domain:
            direct.setdefault(domain, set()).update({parent} if parent else ())
    above = {}
    for domain in direct:
        seen: set[str] = set()
        queue = list(direct[domain])
        while queue:
            parent = queue.pop()
            if parent not in seen:
                seen.add(parent)
                queue.extend(direct.get(parent, ()))
        above[domain] = frozenset(seen)
    return above


def read_choices(reader: Reader, words: Vocabulary, principal: str | None) -> Choices:
    """What the map can be coloured by in this view, remembered for it."""
    return reader.kept(("map choices", principal), lambda: _choices(reader, words, principal))


def _choices(reader: Reader, words: Vocabulary, principal: str | None) -> Choices:
    members = {
        found.iri: (found, number(row, "members"))
        for row in reader.rows("frameworks")
        if (found := name(row, "framework"))
    }
    kinds: dict[Name, int] = {}
    domains: dict[Name, int] = {}
    names = {d.iri: d for row in reader.rows("domains") if (d := name(row, "domain"))}
    if principal:
        above = domains_above(reader)
        for life in lives_of(reader, principal).by_thing.values():
            kind = words.class_name(life.kind)
            if kind and kind.iri.startswith(NS):
                kinds[kind] = kinds.get(kind, 0) + 1
            if life.close and not life.talks:
                reached = {d for own in life.domains for d in (own, *above.get(own, ()))}
                for domain in reached & names.keys():
                    domains[names[domain]] = domains.get(names[domain], 0) + 1
    return Choices(
        tuple(sorted(members.values(), key=lambda m: (-m[1], m[0].iri))),
        tuple(sorted(kinds.items(), key=lambda m: (-m[1], m[0].iri))),
        tuple(sorted(domains.items(), key=lambda m: (-m[1], m[0].iri))),
    )


def read_tracks(
    reader: Reader, words: Vocabulary, colouring: Colouring, principal: str | None
) -> tuple[Mapping[str, Track], Emptiness | None]:
    """The tracks of a colouring, remembered for the view."""
    lives = lives_of(reader, principal) if principal and colouring.sort != "framework" else None
    above = domains_above(reader) if colouring.sort == "domain" else {}
    if colouring.sort == "framework":
        for query in ("framework-participants", "map-absence"):
            reader.rows(query, framework=colouring.iri or "")
    return reader.kept(
        ("map-tracks", colouring, principal),
        lambda: tracks(reader, words, lives, colouring, above),
    )


def _empty_change(empty: Emptiness | None, actor: str) -> Change:
    return Change(None, "n0", 0) if empty is None else Change(None, empty.word(actor))


def span(found: Mapping[str, Track], last: int) -> int:
    """The first year in which anything changes, at most `last`."""
    years = [c.when.value.year for t in found.values() for c in t.changes if c.when]
    return min([*years, last])


def read_map(
    reader: Reader,
    words: Vocabulary,
    principal: str | None,
    colouring: Colouring,
    year: int | None = None,
    selected: str | None = None,
) -> MapPage:
    """Read the map.

    Args:
        principal: IRI of the actor the workspace is seen from.
        year: show the end of this year instead of the view's day (later years show the view's day).
        selected: IRI of the country whose ties are listed.
    """
    as_of = reader.view.as_of
    earlier = year is not None and year < as_of.year
    on = date(year, 12, 31) if earlier and year is not None else as_of
    atlas = read_atlas(reader, words, principal)
    found, empty = read_tracks(reader, words, colouring, principal)
    lives = lives_of(reader, principal) if principal else None
    lines = []
    for country in atlas.countries:
        actor = country.actor.iri
        change = found[actor].on(on) if actor in found else _empty_change(empty, actor)
        if actor == principal and colouring.sort != "framework":
            change = Change(None, SELF)
        things = [lives.by_thing[t].thing for t in change.things if lives and t in lives.by_thing]
        lines.append(
            MapLine(
                country.actor,
                country.code,
                country.region,
                change.state,
                change.count,
                change.since,
                tuple(things),
            )
        )
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.state] = counts.get(line.state, 0) + 1
    known = {c.actor.iri for c in atlas.countries}
    rank = {state: i for i, state in enumerate(colouring.order)}
    lines.sort(key=lambda x: (rank.get(x.state, 99), -(x.count or 0), x.code))
    return MapPage(
        colouring=colouring.text,
        subject=_subject(reader, words, colouring),
        principal=next((c.actor for c in atlas.countries if c.actor.iri == principal), None),
        day=on,
        year=year if earlier else None,
        first=span(found, as_of.year),
        last=as_of.year,
        legend=tuple((state, counts.get(state, 0)) for state in colouring.order),
        lines=tuple(lines),
        selected=_selected(words, lives, next((x for x in lines if x.actor.iri == selected), None), on),
        others=sum(1 for a, t in found.items() if a not in known and t.on(on).state == "member"),
    )


def _subject(reader: Reader, words: Vocabulary, colouring: Colouring) -> Name | None:
    if colouring.sort == "kind":
        return words.class_name(colouring.iri)
    if colouring.sort == "framework":
        rows = (name(row, "framework") for row in reader.rows("frameworks"))
        return next((n for n in rows if n and n.iri == colouring.iri), None)
    return words.concept(colouring.iri) if colouring.sort == "domain" else None


MOST_TIES = 7


def _selected(words: Vocabulary, lives: Lives | None, line: MapLine | None, on: date) -> Selected | None:
    if line is None:
        return None
    ties = []
    for life in lives.by_thing.values() if lives else ():
        if line.actor.iri in life.parties and life.close and line.actor.iri != (lives and lives.principal):
            turns = [t for t in lives.turns(life, line.actor.iri) if t.when.value <= on] if lives else []
            if turns and turns[-1].status in (*STANDING, "signed", "negotiating"):
                ties.append((life.thing, words.class_name(life.kind), turns[-1].status or "", turns[-1].when))
    ties.sort(key=lambda t: t[3].value, reverse=True)
    return Selected(line, tuple(ties[:MOST_TIES]), max(0, len(ties) - MOST_TIES))


def read_years(reader: Reader, words: Vocabulary, principal: str | None, colouring: Colouring) -> Years:
    """The whole film: what every country was at the end of every year up to the view's day."""
    as_of = reader.view.as_of
    found, empty = read_tracks(reader, words, colouring, principal)
    atlas = read_atlas(reader, words, principal)
    states = colouring.order
    number_of = {state: i for i, state in enumerate(states)}
    first = span(found, as_of.year)
    before, changes = {}, {}
    for country in atlas.countries:
        actor = country.actor.iri
        key = actor.split("/id/", 1)[-1]
        if actor == principal and colouring.sort != "framework":
            before[key] = number_of[SELF]
            continue
        track = found.get(actor, Track((), _empty_change(empty, actor)))
        before[key] = number_of[track.before.state]
        by_year: list[tuple[int, int]] = []
        last = before[key]
        for year in range(first, as_of.year + 1):
            state = number_of[track.on(min(date(year, 12, 31), as_of)).state]
            if state != last:
                by_year.append((year, state))
                last = state
        if by_year:
            changes[key] = tuple(by_year)
    return Years(first, as_of.year, states, before, changes)
