"""A small sound world, and ways to break it: a broken fixture replaces whole subjects of `good.ttl`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyoxigraph as ox

REPOSITORY = Path(__file__).parents[2]
BROKEN = Path(__file__).parent / "broken"
GOOD = Path(__file__).parent / "good.ttl"
Triples = frozenset[ox.Triple]


def parse(path: Path) -> Triples:
    """Read the triples of a Turtle file."""
    return frozenset(quad.triple for quad in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE))


@cache
def ontology() -> Triples:
    """Everything the ontology says, lists and domains included."""
    return frozenset().union(*(parse(path) for path in sorted((REPOSITORY / "ontology").rglob("*.ttl"))))


@cache
def shapes() -> Triples:
    """All shapes."""
    return frozenset().union(*(parse(path) for path in sorted((REPOSITORY / "shapes").rglob("*.ttl"))))


@cache
def good() -> Triples:
    """The sound world with the ontology."""
    return ontology() | parse(GOOD)


def overlay(base: Iterable[ox.Triple], over: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Replace every subject of `base` that `over` speaks of."""
    new = list(over)
    subjects = {triple.subject for triple in new}
    return [triple for triple in base if triple.subject not in subjects] + new


def broken(constraint: str) -> list[ox.Triple]:
    """The world as one fixture breaks it."""
    return overlay(good(), parse(BROKEN / f"{constraint}.ttl"))


def fixtures() -> list[str]:
    """The constraints that have a fixture."""
    return sorted(path.stem for path in BROKEN.glob("*.ttl"))
