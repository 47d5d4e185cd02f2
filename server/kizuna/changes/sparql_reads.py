"""What a SPARQL constraint looks at, from `$this` on. Pure: works on the algebra of the query, runs nothing.

Each triple pattern is an edge between two variables; the chains of patterns that lead from `$this` to an edge are its prefixes.
A pattern inside OPTIONAL or (NOT) EXISTS may lean on the patterns around it, not the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from rdflib import URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node

from kizuna.changes.steps import ANY, Chain, Read, Step

THIS: Final = Variable("this")
_MOST_CHAINS: Final = 4
_PLAIN: Final = {
    "SelectQuery",
    "AskQuery",
    "Project",
    "Distinct",
    "Reduced",
    "OrderBy",
    "Slice",
    "Extend",
    "ToMultiSet",
    "Group",
    "AggregateJoin",
}


class _UnknownError(Exception):
    """A part of the algebra that is not understood."""


@dataclass(slots=True)
class _Pattern:
    start: Node
    steps: Chain
    end: Node


@dataclass(slots=True)
class _Scope:
    """Patterns that hold together, and the scope they stand in."""

    outer: _Scope | None
    patterns: list[_Pattern] = field(default_factory=list)

    def visible(self) -> list[_Pattern]:
        found = list(self.patterns)
        if self.outer is not None:
            found += self.outer.visible()
        return found


def _edges(path: Any) -> list[Chain]:
    """Alternatives of a predicate or property path of rdflib."""
    if isinstance(path, URIRef):
        return [(Step(frozenset({(str(path), False)})),)]
    if isinstance(path, InvPath):
        return [tuple(s.turned() for s in reversed(chain)) for chain in _edges(path.arg)]
    if isinstance(path, AlternativePath):
        return [chain for part in path.args for chain in _edges(part)]
    if isinstance(path, SequencePath):
        chains: list[Chain] = [()]
        for part in path.args:
            chains = [chain + more for chain in chains for more in _edges(part)]
        return chains
    if isinstance(path, MulPath):
        edges = {edge for chain in _edges(path.path) for step in chain for edge in step.edges}
        return [(Step(frozenset(edges), star=True),)]
    if isinstance(path, (NegatedPath, Variable)):
        return [(Step(frozenset({(ANY, False), (ANY, True)})),)]
    raise _UnknownError(repr(path))


def _collect(part: Any, scope: _Scope, scopes: list[_Scope]) -> None:
    name = getattr(part, "name", "")
    if name == "BGP":
        for subject, predicate, object_ in part.triples:
            for chain in _edges(predicate):
                scope.patterns.append(_Pattern(subject, chain, object_))
    elif name == "Join":
        _collect(part.p1, scope, scopes)
        _collect(part.p2, scope, scopes)
    elif name in ("LeftJoin", "Minus"):
        _collect(part.p1, scope, scopes)
        _collect(part.p2, _inside(scope if name == "LeftJoin" else None, scopes), scopes)
        _expression(part.get("expr"), scope, scopes)
    elif name == "Union":
        # Neither branch may lean on the other; both may lean on what is around them.
        _collect(part.p1, _inside(scope, scopes), scopes)
        _collect(part.p2, _inside(scope, scopes), scopes)
    elif name == "Filter":
        _collect(part.p, scope, scopes)
        _expression(part.expr, scope, scopes)
    elif name in _PLAIN:
        _expression(part.get("expr"), scope, scopes)
        _collect(part.p, scope, scopes)
    elif name != "values":
        raise _UnknownError(name or repr(part))


def _expression(expression: Any, scope: _Scope, scopes: list[_Scope]) -> None:
    """Look for EXISTS inside an expression."""
    if isinstance(expression, CompValue):
        if expression.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
            _collect(expression.graph, _inside(scope, scopes), scopes)
            return
        for part in expression.values():
            _expression(part, scope, scopes)
    elif isinstance(expression, (list, tuple)):
        for part in expression:
            _expression(part, scope, scopes)


def _inside(outer: _Scope | None, scopes: list[_Scope]) -> _Scope:
    scope = _Scope(outer)
    scopes.append(scope)
    return scope


def _leading(to: Node, patterns: list[_Pattern], without: _Pattern) -> list[Chain]:
    """The shortest chains from `$this` to a variable, at most a few."""
    if to == THIS:
        return [()]
    frontier: list[tuple[Node, Chain, frozenset[Node]]] = [(THIS, (), frozenset({THIS}))]
    found: list[Chain] = []
    while frontier and not found:
        further: list[tuple[Node, Chain, frozenset[Node]]] = []
        for node, chain, seen in frontier:
            for pattern in patterns:
                if pattern is without:
                    continue
                for start, steps, end in _both_ways(pattern):
                    if start != node or end in seen or not isinstance(end, Variable):
                        continue
                    if end == to:
                        found.append(chain + steps)
                    further.append((end, chain + steps, seen | {end}))
        frontier = further[:200]
    return list(dict.fromkeys(found))[:_MOST_CHAINS]


def _both_ways(pattern: _Pattern) -> Iterator[tuple[Node, Chain, Node]]:
    yield pattern.start, pattern.steps, pattern.end
    yield pattern.end, tuple(step.turned() for step in reversed(pattern.steps)), pattern.start


def _of_pattern(pattern: _Pattern, visible: list[_Pattern]) -> Iterator[Read]:
    """The edges of a pattern. Its start is reached from `$this` directly, or through its end, or (both hold then) either way."""
    turned = tuple(step.turned() for step in reversed(pattern.steps))
    through_end = _leading(pattern.end, visible, pattern) if isinstance(pattern.end, Variable) else []
    before = _leading(pattern.start, visible, pattern) + [chain + turned for chain in through_end]
    for at, step in enumerate(pattern.steps):
        yield Read(tuple(dict.fromkeys(chain + pattern.steps[:at] for chain in before)), step)


@lru_cache(maxsize=256)
def sparql_reads(text: str, prefixes: tuple[tuple[str, str], ...]) -> frozenset[Read] | None:
    """What a constraint's query looks at.

    Args:
        text: SELECT or ASK, without its prologue.
        prefixes: (prefix, namespace) pairs declared for it.

    Returns:
        the reads from `$this`, or None when the query is not understood (then it may look at anything).
    """
    head = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in prefixes)
    try:
        algebra = translateQuery(parseQuery(head + text.replace("$", "?"))).algebra
        scopes: list[_Scope] = []
        _collect(algebra, _inside(None, scopes), scopes)
    except Exception:  # whatever rdflib's parser or a new kind of pattern brings: not understood
        return None
    return frozenset(
        read
        for scope in scopes
        for pattern in scope.patterns
        for read in _of_pattern(pattern, scope.visible())
    )
