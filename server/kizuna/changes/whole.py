"""The whole record against all shapes and the ontology, as a report. `check` runs in a private fork, and tells how far it is."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from typing import Final

from pyoxigraph import Store

from kizuna.changes.gate import say_contradiction, shapes_text, validator_of
from kizuna.changes.report import GateReport
from kizuna.engine.progress import tell
from kizuna.validation.report import Report
from kizuna.views.asof import restrict
from kizuna.views.build import infer, rules_for
from kizuna.views.consistency import inconsistencies_of
from kizuna.views.rules import derive
from kizuna.views.terms import DERIVED, INFERRED

JOB: Final = "kizuna.changes.whole:check"
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
    tell("shapes", 0, 3)
    validator = validator_of(shapes_text(store))
    tell("validation", 1, 3)
    size = len(store)
    findings = validator.findings(store, validator.all(store))
    tell("consistency", 2, 3)
    for graph in (DERIVED, INFERRED):
        store.clear_graph(graph)
    restrict(store, date.fromisoformat(day))
    derive(store, rules_for(store))
    infer(store)
    found = (*(say_contradiction(store, one) for one in inconsistencies_of(store)), *findings)
    report = Report(
        found[:MOST_TOLD], tuple(validator.constraints.values()), size, "turbo", time.perf_counter() - begin
    )
    return replace(GateReport(base, day, report), full="asked", focus=len(found)).to_json().encode()
