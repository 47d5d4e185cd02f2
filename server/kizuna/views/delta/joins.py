"""Rules of the closure run on a store instead of on integers: from one triple, or backwards from a conclusion. Reads the draft only.

For the few triples of a difference, look-ups in the index are quicker than numbering everything first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import NamedNode

from kizuna.views.ask import Term
from kizuna.views.delta.sight import Draft, Fact
from kizuna.views.rl.model import CompiledOntology, Pattern, Rule, Slot, Var, bind
from kizuna.views.rl.plan import Key, key_of
from kizuna.views.terms import TYPE

Values = dict[str, Term]


@dataclass(frozen=True)
class Index:
    """The rules of an ontology by what they read and by what they conclude."""

    compiled: CompiledOntology

    @cached_property
    def by_premise(self) -> dict[Key, list[tuple[Rule, Pattern, tuple[Pattern, ...]]]]:
        """Rules by each of their premises, with the others."""
        return _by_premise(self.compiled.rules)

    @cached_property
    def constraints_by_premise(self) -> dict[Key, list[tuple[Rule, Pattern, tuple[Pattern, ...]]]]:
        """What must not hold, likewise."""
        return _by_premise(self.compiled.constraints)

    @cached_property
    def by_head(self) -> dict[Key, list[tuple[Rule, Pattern]]]:
        """Rules by their conclusion."""
        found: dict[Key, list[tuple[Rule, Pattern]]] = defaultdict(list)
        for rule in self.compiled.rules:
            if rule.head is not None:
                found[key_of(rule.head)].append((rule, rule.head))
        return dict(found)

    def warm(self) -> Index:
        """Make the look-ups now."""
        _ = self.by_premise, self.constraints_by_premise, self.by_head
        return self


def _by_premise(rules: Sequence[Rule]) -> dict[Key, list[tuple[Rule, Pattern, tuple[Pattern, ...]]]]:
    found: dict[Key, list[tuple[Rule, Pattern, tuple[Pattern, ...]]]] = defaultdict(list)
    for rule in rules:
        for number, pattern in enumerate(rule.body):
            rest = tuple(other for at, other in enumerate(rule.body) if at != number)
            found[key_of(pattern)].append((rule, pattern, rest))
    return dict(found)


def keys(fact: Fact) -> list[Key]:
    """The relations that a triple belongs to."""
    _, predicate, object_ = fact
    if predicate == TYPE and isinstance(object_, NamedNode):
        return [(TYPE, object_), (TYPE, None)]
    return [(predicate, None)]


def unify(pattern: Pattern, fact: Fact) -> Values | None:
    """Values that make a pattern the triple, or None."""
    return bind((pattern.subject, fact[0]), (pattern.object, fact[2]))


def _value(slot: Slot, values: Values) -> Term | None:
    return values.get(slot.name) if isinstance(slot, Var) else slot


def join(
    draft: Draft, hidden: frozenset[NamedNode], rest: tuple[Pattern, ...], values: Values
) -> Iterator[Values]:
    """All ways to meet further premises.

    Args:
        draft: where to look.
        hidden: graphs that are not seen.
        rest: the premises.
        values: of variables that are bound; not changed.
    """
    if not rest:
        yield values
        return
    best = max(rest, key=lambda pattern: _bound(pattern, values))
    others = tuple(pattern for pattern in rest if pattern is not best)
    seen: set[tuple[Term, Term]] = set()
    # A list, for whoever takes the answers may change the store.
    for quad in list(
        draft.find(hidden, _value(best.subject, values), best.predicate, _value(best.object, values))
    ):
        ends = (quad.subject, quad.object)
        if ends in seen:
            continue
        seen.add(ends)
        more = unify(best, (quad.subject, quad.predicate, quad.object))
        if more is not None:
            yield from join(draft, hidden, others, {**values, **more})


def _bound(pattern: Pattern, values: Values) -> int:
    subject, object_ = _value(pattern.subject, values), _value(pattern.object, values)
    return (2 if subject is not None else 0) + (1 if object_ is not None else 0)


def distinct(rule: Rule, values: Values) -> bool:
    """Whether the values that must differ do."""
    return rule.distinct is None or values[rule.distinct[0]] != values[rule.distinct[1]]
