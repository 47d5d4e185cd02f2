"""Every constraint of the shapes can be told to a steward: name, message and fix in both languages."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest

from kizuna.validation.catalogue import SHAPES, ShapesError, constraints_of
from kizuna.validation.report import Severity

from .support import REPOSITORY

SH = "http://www.w3.org/ns/shacl#"


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    for path in sorted((REPOSITORY / "shapes").rglob("*.ttl")):
        store.load(path.read_bytes(), format=ox.RdfFormat.TURTLE)
    return store


def languages(store: ox.Store, subject: str, predicate: str) -> list[str]:
    quads = store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None, None)
    return sorted(quad.object.language or "" for quad in quads if isinstance(quad.object, ox.Literal))


def test_every_constraint_speaks_both_languages(store: ox.Store) -> None:
    found = constraints_of(store)
    assert len(found) > 250
    for iri in found:
        for predicate in (SH + "name", SH + "message", SHAPES + "fix"):
            assert languages(store, iri, predicate) == ["en", "ja"], (iri, predicate)


def test_every_constraint_has_a_stable_readable_id(store: ox.Store) -> None:
    for iri, constraint in constraints_of(store).items():
        assert iri == SHAPES + constraint.id
        assert re.fullmatch(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", constraint.id)


def test_all_three_severities_are_used(store: ox.Store) -> None:
    assert {constraint.severity for constraint in constraints_of(store).values()} == set(Severity)


def test_every_shape_that_can_report_is_a_constraint(store: ox.Store) -> None:
    """A shape that is named and aimed at something, or named by another, has a severity or only groups others."""
    constraints = constraints_of(store)
    for quad in store.quads_for_pattern(None, ox.NamedNode(SH + "property"), None, None):
        if isinstance(quad.object, ox.NamedNode):
            assert quad.object.value in constraints


def test_names_are_told_apart(store: ox.Store) -> None:
    names = [constraint.name.ja for constraint in constraints_of(store).values()]
    assert len(names) - len(set(names)) < 25  # the same rule on different things may share its name


def test_a_constraint_without_words_is_refused() -> None:
    store = ox.Store()
    store.load(f"<urn:shape> <{SH}severity> <{SH}Violation> .".encode(), format=ox.RdfFormat.TURTLE)
    with pytest.raises(ShapesError):
        constraints_of(store)
