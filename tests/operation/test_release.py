"""A release is whole, checked, and the same bytes every time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, parse

from kizuna.cli import main
from kizuna.workspace.names import DCAT, VOID
from tests.support.world import ROOT, make_workspace


def arguments(workspace: Path, target: Path) -> list[str]:
    return ["release", "2026.1", "-w", str(workspace), "--to", str(target), "--asof", "2026-01-31"]


def run(workspace: Path, target: Path, *more: str) -> int:
    options = [*arguments(workspace, target), *more]
    return CliRunner().invoke(main, options, catch_exceptions=False).exit_code


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A workspace, and two releases of it: the second from a copy elsewhere, with other times, by another operator on the other side of
    the world: another umask, locale, time zone, and order of Python's sets."""
    folder = tmp_path_factory.mktemp("release")
    workspace = make_workspace(folder / "workspace")
    shutil.copytree(ROOT / "shapes", workspace / "shapes")
    shutil.copytree(ROOT / "queries", workspace / "queries")
    elsewhere = folder / "deeper" / "copy"
    shutil.copytree(workspace, elsewhere, copy_function=shutil.copyfile)
    code = run(workspace, folder / "one")
    other = subprocess.run(
        [sys.executable, "-m", "kizuna.cli", *arguments(elsewhere, folder / "two")],
        check=False,
        cwd=folder,
        umask=0o077,
        env={**os.environ, "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "7"},
    )
    assert other.returncode == code
    return workspace, folder / "one", folder / "two"


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_two_runs_give_the_same_bytes(released: tuple[Path, Path, Path]) -> None:
    one, two = files(released[1]), files(released[2])
    assert [name for name in one if one[name] != two.get(name)] == []
    assert set(one) == set(two)


def test_everything_is_there_and_the_checksums_hold(released: tuple[Path, Path, Path]) -> None:
    found = files(released[1])
    assert {
        "kizuna.nq", "kizuna-view.nq", "validation.json", "coverage.md", "dataset.nt", "CITATION.cff",
        "citation.jsonld", "release.json", "SHA256SUMS",
    } <= set(found)  # fmt: skip
    assert {name.split("/")[0] for name in found if "/" in name} == {"data", "ontology", "shapes", "queries"}
    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(check, cwd=released[1], check=False).returncode == 0
    assert len(found["SHA256SUMS"].splitlines()) == len(found) - 1


def test_no_path_of_the_machine_is_in_it(released: tuple[Path, Path, Path]) -> None:
    here = str(released[1].parent).encode()
    assert [name for name, content in files(released[1]).items() if here in content] == []


def test_the_descriptions_say_what_is_released(released: tuple[Path, Path, Path]) -> None:
    found = files(released[1])
    types = {str(quad.object) for quad in parse(found["dataset.nt"], format=RdfFormat.N_TRIPLES)}
    assert {f"<{DCAT}Dataset>", f"<{VOID}Dataset>"} <= types
    assert json.loads(found["citation.jsonld"])["datePublished"] == "2026-01-31"
    assert b'version: "2026.1"' in found["CITATION.cff"]
    stated = set(found["kizuna.nq"].splitlines())
    assert stated < set(found["kizuna-view.nq"].splitlines()) | stated
    assert len(stated) > 1_000


def test_a_folder_with_something_in_it_is_left_alone(released: tuple[Path, Path, Path]) -> None:
    before = files(released[1])
    assert run(released[0], released[1]) == 2
    assert files(released[1]) == before


def test_a_workspace_that_cannot_be_read_leaves_no_half_release(tmp_path: Path) -> None:
    (tmp_path / "bad" / "data").mkdir(parents=True)
    (tmp_path / "bad" / "data" / "x.ttl").write_text("not turtle")
    assert run(tmp_path / "bad", tmp_path / "out") == 2
    assert not (tmp_path / "out").exists()
