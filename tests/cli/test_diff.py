"""`kizuna diff` tells what changed, and `--scenario` puts a command into a what-if world."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kizuna.cli import main
from tests.support.world import make_workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_workspace(tmp_path_factory.mktemp("diff"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def test_the_changes_of_a_pair_are_told(workspace: Path) -> None:
    arguments = ("--from", "2020-01-01", "--to", "2026-01-01", "--about", "state:JPN", "--about", "state:PHL")
    result = run("diff", *arguments, "-w", workspace, "-l", "en")
    assert result.exit_code == 0
    assert "+ 2025-09-11 Japan–Philippines Reciprocal Access Agreement" in result.output
    data = json.loads(run("diff", *arguments, "-f", "json", "-w", workspace).output)
    assert {change["kind"] for change in data["changes"]} >= {"event", "tie", "status"}


def test_a_scenario_differs_from_the_record_by_what_it_says(workspace: Path) -> None:
    result = run(
        "diff", "--from", "2028-07-01", "--to", "2028-07-01,eu-in-cptpp", "-w", workspace, "-l", "ja"
    )
    assert result.exit_code == 0
    assert "cptpp" in result.output.lower()
    patch = run(
        "diff", "--from", "2028-07-01", "--to", "2028-07-01,eu-in-cptpp", "-f", "patch", "-w", workspace
    )
    assert {line[:1] for line in patch.output.splitlines()} == {"A"}


@pytest.mark.parametrize("scenario", [(), ("--scenario", "eu-in-cptpp")])
def test_queries_and_exports_stand_in_a_scenario(workspace: Path, scenario: tuple[str, ...]) -> None:
    ask = "ASK { framework:eu k:memberOf framework:cptpp }"
    answer = run("query", ask, "--asof", "2028-07-01", "-w", workspace, *scenario)
    assert answer.output.strip() == ("true" if scenario else "false")
    told = run("why", "framework:eu", "framework:cptpp", "--asof", "2028-07-01", "-w", workspace, *scenario)
    assert told.exit_code == (0 if scenario else 1)
    derived = run("infer", "--what", "derived", "--asof", "2028-07-01", "-w", workspace, *scenario)
    assert ("framework:eu" in derived.output) is bool(scenario)


@pytest.mark.parametrize(
    "arguments",
    [
        ("diff", "--to", "nowhere-to-be-found"),
        ("diff", "--from", "2020-31-12"),
        ("query", "ASK {}", "-s", "nowhere"),
        ("why", "state:JPN", "state:PHL", "-s", "../x"),
        ("export", "-s", "nowhere"),
    ],
)
def test_what_is_not_there_is_refused(workspace: Path, arguments: tuple[str, ...]) -> None:
    assert run(*arguments, "-w", workspace).exit_code == 2
