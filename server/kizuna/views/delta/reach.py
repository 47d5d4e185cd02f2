"""What a derivation rule looks at, taken from its algebra. Pure; runs no query.

A rule is reduced to its triple patterns (looks). Backwards, from a changed triple along the looks, come the conclusions that it can touch;
forwards, from a conclusion, come all triples that can decide it. Variables of a nested group that the group around it does not
bind are renamed: they are others, even under the same name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import rdflib
from pyoxigraph import Literal, NamedNode
from rdflib.paths import AlternativePath, InvPath, MulPath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from kizuna.views.rl.model import Slot, Var
from kizuna.views.rules import DerivationRule

Edge = tuple[NamedNode, bool]
"""A predicate, and whether it is read against its direction."""

_THROUGH: Final = ("Filter", "Extend", "Distinct", "Reduced", "SelectQuery", "AggregateJoin", "Group")


class OutOfReachError(Exception):
    """This cannot be told by the difference alone; the message says why. Build anew."""


@dataclass(frozen=True, slots=True)
class Look:
    """A triple pattern.

    Args:
        subject: a variable or a constant.
        edges: predicates, each with its direction; several are alternatives.
        object: a variable or a constant.
        scope: number of the group it stands in; 0 is the outermost, whose patterns every solution meets.
        star: the predicate is followed any number of times. Only what says something of terms is: such edges are read whole.
    """

    subject: Slot
    edges: tuple[Edge, ...]
    object: Slot
    scope: int
    star: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Its variables."""
        return frozenset(slot.name for slot in (self.subject, self.object) if isinstance(slot, Var))


@dataclass(frozen=True, slots=True)
class Reach:
    """A rule taken apart.

    Args:
        rule: the rule.
        subject: of its conclusion.
        predicate: of its conclusion, or None when a variable stands there.
        predicate_from: then, the predicate whose objects are the predicates that it can conclude.
        object: of its conclusion.
        objects: what the conclusion's object can only be (a constant, or values written in the rule); None: anything.
        looks: its patterns.
        parents: for each scope, the scope around it (0 for 0).
        minus: scopes that are a MINUS.
    """

    rule: DerivationRule
    subject: Slot
    predicate: NamedNode | None
    predicate_from: NamedNode | None
    object: Slot
    objects: frozenset[NamedNode | Literal] | None
    looks: tuple[Look, ...]
    parents: tuple[int, ...]
    minus: frozenset[int]

    def whole(self) -> frozenset[NamedNode]:
        """Predicates of which any change concerns everything."""
        found = {edge[0] for look in self.looks if look.star for edge in look.edges}
        return frozenset(found | ({self.predicate_from} if self.predicate_from else set()))

    def without(self, name: str) -> frozenset[NamedNode]:
        """Predicates that the value of a variable of the outermost group does not have, by a MINUS of that one pattern."""
        found = set()
        for scope in self.minus:
            inside = [look for look in self.looks if look.scope == scope]
            if len(inside) != 1 or self.parents[scope] or inside[0].star or len(inside[0].edges) != 1:
                continue
            predicate, inverse = inside[0].edges[0]
            anything = isinstance(inside[0].object, Var) and inside[0].object.name.endswith(f"#{scope}")
            if inside[0].subject == Var(name) and anything and not inverse:
                found.add(predicate)
        return frozenset(found)

    def having(self, slot: Slot) -> frozenset[NamedNode]:
        """Predicates that a variable's value has in every solution."""
        looks = (look for look in self.looks if look.scope == 0 and look.subject == slot and not look.star)
        return frozenset(look.edges[0][0] for look in looks if len(look.edges) == 1 and not look.edges[0][1])

    def visible(self, scope: int) -> frozenset[int]:
        """A scope and those around it."""
        found = {0}
        while scope:
            found.add(scope)
            scope = self.parents[scope]
        return frozenset(found)


@lru_cache(maxsize=512)
def reach_of(rule: DerivationRule) -> Reach:
    """Take a rule apart.

    Raises:
        OutOfReachError: it uses a form that is not understood.
    """
    try:
        query = translateQuery(parseQuery(rule.text)).algebra
    except Exception as error:  # whatever rdflib's parser brings
        raise OutOfReachError(f"rule {rule.id}: {error}") from error
    reader = _Reader(rule.id)
    where = query.p.p if query.p.name == "Project" else query.p
    names = reader.group(where, 0, {})
    triples = query.template
    if len(triples) != 1:
        raise OutOfReachError(f"rule {rule.id} concludes more than one triple")
    subject, predicate, object_ = triples[0]
    conclusion = reader.slot(object_, {})
    named = conclusion.name if isinstance(conclusion, Var) else ""
    objects = reader.values.get(named) if isinstance(conclusion, Var) else frozenset({conclusion})
    source = None
    if isinstance(predicate, rdflib.Variable):
        source = reader.source_of(str(predicate))
    elif not isinstance(predicate, rdflib.URIRef):
        raise OutOfReachError(f"rule {rule.id}: a path in its conclusion")
    for slot in (reader.slot(subject, {}), conclusion):
        if isinstance(slot, Var) and slot.name not in names | reader.given:
            raise OutOfReachError(f"rule {rule.id} concludes about ?{slot.name}, which may be unbound")
    return Reach(
        rule,
        reader.slot(subject, {}),
        None if source else NamedNode(str(predicate)),
        source,
        conclusion,
        objects,
        tuple(reader.looks),
        tuple(reader.parents),
        frozenset(reader.minus),
    )


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.looks: list[Look] = []
        self.parents = [0]
        self.minus: set[int] = set()
        self.values: dict[str, frozenset[NamedNode | Literal]] = {}
        self.given: set[str] = set()

    def group(self, node: Any, scope: int, renamed: dict[str, str]) -> set[str]:
        """Read a part of the algebra; returns the variables (as renamed) that it binds for sure."""
        kind = node.name
        if kind == "BGP":
            return self._patterns(node.triples, scope, renamed)
        if kind == "Join":
            # VALUES come first: they say what a variable in the place of a predicate can be.
            parts = sorted((node.p1, node.p2), key=lambda part: 0 if _is_values(part) else 1)
            return {name for part in parts for name in self.group(part, scope, renamed)}
        if kind in ("LeftJoin", "Minus"):
            self._no_exists(node.get("expr"))
            bound = self.group(node.p1, scope, renamed)
            self.parents.append(scope)
            inner = len(self.parents) - 1
            if kind == "Minus":
                self.minus.add(inner)
            self.group(node.p2, inner, self._apart(node.p2, bound, renamed, inner))
            return bound
        if kind == "values":
            return self._values(node.res, scope, renamed)
        if kind == "ToMultiSet":
            return self.group(node.p, scope, renamed)
        if kind == "Project":
            kept = {str(name) for name in node.PV}
            self._keys(node.p, kept)
            hidden = {name: f"{name}/{len(self.looks)}" for name in _variables(node.p) - kept}
            bound = self.group(node.p, scope, {**renamed, **hidden})
            return bound - set(hidden.values())
        if kind in _THROUGH:
            for part in ("expr", "A", "having"):
                self._no_exists(node.get(part))
            if kind == "Extend":
                self.given.add(renamed.get(str(node.var), str(node.var)))
            return self.group(node.p, scope, renamed)
        raise OutOfReachError(f"rule {self.name}: {kind} is not understood")

    def _keys(self, node: Any, kept: set[str]) -> None:
        """What is counted over must be tied to the rest by what it is grouped by."""
        while node.name in ("Filter", "Extend", "AggregateJoin"):
            node = node.p
        if node.name == "Group":
            keys = {str(key) for key in node.get("expr") or () if isinstance(key, rdflib.Variable)}
            if not keys or not (kept & _variables(node.p)) <= keys:
                raise OutOfReachError(f"rule {self.name}: it counts over more than one thing's triples")

    def _apart(self, node: Any, bound: set[str], renamed: dict[str, str], scope: int) -> dict[str, str]:
        """Names for what is bound inside a group only."""
        inner = dict(renamed)
        for name in _variables(node):
            if renamed.get(name, name) not in bound:
                inner[name] = f"{name}#{scope}"
        return inner

    def _patterns(self, triples: Sequence[Any], scope: int, renamed: dict[str, str]) -> set[str]:
        bound: set[str] = set()
        for subject, predicate, object_ in triples:
            edges, star = self._edges(predicate, renamed)
            look = Look(self.slot(subject, renamed), edges, self.slot(object_, renamed), scope, star)
            self.looks.append(look)
            bound |= look.names
        return bound

    def _edges(self, predicate: Any, renamed: dict[str, str]) -> tuple[tuple[Edge, ...], bool]:
        if isinstance(predicate, rdflib.URIRef):
            return ((NamedNode(str(predicate)), False),), False
        if isinstance(predicate, rdflib.Variable):
            known = self.values.get(renamed.get(str(predicate), str(predicate)))
            if not known:
                raise OutOfReachError(f"rule {self.name}: the predicate ?{predicate} can be anything")
            return tuple((value, False) for value in known if isinstance(value, NamedNode)), False
        if isinstance(predicate, InvPath) and isinstance(predicate.arg, rdflib.URIRef):
            return ((NamedNode(str(predicate.arg)), True),), False
        if isinstance(predicate, AlternativePath):
            parts = [self._edges(part, renamed) for part in predicate.args]
            if not any(star for _, star in parts):
                return tuple(edge for edges, _ in parts for edge in edges), False
        if isinstance(predicate, MulPath) and isinstance(predicate.path, rdflib.URIRef):
            return ((NamedNode(str(predicate.path)), False),), True
        raise OutOfReachError(f"rule {self.name}: the path {predicate} is not understood")

    def _values(self, rows: Any, scope: int, renamed: dict[str, str]) -> set[str]:
        found: dict[str, set[NamedNode | Literal]] = {}
        for row in rows:
            for name, value in row.items():
                slot = self.slot(value, {})
                if isinstance(slot, Var):
                    raise OutOfReachError(f"rule {self.name}: UNDEF is not understood")
                found.setdefault(renamed.get(str(name), str(name)), set()).add(slot)
        for name, values in found.items():
            if scope == 0 or "#" in name:  # inside a MINUS they do not say what the variable outside can be
                self.values[name] = frozenset(values) & self.values.get(name, frozenset(values))
        return set(found)

    def slot(self, term: Any, renamed: dict[str, str]) -> Slot:
        """A term of rdflib as a slot."""
        if isinstance(term, rdflib.Variable | rdflib.BNode):
            return Var(renamed.get(str(term), str(term)))
        if isinstance(term, rdflib.Literal):
            if term.language:
                return Literal(str(term), language=term.language)
            return Literal(str(term), datatype=NamedNode(str(term.datatype)) if term.datatype else None)
        return NamedNode(str(term))

    def source_of(self, name: str) -> NamedNode:
        """The predicate whose objects a variable takes its values from."""
        for look in self.looks:
            if look.scope == 0 and look.object == Var(name) and len(look.edges) == 1 and not look.star:
                predicate, inverse = look.edges[0]
                if not inverse:
                    return predicate
        raise OutOfReachError(f"rule {self.name}: the predicate ?{name} can be anything")

    def _no_exists(self, expression: Any) -> None:
        for part in _parts(expression):
            if part.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
                raise OutOfReachError(f"rule {self.name}: EXISTS is not understood")


def _is_values(node: Any) -> bool:
    return bool(node.name == "values" or (node.name == "ToMultiSet" and node.p.name == "values"))


def _parts(expression: Any) -> Iterator[CompValue]:
    if isinstance(expression, CompValue):
        yield expression
        for value in expression.values():
            yield from _parts(value)
    elif isinstance(expression, list | tuple):
        for value in expression:
            yield from _parts(value)


def _variables(node: Any) -> set[str]:
    """Names of the variables in the patterns and values of a part of the algebra, nested groups apart that hide them."""
    if not isinstance(node, CompValue):
        return set()
    if node.name == "BGP":
        return {str(term) for triple in node.triples for term in triple if isinstance(term, rdflib.Variable)}
    if node.name == "values":
        return {str(name) for row in node.res for name in row}
    if node.name == "Project":
        return {str(name) for name in node.PV}
    found = {str(node.var)} if node.name == "Extend" else set()
    for part in ("p", "p1", "p2"):
        found |= _variables(node.get(part))
    return found


__all__ = ["Edge", "Look", "OutOfReachError", "Reach", "reach_of"]
