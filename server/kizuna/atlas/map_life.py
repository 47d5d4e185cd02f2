"""How agreements and talks stood between two actors on any day, told from their dated events. Pure.

A view answers for one day. A map that plays through the years would need a view a year; this module says the same as the
derivation rules (`ontology/rules/`) for every day at once, from the events that a view holds. A test compares both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from kizuna.atlas.lines import STRENGTH, strength
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, Name, day, iri, local_name, name, named

NON_BINDING = {"memorandum", "joint-statement", "private-arrangement"}
FOR_ALL_UNLESS_NAMED = {"signed", "in-force", "provisional", "effective", "adopted", "notes-exchanged"}
ENDS = {"withdrawn", "terminated", "expired"}
ANNOUNCEMENTS = {"announced", "agreed", "agreed-in-principle", "concluded"}
STANDING = ("in-force", "provisional", "adopted")
FEW = 3
"""At most so many parties: an agreement between them, not one of the world."""

TALKS = {
    "announced": ("proposed", 1),
    "applied": ("proposed", 2),
    "talks-opened": ("negotiating", 3),
    "talks-suspended": ("suspended", 4),
    "talks-resumed": ("negotiating", 5),
    "agreed-in-principle": ("negotiating", 6),
    "concluded": ("concluded", 7),
    "signed": ("concluded", 8),
    "in-force": ("concluded", 9),
    "talks-ended": ("ended", 10),
    "cancelled": ("ended", 10),
    "withdrawn": ("ended", 10),
}
"""What an event makes of talks; on one day the higher rank wins, ranks up to 2 count while nothing else happened."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event in the life of an agreement; `party` is None when it is about all parties."""

    kind: str
    when: Day
    party: str | None

    @property
    def date(self) -> date:
        """First day of the stated period."""
        return self.when.value


@dataclass(frozen=True, slots=True)
class Life:
    """An agreement, or talks about one, with all that happened to it.

    Args:
        thing: the agreement or negotiation.
        kind: class IRI of the agreement, or of the agreement the talks are about.
        talks: True for a negotiation.
        weight: slug of its legal weight, if it has one.
        parties: IRIs of all parties.
        happenings: its events, oldest first.
        successors: IRIs of agreements that replaced it.
        domains: IRIs of its domains.
    """

    thing: Name
    kind: str
    talks: bool
    weight: str | None
    parties: frozenset[str]
    happenings: tuple[Happening, ...]
    successors: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()

    @property
    def close(self) -> bool:
        """Between few parties."""
        return len(self.parties) <= FEW


@dataclass(frozen=True, slots=True)
class Turn:
    """From `when` on the tie has this status (None: it does not count)."""

    when: Day
    status: str | None


@dataclass(frozen=True, slots=True)
class Lives:
    """All agreements and talks of one actor."""

    principal: str
    by_thing: Mapping[str, Life] = field(default_factory=dict)

    def standing(self, life: Life, actor: str, on: date) -> str | None:
        """Status slug of an agreement for one of its parties on a day; None when it has none."""
        mine = [h for h in life.happenings if h.date <= on and _applies(h, life, actor, on)]
        begins = [h.date for h in mine if _begins(h, life, on)]
        if begins and self._ended(life, mine, max(begins), actor, on):
            return "ended"
        pauses = [h.date for h in mine if h.kind == "suspended"]
        resumed = max((h.date for h in mine if h.kind == "resumed"), default=None)
        if begins and any(resumed is None or resumed < pause for pause in pauses):
            return "suspended"
        kinds = {h.kind for h in mine}
        if "in-force" in kinds or (life.weight == "exchange-of-notes" and _begun_by_exchange(mine, life, on)):
            return "in-force"
        if "provisional" in kinds:
            return "provisional"
        if begins:
            return "adopted"
        signed = [h.date for h in mine if h.kind == "signed"]
        ends = [h.date for h in mine if h.kind in ENDS]
        return "signed" if any(not any(e >= s for e in ends) for s in signed) else None

    def _ended(self, life: Life, mine: list[Happening], begun: date, actor: str, on: date) -> bool:
        if any(h.kind in ENDS and h.date >= begun for h in mine):
            return True
        for successor in life.successors:
            other = self.by_thing.get(successor)
            if other and any(
                h.date <= on and _applies(h, other, actor, on) and _begins(h, other, on)
                for h in other.happenings
            ):
                return True
        return False

    def tie(self, life: Life, actor: str, on: date) -> str | None:
        """Status of an agreement or talks between the principal and an actor: the weaker of both standings."""
        if life.talks:
            return _talks_on(life, on)
        if life.weight is None:
            return None
        own, other = self.standing(life, actor, on), self.standing(life, self.principal, on)
        if own is None or other is None:
            announced = any(h.kind in ANNOUNCEMENTS and h.date <= on for h in life.happenings)
            return "proposed" if announced and own is None and other is None else None
        return max(own, other, key=strength)

    def turns(self, life: Life, actor: str) -> tuple[Turn, ...]:
        """Every change of the tie, oldest first."""
        both = {actor, self.principal, None}
        days = {h.date: h.when for h in life.happenings if h.party in both}
        for successor in life.successors:
            if successor in self.by_thing:
                for h in self.by_thing[successor].happenings:
                    days.setdefault(h.date, h.when)
        turns: list[Turn] = []
        for when in sorted(days):
            status = self.tie(life, actor, when)
            if status != (turns[-1].status if turns else None):
                turns.append(Turn(days[when], status))
        return tuple(turns)

    def partners(self) -> frozenset[str]:
        """All other parties of anything."""
        return frozenset().union(*(life.parties for life in self.by_thing.values())) - {self.principal}


def _applies(h: Happening, life: Life, actor: str, on: date) -> bool:
    if h.party is not None:
        return h.party == actor or (h.kind == "withdrawn" and len(life.parties) == 2)
    if h.kind not in FOR_ALL_UNLESS_NAMED:
        return True
    return not any(o.kind == h.kind and o.party is not None and o.date <= on for o in life.happenings)


def _begins(h: Happening, life: Life, on: date) -> bool:
    if h.kind in ("in-force", "provisional"):
        return True
    if life.weight in NON_BINDING:
        return h.kind in ("signed", "adopted", "effective", "notes-exchanged")
    return life.weight == "exchange-of-notes" and _begun_by_exchange([h], life, on)


def _begun_by_exchange(mine: Iterable[Happening], life: Life, on: date) -> bool:
    if any(h.kind == "in-force" and h.date <= on for h in life.happenings):
        return False
    return any(h.kind in ("signed", "notes-exchanged") for h in mine)


def _talks_on(life: Life, on: date) -> str | None:
    known = [(h.date, *TALKS[h.kind][::-1]) for h in life.happenings if h.kind in TALKS and h.date <= on]
    serious = [k for k in known if k[1] > 2] or known
    status = max(serious, default=(on, 0, None))[2]
    return status if status in ("negotiating", "suspended", "proposed") else None


def strongest(statuses: Iterable[str]) -> str | None:
    """The strongest of several statuses; None of none."""
    return min((s for s in statuses if s in STRENGTH), key=strength, default=None)


def read_lives(reader: Reader, principal: str) -> Lives:
    """Read all agreements and talks of the principal."""
    happenings: dict[str, dict[str, Happening]] = {}
    for row in reader.rows("map-events", principal=principal):
        thing, event, kind, when = (
            iri(row, "thing"),
            iri(row, "event"),
            iri(row, "eventKind"),
            day(row, "date"),
        )
        if thing and event and kind and when:
            happenings.setdefault(thing, {})[event] = Happening(local_name(kind), when, iri(row, "party"))
    domains: dict[str, set[str]] = {}
    parties: dict[str, set[str]] = {}
    for row in reader.rows("agreement-links"):
        thing = iri(row, "agreement")
        if thing and (domain := iri(row, "domain")):
            domains.setdefault(thing, set()).add(domain)
    for row in reader.rows("map-parties", principal=principal):
        thing, party = iri(row, "thing"), iri(row, "party")
        if thing and party:
            parties.setdefault(thing, set()).add(party)
    lives: dict[str, Life] = {}
    successors: dict[str, set[str]] = {}
    for row in reader.rows("map-things", principal=principal):
        thing = named(row, "thing").iri
        if successor := iri(row, "successor"):
            successors.setdefault(thing, set()).add(successor)
    for row in reader.rows("map-things", principal=principal):
        found = name(row, "thing")
        about, kind, weight = iri(row, "about"), iri(row, "thingKind"), iri(row, "weight")
        if found is None or found.iri in lives or not (about or kind):
            continue
        lives[found.iri] = Life(
            thing=found,
            kind=about or kind or "",
            talks=about is not None,
            weight=local_name(weight) if weight else None,
            parties=frozenset(parties.get(found.iri, ())),
            happenings=tuple(sorted(happenings.get(found.iri, {}).values(), key=lambda h: (h.date, h.kind))),
            successors=tuple(sorted(successors.get(found.iri, ()))),
            domains=tuple(sorted(domains.get(found.iri, ()))),
        )
    return Lives(principal, lives)
