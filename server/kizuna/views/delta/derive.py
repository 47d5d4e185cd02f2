"""Derived edges by the difference: only the conclusions that a change can touch are asked for again. Changes the given draft only.

Rules run in their order. From what has changed so far come *questions*: conclusions that a rule may now make or no longer make. A question
is put to every rule that can answer it, each on a small store of all triples that can decide it, with the rule's own
text, and is settled after the last of them: what no rule makes goes, what one makes comes, and both count as changed for the
rules that follow. So rules with MINUS, OPTIONAL and counts need no treatment of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from kizuna.views.ask import Term, construct
from kizuna.views.delta.reach import Look, OutOfReachError, Reach
from kizuna.views.delta.sight import (
    BEFORE_INFERENCE,
    BEFORE_INFERENCE_WITH_GONE,
    Draft,
    Fact,
    fact_of,
)
from kizuna.views.delta.walk import Walk
from kizuna.views.rl.model import Var
from kizuna.views.terms import DERIVED

MOST_QUESTIONS = 5_000
"""More, and deriving everything is the cheaper way."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which conclusions are in doubt; None stands for anything."""

    subject: Term | None
    predicate: NamedNode
    object: Term | None

    def covers(self, fact: Fact) -> bool:
        """Whether a conclusion is in doubt."""
        s, p, o = fact
        return p == self.predicate and self.subject in (None, s) and self.object in (None, o)


class Rules:
    """Rules in their order, and which can make what.

    Args:
        reaches: the rules, taken apart, in order.
        store: gives the values of predicates that a rule takes from the data.

    Raises:
        OutOfReachError: a rule reads what it or a later one makes; then their order decides what is derived.
    """

    def __init__(self, reaches: Sequence[Reach], store: Store) -> None:
        self.reaches = tuple(reaches)
        self.predicates = tuple(_predicates(reach, store) for reach in reaches)
        self.whole = frozenset(predicate for reach in reaches for predicate in reach.whole())
        self.makers: dict[NamedNode, list[int]] = {}
        for number, predicates in enumerate(self.predicates):
            for predicate in predicates:
                self.makers.setdefault(predicate, []).append(number)
        self.readers: dict[NamedNode, list[tuple[int, Look, bool]]] = {}
        for number, reach in enumerate(reaches):
            for look in reach.looks:
                for predicate, inverse in look.edges:
                    if not look.star:
                        self.readers.setdefault(predicate, []).append((number, look, inverse))
        self._check()

    def _check(self) -> None:
        for predicate, readers in self.readers.items():
            makers = self.makers.get(predicate, ())
            # A question without an object is settled after all of them.
            anything = any(self.reaches[maker].objects is None for maker in makers)
            for maker in makers:
                for reader, look, _ in readers:
                    if maker >= reader and _may_match(
                        self.reaches[reader], look, self.reaches[maker], anything
                    ):
                        raise OutOfReachError(
                            f"rule {self.reaches[reader].rule.id} reads what {self.reaches[maker].rule.id} makes,"
                            " which runs later"
                        )

    def makers_of(self, question: Question, draft: Draft) -> list[int]:
        """The rules that can make a conclusion now, in order."""
        found = []
        for number in self.makers.get(question.predicate, ()):
            reach = self.reaches[number]
            if question.object is not None and reach.objects and question.object not in reach.objects:
                continue
            needed = reach.having(reach.subject) - self.makers.keys()
            if question.subject is None or all(
                next(draft.find(BEFORE_INFERENCE, question.subject, predicate, None), None)
                for predicate in needed
            ):
                found.append(number)
        return found


def _may_match(reader: Reach, look: Look, maker: Reach, anything: bool) -> bool:
    """Whether a pattern of one rule can be met by a conclusion of another."""
    named = not (anything or isinstance(look.object, Var) or maker.objects is None)
    if named and maker.objects is not None and look.object not in maker.objects:
        return False
    if look.scope == 0 and isinstance(look.subject, Var) and not look.edges[0][1]:
        return not reader.without(look.subject.name) & maker.having(maker.subject)
    return True


def _predicates(reach: Reach, store: Store) -> frozenset[NamedNode]:
    if reach.predicate is not None:
        return frozenset((reach.predicate,))
    found = store.quads_for_pattern(None, reach.predicate_from, None, None)
    return frozenset(quad.object for quad in found if isinstance(quad.object, NamedNode))


def rederive(draft: Draft, rules: Rules, changed: Iterable[Fact]) -> None:
    """Bring the derived graph up to date.

    Args:
        draft: stated quads as they are now; derived ones as they were. The triples that have gone are remembered in it.
        rules: the rules.
        changed: stated triples that have gone or come.

    Raises:
        OutOfReachError: this cannot be told by the difference; nothing is promised about the draft then.
    """
    _Run(draft, rules).run(list(changed))


class _Run:
    def __init__(self, draft: Draft, rules: Rules) -> None:
        self.draft = draft
        self.rules = rules
        self.count = 0
        self.asked: dict[Question, set[Fact]] = {}
        self.waiting: dict[int, set[Question]] = {}
        self.settling: dict[int, set[Question]] = {}
        self.changes: dict[int, list[tuple[Fact, Look, bool]]] = {}

    def run(self, changed: list[Fact]) -> None:
        if any(predicate in self.rules.whole for _, predicate, _ in changed):
            raise OutOfReachError("something has changed that concerns everything")
        self._spread(changed)
        for number in range(len(self.rules.reaches)):
            self._raise_questions(number)
            self._answer(number, self.waiting.pop(number, set()))
            self._settle(self.settling.pop(number, set()))

    def _spread(self, changed: Iterable[Fact]) -> None:
        """Give changed triples to the rules that look at such."""
        for fact in changed:
            for number, look, inverse in self.rules.readers.get(fact[1], ()):
                first, last = (fact[2], fact[0]) if inverse else (fact[0], fact[2])
                fits = (
                    isinstance(slot, Var) or slot == term
                    for slot, term in ((look.subject, first), (look.object, last))
                )
                if all(fits):
                    self.changes.setdefault(number, []).append((fact, look, inverse))

    # Questions.

    def _raise_questions(self, number: int) -> None:
        reach = self.rules.reaches[number]
        at_once: dict[int, set[Question]] = {}
        for fact, look, inverse in self.changes.pop(number, ()):
            for question in self._questions(reach, number, fact, look, inverse):
                if question in self.asked:
                    continue
                self.asked[question] = set()
                self.count += 1
                if self.count > MOST_QUESTIONS:
                    raise OutOfReachError("too many conclusions are in doubt")
                makers = self.rules.makers_of(question, self.draft)
                for maker in makers:
                    (at_once if maker < number else self.waiting).setdefault(maker, set()).add(question)
                self.settling.setdefault(max([number, *makers]), set()).add(question)
        for maker, questions in at_once.items():
            self._answer(maker, questions)

    def _questions(self, reach: Reach, number: int, fact: Fact, look: Look, inverse: bool) -> list[Question]:
        """The conclusions of a rule that a changed triple can touch."""
        first, last = (fact[2], fact[0]) if inverse else (fact[0], fact[2])
        known: dict[str, set[Term]] = {}
        for slot, term in ((look.subject, first), (look.object, last)):
            if isinstance(slot, Var) and known.setdefault(slot.name, {term}) != {term}:
                return []
        scopes = reach.visible(look.scope)
        walk = Walk(self.draft, BEFORE_INFERENCE_WITH_GONE, known, scopes)
        looks = [one for one in reach.looks if one.scope in scopes and one is not look]
        bound = frozenset(name for one in reach.looks if one.scope == 0 for name in one.names)
        ends = (reach.subject, reach.object)
        wanted = frozenset(slot.name for slot in ends if isinstance(slot, Var) and slot.name in bound)
        if not walk.run(looks, wanted):
            return []
        subjects, objects = (_or_any(walk.values(slot)) for slot in ends)
        if objects == [None] and reach.objects:
            objects = [*reach.objects]
        return [
            Question(s, predicate, o)
            for predicate in self.rules.predicates[number]
            for s in subjects
            for o in objects
        ]

    # Answers.

    def _answer(self, number: int, questions: set[Question]) -> None:
        if not questions:
            return
        reach = self.rules.reaches[number]
        made = self._make(reach, questions)
        by_subject: dict[Term | None, list[Question]] = {}
        for question in questions:
            by_subject.setdefault(question.subject, []).append(question)
        for fact in made:
            for question in (*by_subject.get(fact[0], ()), *by_subject.get(None, ())):
                if question.covers(fact):
                    self.asked[question].add(fact)

    def _make(self, reach: Reach, questions: set[Question]) -> set[Fact]:
        known: dict[str, set[Term]] = {}
        for slot, values in (
            (reach.subject, {question.subject for question in questions}),
            (reach.object, {question.object for question in questions}),
        ):
            if isinstance(slot, Var) and None not in values:
                known[slot.name] = {value for value in values if value is not None}
        if not known:
            raise OutOfReachError(f"any conclusion of rule {reach.rule.id} may have changed")
        walk = Walk(self.draft, BEFORE_INFERENCE, known)
        if not walk.run(reach.looks):
            return set()
        small = Store()
        small.extend([Quad(quad.subject, quad.predicate, quad.object) for quad in walk.facts])
        lines = construct(small, reach.rule.text)
        return {(one.subject, one.predicate, one.object) for one in parse(lines, format=RdfFormat.N_TRIPLES)}

    def _settle(self, questions: set[Question]) -> None:
        gone: set[Fact] = set()
        come: set[Fact] = set()
        for question in questions:
            made = self.asked[question]
            if isinstance(question.subject, Literal):
                continue
            store = self.draft.store
            held = {
                fact_of(quad)
                for quad in store.quads_for_pattern(
                    question.subject, question.predicate, question.object, DERIVED
                )
            }
            gone |= held - made
            come |= made - held
        for s, p, o in gone:
            self.draft.remove(_derived(s, p, o))
        for s, p, o in come:
            self.draft.add(_derived(s, p, o))
        self.draft.remember(gone)
        self._spread(gone | come)


def _or_any(values: set[Term] | None) -> list[Term | None]:
    return [None] if values is None else [*values]


def _derived(subject: Term, predicate: NamedNode, object_: Term) -> Quad:
    if not isinstance(subject, NamedNode):
        raise OutOfReachError(f"{subject} has a derived edge")
    return Quad(subject, predicate, object_, DERIVED)


__all__ = ["Question", "Rules", "rederive"]
