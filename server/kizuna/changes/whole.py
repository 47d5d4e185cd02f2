"""The whole record against all shapes and the ontology, as a report. `check` runs in a private fork, and tells how far it is."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from pyoxigraph import Quad, Store
from rdflib import Graph

from kizuna.changes.gate import say_contradiction, shapes_text, stated_of, validator_of
from kizuna.changes.report import GateReport
from kizuna.engine.progress import tell
from kizuna.validation.engines import Result, run_in_parts, to_rdflib
from kizuna.validation.report import Report
from kizuna.views.asof import restrict
from kizuna.views.build import infer, rules_for
from kizuna.views.consistency import inconsistencies_of
from kizuna.views.rules import derive
from kizuna.views.terms import DERIVED, INFERRED

JOB: Final = "kizuna.changes.whole:check"
PARTS: Final = 6
"""Goes in which everything is validated: so often one hears how far it is, and each go more costs a tenth of the validation."""
MOST_TOLD: Final = 2_000
"""Findings that are kept with the job; the heaviest come first."""


def check(store: Store, base: int, day: str) -> bytes:
    """Validate everything. To be run in a fork: it changes the copy.

    Args:
        store: the stated record.
        base: its revision.
        day: as-of date of the search for contradictions, ISO.

    Returns:
        a `GateReport` as JSON; `focus` is the number of findings in all.
    """
    begin = time.perf_counter()
    stated = tuple(stated_of(store))
    validator = validator_of(shapes_text(store))
    findings = validator.findings(store, _validated(stated, to_rdflib(validator.store)))
    size = len(store)
    tell("consistency", 0, 4)
    for graph in (DERIVED, INFERRED):
        store.clear_graph(graph)
    restrict(store, date.fromisoformat(day))
    tell("consistency", 1, 4)
    derive(store, rules_for(store))
    tell("consistency", 2, 4)
    infer(store)
    tell("consistency", 3, 4)
    found = (*(say_contradiction(store, one) for one in inconsistencies_of(store)), *findings)
    report = Report(
        found[:MOST_TOLD], tuple(validator.constraints.values()), size, "turbo", time.perf_counter() - begin
    )
    return replace(GateReport(base, day, report), full="asked", focus=len(found)).to_json().encode()


def _validated(stated: tuple[Quad, ...], shapes: Graph) -> tuple[Result, ...]:
    """As `Validator.all`, telling how far it is."""
    data = to_rdflib(_counted(stated))
    results: set[Result] = set()
    tell("validation")
    for done, total, some in run_in_parts(data, shapes, PARTS):
        tell("validation", done, total)
        results.update(some)
    return tuple(sorted(results))


def _counted(stated: tuple[Quad, ...]) -> Iterable[Quad]:
    for number, quad in enumerate(stated):
        if not number % 5_000:
            tell("statements", number, len(stated))
        yield quad
