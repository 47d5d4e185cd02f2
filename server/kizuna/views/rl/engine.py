"""Runs compiled rules to their closure over one store, semi-naive, on interned integers.

Reads the given store and returns what is new; writes nothing. A class is a set of integers, a property a set of
integer pairs. Relations are visited in the order of their dependencies, each time with only what is new
in them, so a rule with one premise is a set difference and only chains and intersections are joins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import chain

from pyoxigraph import Literal, NamedNode, Store

from kizuna.views.ask import table
from kizuna.views.rl.compile import equality_rules
from kizuna.views.rl.model import CompiledOntology, Pattern, Rule, Slot, Var
from kizuna.views.rl.order import dependency_order
from kizuna.views.terms import SAME_AS, SUB_CLASS, SUB_PROPERTY, TYPE, owl
from kizuna.workspace.names import XSD

Pair = tuple[int, int]
Row = tuple[int, ...]
Key = tuple[NamedNode, NamedNode | None]
"""A relation: a property with None, or rdf:type with its class."""

_REFLEXIVE = frozenset((SAME_AS, SUB_CLASS, SUB_PROPERTY, owl("equivalentClass"), owl("equivalentProperty")))
"""Relations in which everything stands to itself: not worth saying."""
_MEMBERS = "SELECT ?s ?o ?p WHERE { ?s ?p ?o }"


class Dictionary(dict[str, int]):
    """Terms in N-Triples form to integers, handed out on first sight."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def __missing__(self, text: str) -> int:
        number = len(self.texts)
        self[text] = number
        self.texts.append(text)
        return number


class Unary:
    """Members of a class: all, and those not yet carried on."""

    __slots__ = ("all", "fresh", "new", "order")

    def __init__(self, order: int) -> None:
        self.all: set[int] = set()
        self.fresh: set[int] = set()
        self.new: list[set[int]] = []
        self.order = order


class Binary:
    """Pairs of a property: all, those not yet carried on, and look-ups by either end once asked for."""

    __slots__ = ("all", "by_object", "by_subject", "fresh", "new", "order")

    def __init__(self, order: int) -> None:
        self.all: set[Pair] = set()
        self.fresh: set[Pair] = set()
        self.new: list[set[Pair]] = []
        self.by_subject: dict[int, list[int]] | None = None
        self.by_object: dict[int, list[int]] | None = None
        self.order = order

    def objects(self) -> dict[int, list[int]]:
        """Objects by subject."""
        if self.by_subject is None:
            self.by_subject = defaultdict(list)
            for s, o in self.all:
                self.by_subject[s].append(o)
        return self.by_subject

    def subjects(self) -> dict[int, list[int]]:
        """Subjects by object."""
        if self.by_object is None:
            self.by_object = defaultdict(list)
            for s, o in self.all:
                self.by_object[o].append(s)
        return self.by_object

    def settle(self, delta: set[Pair]) -> None:
        """Make the fresh pairs part of all, in the look-ups too."""
        self.all |= delta
        if self.by_subject is not None:
            for s, o in delta:
                self.by_subject[s].append(o)
        if self.by_object is not None:
            for s, o in delta:
                self.by_object[o].append(s)


@dataclass(frozen=True, slots=True)
class Closure:
    """What a run added.

    Args:
        lines: the new triples, one N-Triples statement each, sorted by nothing.
        rounds: how often a relation was visited.
    """

    lines: tuple[str, ...]
    rounds: int

    def n_triples(self) -> bytes:
        """The new triples as one N-Triples document."""
        return "".join(self.lines).encode()


def key_of(pattern: Pattern) -> Key:
    """The relation that a pattern reads or writes."""
    if pattern.predicate == TYPE and isinstance(pattern.object, NamedNode):
        return TYPE, pattern.object
    return pattern.predicate, None


def closure(store: Store, compiled: CompiledOntology) -> Closure:
    """All that the rules add to the union of the store's graphs.

    Triples with a literal or blank node as subject, and those whose object is a blank node, are not given back:
    they are no facts that a person can look at. That a term is a subclass of itself, and the like, goes unsaid.

    Args:
        store: stated and derived quads (and the ontology).
        compiled: the rules.
    """
    machine = Machine(compiled.rules)
    machine.load(store)
    machine.run()
    if machine.found_equal():
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
    return Closure(tuple(machine.lines()), machine.visits)


@dataclass(frozen=True, slots=True)
class _Step:
    """One further premise of a join: which relation, and where its ends come from.

    `subject`/`object` are positions in the row, or None for a value that this step adds; `constants` are
    fixed ends.
    """

    key: Key
    subject: int | None
    object: int | None
    subject_constant: int | None
    object_constant: int | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """A rule as seen from one of its premises."""

    rule: Rule
    first: Pattern
    names: tuple[str, ...]
    steps: tuple[_Step, ...]


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
        self._plans: dict[Key, list[_Plan]] = defaultdict(list)
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
                self._plans[key_of(pattern)].append(self._plan(rule, index))
        self._queue: list[tuple[int, int, Key]] = []
        self._keys = {key: number for number, key in enumerate(order)}

    # Loading and result --------------------------------------------------------------------------------

    def load(self, store: Store) -> None:
        """Read every relation that some rule reads or writes."""
        terms = self.terms
        by_class: dict[str, list[int]] = defaultdict(list)
        for subject, object_ in _rows(store, TYPE):
            by_class[object_].append(terms[subject])
        for class_, unary in self._unary.items():
            members = by_class.get(str(class_))
            if members:
                unary.fresh.update(members)
                self._push((TYPE, class_))
        for predicate, binary in self._binary.items():
            tokens = _tokens(store, predicate)
            if tokens:
                subjects = map(terms.__getitem__, tokens[::3])
                binary.fresh.update(zip(subjects, map(terms.__getitem__, tokens[1::3]), strict=True))
                self._push((predicate, None))

    def found_equal(self) -> bool:
        """Whether two different terms turned out to be, or were stated to be, the same."""
        binary = self._binary.get(SAME_AS)
        return binary is not None and any(s != o for s, o in binary.all)

    def lines(self) -> Iterator[str]:
        """The new triples as N-Triples statements."""
        texts = self.terms.texts
        for class_, unary in self._unary.items():
            tail = f" {TYPE} {class_} .\n"
            for s in chain.from_iterable(unary.new):
                if texts[s][0] == "<":
                    yield texts[s] + tail
        for predicate, binary in self._binary.items():
            middle = f" {predicate} "
            trivial = predicate in _REFLEXIVE
            for s, o in chain.from_iterable(binary.new):
                subject, object_ = texts[s], texts[o]
                if subject[0] == "<" and object_[0] != "_" and not (trivial and s == o):
                    yield subject + middle + _full(object_) + " .\n"

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

    def _fire_unary(self, plan: _Plan, members: set[int]) -> None:
        subject = plan.first.subject
        if isinstance(subject, Var):
            if not plan.steps and plan.rule.head is not None and plan.rule.head.subject == subject:
                head = plan.rule.head
                if head.predicate == TYPE and isinstance(head.object, NamedNode):
                    self._add_members(head.object, members)
                    return
            rows: Iterable[Row] = [(member,) for member in members]
        else:
            rows = [()] if self.terms[_token(subject)] in members else []
        self._finish(plan, rows)

    def _fire_binary(self, plan: _Plan, pairs: set[Pair]) -> None:
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
        if isinstance(subject, Var):
            constant = self.terms[_token(object_)]
            self._finish(plan, [(s,) for s, o in pairs if o == constant])
        elif isinstance(object_, Var):
            constant = self.terms[_token(subject)]
            self._finish(plan, [(o,) for s, o in pairs if s == constant])
        elif (self.terms[_token(subject)], self.terms[_token(object_)]) in pairs:
            self._finish(plan, [()])

    def _finish(self, plan: _Plan, rows: Iterable[Row]) -> None:
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
                self._add_members(head.object, {self.terms[_token(head.subject)]} if rows else set())
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
        return None, self.terms[_token(slot)]

    def _join(self, step: _Step, rows: Iterable[Row]) -> list[Row]:
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

    # Planning -------------------------------------------------------------------------------------------

    def _plan(self, rule: Rule, index: int) -> _Plan:
        first = rule.body[index]
        key = key_of(first)
        names = list(
            dict.fromkeys(
                slot.name
                for slot in ((first.subject,) if key[1] is not None else (first.subject, first.object))
                if isinstance(slot, Var)
            )
        )
        rest = [pattern for number, pattern in enumerate(rule.body) if number != index]
        steps: list[_Step] = []
        while rest:
            pattern = max(rest, key=lambda candidate: _connection(candidate, names))
            rest.remove(pattern)
            steps.append(self._step(pattern, names))
        return _Plan(rule, first, tuple(names), tuple(steps))

    def _step(self, pattern: Pattern, names: list[str]) -> _Step:
        key = key_of(pattern)
        ends: list[tuple[int | None, int | None]] = []
        added: list[str] = []
        for slot in (pattern.subject,) if key[1] is not None else (pattern.subject, pattern.object):
            if not isinstance(slot, Var):
                ends.append((None, self.terms[_token(slot)]))
            elif slot.name in names:
                ends.append((names.index(slot.name), None))
            else:
                ends.append((None, None))
                added.append(slot.name)
        names.extend(added)
        if len(ends) == 1:
            ends.append((None, None))
        return _Step(key, ends[0][0], ends[1][0], ends[0][1], ends[1][1])


def _connection(pattern: Pattern, names: list[str]) -> int:
    """How well a pattern ties in with what is bound: more is better, a free scan is worst."""
    score = 0
    for slot in (pattern.subject, pattern.object):
        if not isinstance(slot, Var) or slot.name in names:
            score += 1
    return score


def _tokens(store: Store, predicate: NamedNode) -> list[str]:
    """Subject, object and predicate of each triple with that predicate, in turn, in N-Triples form.

    The engine writes the table itself (TSV), which is several times faster than one Python object a term.
    """
    text = table(store, _MEMBERS, {"p": predicate})
    _, _, body = text.partition("\n")
    if not body:
        return []
    return body[:-1].replace("\n", "\t").split("\t")


def _rows(store: Store, predicate: NamedNode) -> Iterator[tuple[str, str]]:
    tokens = _tokens(store, predicate)
    return zip(tokens[::3], tokens[1::3], strict=True)


_BARE = frozenset(XSD + name for name in ("integer", "decimal", "double", "boolean"))


def _token(slot: Slot) -> str:
    """A constant as the table writes it: the reverse of `_full`."""
    if isinstance(slot, Literal) and slot.datatype.value in _BARE:
        return slot.value
    return str(slot)


def _full(token: str) -> str:
    """A literal's N-Triples form; TSV writes numbers and truth values bare."""
    if token[0] in '<"_':
        return token
    if token in ("true", "false"):
        datatype = "boolean"
    elif "e" in token.lower():
        datatype = "double"
    else:
        datatype = "decimal" if "." in token else "integer"
    return f'"{token}"^^<{XSD}{datatype}>'
