"""Derivation rules read backwards: from a conclusion to the facts it rests on. Pure functions.

SPARQL is read by rdflib's parser, once a rule; queries are run by whoever holds the view.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import rdflib
from pyoxigraph import Literal, NamedNode
from rdflib.paths import AlternativePath, InvPath, MulPath, Path, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from kizuna.views.ask import Term
from kizuna.views.pointed import Pointed, ask, point
from kizuna.views.proof import Absence, Fact, Select
from kizuna.views.rl.model import Slot, Var, bind
from kizuna.views.rules import DerivationRule, RuleError

_MINUS = re.compile(r"\bMINUS\s*\{")
_DIRECT = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 1"
_NEXT = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"


@dataclass(frozen=True, slots=True)
class Link:
    """A triple pattern of a rule; `path` is rdflib's reading of a property path, or None for a plain predicate."""

    subject: Slot
    predicate: Slot | None
    object: Slot
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class RuleShape:
    """A derivation rule taken apart.

    Args:
        head: the one triple it constructs.
        pointed: the same conditions as a SELECT of all variables.
        required: patterns that a solution rests on.
        optional: groups that may be there; one that is bound is rested on, one that is not must be absent.
        absent: groups that must not be there.
        counted: groups that the rule counts over; all that was counted is rested on.
        assigned: variables to which the query itself gives values, so that none can be given from outside.
    """

    head: Link
    pointed: Pointed
    required: tuple[Link, ...]
    optional: tuple[tuple[Link, ...], ...]
    absent: tuple[tuple[Link, ...], ...]
    counted: tuple[tuple[Link, ...], ...]
    assigned: frozenset[str]

    def solutions(self, select: Select, head: Mapping[str, Term]) -> Iterator[dict[str, Term]]:
        """Solutions whose conclusion has the given values."""
        given = {name: term for name, term in head.items() if name not in self.assigned}
        for values in self.pointed.solutions(select, given):
            if all(values.get(name) == term for name, term in head.items()):
                yield values


@lru_cache(maxsize=512)
def shape_of(rule: DerivationRule) -> RuleShape:
    """Take a rule apart.

    Raises:
        RuleError: it constructs more than one triple, or uses a form that cannot be read backwards (UNION:
            write two rules).
    """
    where = rule.where
    if where.upper().startswith(
        "SELECT"
    ):  # a whole sub-select: in a group of its own, values can stand beside it
        where = f"{{ {where} }}"
    select = f"{rule.prologue}SELECT * WHERE {{\n{where}\n}}"
    parts = _Parts(rule.id)
    parts.collect(translateQuery(parseQuery(select)).algebra)
    head = _Parts(rule.id)
    head.collect(translateQuery(parseQuery(f"{rule.prologue}SELECT * WHERE {{ {rule.template} }}")).algebra)
    if len(head.required) != 1:
        raise RuleError(f"Rule {rule.id}: construct one triple.")
    shared = _names(parts.required)
    if not all(_names(group) & shared for group in parts.absent):
        raise RuleError(f"Rule {rule.id}: a MINUS that shares no variable with the rest takes nothing away.")
    # With the conclusion known, a look-up a solution is quicker than building the whole set that MINUS takes
    # away; where variables are shared the two mean the same.
    return RuleShape(
        head.required[0],
        point(rule.prologue, _MINUS.sub("FILTER NOT EXISTS {", select), _sketch(parts)),
        tuple(parts.required),
        tuple(tuple(group) for group in parts.optional),
        tuple(tuple(group) for group in parts.absent),
        tuple(tuple(group) for group in parts.counted),
        frozenset(parts.assigned),
    )


def _sketch(parts: _Parts) -> str | None:
    """A query for what a rule rests on in any case; None where it has no optional groups, which make it dear."""
    if not parts.optional or not parts.required:
        return None
    return f"SELECT * WHERE {{ {_patterns(parts.required)} }} LIMIT 1"


def _patterns(links: Iterable[Link]) -> str:
    return " ".join(
        f"{_text(link.subject, {})} {_predicate(link)} {_text(link.object, {})} ." for link in links
    )


def _predicate(link: Link) -> str:
    return str(link.path.n3()) if link.path is not None else _middle(link, {})


def _names(links: Iterable[Link]) -> set[str]:
    slots = (slot for link in links for slot in (link.subject, link.predicate, link.object))
    return {slot.name for slot in slots if isinstance(slot, Var)}


class _Parts:
    def __init__(self, name: str) -> None:
        self.name = name
        self.required: list[Link] = []
        self.optional: list[list[Link]] = []
        self.absent: list[list[Link]] = []
        self.counted: list[list[Link]] = []
        self.assigned: set[str] = set()

    def collect(self, node: Any) -> None:
        """Walk rdflib's algebra."""
        kind = node.name
        if kind == "BGP":
            self.required.extend(_link(triple) for triple in node.triples)
        elif kind == "Join":
            self.collect(node.p1)
            self.collect(node.p2)
        elif kind == "LeftJoin":
            self.collect(node.p1)
            self.optional.append(self._inside(node.p2))
        elif kind == "Minus":
            self.collect(node.p1)
            self.absent.append(self._inside(node.p2))
        elif kind == "AggregateJoin":
            self.counted.append(self._inside(node.p))
        elif kind == "values":
            self.assigned.update(str(name) for row in node.res for name in row)
        elif kind in ("Filter", "Extend", "Project", "Distinct", "ToMultiSet", "SelectQuery", "Group"):
            self.collect(node.p)
        else:
            raise RuleError(f"Rule {self.name}: {kind} cannot be explained; write it as two rules.")

    def _inside(self, node: Any) -> list[Link]:
        inner = _Parts(self.name)
        inner.collect(node)
        return inner.required


def _link(triple: tuple[Any, Any, Any]) -> Link:
    subject, predicate, object_ = triple
    if isinstance(predicate, Path):
        return Link(_slot(subject), None, _slot(object_), predicate)
    return Link(_slot(subject), _slot(predicate), _slot(object_))


def _slot(term: Any) -> Slot:
    if isinstance(term, rdflib.Variable | rdflib.BNode):
        return Var(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return Literal(str(term), language=term.language)
        return Literal(str(term), datatype=NamedNode(str(term.datatype)) if term.datatype else None)
    return NamedNode(str(term))


def matches(head: Link, fact: Fact) -> dict[str, Term] | None:
    """Values of the head's variables that make it the fact; None when it cannot be."""
    return bind((head.subject, fact.subject), (head.predicate, fact.predicate), (head.object, fact.object))


def premises(select: Select, shape: RuleShape, values: Mapping[str, Term]) -> tuple[Fact, ...]:
    """The facts that one solution of a rule rests on, each once.

    Args:
        select: asks the view (needed where a property path was walked).
        shape: the rule.
        values: the solution.
    """
    links = list(shape.required)
    for group in shape.optional:
        if all(_bound(slot, values) for link in group for slot in (link.subject, link.object)):
            links.extend(group)
    found: dict[Fact, None] = {}
    for link in links:
        for fact in _facts(select, link, values):
            found[fact] = None
    for group in shape.counted:
        for row in ask(select, _group_query(group), _known(group, values)):
            for link in group:
                for fact in _facts(select, link, {**row, **values}):
                    found[fact] = None
    return tuple(found)


@lru_cache(maxsize=512)
def _group_query(group: tuple[Link, ...]) -> str:
    """A SELECT of the patterns that a rule counts over."""
    return f"SELECT * WHERE {{ {_patterns(group)} }}"


def _known(group: tuple[Link, ...], values: Mapping[str, Term]) -> dict[str, Term]:
    names = _names(group)
    return {name: term for name, term in values.items() if name in names}


def absences(shape: RuleShape, values: Mapping[str, Term]) -> tuple[Absence, ...]:
    """What must be absent for one solution of a rule."""
    groups = list(shape.absent)
    for group in shape.optional:
        if not all(_bound(slot, values) for link in group for slot in (link.subject, link.object)):
            groups.append(group)
    return tuple(
        Absence(
            tuple(
                (_text(link.subject, values), _middle(link, values), _text(link.object, values))
                for link in group
            )
        )
        for group in groups
    )


def _bound(slot: Slot, values: Mapping[str, Term]) -> bool:
    return not isinstance(slot, Var) or slot.name in values


def _value(slot: Slot, values: Mapping[str, Term]) -> Term:
    return values[slot.name] if isinstance(slot, Var) else slot


def _text(slot: Slot, values: Mapping[str, Term]) -> str:
    if isinstance(slot, Var):
        return str(values[slot.name]) if slot.name in values else f"?{slot.name}"
    return str(slot)


def _middle(link: Link, values: Mapping[str, Term]) -> str:
    return str(link.path) if link.predicate is None else _text(link.predicate, values)


def _facts(select: Select, link: Link, values: Mapping[str, Term]) -> Iterator[Fact]:
    subject, object_ = _value(link.subject, values), _value(link.object, values)
    if link.path is not None:
        walked = _walk(select, subject, link.path, object_)
        if walked is None:
            raise RuleError(f"No way from {subject} to {object_} along {link.path}.")
        yield from walked
    elif link.predicate is not None:
        predicate = _value(link.predicate, values)
        if isinstance(predicate, NamedNode):
            yield Fact(subject, predicate, object_)


def _walk(select: Select, start: Term, path: Any, end: Term) -> tuple[Fact, ...] | None:
    """The facts of one way along a property path, or None."""
    if isinstance(path, InvPath):
        return _walk(select, end, path.arg, start)
    if isinstance(path, AlternativePath):
        ways = (_walk(select, start, part, end) for part in path.args)
        return next((way for way in ways if way is not None), None)
    if isinstance(path, MulPath) and isinstance(path.path, rdflib.URIRef):
        return _chain(select, start, NamedNode(str(path.path)), end, empty=path.mod in ("*", "?"))
    if isinstance(path, SequencePath) or not isinstance(path, rdflib.URIRef):
        raise RuleError(f"The path {path} cannot be explained; name the things between.")
    predicate = NamedNode(str(path))
    if select(_DIRECT, {"s": start, "p": predicate, "o": end}):
        return (Fact(start, predicate, end),)
    return None


def _chain(
    select: Select, start: Term, predicate: NamedNode, end: Term, *, empty: bool
) -> tuple[Fact, ...] | None:
    """A shortest chain of one predicate, breadth first."""
    if start == end and empty:
        return ()
    came: dict[Term, Fact] = {}
    border = [start]
    while border:
        reached: list[Term] = []
        for node in border:
            for row in select(_NEXT, {"s": node, "p": predicate}):
                if row["o"] not in came:
                    came[row["o"]] = Fact(node, predicate, row["o"])
                    reached.append(row["o"])
        if end in came:
            facts: list[Fact] = []
            node = end
            while not facts or node != start:
                facts.append(came[node])
                node = came[node].subject
            return tuple(reversed(facts))
        border = reached
    return None
