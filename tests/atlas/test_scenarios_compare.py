"""Scenarios side by side: each change is told once, with who makes it alone and what comes only of their meeting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kizuna.atlas.differences import Comparisons
from kizuna.atlas.scenarios import pinned
from kizuna.atlas.scenarios_compare import ScenarioComparison, compare_scenarios
from kizuna.atlas.terms import Name
from kizuna.engine.types import View
from tests.support.world import WatchedEngine, start_world

ID, NS = "https://w3id.org/kizuna/id/", "https://w3id.org/kizuna/ns#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
GRAPH = "<https://w3id.org/kizuna/graph/data/scenario/x>"
EVENT = f"<{ID}event/agreement-jp-au-raa-in-force-2023-08-13>"


def lines(*statements: tuple[str, str, str]) -> str:
    return "".join(f"A <{ID}{s}> <{p}> {o} {GRAPH} .\n" for s, p, o in statements)


PATCHES = {
    # an agreement that is not in force yet …
    "paper": lines(
        ("agreement/x", TYPE, f"<{NS}ReciprocalAccessAgreement>"),
        ("agreement/x", NS + "party", f"<{ID}state/JPN>"),
        ("agreement/x", NS + "party", f"<{ID}state/VNM>"),
        ("agreement/x", NS + "legalWeight", f"<{ID}legal-weight/treaty>"),
    ),
    # … and an entry into force of something that is not there
    "force": lines(
        ("event/x", TYPE, f"<{NS}LifeCycleEvent>"),
        ("event/x", NS + "eventOf", f"<{ID}agreement/x>"),
        ("event/x", NS + "eventKind", f"<{ID}event-kind/in-force>"),
        ("event/x", NS + "date", '"2026-02-02"^^<http://www.w3.org/2001/XMLSchema#date>'),
    ),
    # somebody else's business
    "apart": f'D {EVENT} <{NS}date> "2023-08-13"^^<http://www.w3.org/2001/XMLSchema#date> '
    "<https://w3id.org/kizuna/graph/data/agreements> .\n",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WatchedEngine, Path]]:
    folder = tmp_path_factory.mktemp("side-by-side")
    engine = start_world(folder)
    for name, patch in PATCHES.items():
        (folder / "scenarios" / f"{name}.patch").write_text(patch, "utf-8")
    yield engine, folder
    engine.close()


def compared(world: tuple[WatchedEngine, Path], *names: str) -> ScenarioComparison:
    engine, folder = world
    given = [(Name(name), pinned(folder, name)) for name in names]
    return compare_scenarios(Comparisons(), engine, View(date(2026, 6, 1)), given)


def test_what_needs_both_comes_of_their_meeting(world: tuple[WatchedEngine, Path]) -> None:
    found = compared(world, "paper", "force")
    ties = [
        e
        for e in found.of("tie")
        if e.predicate and e.predicate.iri == NS + "partyTo" and "agreement/x" in str(e.object)
    ]
    assert {e.subject.iri for e in ties} == {ID + "state/JPN", ID + "state/VNM"}
    assert all(e.meeting and e.together and e.scenarios == () for e in ties)
    assert [e for e in found.of("thing") if e.scenarios == ("paper",) and e.together]


def test_scenarios_that_do_not_touch_change_together_what_each_changes_alone(
    world: tuple[WatchedEngine, Path],
) -> None:
    found = compared(world, "paper", "apart")
    assert found.meetings == ()
    assert found.totals[2] == found.totals[0] + found.totals[1]
    assert {e.scenarios for e in found.effects} == {("paper",), ("apart",)}


def test_the_order_does_not_matter(world: tuple[WatchedEngine, Path]) -> None:
    one, other = compared(world, "paper", "force"), compared(world, "force", "paper")
    assert {(e.kind, e.subject, e.object, frozenset(e.scenarios), e.together) for e in one.effects} == {
        (e.kind, e.subject, e.object, frozenset(e.scenarios), e.together) for e in other.effects
    }
