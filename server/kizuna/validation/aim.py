"""Aim shapes at chosen things only. Changes the shapes graph it is given; no I/O.

pySHACL's own `focus_nodes` option also filters the *values* that nested shapes look at (0.40.1: a missing
label in one language went unseen), so targets are rewritten instead, the same way for every engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rdflib import OWL, RDF, RDFS, SH, Graph, URIRef
from rdflib.term import Node

_TARGETS: Final = (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)


def _instances(data: Graph, cls: Node) -> Iterable[Node]:
    # transitive_subjects is reflexive: the class itself counts (SHACL, section 2.1.3.2).
    return (
        node
        for sub in set(data.transitive_subjects(RDFS.subClassOf, cls))
        for node in data.subjects(RDF.type, sub)
    )


def targets(shapes: Graph, data: Graph, shape: Node) -> set[Node]:
    """List the things that a shape is about (SHACL, section 2.1.3), as its targets say."""
    found: set[Node] = set(shapes.objects(shape, SH.targetNode))
    for cls in shapes.objects(shape, SH.targetClass):
        found.update(_instances(data, cls))
    for prop in shapes.objects(shape, SH.targetSubjectsOf):
        found.update(data.subjects(prop))
    for prop in shapes.objects(shape, SH.targetObjectsOf):
        found.update(data.objects(None, prop))
    if {RDFS.Class, OWL.Class} & set(shapes.objects(shape, RDF.type)):
        found.update(_instances(data, shape))
    return found


def aim(shapes: Graph, data: Graph, focus: Iterable[str]) -> None:
    """Replace all targets by those of the chosen things that they cover.

    Args:
        shapes: the shapes graph; changed in place.
        data: tells which things a class or property target covers.
        focus: IRIs of the chosen things.
    """
    chosen = {URIRef(iri) for iri in focus}
    aimed = {node for predicate in _TARGETS for node in shapes.subjects(predicate)}
    aimed.update(node for cls in (RDFS.Class, OWL.Class) for node in shapes.subjects(RDF.type, cls))
    covered = {shape: targets(shapes, data, shape) & chosen for shape in aimed}
    for shape, things in covered.items():
        for predicate in _TARGETS:
            shapes.remove((shape, predicate, None))
        for cls in (RDFS.Class, OWL.Class):
            shapes.remove((shape, RDF.type, cls))
        for thing in things:
            shapes.add((shape, SH.targetNode, thing))
