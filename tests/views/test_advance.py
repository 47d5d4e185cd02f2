"""A view that is advanced by a patch equals the view that is built anew of the patched record, quad for quad."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from kizuna.views.build import build_view, bundled_rules
from kizuna.views.delta.advance import (
    Base,
    Change,
    advance,
    base_of,
    prepare,
    prepared,
    remember,
    take_over,
    tools_of,
)
from kizuna.views.delta.derive import Rules
from kizuna.views.delta.reach import OutOfReachError, reach_of
from kizuna.views.rules import DerivationRule, parse_rule
from kizuna.workspace.load import load_store
from kizuna.workspace.names import GRAPH, NS, SKOS
from tests.views.changing import Patches, world
from tests.views.facts import TODAY, iri, stated

ROOT = Path(__file__).resolve().parents[2]
SLICE = ("actors/", "frameworks-security/", "japan-security/", "activities/")


def copy(store: Store) -> Store:
    other = Store()
    other.bulk_extend(store)
    return other


def built(record: Store) -> tuple[Store, Base]:
    """A view of a record, built anew, and what is remembered of it."""
    view = copy(record)
    build_view(view, TODAY)
    return view, base_of(view)


def differences(one: Store, other: Store) -> set[Quad]:
    return set(one) ^ set(other)


def follow(record: Store, patches: Patches, count: int) -> int:
    """Advance a view patch by patch, comparing with a view built anew each time; returns how often that could be done."""
    view, base = built(record)
    tools = tools_of(view)
    advanced = 0
    for _ in range(count):
        removed, added = patches.next()
        anew, fresh = built(record)
        remember(view, base)
        before = set(view)
        try:
            change = advance(view, removed, added)
        except OutOfReachError:
            view, base = anew, fresh
            base.tools = tools
            continue
        advanced += 1
        assert not differences(view, anew), (removed, added)
        assert set(base.held) == set(fresh.held)
        assert set(view.named_graphs()) == set(anew.named_graphs())
        assert before - set(view) == change.removed
        assert set(view) - before == change.added
    return advanced


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_any_patch_of_a_made_up_world_gives_the_view_that_is_built_anew(seed: int) -> None:
    random = Random(seed)
    record = world(random)
    follow(record, Patches(record, random), 3)


def test_patches_of_a_slice_of_the_real_data_give_the_view_that_is_built_anew() -> None:
    record = load_store(ROOT).store
    for graph in list(record.named_graphs()):
        name = str(graph).strip("<>").removeprefix(GRAPH)
        if name.startswith("shapes/") or (name.startswith("data/") and not name[5:].startswith(SLICE)):
            record.remove_graph(graph)
    assert follow(record, Patches(record, Random(7)), 10) >= 5


def test_what_a_copy_has_found_is_taken_over_by_the_view_itself() -> None:
    record = world(Random(3))
    view, base = built(record)
    trial = copy(view)
    removed, added = Patches(record, Random(4)).next()
    remember(trial, Base(base.as_of, copy(base.held), base.rules, base.compiled, base.unsaid))
    answer = advance(trial, removed, added).to_bytes()
    remember(view, base)
    take_over(view, answer)
    assert not differences(view, trial)
    assert not differences(view, built(record)[0])
    assert Change.from_bytes(answer).to_bytes().split(b"\n", 1)[0] == answer.split(b"\n", 1)[0]


def test_what_a_fork_has_prepared_serves_the_view() -> None:
    view, base = built(world(Random(3)))
    content = prepare(view)
    base.tools = None
    prepared(view, content)
    assert base.tools is not None
    assert [reach.rule.id for reach in base.tools.rules.reaches] == [rule.id for rule in base.rules]


def test_a_new_name_touches_nothing_that_is_computed() -> None:
    record = stated()
    view, _ = built(record)
    name = Quad(
        iri("agreement/access"), NamedNode(SKOS + "altLabel"), Literal("x"), NamedNode(GRAPH + "data/test")
    )
    assert advance(view, [], [name]).added == {name}


@pytest.mark.parametrize(
    "turtle",
    [
        "k:Alliance rdfs:subClassOf k:Framework2 .",
        "k:friend a owl:SymmetricProperty .",
        "role:friend k:givesRise k:friendOf .",
        "[] k:party <urn:x> .",
    ],
)
def test_changes_of_the_ontology_are_built_anew(turtle: str) -> None:
    view, _ = built(stated())
    prologue = f"PREFIX k: <{NS}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX role: <urn:role:>"
    quads = [
        Quad(one.subject, one.predicate, one.object, NamedNode(GRAPH + "data/test"))
        for one in parse(f"{prologue} {turtle}", format=RdfFormat.TURTLE)
    ]
    with pytest.raises(OutOfReachError):
        advance(view, [], quads)


def test_every_rule_of_the_product_can_be_followed_by_the_difference() -> None:
    Rules([reach_of(rule) for rule in bundled_rules()], stated())


def rule(identifier: str, template: str, where: str) -> DerivationRule:
    header = f"# id: {identifier}\n" + "".join(
        f"# {key}@{lang}: x\n" for key in ("label", "why") for lang in ("ja", "en")
    )
    return parse_rule(
        f"{header}PREFIX k: <{NS}>\nCONSTRUCT {{ {template} }}\nWHERE {{ {where} }}\n", identifier
    )


def test_rules_whose_order_decides_are_not_followed() -> None:
    rules = [rule("one", "?x k:a ?y", "?x k:b ?y"), rule("two", "?x k:b ?y", "?x k:c ?y")]
    with pytest.raises(OutOfReachError, match="runs later"):
        Rules([reach_of(one) for one in rules], Store())


@pytest.mark.parametrize(
    "where",
    [
        "{ ?x k:b ?y } UNION { ?x k:c ?y }",
        "?x k:b ?y FILTER NOT EXISTS { ?y k:c ?z }",
        "?x ?any ?y",
        "?x k:b ?y { SELECT (COUNT(?v) AS ?n) WHERE { ?u k:c ?v } }",
        "?x (k:b/k:c) ?y FILTER(?x != ?y) BIND(1 AS ?z) ?x !k:d ?y",
    ],
)
def test_forms_that_are_not_understood_are_not_followed(where: str) -> None:
    with pytest.raises(OutOfReachError):
        reach_of(rule("one", "?x k:a ?y", where))
