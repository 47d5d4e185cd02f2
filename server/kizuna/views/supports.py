"""What a fact stands on, and what would remove it. Asks the view through an explainer, changes nothing.

A *support* is a smallest set of stated facts that proves a fact. To remove the fact, something of each support
must go; a *removal* is a smallest such choice of records (a record is all that is stated of one subject: a
participation, an event, an agreement). The ontology is taken as given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from kizuna.views.ask import Term
from kizuna.views.proof import Fact
from kizuna.views.why import Explainer
from kizuna.workspace.names import GRAPH

MAX_SUPPORTS: Final = 32
"""Supports kept for one fact; more are counted as "and others"."""
MAX_WAYS: Final = 256
"""Ways to reach one fact that are looked at."""
MAX_DEPTH: Final = 24
ONTOLOGY: Final = GRAPH + "ontology/"

Item = TypeVar("Item")
Support = frozenset[Fact]


@dataclass(frozen=True, slots=True)
class Supports:
    """What a fact stands on.

    Args:
        sets: smallest sets of stated facts, the smallest first.
        complete: False when a bound was reached: then there may be more.
    """

    sets: tuple[Support, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Removals:
    """What would remove a fact.

    Args:
        sets: smallest sets of records whose going takes the fact away, the smallest first.
        complete: False when a bound was reached: then more may have to go, or there are more choices.
    """

    sets: tuple[frozenset[Term], ...]
    complete: bool


def supports(explainer: Explainer, fact: Fact) -> Supports:
    """The smallest sets of stated facts that prove a fact.

    What a rule needs to be absent is not part of a support (see `Proof.absences`); nor is the ontology, except
    where a rule reads it as data.
    """
    return _Search(explainer).of(fact)


def removals(explainer: Explainer, fact: Fact) -> Removals:
    """The smallest sets of records of which at least one set must go for the fact to go.

    A fact that the ontology alone proves has none.
    """
    found = supports(explainer, fact)
    needed = [
        frozenset(part.subject for part in support if not _of_ontology(explainer, part))
        for support in found.sets
    ]
    if not all(needed):
        return Removals((), found.complete)
    hits = hitting_sets(needed)
    return Removals(tuple(hits[:MAX_SUPPORTS]), found.complete and len(hits) <= MAX_SUPPORTS)


def _of_ontology(explainer: Explainer, fact: Fact) -> bool:
    return all(graph.value.startswith(ONTOLOGY) for graph in explainer.stated_in(fact))


class _Search:
    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer
        self._known: dict[Fact, tuple[Support, ...]] = {}
        self._complete = True

    def of(self, fact: Fact) -> Supports:
        sets = self._supports(fact, frozenset(), 0)[0]
        ordered = sorted(sets, key=lambda each: (len(each), sorted(map(str, each))))
        return Supports(tuple(ordered), self._complete)

    def _supports(self, fact: Fact, above: frozenset[Fact], depth: int) -> tuple[tuple[Support, ...], bool]:
        """Supports of a fact, and whether they hold whatever is above (so that they can be remembered)."""
        known = self._known.get(fact)
        if known is not None:
            return known, True
        stated = self._explainer.stated_in(fact)
        found: list[Support] = [frozenset([fact])] if stated else []
        if stated and not self._computed(fact):
            self._known[fact] = tuple(found)
            return self._known[fact], True
        if depth >= MAX_DEPTH:
            self._complete = False
            return tuple(found), False
        free = True
        for number, candidate in enumerate(self._explainer.candidates(fact)):
            if number >= MAX_WAYS:
                self._complete = False
                break
            if any(premise in above or premise == fact for premise in candidate.premises):
                free = False
                continue
            ways: list[Support] = [frozenset()]
            for premise in candidate.premises:
                below, independent = self._supports(premise, above | {fact}, depth + 1)
                free = free and independent
                ways = self._smallest(way | support for way in ways for support in below)
                if not ways:
                    break
            found = self._smallest([*found, *ways])
        result = tuple(found)
        if free:
            self._known[fact] = result
        return result, free

    def _computed(self, fact: Fact) -> bool:
        return len(self._explainer.graphs(fact)) > len(self._explainer.stated_in(fact))

    def _smallest(self, sets: Iterable[Support]) -> list[Support]:
        kept = minimal(sets)
        if len(kept) > MAX_SUPPORTS:
            self._complete = False
        return kept[:MAX_SUPPORTS]


def minimal(sets: Iterable[frozenset[Item]]) -> list[frozenset[Item]]:
    """Those sets that contain no other, the smallest first."""
    kept: list[frozenset[Item]] = []
    for candidate in sorted(dict.fromkeys(sets), key=len):
        if not any(smaller <= candidate for smaller in kept):
            kept.append(candidate)
    return kept


def hitting_sets(sets: Iterable[frozenset[Item]]) -> list[frozenset[Item]]:
    """The smallest sets that share something with each of the given sets (Berge's algorithm).

    One more than `MAX_SUPPORTS` are kept on the way, so that a reached bound shows.
    """
    hits: list[frozenset[Item]] = [frozenset()]
    for wanted in sets:
        grown: list[frozenset[Item]] = []
        for hit in hits:
            grown += [hit] if hit & wanted else [hit | {item} for item in sorted(wanted, key=str)]
        hits = minimal(grown)[: MAX_SUPPORTS + 1]
    return [hit for hit in hits if hit]
