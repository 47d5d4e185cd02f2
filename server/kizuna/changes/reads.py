"""What a shape looks at, edge by edge: derived from targets, paths, nested shapes and SPARQL constraints. Pure.

A `Read` says: from a focus node, along a chain of steps, the shape looks at edges of one predicate. Forwards it tells what has to
be known to validate a node; backwards it tells which nodes a changed edge can affect.

Source: SHACL (https://www.w3.org/TR/shacl/), sections 2.1.3 (targets), 2.3.1 (paths), 4 (core constraints), 5 (SPARQL).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Store

from kizuna.changes.sparql_reads import sparql_reads
from kizuna.changes.steps import ANY, SUB_CLASS, TYPE, Chain, Read, Step
from kizuna.workspace.names import OWL, RDF, RDFS, SH

Node = NamedNode | BlankNode
_DEPTH: Final = 10
_LISTS: Final = ("and", "or", "xone")
_SHAPES: Final = ("node", "property", "not", "qualifiedValueShape")
_PAIRS: Final = ("equals", "disjoint", "lessThan", "lessThanOrEquals")
_OVER_CLASSES: Final = Step(frozenset({(SUB_CLASS, False)}), star=True)
_IS_A: Final = Step(frozenset({(TYPE, False)}))


@dataclass(frozen=True, slots=True)
class ShapeReads:
    """Everything one targeted shape looks at.

    Args:
        shape: its name (IRI, or `_:` and a label).
        reads: edges, each with the chains that lead to it.
    """

    shape: str
    reads: frozenset[Read]


@dataclass(frozen=True, slots=True)
class ShapesReads:
    """Everything the shapes look at, and whether something could not be analysed (then every change is a full run)."""

    shapes: tuple[ShapeReads, ...]
    unknown: tuple[str, ...]


class _Shapes:
    """Reads a shapes store (default graph)."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.unknown: set[str] = set()
        self.prefixes = {
            value(self.one(node, "prefix")): value(self.one(node, "namespace"))
            for quad in store.quads_for_pattern(None, NamedNode(SH + "declare"), None, None)
            if isinstance(node := quad.object, (NamedNode, BlankNode))
        }

    def objects(self, subject: Node, predicate: str) -> list[object]:
        return [
            quad.object for quad in self.store.quads_for_pattern(subject, NamedNode(predicate), None, None)
        ]

    def nodes(self, subject: Node, predicate: str) -> list[Node]:
        return [o for o in self.objects(subject, predicate) if isinstance(o, (NamedNode, BlankNode))]

    def one(self, subject: Node, name: str) -> object:
        found = self.objects(subject, SH + name)
        return found[0] if found else None

    def items(self, head: Node) -> list[Node]:
        found: list[Node] = []
        while isinstance(head, (NamedNode, BlankNode)) and head.value != RDF + "nil":
            found += self.nodes(head, RDF + "first")
            rest = self.nodes(head, RDF + "rest")
            if not rest:
                break
            head = rest[0]
        return found

    # Paths.

    def chains(self, path: Node) -> list[Chain]:
        """The alternatives of a property path, each a chain of steps."""
        if isinstance(path, NamedNode):
            return [(Step(frozenset({(path.value, False)})),)]
        if inner := self.nodes(path, SH + "inversePath"):
            return [tuple(step.turned() for step in reversed(chain)) for chain in self.chains(inner[0])]
        if inner := self.nodes(path, SH + "alternativePath"):
            return [chain for item in self.items(inner[0]) for chain in self.chains(item)]
        for name in ("zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"):
            if inner := self.nodes(path, SH + name):
                edges = {edge for chain in self.chains(inner[0]) for step in chain for edge in step.edges}
                return [(Step(frozenset(edges), star=True),)]
        parts = [self.chains(item) for item in self.items(path)]
        return [tuple(step for chain in one for step in chain) for one in product(*parts)] if parts else []

    # Shapes.

    def walk(self, shape: Node, prefix: Chain, seen: frozenset[tuple[str, Chain]]) -> Iterator[Read]:
        """What a shape looks at when it is applied to the nodes at the end of `prefix`."""
        key = (str(shape), prefix)
        if key in seen:
            return
        if len(seen) >= _DEPTH:
            self.unknown.add(str(shape))
            return
        seen |= {key}
        ends = [prefix]
        if paths := self.nodes(shape, SH + "path"):
            chains = self.chains(paths[0])
            for chain in chains:
                for at, step in enumerate(chain):
                    yield Read((prefix + chain[:at],), step)
            ends = [prefix + chain for chain in chains]
        for end in ends:
            yield from self._constraints(shape, end, seen)
        for name in _PAIRS:
            for other in self.nodes(shape, SH + name):
                yield Read((prefix,), Step(frozenset({(other.value, False)})))
        for constraint in self.nodes(shape, SH + "sparql"):
            yield from self._sparql(constraint, prefix, ends)

    def _constraints(self, shape: Node, end: Chain, seen: frozenset[tuple[str, Chain]]) -> Iterator[Read]:
        if self.nodes(shape, SH + "class"):
            yield Read((end,), _IS_A)
            yield Read(((*end, _IS_A),), _OVER_CLASSES)
        if any(value(flag) == "true" for flag in self.objects(shape, SH + "closed")):
            yield Read((end,), Step(frozenset({(ANY, False)})))
        for name in _SHAPES:
            for nested in self.nodes(shape, SH + name):
                yield from self.walk(nested, end, seen)
        for name in _LISTS:
            for head in self.nodes(shape, SH + name):
                for nested in self.items(head):
                    yield from self.walk(nested, end, seen)

    def _sparql(self, constraint: Node, prefix: Chain, ends: list[Chain]) -> Iterator[Read]:
        for name in ("select", "ask"):
            for text in self.objects(constraint, SH + name):
                body = value(text)
                if "$PATH" in body or "?PATH" in body:
                    self.unknown.add(str(constraint))
                    continue
                found = sparql_reads(body, tuple(sorted(self.prefixes.items())))
                if found is None:
                    self.unknown.add(str(constraint))
                    continue
                for start in {prefix, *ends}:
                    for read in found:
                        yield Read(tuple(start + chain for chain in read.prefixes), read.step)

    # Targets.

    def target_reads(self, shape: Node) -> Iterator[Read]:
        """What decides whether a node is a target of the shape; nothing when the shape has no targets."""
        types = {node.value for node in self.nodes(shape, RDF + "type")}
        if self.nodes(shape, SH + "targetClass") or types & {RDFS + "Class", OWL + "Class"}:
            yield Read(((),), _IS_A)
            yield Read(((_IS_A,),), _OVER_CLASSES)
        for node in self.nodes(shape, SH + "targetSubjectsOf"):
            yield Read(((),), Step(frozenset({(node.value, False)})))
        for node in self.nodes(shape, SH + "targetObjectsOf"):
            yield Read(((),), Step(frozenset({(node.value, True)})))
        if self.nodes(shape, SH + "target"):
            self.unknown.add(str(shape))

    def targeted(self) -> list[Node]:
        """Shapes with a target."""
        found: dict[str, Node] = {}
        for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target"):
            for quad in self.store.quads_for_pattern(None, NamedNode(SH + name), None, None):
                if isinstance(quad.subject, (NamedNode, BlankNode)):
                    found[str(quad.subject)] = quad.subject
        for kind in ("NodeShape", "PropertyShape"):
            for quad in self.store.quads_for_pattern(
                None, NamedNode(RDF + "type"), NamedNode(SH + kind), None
            ):
                if isinstance(quad.subject, NamedNode) and {
                    node.value for node in self.nodes(quad.subject, RDF + "type")
                } & {RDFS + "Class", OWL + "Class"}:
                    found[str(quad.subject)] = quad.subject
        return [found[name] for name in sorted(found)]


def value(term: object) -> str:
    """The text of a term."""
    return term.value if isinstance(term, (NamedNode, BlankNode, Literal)) else ""


def reads_of(shapes: Store) -> ShapesReads:
    """Analyse a shapes store (its default graph)."""
    reader = _Shapes(shapes)
    found = []
    for shape in reader.targeted():
        reads = set(reader.target_reads(shape)) | set(reader.walk(shape, (), frozenset()))
        found.append(ShapeReads(str(shape), frozenset(reads)))
    return ShapesReads(tuple(found), tuple(sorted(reader.unknown)))


@lru_cache(maxsize=4)
def reads_of_text(shapes: bytes) -> ShapesReads:
    """The same for shapes given as N-Triples, remembered."""
    from pyoxigraph import Quad, RdfFormat, parse

    store = Store()
    store.extend(Quad(q.subject, q.predicate, q.object) for q in parse(shapes, format=RdfFormat.N_TRIPLES))
    return reads_of(store)
