"""A small sound world with the product's own ontology and shapes, as a record; and random patches on it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from kizuna.changes.patch import Patch, patch_of
from kizuna.workspace.names import GRAPH, ID, NS, RDF, SKOS, XSD

ROOT = Path(__file__).parents[2]
FACTS = NamedNode(GRAPH + "data/facts")
OTHER = NamedNode(GRAPH + "data/other")


@cache
def _quads() -> tuple[Quad, ...]:
    store = Store()
    for room in ("ontology", "shapes"):
        folder = ROOT / room
        for file in sorted(folder.rglob("*.ttl")):
            name = file.relative_to(folder).with_suffix("").as_posix()
            store.load(path=str(file), format=RdfFormat.TURTLE, to_graph=NamedNode(f"{GRAPH}{room}/{name}"))
    store.load(path=str(ROOT / "tests/shapes/good.ttl"), format=RdfFormat.TURTLE, to_graph=FACTS)
    return tuple(store)


def record() -> Store:
    """A fresh copy of the record."""
    store = Store()
    store.extend(_quads())
    return store


def facts() -> list[Quad]:
    """The facts of the record, sorted."""
    return sorted((q for q in _quads() if q.graph_name == FACTS), key=str)


def thing(name: str) -> NamedNode:
    return NamedNode(ID + name)


def term(name: str) -> NamedNode:
    return NamedNode(NS + name)


def _terms() -> tuple[list[NamedNode], list[NamedNode], list[object]]:
    subjects = sorted({q.subject for q in facts() if isinstance(q.subject, NamedNode)}, key=str)
    predicates = sorted({q.predicate for q in facts()}, key=str)
    objects = sorted({q.object for q in facts()}, key=str)
    return subjects, predicates, list(objects)


@st.composite
def quads(draw: st.DrawFn) -> Quad:
    """Something that may or may not be sensible to say about the world."""
    subjects, predicates, objects = _terms()
    subject = draw(st.sampled_from(subjects) | st.sampled_from([thing("state/ZZZ"), thing("event/new")]))
    predicate = draw(st.sampled_from(predicates))
    # Values that occur with this predicate make for patches that nearly fit, which is where errors hide.
    fitting = [q.object for q in facts() if q.predicate == predicate]
    value = draw(
        st.sampled_from(fitting)
        | st.sampled_from(objects)
        | st.sampled_from(
            [
                Literal("x", language="en"),
                Literal("2020-01-01", datatype=NamedNode(XSD + "date")),
                Literal("plain"),
                term("State"),
                term("Agreement"),
            ]
        )
    )
    return Quad(subject, predicate, value, draw(st.sampled_from([FACTS, FACTS, OTHER])))  # type: ignore[arg-type]


@st.composite
def patches(draw: st.DrawFn) -> Patch:
    """Some facts go (single ones, or whole things), some come."""
    known = facts()
    removed = draw(st.lists(st.sampled_from(known), max_size=4))
    subjects, _, _ = _terms()
    for subject in draw(st.lists(st.sampled_from(subjects), max_size=1)):
        removed += [q for q in known if q.subject == subject]
    return patch_of(removed, draw(st.lists(quads(), max_size=4)))


TYPE = NamedNode(RDF + "type")
PREF = NamedNode(SKOS + "prefLabel")
