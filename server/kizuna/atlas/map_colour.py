"""What the map can be coloured by, and what each actor's colour was on any day. Pure over a Reader.

A *track* holds every change of one actor's state; the state of any day is the last change up to it. So one answer serves
the map of every year.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from kizuna.atlas.lines import STRENGTH
from kizuna.atlas.map_life import STANDING, Life, Lives, strongest
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, day, iri, local_name
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.workspace.names import ID, NS

SELF = "self"
NONE = "none"
UNKNOWN = "not-researched"
BANDS = ((20, "n5"), (10, "n4"), (5, "n3"), (2, "n2"), (1, "n1"), (0, "n0"))
"""Least number of ties of each shade, deepest first."""
MEMBER = {"founding-member", "member", "chair", "participant", "signatory"}
JOINING = {"acceding", "applicant"}
PLACES = ("member", "joining", "linked", "suspended", "former")
"""Places in a framework, the strongest first."""
ORDERS = {
    "framework": (*PLACES, NONE, UNKNOWN),
    "kind": (*STRENGTH, NONE, UNKNOWN, SELF),
    "count": (*(slug for _, slug in BANDS), SELF),
}


@dataclass(frozen=True, slots=True)
class Colouring:
    """What decides the colours: `sort` is ties, depth, framework, kind or domain; `of` the slug of the thing."""

    sort: str
    of: str = ""

    @property
    def iri(self) -> str | None:
        """The IRI of the framework, kind or domain."""
        base = {"framework": f"{ID}framework/", "kind": NS, "domain": f"{ID}domain/"}.get(self.sort)
        return base + self.of if base else None

    @property
    def order(self) -> tuple[str, ...]:
        """All states it can give, in the order of the legend."""
        return ORDERS[self.sort if self.sort in ORDERS else "count"]

    @property
    def text(self) -> str:
        """As in the address: `ties`, `kind/TaxTreaty` …"""
        return f"{self.sort}/{self.of}" if self.of else self.sort


@dataclass(frozen=True, slots=True)
class Change:
    """From `when` on: the state, the number of ties where they are counted, and the things behind it.

    `since` is the day from which the state was the same, whatever things were behind it.
    """

    when: Day | None
    state: str
    count: int | None = None
    things: tuple[str, ...] = ()
    since: Day | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """All changes of one actor, oldest first; before the first of them stands `before`."""

    changes: tuple[Change, ...]
    before: Change

    def on(self, when: date) -> Change:
        """What holds on a day."""
        index = bisect_right(self.changes, when, key=lambda c: c.when.value if c.when else date.min)
        return self.changes[index - 1] if index else self.before


@dataclass(frozen=True, slots=True)
class Emptiness:
    """Which empty places are known to be empty. `None` as actor speaks of all actors."""

    absent: frozenset[str]
    gaps: frozenset[str]
    closed: bool
    open: bool

    def word(self, actor: str) -> str:
        """`none` where it is known that there is nothing, else `not-researched`."""
        if actor in self.absent or (self.closed and not self.open and actor not in self.gaps):
            return NONE
        return UNKNOWN


def band(count: int) -> str:
    """The shade of a number of ties."""
    return next(slug for least, slug in BANDS if count >= least)


def kind_emptiness(reader: Reader, principal: str) -> Mapping[str, Emptiness]:
    """By class of agreement: what the principal is known not to have."""
    found: dict[str, dict[str, set[str]]] = {}
    for row in reader.rows("known-absence", principal=principal):
        kind, actor, node = iri(row, "agreementKind"), iri(row, "actor"), iri(row, "nodeClass")
        if kind and node:
            found.setdefault(kind, {}).setdefault(local_name(node), set()).add(actor or "")
    return {kind: _emptiness(nodes) for kind, nodes in found.items()}


def framework_emptiness(reader: Reader, framework: str) -> Emptiness:
    """Who is known to have no place in a framework: its list of members is complete, or an absence says so."""
    nodes: dict[str, set[str]] = {}
    for row in reader.rows("map-absence", framework=framework):
        node, role, actor = iri(row, "nodeClass"), iri(row, "role"), iri(row, "actor")
        if node and (role is None or local_name(role) in MEMBER):
            nodes.setdefault(local_name(node), set()).add(actor or "")
    return _emptiness(nodes)


def _emptiness(nodes: Mapping[str, set[str]]) -> Emptiness:
    gaps = nodes.get("ResearchGap", set())
    return Emptiness(frozenset(nodes.get("Absence", ())), frozenset(gaps), "ClosedList" in nodes, "" in gaps)


def tracks(
    reader: Reader,
    words: Vocabulary,
    lives: Lives | None,
    colouring: Colouring,
    above: Mapping[str, frozenset[str]],
) -> tuple[Mapping[str, Track], Emptiness | None]:
    """The tracks of all actors that have any change.

    Args:
        lives: all agreements of the principal; None where the workspace has none (frameworks only).
        above: every domain's ancestors.

    Returns:
        Tracks by actor IRI; for an actor without one, the emptiness says what stands there (None: no ties).
    """
    if colouring.sort == "framework":
        empty = framework_emptiness(reader, colouring.iri or "")
        return _framework_tracks(reader, colouring.iri or "", empty), empty
    if lives is None:
        return {}, None
    if colouring.sort == "kind":
        kind = colouring.iri or ""
        empty = kind_emptiness(reader, lives.principal).get(
            kind, Emptiness(frozenset(), frozenset(), False, False)
        )
        chosen = [life for life in lives.by_thing.values() if words.is_a(life.kind, kind)]
        return _tie_tracks(lives, chosen, empty, False, False), empty
    close = [life for life in lives.by_thing.values() if life.close and not life.talks]
    if colouring.sort == "domain":
        domain = colouring.iri or ""
        close = [
            x for x in close if any(d == domain or domain in above.get(d, frozenset()) for d in x.domains)
        ]
    return _tie_tracks(lives, close, None, True, colouring.sort == "depth"), None


def _tie_tracks(
    lives: Lives, chosen: Iterable[Life], empty: Emptiness | None, counted: bool, kinds: bool
) -> dict[str, Track]:
    turns: dict[str, list[tuple[Day, Life, str | None]]] = {}
    for life in chosen:
        for actor in life.parties - {lives.principal}:
            turns.setdefault(actor, []).extend((t.when, life, t.status) for t in lives.turns(life, actor))
    result = {}
    for actor, own in turns.items():
        before = Change(None, "n0", 0) if empty is None else Change(None, empty.word(actor))
        current: dict[str, tuple[Life, str]] = {}
        changes: list[Change] = []
        for when, life, status in sorted(own, key=lambda t: (t[0].value, t[1].thing.iri)):
            if status is None:
                current.pop(life.thing.iri, None)
            else:
                current[life.thing.iri] = (life, status)
            change = _summed(when, current, before, counted, kinds)
            if changes and changes[-1].when and changes[-1].when.value == when.value:
                changes.pop()
            last = changes[-1] if changes else before
            if (change.state, change.count, change.things) != (last.state, last.count, last.things):
                same = change.state == last.state
                changes.append(replace(change, since=last.since if same else when))
        result[actor] = Track(tuple(changes), before)
    return result


def _summed(
    when: Day, current: Mapping[str, tuple[Life, str]], before: Change, counted: bool, kinds: bool
) -> Change:
    if counted:
        standing = [life for life, status in current.values() if status in STANDING]
        count = len({life.kind for life in standing}) if kinds else len(standing)
        return Change(when, band(count), count, tuple(sorted(life.thing.iri for life in standing)))
    state = strongest(status for _, status in current.values())
    if state is None:
        return replace(before, when=when)
    things = sorted(iri for iri, (_, status) in current.items() if status == state)
    return Change(when, state, None, tuple(things))


def _framework_tracks(reader: Reader, framework: str, empty: Emptiness) -> dict[str, Track]:
    spells: dict[str, list[tuple[Day | None, Day | None, str, str]]] = {}
    for row in reader.rows("framework-participants", framework=framework):
        actor, role, node = iri(row, "actor"), iri(row, "role"), iri(row, "participation")
        if actor and role and node:
            spells.setdefault(actor, []).append((day(row, "from"), day(row, "to"), local_name(role), node))
    return {actor: _spell_track(own, empty.word(actor)) for actor, own in spells.items()}


def _spell_track(spells: list[tuple[Day | None, Day | None, str, str]], empty: str) -> Track:
    days = {d for since, until, _, _ in spells for d in (since, until) if d}
    undated = _place([s for s in spells if s[0] is None]) or empty
    before = Change(None, undated, None, tuple(n for since, _, _, n in spells if since is None))
    changes: list[Change] = []
    for when in sorted(days):
        now = [s for s in spells if _from(s) <= when.value < _to(s)]
        left = any(_to(s) <= when.value for s in spells)
        state = _place(now) or ("former" if left else empty)
        things = tuple(n for _, _, _, n in now)
        if state != (changes[-1].state if changes else before.state):
            changes.append(Change(when, state, None, things, when))
    return Track(tuple(changes), before)


def _from(spell: tuple[Day | None, Day | None, str, str]) -> date:
    return spell[0].value if spell[0] else date.min


def _to(spell: tuple[Day | None, Day | None, str, str]) -> date:
    return spell[1].value if spell[1] else date.max


def _place(spells: Iterable[tuple[Day | None, Day | None, str, str]]) -> str | None:
    states = {_state(role) for _, _, role, _ in spells}
    return min(states, key=PLACES.index, default=None)


def _state(role: str) -> str:
    if role in MEMBER:
        return "member"
    if role in JOINING:
        return "joining"
    return "suspended" if role == "suspended" else "linked"
