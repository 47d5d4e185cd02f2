"""The fast engine and the authority report the same, result for result, on everything that can go wrong."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kizuna.validation.engines import run, run_in_parts, to_rdflib

from .support import BROKEN, Triples, fixtures, good, ontology, parse, shapes

FIXTURES = fixtures()


def renamed(triples: Triples, suffix: str) -> list[ox.Triple]:
    """Give the subjects of a fixture names of their own, so that many fixtures fit into one world."""
    kept = {triple.subject for triple in ontology()}
    names = {
        triple.subject: ox.NamedNode(f"{triple.subject.value}-{suffix}")
        for triple in triples
        if isinstance(triple.subject, ox.NamedNode) and triple.subject not in kept
    }

    def new(term: ox.NamedNode) -> ox.NamedNode:
        return names.get(term, term)

    return [
        ox.Triple(
            new(triple.subject) if isinstance(triple.subject, ox.NamedNode) else triple.subject,
            triple.predicate,
            new(triple.object) if isinstance(triple.object, ox.NamedNode) else triple.object,
        )
        for triple in triples
    ]


@pytest.fixture(scope="module")
def everything_broken() -> list[ox.Triple]:
    world = [*good()]
    for number, constraint in enumerate(FIXTURES):
        world += renamed(parse(BROKEN / f"{constraint}.ttl"), f"x{number}")
    return world


def test_both_engines_agree_on_all_broken_fixtures_at_once(everything_broken: list[ox.Triple]) -> None:
    world = everything_broken
    fast, authority = run(world, shapes()), run(world, shapes(), engine="pyshacl")
    assert len(fast.results) > len(FIXTURES)
    assert set(fast.results) == set(authority.results)


def test_validation_in_parts_finds_the_same(everything_broken: list[ox.Triple]) -> None:
    """A long validation tells how far it is by validating some shapes at a time."""
    parts = list(run_in_parts(to_rdflib(everything_broken), to_rdflib(shapes()), 6))
    assert {found for _, _, some in parts for found in some} == set(run(everything_broken, shapes()).results)
    assert len(parts) == 6
    assert parts[-1][0] == parts[0][1] > 50


@pytest.mark.parametrize("constraint", ["from-before-to", "state-iri", "prefLabel-ja", "type-known"])
def test_both_engines_agree_when_asked_about_chosen_things_only(constraint: str) -> None:
    from .support import broken

    changed = {
        triple.subject.value
        for triple in parse(BROKEN / f"{constraint}.ttl")
        if isinstance(triple.subject, ox.NamedNode)
    }
    world = broken(constraint)
    fast = run(world, shapes(), focus=sorted(changed))
    authority = run(world, shapes(), engine="pyshacl", focus=sorted(changed))
    assert fast.results == authority.results
    assert {result.shape.rpartition("#")[2] for result in fast.results} == {constraint}


def test_asked_about_nothing_the_report_is_empty() -> None:
    assert run(good(), shapes(), focus=[]).results == ()
