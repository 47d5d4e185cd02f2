"""`kizuna why` tells proofs, compares definitions and lists contradictions, with the exit codes that its help names."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kizuna.cli import main
from tests.support.world import make_workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_workspace(tmp_path_factory.mktemp("why"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(
        main, ["why", *(str(argument) for argument in arguments)], catch_exceptions=False
    )


@pytest.mark.parametrize(("language", "stated"), [("en", "Stated in"), ("ja", "に記録されている")])
def test_a_proof_is_told_with_its_sources(workspace: Path, language: str, stated: str) -> None:
    result = run("state:PHL", "k:partyTo", "agreement:jp-ph-raa", "-w", workspace, "-l", language)
    assert result.exit_code == 0
    assert stated in result.output
    assert "https://ministry.example/press/raa" in result.output


def test_what_did_not_hold_on_the_day_is_said_by_the_exit_code(workspace: Path) -> None:
    result = run("state:PHL", "k:partyTo", "agreement:jp-ph-raa", "--asof", "2024-12-31", "-w", workspace)
    assert result.exit_code == 1


def test_a_definition_is_compared(workspace: Path) -> None:
    result = run("--not", "k:FullSecuritySetPartner", "state:PHL", "-w", workspace, "-l", "en")
    assert result.exit_code == 0
    assert "no member" in result.output
    assert "×" in result.output


def test_a_contradiction_is_reported_with_the_facts_that_clash(workspace: Path) -> None:
    assert run("--contradictions", "-w", workspace, "-l", "en").exit_code == 0
    extra = workspace / "data/contradiction.ttl"
    extra.write_text(
        "<https://w3id.org/kizuna/id/state/PHL> a <https://w3id.org/kizuna/ns#Framework>,"
        " <https://w3id.org/kizuna/ns#Economy> .\n"
    )
    try:
        result = run("--contradictions", "-w", workspace, "-l", "en")
    finally:
        extra.unlink()
    assert result.exit_code == 1
    assert "id/state/PHL" in result.output


def test_what_is_no_term_is_refused(workspace: Path) -> None:
    assert run("nothing:at-all", "k:memberOf", "state:PHL", "-w", workspace).exit_code == 2
    assert run("state:PHL", "-w", workspace).exit_code == 2
