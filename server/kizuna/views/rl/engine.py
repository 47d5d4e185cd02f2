"""Runs compiled rules to their closure over one store, semi-naive, on interned integers.

Reads the given store and returns what is new; writes nothing. A class is a set of integers, a property a set of
integer pairs. Relations are visited in the order of their dependencies, each time with only what is new
in them, so a rule with one premise is a set difference and only chains and intersections are joins.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import chain

from pyoxigraph import BlankNode, Literal, NamedNode, Store

from kizuna.views.ask import Term
from kizuna.views.rl.compile import equality_rules
from kizuna.views.rl.model import CompiledOntology, Rule, Slot, Var
from kizuna.views.rl.order import dependency_order
from kizuna.views.rl.plan import Key, Plan, Step, key_of, plan_of
from kizuna.views.rl.relations import Binary, Dictionary, Pair, Unary
from kizuna.views.terms import SAME_AS, SUB_CLASS, SUB_PROPERTY, TYPE, owl

Row = tuple[int, ...]

_REFLEXIVE = frozenset((SAME_AS, SUB_CLASS, SUB_PROPERTY, owl("equivalentClass"), owl("equivalentProperty")))
"""Relations in which everything stands to itself: not worth saying."""


@dataclass(frozen=True, slots=True)
class Closure:
    """What a run added.

    Args:
        lines: the new triples, one N-Triples statement each, sorted by nothing.
        rounds: how often a relation was visited.
        unsaid: whether something about a literal was concluded, or that two names are one thing. Such conclusions leave traces that the
            triples do not show, so the next closure cannot be told from this one.
    """

    lines: tuple[str, ...]
    rounds: int
    unsaid: bool

    def n_triples(self) -> bytes:
        """The new triples as one N-Triples document."""
        return "".join(self.lines).encode()


def closure(store: Store, compiled: CompiledOntology) -> Closure:
    """All that the rules add to the union of the store's graphs.

    Triples with a literal or blank node as subject, and those whose object is a blank node, are not given back:
    they are no facts that a person can look at. That a term is a subclass of itself, and the like, goes unsaid.

    Args:
        store: stated and derived quads (and the ontology).
        compiled: the rules.
    """
    with _collector_paused():
        return _closure(store, compiled)


def _closure(store: Store, compiled: CompiledOntology) -> Closure:
    machine = Machine(compiled.rules)
    machine.load(store)
    machine.run()
    equal = machine.found_equal()
    if equal:
        predicates = {quad.predicate for quad in store}
        classes = {quad.object for quad in store.quads_for_pattern(None, TYPE, None, None)}
        named = [c for c in classes if isinstance(c, NamedNode)]
        heads = [rule.head for rule in compiled.rules if rule.head is not None]
        predicates |= {head.predicate for head in heads}
        named += [
            head.object for head in heads if head.predicate == TYPE and isinstance(head.object, NamedNode)
        ]
        machine = Machine((*compiled.rules, *equality_rules(predicates, named)))
        machine.load(store)
        machine.run()
    return Closure(tuple(machine.lines()), machine.visits, equal or machine.about_literals())


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Hundreds of thousands of small tuples without a cycle: looking for cycles costs a third of a run."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Machine:
    """One run: relations, plans and the order of visits.

    Args:
        rules: rules with a head.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.terms = Dictionary()
        self.visits = 0
        self._unary: dict[NamedNode, Unary] = {}
        self._binary: dict[NamedNode, Binary] = {}
        self._plans: dict[Key, list[Plan]] = defaultdict(list)
        heads = [(rule, rule.head) for rule in rules if rule.head is not None]
        order = dependency_order(
            [(key_of(head), [key_of(pattern) for pattern in rule.body]) for rule, head in heads]
        )
        for key, position in order.items():
            if key[1] is None:
                self._binary[key[0]] = Binary(position)
            else:
                self._unary[key[1]] = Unary(position)
        for rule, _ in heads:
            for index, pattern in enumerate(rule.body):
                self._plans[key_of(pattern)].append(plan_of(rule, index, self.terms))
        self._queue: list[tuple[int, int, Key]] = []
        self._keys = {key: number for number, key in enumerate(order)}

    # Loading and result --------------------------------------------------------------------------------

    def load(self, store: Store) -> None:
        """Read every relation that some rule reads or writes."""
        terms = self.terms
        find = store.quads_for_pattern
        members: dict[Term, list[int]] = defaultdict(list)
        for quad in find(None, TYPE, None, None):
            members[quad.object].append(terms[quad.subject])
        for class_, unary in self._unary.items():
            if class_ in members:
                unary.fresh.update(members[class_])
                self._push((TYPE, class_))
        for predicate, binary in self._binary.items():
            pairs = {(terms[quad.subject], terms[quad.object]) for quad in find(None, predicate, None, None)}
            if pairs:
                binary.fresh = pairs
                self._push((predicate, None))

    def found_equal(self) -> bool:
        """Whether two different terms turned out to be, or were stated to be, the same."""
        binary = self._binary.get(SAME_AS)
        return binary is not None and any(s != o for s, o in binary.all)

    def about_literals(self) -> bool:
        """Whether something new has a literal as its subject."""
        literals = {number for number, term in enumerate(self.terms.terms) if isinstance(term, Literal)}
        return any(
            not literals.isdisjoint(new) for unary in self._unary.values() for new in unary.new
        ) or any(s in literals for binary in self._binary.values() for new in binary.new for s, _ in new)

    def lines(self) -> Iterator[str]:
        """The new triples as N-Triples statements."""
        terms = self.terms.terms
        texts: list[str | None] = [None] * len(terms)

        def text(number: int) -> str:
            known = texts[number]
            if known is None:
                known = texts[number] = str(terms[number])
            return known

        for class_, unary in self._unary.items():
            tail = f" {TYPE} {class_} .\n"
            for s in chain.from_iterable(unary.new):
                if isinstance(terms[s], NamedNode):
                    yield text(s) + tail
        for predicate, binary in self._binary.items():
            middle = f" {predicate} "
            trivial = predicate in _REFLEXIVE
            for s, o in chain.from_iterable(binary.new):
                if not isinstance(terms[s], NamedNode) or isinstance(terms[o], BlankNode):
                    continue
                if not (trivial and s == o):
                    yield text(s) + middle + text(o) + " .\n"

    # Running --------------------------------------------------------------------------------------------

    def _push(self, key: Key) -> None:
        relation = self._binary[key[0]] if key[1] is None else self._unary[key[1]]
        heappush(self._queue, (relation.order, self._keys[key], key))

    def run(self) -> None:
        """Visit relations until nothing is new."""
        while self._queue:
            _, _, key = heappop(self._queue)
            if key[1] is None:
                binary = self._binary[key[0]]
                pairs, binary.fresh = binary.fresh, set()
                if not pairs:
                    continue
                binary.settle(pairs)
                self.visits += 1
                for plan in self._plans.get(key, ()):
                    self._fire_binary(plan, pairs)
            else:
                unary = self._unary[key[1]]
                members, unary.fresh = unary.fresh, set()
                if not members:
                    continue
                unary.all |= members
                self.visits += 1
                for plan in self._plans.get(key, ()):
                    self._fire_unary(plan, members)

    def _fire_unary(self, plan: Plan, members: set[int]) -> None:
        subject = plan.first.subject
        if isinstance(subject, Var):
            if not plan.steps and plan.rule.head is not None and plan.rule.head.subject == subject:
                head = plan.rule.head
                if head.predicate == TYPE and isinstance(head.object, NamedNode):
                    self._add_members(head.object, members)
                    return
            rows: Iterable[Row] = [(member,) for member in members]
        else:
            rows = [()] if self.terms[subject] in members else []
        self._finish(plan, rows)

    def _fire_binary(self, plan: Plan, pairs: set[Pair]) -> None:
        subject, object_ = plan.first.subject, plan.first.object
        head = plan.rule.head
        if isinstance(subject, Var) and isinstance(object_, Var):
            if subject == object_:
                self._finish(plan, [(s,) for s, o in pairs if s == o])
                return
            if not plan.steps and head is not None and plan.rule.distinct is None:
                if head.predicate == TYPE and isinstance(head.object, NamedNode):
                    if head.subject == subject:
                        self._add_members(head.object, {s for s, _ in pairs})
                    else:
                        self._add_members(head.object, {o for _, o in pairs})
                    return
                if (head.subject, head.object) == (subject, object_):
                    self._add_pairs(head.predicate, pairs)
                    return
                if (head.subject, head.object) == (object_, subject):
                    self._add_pairs(head.predicate, {(o, s) for s, o in pairs})
                    return
            self._finish(plan, pairs)
            return
        if not isinstance(object_, Var):
            constant = self.terms[object_]
            if isinstance(subject, Var):
                self._finish(plan, [(s,) for s, o in pairs if o == constant])
            elif (self.terms[subject], constant) in pairs:
                self._finish(plan, [()])
        elif not isinstance(subject, Var):
            constant = self.terms[subject]
            self._finish(plan, [(o,) for s, o in pairs if s == constant])

    def _finish(self, plan: Plan, rows: Iterable[Row]) -> None:
        for step in plan.steps:
            if not rows:
                return
            rows = self._join(step, rows)
        head = plan.rule.head
        if not rows or head is None:
            return
        if plan.rule.distinct is not None:
            a, b = (plan.names.index(name) for name in plan.rule.distinct)
            rows = [row for row in rows if row[a] != row[b]]
        if head.predicate == TYPE and isinstance(head.object, NamedNode):
            if isinstance(head.subject, Var):
                at = plan.names.index(head.subject.name)
                self._add_members(head.object, {row[at] for row in rows})
            else:
                self._add_members(head.object, {self.terms[head.subject]} if rows else set())
            return
        s = self._source(head.subject, plan.names)
        o = self._source(head.object, plan.names)
        if s[0] is not None and o[0] is not None:
            i, j = s[0], o[0]
            self._add_pairs(head.predicate, {(row[i], row[j]) for row in rows})
        elif s[0] is not None:
            i, constant = s[0], o[1]
            self._add_pairs(head.predicate, {(row[i], constant) for row in rows})
        elif o[0] is not None:
            j, constant = o[0], s[1]
            self._add_pairs(head.predicate, {(constant, row[j]) for row in rows})
        elif rows:
            self._add_pairs(head.predicate, {(s[1], o[1])})

    def _source(self, slot: Slot, names: tuple[str, ...]) -> tuple[int | None, int]:
        if isinstance(slot, Var):
            return names.index(slot.name), -1
        return None, self.terms[slot]

    def _join(self, step: Step, rows: Iterable[Row]) -> list[Row]:
        predicate, class_ = step.key
        if class_ is not None:
            members = self._unary[class_].all
            if step.subject is not None:
                at = step.subject
                return [row for row in rows if row[at] in members]
            if step.subject_constant is not None:
                return list(rows) if step.subject_constant in members else []
            return [(*row, member) for row in rows for member in members]
        binary = self._binary[predicate]
        i, j = step.subject, step.object
        a, b = step.subject_constant, step.object_constant
        empty: list[int] = []
        if i is not None:
            if j is not None:
                pairs = binary.all
                return [row for row in rows if (row[i], row[j]) in pairs]
            if b is not None:
                pairs = binary.all
                return [row for row in rows if (row[i], b) in pairs]
            objects = binary.objects()
            return [(*row, o) for row in rows for o in objects.get(row[i], empty)]
        if j is not None:
            if a is not None:
                pairs = binary.all
                return [row for row in rows if (a, row[j]) in pairs]
            subjects = binary.subjects()
            return [(*row, s) for row in rows for s in subjects.get(row[j], empty)]
        if a is not None and b is not None:
            return list(rows) if (a, b) in binary.all else []
        if a is not None:
            found = binary.objects().get(a, empty)
            return [(*row, o) for row in rows for o in found]
        if b is not None:
            found = binary.subjects().get(b, empty)
            return [(*row, s) for row in rows for s in found]
        return [(*row, s, o) for row in rows for s, o in binary.all]

    def _add_members(self, class_: NamedNode, members: set[int]) -> None:
        unary = self._unary[class_]
        new = members - unary.all
        new -= unary.fresh
        if new:
            if not unary.fresh:
                self._push((TYPE, class_))
            unary.fresh |= new
            unary.new.append(new)

    def _add_pairs(self, predicate: NamedNode, pairs: set[Pair]) -> None:
        binary = self._binary[predicate]
        new = pairs - binary.all
        new -= binary.fresh
        if new:
            if not binary.fresh:
                self._push((predicate, None))
            binary.fresh |= new
            binary.new.append(new)
