"""The OWL 2 RL closure by the difference. Changes the given draft only.

What goes is followed first: an inferred triple that rested on it is kept when it can be proved from stated and derived triples another way (a
search that never goes in a circle), else it goes as well. What went by mistake comes back when a rule makes it of what is left; then
what is new is carried on, rule by rule. (Deletion with a search for other proofs before it spreads: Motik, Nenov, Piro and Horrocks,
"Incremental update of datalog materialisation: the backward/forward algorithm", AAAI 2015; and delete-and-rederive as the safety net.)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Quad

from kizuna.views.delta.joins import Index, distinct, join, keys, unify
from kizuna.views.delta.reach import OutOfReachError
from kizuna.views.delta.sight import NOW, WITH_GONE, Draft, Fact
from kizuna.views.terms import INFERRED, SAME_AS

MOST_GONE: Final = 20_000
"""More inferred triples than this in doubt, and inferring everything is the cheaper way."""
_PROOF_STEPS: Final = 60


def reclose(draft: Draft, index: Index, gone: Iterable[Fact], come: Iterable[Fact]) -> None:
    """Bring the inferred graph up to date.

    Args:
        draft: stated and derived quads as they are now; inferred ones as they were. What has gone is remembered in it.
        index: the rules.
        gone: triples that were stated or derived, and are neither now.
        come: triples that are stated or derived now, and were neither.

    Raises:
        OutOfReachError: this cannot be told by the difference; nothing is promised about the draft then.
    """
    run = _Run(draft, index)
    lost = run.follow_gone(list(gone))
    draft.forget()
    run.carry_on([fact for fact in lost if run.makes(fact)], list(come))


class _Run:
    def __init__(self, draft: Draft, index: Index) -> None:
        self.draft = draft
        self.index = index
        self.proved: set[Fact] = set()
        self.lost: set[Fact] = set()

    # What goes.

    def follow_gone(self, gone: list[Fact]) -> set[Fact]:
        """Take out what rested on triples that are gone; returns all that is lost, these triples included."""
        todo: list[Fact] = []
        for fact in gone:
            self.lost.add(fact)
        for fact in gone:
            if self._provable(fact):
                self.lost.discard(fact)
                self.draft.add(_inferred(fact))
            else:
                todo.append(fact)
        while todo:
            fact = todo.pop()
            if len(self.lost) > MOST_GONE:
                raise OutOfReachError("too many conclusions are in doubt")
            for head in self._heads(fact, WITH_GONE):
                quad = _inferred(head)
                if head in self.lost or quad not in self.draft.store or self._provable(head):
                    continue
                self.lost.add(head)
                self.draft.remove(quad)
                self.draft.remember([head])
                todo.append(head)
        return self.lost

    def _heads(self, fact: Fact, hidden: frozenset[NamedNode]) -> set[Fact]:
        """What the rules conclude from a triple together with what is in sight."""
        found: set[Fact] = set()
        for key in keys(fact):
            for rule, pattern, rest in self.index.by_premise.get(key, ()):
                values = unify(pattern, fact)
                if values is None or rule.head is None:
                    continue
                for met in join(self.draft, hidden, rest, values):
                    if distinct(rule, met):
                        found.add(rule.head.bound(met))
        return found

    def _provable(self, fact: Fact) -> bool:
        """Whether a proof from stated and derived triples is found in a few steps; False may be wrong."""
        steps = [_PROOF_STEPS]
        return self._prove(fact, frozenset(), steps)

    def _prove(self, fact: Fact, path: frozenset[Fact], steps: list[int]) -> bool:
        if fact in self.proved or self.draft.explicit(fact):
            return True
        if fact in path or steps[0] <= 0 or (path and fact in self.lost):
            return False
        steps[0] -= 1
        within = path | {fact}
        for key in keys(fact):
            for rule, head in self.index.by_head.get(key, ()):
                values = unify(head, fact)
                if values is None:
                    continue
                for met in join(self.draft, NOW, rule.body, values):
                    if steps[0] <= 0:
                        return False
                    premises = [pattern.bound(met) for pattern in rule.body]
                    if distinct(rule, met) and all(self._prove(one, within, steps) for one in premises):
                        self.proved.add(fact)
                        return True
        return False

    # What comes.

    def makes(self, fact: Fact) -> bool:
        """Whether a rule concludes a triple from what is there now."""
        for key in keys(fact):
            for rule, head in self.index.by_head.get(key, ()):
                values = unify(head, fact)
                if values is not None and any(
                    distinct(rule, met) for met in join(self.draft, NOW, rule.body, values)
                ):
                    return True
        return False

    def carry_on(self, back: list[Fact], come: list[Fact]) -> None:
        """Put back what is made again, take over what has come, and conclude all that follows."""
        todo: list[Fact] = []
        for fact in come:
            quad = _inferred(fact)
            if quad in self.draft.store:
                self.draft.remove(quad)  # said outright now; what follows from it has been concluded already
            else:
                todo.append(fact)
        for fact in back:
            if not self.draft.holds(fact):
                self.draft.add(_inferred(fact))
                todo.append(fact)
        while todo:
            fact = todo.pop()
            if fact[1] == SAME_AS:
                raise OutOfReachError("two names are one thing")
            for head in self._heads(fact, NOW):
                if (head[1] == SAME_AS and head[0] == head[2]) or self.draft.holds(head):
                    continue
                self.draft.add(_inferred(head))
                todo.append(head)


def _inferred(fact: Fact) -> Quad:
    subject, predicate, object_ = fact
    if not isinstance(subject, NamedNode) or isinstance(object_, BlankNode):
        raise OutOfReachError(f"a conclusion about {subject} or {object_}")
    return Quad(subject, predicate, object_, INFERRED)
