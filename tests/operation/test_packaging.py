"""The wheel is enough: a fresh environment without Node serves and queries what came with it."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from kizuna.cli import main
from tests.operation.test_watching import fetch
from tests.support.waiting import PATIENCE
from tests.support.world import ROOT

DEPLOY = ROOT / "deploy"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `kizuna` command of a fresh environment; the libraries are those of this one, the product is the wheel's."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("kizuna-*.whl")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index"]
    subprocess.run([*install, "--no-deps", str(wheel)], check=True, capture_output=True)
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "venv" / "bin" / "kizuna"


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """An environment with no checkout, no Node, and an empty folder to be in."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}


def test_the_wheel_answers_queries(installed: Path, bare: dict[str, str], tmp_path: Path) -> None:
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?s a k:State }"
    done = subprocess.run(
        [str(installed), "query", text, "-f", "csv"], cwd=tmp_path, env=bare, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[1]) > 100


def test_a_record_of_ones_own_begins_outside_the_package(
    installed: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(installed), *words], cwd=tmp_path, env=bare, capture_output=True, text=True
        )

    account = ("account", "add", "aoi", "--role", "admin", "--no-password")
    refused = run(*account)
    assert refused.returncode == 2
    assert "kizuna init" in refused.stderr
    assert run("init", "own").returncode == 0
    assert run(*account, "-w", "own").returncode == 0
    assert (tmp_path / "own" / "ledger" / "kizuna.sqlite3").is_file()


def test_a_workspace_is_not_made_where_one_is_or_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "own" / "data").mkdir(parents=True)
    (tmp_path / "none").mkdir()
    for words, said in (
        ((str(tmp_path / "own"), "-w", str(ROOT)), "already"),
        ((str(tmp_path / "new"), "-w", str(tmp_path / "none")), "no workspace"),
    ):
        done = CliRunner().invoke(main, ["init", *words, "-l", "en"])
        assert done.exit_code == 2
        assert said in done.output
    assert not (tmp_path / "new").exists()


@pytest.fixture
def served(installed: Path, bare: dict[str, str], tmp_path: Path) -> Iterator[int]:
    server = subprocess.Popen(
        [str(installed), "serve", "--port", "0"], cwd=tmp_path, env=bare, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    yield int(server.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
    server.terminate()
    server.communicate(timeout=PATIENCE)


def test_the_wheel_serves_pages_with_their_styles(served: int) -> None:
    page = fetch(served, "/?lang=en")
    sheets = re.findall(r'href="(/static/build/[^"]+\.css)"', page)
    assert sheets
    assert all(len(fetch(served, sheet)) > 1_000 for sheet in sheets)


def test_the_container_runs_as_nobody_special_from_pinned_libraries() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    final = text.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER 10001$", final, re.M)
    assert "--require-hashes" in text
    assert all(":" in image for image in re.findall(r"^FROM (\S+)", text, re.M))
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.M):
        assert all((ROOT / path).exists() for path in source.split()), source


def test_the_unit_is_confined_and_names_settings_that_exist() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(DEPLOY / "kizuna.service", "utf-8")
    service = unit["Service"]
    assert service["NoNewPrivileges"] == service["ProtectHome"] == "yes"
    assert service["User"] != "root"
    named = re.findall(r"^(KIZUNA_\w+)=", (DEPLOY / "kizuna.env").read_text("utf-8"), re.M)
    documented = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert named
    assert all(f"`{name}`" in documented for name in named)


def test_this_environment_is_not_the_one_under_test(
    installed: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    shown = subprocess.run(
        [str(installed.parent / "python"), "-c", "import kizuna; print(kizuna.__file__)"],
        cwd=tmp_path, env=bare, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(installed.parents[1]) in shown.stdout
    assert os.fspath(ROOT / "server") not in shown.stdout
