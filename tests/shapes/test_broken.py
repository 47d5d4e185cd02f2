"""Each constraint bites, and alone: one deliberately broken fixture a constraint proves it."""

from __future__ import annotations

from functools import cache

import pyoxigraph as ox
import pytest
from rdflib import Graph

from kizuna.validation.catalogue import constraints_of
from kizuna.validation.engines import run, run_graphs, to_rdflib
from kizuna.validation.report import Constraint

from .support import BROKEN, fixtures, good, parse, shapes


@cache
def constraints() -> dict[str, Constraint]:
    store = ox.Store()
    store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in shapes())
    return {constraint.id: constraint for constraint in constraints_of(store).values()}


def test_the_sound_world_has_nothing_to_report() -> None:
    assert run(good(), shapes()).results == ()


def test_the_authority_finds_nothing_in_the_sound_world_either() -> None:
    assert run(good(), shapes(), engine="pyshacl").results == ()


def test_every_constraint_has_a_fixture_and_every_fixture_a_constraint() -> None:
    assert sorted(constraints()) == fixtures()


@pytest.fixture(scope="module")
def world() -> Graph:
    return to_rdflib(good())


@pytest.fixture(scope="module")
def shapes_graph() -> Graph:
    return to_rdflib(shapes())


@pytest.mark.parametrize("constraint", fixtures())
def test_a_broken_fixture_is_caught_by_its_constraint_alone(
    world: Graph, shapes_graph: Graph, constraint: str
) -> None:
    new = to_rdflib(parse(BROKEN / f"{constraint}.ttl"))
    old = [triple for subject in set(new.subjects()) for triple in world.triples((subject, None, None))]
    for triple in old:
        world.remove(triple)
    world += new
    try:
        results = run_graphs(world, shapes_graph).results
    finally:
        world -= new
        world += old
    assert {result.shape.rpartition("#")[2] for result in results} == {constraint}
    assert {result.severity.rpartition("#")[2] for result in results} == {
        constraints()[constraint].severity.shacl_name
    }
