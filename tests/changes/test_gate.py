"""The gate validates exactly what a patch can affect, and sees what validating everything would see."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from pyoxigraph import Literal, NamedNode, Quad, Store

from kizuna.changes.affected import affected, surroundings
from kizuna.changes.gate import Validator, gate, schema_room, shapes_of
from kizuna.changes.patch import Patch, apply, exact, patch_of
from kizuna.changes.report import GateReport
from kizuna.validation.report import Severity
from kizuna.workspace.names import GRAPH, NS, RDFS, SH
from tests.changes.worlds import FACTS, PREF, TYPE, facts, patches, record, term, thing

DAY = "2026-11-24"


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(shapes_of(record()))


@pytest.mark.slow
@given(patches())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_incremental_validation_is_full_validation(asked: Patch) -> None:
    """Full after = full before without the affected things, and the affected things validated alone."""
    store = record()
    validator = Validator(shapes_of(store))
    patch = exact(asked, store)
    before = set(validator.all(store))
    apply(patch, store)
    what = affected(store, patch, validator.reads, schema_changed=schema_room(patch))
    after = set(validator.all(store))
    assert not what.full
    untouched = {result for result in before if result.focus not in what.focus}
    assert untouched | set(validator.some(store, what.focus)) == after


def test_nothing_in_the_products_shapes_is_beyond_analysis(validator: Validator) -> None:
    assert validator.reads.unknown == ()
    assert all(read.prefixes for shape in validator.reads.shapes for read in shape.reads)


def test_only_what_can_be_affected_is_looked_at(validator: Validator) -> None:
    store = record()
    label = next(q for q in facts() if q.predicate == PREF and "/agreement/" in q.subject.value)  # type: ignore[union-attr]
    patch = patch_of([label], [])
    apply(patch, store)
    what = affected(store, patch, validator.reads)
    assert what.focus == (label.subject.value,)  # type: ignore[union-attr]
    near = surroundings(store, what.focus, validator.reads)
    assert len(near) < len(store) / 5


def test_a_change_reaches_what_points_to_the_changed_thing(validator: Validator) -> None:
    """An agreement is affected when its party is no longer an actor: sh:class looks along the edge."""
    store = record()
    party = next(q for q in facts() if q.predicate == term("party"))
    types = [q for q in facts() if q.subject == party.object and q.predicate == TYPE]
    patch = patch_of(types, [])
    report = gate(store, patch, 0, DAY, consistency=False)
    agreement = party.subject.value  # type: ignore[union-attr]
    assert ("party-class", agreement) in {(f.constraint.id, f.focus) for f in report.violations}


def test_errors_block_warnings_ask_and_notes_inform() -> None:
    store = record()
    label = next(q for q in facts() if q.predicate == PREF and "/agreement/" in q.subject.value)  # type: ignore[union-attr]
    report = gate(store, patch_of([label], []), 3, DAY, consistency=False)
    assert report.blocks
    assert report.base == 3
    finding = report.violations[0]
    assert finding.constraint.id in ("prefLabel-ja", "prefLabel-en")
    assert finding.message("ja") != finding.message("en")
    assert finding.fix("ja")
    spaced = Quad(label.subject, PREF, Literal("  x", language=label.object.language), FACTS)  # type: ignore[union-attr]
    asked = gate(record(), patch_of([label], [spaced]), 3, DAY, consistency=False)
    assert not asked.blocks
    assert [f.constraint.id for f in asked.warnings] == ["prefLabel-trimmed"]


def test_what_was_wrong_before_does_not_block_but_is_shown() -> None:
    store = record()
    labels = [q for q in facts() if q.predicate == PREF and "/agreement/" in q.subject.value]  # type: ignore[union-attr]
    one = labels[0]
    store.remove(one)
    note = Quad(one.subject, term("officialName"), Literal("x", language="en"), FACTS)
    report = gate(store, patch_of([], [note]), 0, DAY, consistency=False)
    assert not report.violations
    assert [f.focus for f in report.standing if f.severity == Severity.VIOLATION] == [one.subject.value]  # type: ignore[union-attr]


def test_a_contradiction_with_the_ontology_is_a_violation_in_words() -> None:
    store = record()
    state = next(q.subject for q in facts() if q.predicate == TYPE and q.object == term("State"))
    patch = patch_of([], [Quad(state, TYPE, term("Economy"), FACTS)])
    report = gate(store, patch, 0, DAY)
    found = [f for f in report.violations if f.component == "cax-adc"]
    assert [f.focus for f in found] == [state.value]  # type: ignore[union-attr]
    assert "同時に成り立ちません" in found[0].message("ja")
    assert "cannot be true together" in found[0].message("en")


def test_changes_of_shapes_or_ontology_trigger_a_full_run() -> None:
    shape = NamedNode(NS.replace("ns#", "shapes#") + "prefLabel-ja")
    graph = NamedNode(GRAPH + "shapes/common")
    softer = patch_of(
        [Quad(shape, NamedNode(SH + "severity"), NamedNode(SH + "Violation"), graph)],
        [Quad(shape, NamedNode(SH + "severity"), NamedNode(SH + "Warning"), graph)],
    )
    report = gate(record(), softer, 0, DAY, consistency=False)
    assert (report.full, report.blocks) == ("shapes", False)
    cls = Quad(
        term("State"),
        NamedNode(RDFS + "subClassOf"),
        term("Framework"),
        NamedNode(GRAPH + "ontology/kizuna"),
    )
    report = gate(record(), patch_of([], [cls]), 0, DAY, consistency=False)
    assert report.full == "ontology"


def test_a_removal_of_what_is_not_there_any_more_is_a_conflict() -> None:
    gone = Quad(thing("state/ZZZ"), PREF, Literal("x", language="en"), FACTS)
    report = gate(record(), patch_of([gone], []), 0, DAY, consistency=False)
    assert report.blocks
    assert len(report.missing) == 1


def test_the_report_survives_its_json() -> None:
    label = next(q for q in facts() if q.predicate == PREF)
    report = gate(record(), patch_of([label], []), 0, DAY)
    again = GateReport.from_json(report.to_json())
    assert again.to_json() == report.to_json()
    assert again.violations == report.violations


def test_a_workspace_without_shapes_lets_everything_pass() -> None:
    quad = Quad(NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:c"), FACTS)
    report = gate(Store(), patch_of([], [quad]), 0, DAY)
    assert not report.report.findings
