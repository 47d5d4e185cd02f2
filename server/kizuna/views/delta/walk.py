"""Walks a rule's looks through a store: from known values of some variables to those of others, gathering the triples on the way.

The sets of values are never too small: whatever a solution with the given values can use is met. Of the looks that can be walked next, the
one with few triples is taken, whichever end it starts from: nobody walks from "signed" to all signatures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, Quad

from kizuna.views.ask import Term
from kizuna.views.delta.reach import Look, OutOfReachError
from kizuna.views.delta.sight import Draft
from kizuna.views.rl.model import Slot, Var

_FIRST_BOUND = 64
_LAST_BOUND = 300_000
_PAIRS = 64


@dataclass
class Walk:
    """Values of variables, as far as they are known.

    Args:
        draft: the store.
        hidden: graphs that are not seen.
        known: variable to the values that it can have.
        required: scopes whose patterns every solution in question meets; they narrow what is known.
        facts: the triples met, as quads.
    """

    draft: Draft
    hidden: frozenset[NamedNode]
    known: dict[str, set[Term]]
    required: frozenset[int] = frozenset((0,))
    facts: list[Quad] = field(default_factory=list)

    def run(self, looks: Sequence[Look], until: frozenset[str] | None = None) -> bool:
        """Walk all looks, or until some variables are known.

        Returns:
            False when there is no solution at all.

        Raises:
            OutOfReachError: a look is not tied to what is known, or there is too much to be gathered.
        """
        todo = [look for look in looks if not look.star]
        for look in looks if until is None else ():
            if look.star:
                for predicate, _ in look.edges:
                    self.facts += self.draft.find(self.hidden, None, predicate, None)
        while todo:
            if until is not None and until <= self.known.keys():
                # Only the cheap looks that can still rule it out.
                todo = [look for look in todo if self._ends(look) == 2 and self._small(look)]
                if not todo:
                    return True
            look, quads = self._next(todo)
            todo.remove(look)
            self.facts += [quad for quad, _ in quads]
            if not self._learn(look, quads) and look.scope in self.required:
                return False
        return True

    def values(self, slot: Slot) -> set[Term] | None:
        """What a slot can be; None: anything."""
        return self.known.get(slot.name) if isinstance(slot, Var) else {slot}

    def _ends(self, look: Look) -> int:
        return sum(self.values(slot) is not None for slot in (look.subject, look.object))

    def _small(self, look: Look) -> bool:
        subjects, objects = self.values(look.subject), self.values(look.object)
        return subjects is not None and objects is not None and len(subjects) * len(objects) <= _PAIRS

    def _next(self, todo: list[Look]) -> tuple[Look, list[tuple[Quad, bool]]]:
        """The cheapest look and its triples."""
        ways = []
        for look in todo:
            subjects, objects = self.values(look.subject), self.values(look.object)
            if subjects is not None:
                ways.append((len(subjects) * (1 if objects is None else 0.5), 0, look))
            if objects is not None:
                ways.append((len(objects) * 4, 1, look))
        if not ways:
            raise OutOfReachError("a pattern is not tied to the others")
        ways.sort(key=lambda way: way[0])
        bound = _FIRST_BOUND
        while bound <= _LAST_BOUND:
            for _, end, look in ways:
                found = self._fetch(look, end, bound)
                if found is not None:
                    return look, found
            bound *= 8
        raise OutOfReachError("too many triples to be gathered")

    def _fetch(self, look: Look, end: int, bound: int) -> list[tuple[Quad, bool]] | None:
        found: list[tuple[Quad, bool]] = []
        for count, one in enumerate(self._triples(look, end)):
            if count >= bound:
                return None
            quad, inverse = one
            first, last = (quad.object, quad.subject) if inverse else (quad.subject, quad.object)
            subjects, objects = self.values(look.subject), self.values(look.object)
            if (subjects is None or first in subjects) and (objects is None or last in objects):
                found.append(one)
        return found

    def _triples(self, look: Look, end: int) -> Iterator[tuple[Quad, bool]]:
        subjects, objects = self.values(look.subject), self.values(look.object)
        both = subjects is not None and objects is not None and len(subjects) * len(objects) <= _PAIRS
        for predicate, inverse in look.edges:
            pairs: Iterator[tuple[Term | None, Term | None]]
            if both:
                pairs = ((s, o) for s in subjects or () for o in objects or ())
            elif end == 0:
                pairs = ((s, None) for s in subjects or ())
            else:
                pairs = ((None, o) for o in objects or ())
            for s, o in pairs:
                first, last = (o, s) if inverse else (s, o)
                for quad in self.draft.find(self.hidden, first, predicate, last):
                    yield quad, inverse

    def _learn(self, look: Look, quads: list[tuple[Quad, bool]]) -> bool:
        """Take over the values met; False when there are none."""
        for slot, at_start in ((look.subject, True), (look.object, False)):
            if not isinstance(slot, Var):
                continue
            met: set[Term] = {quad.subject if at_start != inverse else quad.object for quad, inverse in quads}
            if slot.name not in self.known or look.scope in self.required:
                # `_fetch` has kept what is known already.
                self.known[slot.name] = met
        return bool(quads)
