"""Why something is *not* a member of a defined class: which conditions hold and which don't. Asks the view only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from kizuna.views.ask import Term
from kizuna.views.proof import Fact
from kizuna.views.rl.model import Pattern, Rule, Slot, Var
from kizuna.views.terms import TYPE
from kizuna.views.why import Explainer, patterns

MAX_DEPTH: Final = 4
"""How far conditions that name another defined class are followed."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a definition, for one thing.

    Args:
        patterns: what must hold together (the thing itself filled in; a variable stands for "some").
        facts: facts that meet it; empty when it is not met.
        nearest: facts that meet the longest first part of it, when not all of it.
        missing: the first pattern that nothing meets; None when the condition is met.
        detail: the same question about a defined class that the missing pattern names, if it names one.
    """

    patterns: tuple[Pattern, ...]
    facts: tuple[Fact, ...]
    nearest: tuple[Fact, ...]
    missing: Pattern | None
    detail: WhyNot | None

    @property
    def holds(self) -> bool:
        """Whether the condition is met."""
        return self.missing is None


@dataclass(frozen=True, slots=True)
class Way:
    """One way of becoming a member: all its conditions are needed.

    Args:
        rule: id of the rule.
        conditions: in the order of the definition.
    """

    rule: str
    conditions: tuple[Condition, ...]

    @property
    def lacking(self) -> int:
        """How many conditions are not met."""
        return sum(not condition.holds for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What a thing has and lacks for a class.

    Args:
        class_: the class.
        thing: the thing.
        member: whether it is a member all the same.
        ways: every way to become one by definition, that with the least lacking first. Empty when the class
            is not defined by conditions: then only a statement can make a member.
    """

    class_: NamedNode
    thing: NamedNode
    member: bool
    ways: tuple[Way, ...]


def is_defined(explainer: Explainer, class_: NamedNode) -> bool:
    """Whether a class has a definition by conditions."""
    return bool(_definitions(explainer, class_))


def why_not(explainer: Explainer, class_: NamedNode, thing: NamedNode) -> WhyNot:
    """Compare a thing with the definition of a class.

    Args:
        explainer: of the view.
        class_: a class, as a rule one with a definition.
        thing: what is or isn't a member.
    """
    return _compare(explainer, class_, thing, MAX_DEPTH, frozenset())


def _definitions(explainer: Explainer, class_: NamedNode) -> list[Rule]:
    """Rules by which a class is defined; those by which a mere subclass or a relation implies it are none."""
    return [
        rule
        for rule in explainer.rules.values()
        if rule.head is not None
        and rule.head.predicate == TYPE
        and rule.head.object == class_
        and isinstance(rule.head.subject, Var)
        and rule.name.startswith(("cls-", "cax-eqc"))
        and rule.name not in ("cls-avf", "cls-int2", "cls-oo")
    ]


def _compare(
    explainer: Explainer, class_: NamedNode, thing: NamedNode, depth: int, above: frozenset[NamedNode]
) -> WhyNot:
    ways = []
    for rule in _definitions(explainer, class_):
        variable = rule.head.subject if rule.head is not None else None
        if not isinstance(variable, Var):
            continue
        body = [_filled(pattern, variable.name, thing) for pattern in rule.body]
        conditions = tuple(
            _condition(explainer, group, thing, depth, above | {class_}) for group in _groups(body)
        )
        ways.append(Way(rule.id, conditions))
    ways.sort(key=lambda way: (way.lacking, way.rule))
    member = bool(explainer.graphs(Fact(thing, TYPE, class_)))
    return WhyNot(class_, thing, member, tuple(ways))


def _filled(pattern: Pattern, name: str, thing: NamedNode) -> Pattern:
    def fill(slot: Slot) -> Slot:
        return thing if isinstance(slot, Var) and slot.name == name else slot

    return Pattern(fill(pattern.subject), pattern.predicate, fill(pattern.object))


def _groups(body: list[Pattern]) -> list[tuple[Pattern, ...]]:
    """Patterns that share a variable belong to one condition."""
    groups: list[tuple[set[str], list[Pattern]]] = []
    for pattern in body:
        names = set(pattern.variables())
        joined = [group for group in groups if group[0] & names]
        rest = [group for group in groups if not group[0] & names]
        merged = (
            names.union(*(group[0] for group in joined)),
            [*(p for group in joined for p in group[1]), pattern],
        )
        groups = [*rest, merged]
    ordered = sorted(groups, key=lambda group: body.index(group[1][0]))
    return [tuple(group[1]) for group in ordered]


def _condition(
    explainer: Explainer,
    group: tuple[Pattern, ...],
    thing: NamedNode,
    depth: int,
    above: frozenset[NamedNode],
) -> Condition:
    nearest: tuple[Fact, ...] = ()
    for length in range(1, len(group) + 1):
        part = group[:length]
        values = _first(explainer, part)
        if values is None:
            missing = part[-1]
            return Condition(group, (), nearest, missing, _detail(explainer, missing, thing, depth, above))
        nearest = tuple(Fact(*pattern.bound(values)) for pattern in part)
    return Condition(group, nearest, nearest, None, None)


def _detail(
    explainer: Explainer, missing: Pattern, thing: NamedNode, depth: int, above: frozenset[NamedNode]
) -> WhyNot | None:
    class_ = missing.object
    if depth <= 0 or missing.predicate != TYPE or missing.subject != thing:
        return None
    if not isinstance(class_, NamedNode) or class_ in above or not is_defined(explainer, class_):
        return None
    return _compare(explainer, class_, thing, depth - 1, above)


def _first(explainer: Explainer, part: tuple[Pattern, ...]) -> Mapping[str, Term] | None:
    """One solution of some patterns, or None."""
    names = list(dict.fromkeys(name for pattern in part for name in pattern.variables()))
    projection = " ".join(f"?{name}" for name in names) or "(1 AS ?holds)"
    rows = explainer.select(f"SELECT {projection} WHERE {{ {patterns(part)} }} LIMIT 1", {})
    return rows[0] if rows else None
