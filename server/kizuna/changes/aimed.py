"""Shapes cut down to what concerns some things: their targets are these things, and shapes without any are left out. Pure.

Building its shapes is most of what a SHACL engine does on a small graph, so leaving out nine tenths of them is most of the speed.
The meaning is that of kizuna.validation.aim, which the property test of the gate compares it with.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Quad, Store

from kizuna.changes.steps import SUB_CLASS, TYPE
from kizuna.validation.catalogue import SHAPES
from kizuna.workspace.names import DCTERMS, OWL, RDFS, SH

Node = NamedNode | BlankNode
_NODE: Final = NamedNode(SH + "targetNode")
_CLASS: Final = NamedNode(SH + "targetClass")
_SUBJECTS: Final = NamedNode(SH + "targetSubjectsOf")
_OBJECTS: Final = NamedNode(SH + "targetObjectsOf")
_TARGETS: Final = (_NODE, _CLASS, _SUBJECTS, _OBJECTS)
_SAID: Final = frozenset(
    (
        *(NamedNode(SH + name) for name in ("message", "name", "description", "order", "group")),
        *(NamedNode(iri) for iri in (SHAPES + "fix", RDFS + "label", RDFS + "comment", DCTERMS + "title")),
    )
)
"""What shapes say to people: without it two thirds of the triples are left, and every result is the same."""
_CLASSES: Final = (NamedNode(RDFS + "Class"), NamedNode(OWL + "Class"))


def _superclasses(data: Store, thing: NamedNode) -> set[Node]:
    found: set[Node] = set()
    todo = [q.object for q in data.quads_for_pattern(thing, NamedNode(TYPE), None, None)]
    while todo:
        one = todo.pop()
        if isinstance(one, (NamedNode, BlankNode)) and one not in found:
            found.add(one)
            todo += [q.object for q in data.quads_for_pattern(one, NamedNode(SUB_CLASS), None, None)]
    return found


def _covers(shapes: Store, data: Store, shape: Node, thing: NamedNode, classes: set[Node]) -> bool:
    def objects(predicate: NamedNode) -> list[Node]:
        return [
            q.object
            for q in shapes.quads_for_pattern(shape, predicate, None, None)
            if isinstance(q.object, (NamedNode, BlankNode))
        ]

    if thing in objects(_NODE) or not classes.isdisjoint(objects(_CLASS)):
        return True
    if shape in classes and not set(_CLASSES).isdisjoint(objects(NamedNode(TYPE))):
        return True
    for predicate in objects(_SUBJECTS):
        if isinstance(predicate, NamedNode) and any(data.quads_for_pattern(thing, predicate, None, None)):
            return True
    for predicate in objects(_OBJECTS):
        if isinstance(predicate, NamedNode) and any(data.quads_for_pattern(None, predicate, thing, None)):
            return True
    return False


def aimed(shapes: Store, data: Store, focus: Iterable[str]) -> set[Quad]:
    """The shapes that concern some things, aimed at these.

    Args:
        shapes: the shapes (default graph).
        data: surroundings of the things (default graph).
        focus: IRIs.

    Returns:
        triples of a shapes graph; empty when no shape concerns them.
    """
    targeted: set[Node] = set()
    for predicate in _TARGETS:
        for quad in shapes.quads_for_pattern(None, predicate, None, None):
            if isinstance(quad.subject, (NamedNode, BlankNode)):
                targeted.add(quad.subject)
    for cls in _CLASSES:
        for quad in shapes.quads_for_pattern(None, NamedNode(TYPE), cls, None):
            if isinstance(quad.subject, (NamedNode, BlankNode)):
                targeted.add(quad.subject)
    found: set[Quad] = set()
    todo: list[Node] = []
    for iri in focus:
        thing = NamedNode(iri)
        classes = _superclasses(data, thing)
        for shape in targeted:
            if _covers(shapes, data, shape, thing, classes):
                found.add(Quad(shape, _NODE, thing))
                todo.append(shape)
    seen: set[Node] = set()
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        for quad in shapes.quads_for_pattern(node, None, None, None):
            if (
                quad.predicate in _TARGETS
                or quad.predicate in _SAID
                or (quad.predicate.value == TYPE and quad.object in _CLASSES)
            ):
                continue
            found.add(Quad(quad.subject, quad.predicate, quad.object))
            if isinstance(quad.object, (NamedNode, BlankNode)):
                todo.append(quad.object)
    return found
