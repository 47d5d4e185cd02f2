"""`kizuna enrich` asks only what is allowed, and what it finds is a table that `kizuna import` takes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kizuna.cli import main
from kizuna.engine import remote_client
from kizuna.engine.remote_client import Store
from tests.engine.stores import running
from tests.support.world import make_workspace

CODE = "http://www.wikidata.org/prop/direct/P298"


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    with running("oxigraph", tmp_path_factory.mktemp("other")) as started:
        remote_client.update(
            started,
            f"""INSERT DATA {{
              <http://other.example/Q17> <{CODE}> "JPN" ; {label} "Land of the rising sun"@en , "日の本"@ja , "Japon"@fr .
              <http://other.example/Q1> <{CODE}> "XXX" ; {label} "Unknown here"@en .
            }}""",
        )
        yield started


def run(workspace: Path, endpoint: str, allowed: str, *more: str) -> Result:
    options = ["enrich", "--endpoint", endpoint, "-w", str(workspace), *more]
    return CliRunner().invoke(main, options, env={"KIZUNA_ENRICH_ENDPOINTS": allowed})


def test_what_is_found_is_a_table_that_can_be_imported(other: Store, tmp_path: Path) -> None:
    workspace, out = make_workspace(tmp_path / "ws"), tmp_path / "states.csv"
    result = run(workspace, other.query_url, f"http://a.example/ {other.query_url}", "-o", str(out))
    assert result.exit_code == 0, result.output
    (row,) = csv.DictReader(out.read_text("utf-8").splitlines())
    assert (row["code"], row["aliases_en"], row["aliases_ja"]) == ("JPN", "Land of the rising sun", "日の本")
    assert row["wikidata"] == "http://other.example/Q17"
    checked = CliRunner().invoke(
        main, ["import", str(out), "-w", str(workspace), "--into", "more", "-l", "en"]
    )
    assert checked.exit_code == 0, checked.output
    again = run(workspace, other.query_url, other.query_url)
    assert again.output.splitlines()[1:] == [], "what is known already is not proposed again"


def test_an_endpoint_that_is_not_allowed_is_not_asked(other: Store, tmp_path: Path) -> None:
    assert run(make_workspace(tmp_path), other.query_url, "").exit_code == 2
    assert run(tmp_path, other.query_url, other.query_url + "x").exit_code == 2
    result = run(tmp_path, "http://operator:hunter2@other.example/sparql", other.query_url)
    assert result.exit_code == 2
    assert "hunter2" not in result.output


def test_an_endpoint_that_is_away_is_said(tmp_path: Path) -> None:
    away = "http://127.0.0.1:9/sparql"
    assert run(make_workspace(tmp_path), away, away).exit_code == 1
