"""How a rule is run from each of its premises: the order of the joins, settled before the run. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode

from kizuna.views.rl.model import Pattern, Rule, Var
from kizuna.views.rl.relations import Dictionary
from kizuna.views.terms import TYPE

Key = tuple[NamedNode, NamedNode | None]
"""A relation: a property with None, or rdf:type with its class."""


@dataclass(frozen=True, slots=True)
class Step:
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
class Plan:
    """A rule as seen from one of its premises."""

    rule: Rule
    first: Pattern
    names: tuple[str, ...]
    steps: tuple[Step, ...]


def key_of(pattern: Pattern) -> Key:
    """The relation that a pattern reads or writes."""
    if pattern.predicate == TYPE and isinstance(pattern.object, NamedNode):
        return TYPE, pattern.object
    return pattern.predicate, None


def plan_of(rule: Rule, index: int, terms: Dictionary) -> Plan:
    """How to run a rule when something new meets the premise at `index`.

    Args:
        rule: a rule with a head.
        index: position of the premise in the body.
        terms: numbers the constants.
    """
    first = rule.body[index]
    slots = (first.subject,) if key_of(first)[1] is not None else (first.subject, first.object)
    names = list(dict.fromkeys(slot.name for slot in slots if isinstance(slot, Var)))
    rest = [pattern for number, pattern in enumerate(rule.body) if number != index]
    steps: list[Step] = []
    while rest:
        pattern = max(rest, key=lambda candidate: _connection(candidate, names))
        rest.remove(pattern)
        steps.append(_step(pattern, names, terms))
    return Plan(rule, first, tuple(names), tuple(steps))


def _step(pattern: Pattern, names: list[str], terms: Dictionary) -> Step:
    key = key_of(pattern)
    ends: list[tuple[int | None, int | None]] = []
    added: list[str] = []
    for slot in (pattern.subject,) if key[1] is not None else (pattern.subject, pattern.object):
        if not isinstance(slot, Var):
            ends.append((None, terms[slot]))
        elif slot.name in names:
            ends.append((names.index(slot.name), None))
        else:
            ends.append((None, None))
            added.append(slot.name)
    names.extend(added)
    if len(ends) == 1:
        ends.append((None, None))
    return Step(key, ends[0][0], ends[1][0], ends[0][1], ends[1][1])


def _connection(pattern: Pattern, names: list[str]) -> int:
    """How well a pattern ties in with what is bound; one that shares no variable comes last (a product)."""
    score = 0
    for slot in (pattern.subject, pattern.object):
        if not isinstance(slot, Var):
            score += 1
        elif slot.name in names:
            score += 3
    return score
