"""Mixed reads, hostile queries and commits for a short while: nothing is lost, nobody gives up, everything is measured.

The long run is `python -m benchmarks soak --minutes 30`; here only what must hold however slow the machine is.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from benchmarks.processes import ROLES
from benchmarks.soak import Outcome, missing, report, soak

from tests.support.world import ROOT, make_workspace


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    folder = tmp_path_factory.mktemp("soak")
    source = make_workspace(folder / "source")
    for room in ("shapes", "queries"):
        shutil.copytree(ROOT / room, source / room)
    return soak(source, folder, 45.0, speed=3.0, commits=3), folder / "workspace"


@pytest.mark.slow
def test_no_acknowledged_commit_is_lost(ran: tuple[Outcome, Path]) -> None:
    assert len(ran[0].acknowledged) >= 3
    assert ran[0].lost == []


@pytest.mark.slow
def test_a_loss_would_be_seen(ran: tuple[Outcome, Path]) -> None:
    held = dict(ran[0].acknowledged)
    last = next(reversed(held))
    assert missing(ran[1], held, last) == []
    assert missing(ran[1], {"never sent": 10_000, **held}, last) == ["never sent"]
    assert missing(ran[1], held, "something else") != []
    assert "the order" in missing(ran[1], dict(reversed(held.items())), next(iter(held)))


@pytest.mark.slow
def test_readers_are_answered_among_hostile_queries_and_commits(ran: tuple[Outcome, Path]) -> None:
    outcome = ran[0]
    assert outcome.failures == []
    expected = {"page": {200, 404}, "as of": {200}, "query": {200}, "propose": {202}, "publish": {303}}
    for kind, statuses in expected.items():
        assert {status for one, status in outcome.statuses if one == kind} <= statuses, kind
    assert {status for kind, status in outcome.statuses if kind == "hostile"} <= {400, 503}
    assert outcome.killed > 0, "hostile queries have been ended"


@pytest.mark.slow
def test_every_process_is_measured_and_the_report_says_all(
    ran: tuple[Outcome, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = ran[0]
    assert len(outcome.samples) > 5
    for role in ROLES:
        assert max(held[role].megabytes for _, held in outcome.samples if role in held) > 1, role
    report(outcome)
    shown = capsys.readouterr().out
    for word in (
        *ROLES,
        "MB an hour",
        "drift",
        "lost: 0",
        "workers ended by a limit",
        "clients that gave up: none",
    ):
        assert word in shown
