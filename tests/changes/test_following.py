"""What the difference tells of a patch is what two views built anew tell: contradictions and consequences."""

from __future__ import annotations

import json
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Store

from kizuna.changes import consequences, following
from kizuna.changes.gate import contradicting
from kizuna.changes.patch import Patch, apply, patch_of
from kizuna.changes.report import GateReport
from kizuna.views.build import build_view
from kizuna.views.consistency import inconsistencies_of
from kizuna.views.delta.advance import base_of
from kizuna.workspace.names import GRAPH, RDF
from tests.views.changing import Patches, world
from tests.views.facts import TODAY, iri, stated


def copy(store: Store) -> Store:
    other = Store()
    other.bulk_extend(store)
    return other


def view_of(record: Store) -> Store:
    view = copy(record)
    build_view(view, TODAY)
    return view


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_the_difference_tells_what_two_views_tell(seed: int) -> None:
    random = Random(seed)
    record = world(random)
    before = copy(record)
    removed, added = Patches(record, random).next()
    patch = patch_of(removed, added)
    view = view_of(before)
    if inconsistencies_of(view) or base_of(view).unsaid:
        return  # such a world is built anew
    told = following.consequences(view, patch.text().encode())
    anew = consequences.compare(before, patch.text().encode(), TODAY.isoformat())
    if told:
        assert json.loads(told) == json.loads(anew)


def kind(thing: str, name: str) -> Quad:
    return Quad(iri(thing), NamedNode(RDF + "type"), iri(f"k:{name}"), NamedNode(GRAPH + "data/test"))


def both_ways(record: Store, patch: Patch) -> tuple[set[str], set[str]]:
    """Names of the contradictions, by the difference and anew."""
    answer = following.contradictions(view_of(record), patch.text().encode())
    told = GateReport.from_json(answer.decode()).report.findings
    after = copy(record)
    apply(patch, after)
    anew = contradicting(after, patch, TODAY)
    return {one.constraint.iri for one in told}, {one.constraint.iri for one in anew}


def test_a_new_contradiction_is_found_by_the_difference() -> None:
    told, anew = both_ways(stated(), patch_of([], [kind("state/AAA", "Agreement")]))
    assert told
    assert told == anew


def test_a_contradiction_that_was_there_before_is_not_the_patchs() -> None:
    record = stated()
    record.add(kind("state/AAA", "Agreement"))
    told, anew = both_ways(record, patch_of([], [kind("state/BBB", "Agreement")]))
    assert told == anew
    assert not any("AAA" in one for one in told)
    assert both_ways(record, patch_of([], [kind("framework/club", "Alliance")])) == (set(), set())


def test_a_change_of_the_ontology_is_left_to_the_long_way() -> None:
    added = Quad(
        iri("k:Alliance"),
        NamedNode("http://www.w3.org/2002/07/owl#disjointWith"),
        iri("k:Framework"),
        NamedNode(GRAPH + "ontology/kizuna"),
    )
    patch = patch_of([], [added]).text().encode()
    assert following.contradictions(view_of(stated()), patch) == b""
    assert following.consequences(view_of(stated()), patch) == b""
