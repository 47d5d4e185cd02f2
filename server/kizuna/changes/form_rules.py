"""What the shapes say about the properties of a class, gathered property by property. Reads a store; runs in a fork."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Store

from kizuna.workspace.names import RDF, RDFS, SH, SKOS

Node = NamedNode | BlankNode


def objects(store: Store, subject: Node, predicate: str) -> list[Any]:
    """What a thing states by a property."""
    return [q.object for q in store.quads_for_pattern(subject, NamedNode(predicate), None, None)]


def first(store: Store, subject: Node, predicate: str) -> Any:
    """One of these, None when there is none."""
    found = objects(store, subject, predicate)
    return found[0] if found else None


def items(store: Store, head: Any) -> list[Any]:
    """The members of an RDF list."""
    found = []
    while isinstance(head, (NamedNode, BlankNode)) and head.value != RDF + "nil":
        found += objects(store, head, RDF + "first")
        head = first(store, head, RDF + "rest")
    return found


def supers(store: Store, cls: NamedNode) -> set[NamedNode]:
    """A class and all above it."""
    found, todo = set(), [cls]
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += [o for o in objects(store, one, RDFS + "subClassOf") if isinstance(o, NamedNode)]
    return found


@dataclass(slots=True)
class Rules:
    """What the shapes say about one property, gathered."""

    minimum: int = 0
    maximum: int | None = None
    datatype: str = ""
    cls: NamedNode | None = None
    scheme: str = ""
    choices: list[NamedNode] = field(default_factory=list)
    languages: set[str] = field(default_factory=set)
    iri: bool = False
    each_language_once: bool = False
    either: set[str] = field(default_factory=set)
    """Properties of which one at least has to be given, this one among them."""


def gather(store: Store, cls: NamedNode) -> dict[str, Rules]:
    """Everything that shapes targeted at a class (or a class above it) say about its properties."""
    rules: dict[str, Rules] = {}
    seen: set[Node] = set()

    def visit(shape: Node) -> None:
        if shape in seen:
            return
        seen.add(shape)
        path = first(store, shape, SH + "path")
        if isinstance(path, NamedNode):
            _read(store, shape, rules.setdefault(path.value, Rules()))
            return
        if path is None:
            for nested in objects(store, shape, SH + "property") + objects(store, shape, SH + "node"):
                visit(nested)
            for head in objects(store, shape, SH + "and"):
                for nested in items(store, head):
                    visit(nested)
            for ways in _ways(store, shape):
                for way in ways:
                    rules.setdefault(way, Rules()).either |= ways

    for above in supers(store, cls):
        for quad in store.quads_for_pattern(None, NamedNode(SH + "targetClass"), above, None):
            if isinstance(quad.subject, (NamedNode, BlankNode)):
                visit(quad.subject)
    return rules


def _ways(store: Store, shape: Node) -> list[set[str]]:
    """What a shape demands one of: sets of properties, from each `sh:or` whose branches all ask that one is there."""
    if first(store, shape, SH + "severity") not in (None, NamedNode(SH + "Violation")):
        return []
    found = []
    for head in objects(store, shape, SH + "or"):
        branches = items(store, head)
        asked = [
            path.value
            for branch in branches
            if isinstance(path := first(store, branch, SH + "path"), NamedNode)
            and _number(first(store, branch, SH + "minCount"))
        ]
        if len(asked) == len(branches):
            found.append(set(asked))
    return found


def _number(term: Any) -> int | None:
    return int(term.value) if isinstance(term, Literal) and term.value.isdecimal() else None


def _read(store: Store, shape: Node, into: Rules) -> None:
    violation = first(store, shape, SH + "severity") in (None, NamedNode(SH + "Violation"))
    least = _number(first(store, shape, SH + "minCount"))
    most = _number(first(store, shape, SH + "maxCount"))
    if least and violation:
        into.minimum = max(into.minimum, least)
    if most is not None:
        into.maximum = most if into.maximum is None else min(into.maximum, most)
    if isinstance(datatype := first(store, shape, SH + "datatype"), NamedNode):
        into.datatype = datatype.value
    if isinstance(cls := first(store, shape, SH + "class"), NamedNode):
        into.cls = cls
    if first(store, shape, SH + "nodeKind") == NamedNode(SH + "IRI"):
        into.iri = True
    if first(store, shape, SH + "uniqueLang") is not None:
        into.each_language_once = True
    for item in items(store, first(store, shape, SH + "languageIn")):
        into.languages.add(item.value)
    into.choices += [i for i in items(store, first(store, shape, SH + "in")) if isinstance(i, NamedNode)]
    for node in objects(store, shape, SH + "node"):
        for nested in objects(store, node, SH + "property"):
            scheme = first(store, nested, SH + "hasValue")
            if first(store, nested, SH + "path") == NamedNode(SKOS + "inScheme") and isinstance(
                scheme, NamedNode
            ):
                into.scheme = scheme.value
    qualified = first(store, shape, SH + "qualifiedValueShape")
    if isinstance(qualified, (NamedNode, BlankNode)):
        wanted = items(store, first(store, qualified, SH + "languageIn"))
        if _number(first(store, shape, SH + "qualifiedMinCount")) and violation:
            into.languages |= {item.value for item in wanted}
            into.minimum = max(into.minimum, 1) if wanted else into.minimum
        into.choices += [
            i for i in items(store, first(store, qualified, SH + "in")) if isinstance(i, NamedNode)
        ]
