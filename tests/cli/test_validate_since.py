"""`kizuna validate FILES --base REV` tells what is new, with file and line; the documented hook and workflow step run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.sarif import faults
from tests.validation.support import workspace

OLD = "<https://w3id.org/kizuna/id/state/old> a <https://w3id.org/kizuna/ns#State> .\n"
NEW = "\n<https://w3id.org/kizuna/id/state/new> a <https://w3id.org/kizuna/ns#State> .\n"
UPDATES = Path(__file__).parents[2] / "docs" / "updates.md"
PROGRAM = Path(sys.executable).parent


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


def kizuna(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAM / "kizuna"), "validate", "-l", "en", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A workspace with a fault of old in its one commit."""
    root = workspace(tmp_path, old=OLD)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    return root


def test_only_what_is_new_is_told_with_file_and_line(repository: Path) -> None:
    (repository / "data" / "new.ttl").write_text(NEW)
    assert kizuna(repository).returncode == 1
    done = kizuna(repository, "--base", "main", "--format", "sarif")
    assert done.returncode == 1, done.stderr
    results = json.loads(done.stdout)["runs"][0]["results"]
    assert results
    for one in results:
        place = one["locations"][0]["physicalLocation"]
        assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("data/new.ttl", 2)


def test_paths_begin_at_the_root_of_the_repository_wherever_the_workspace_lies(tmp_path: Path) -> None:
    root = workspace(tmp_path / "graph", old=OLD)
    git(tmp_path, "init", "-q", "-b", "main")
    log = json.loads(kizuna(root, "--format", "sarif").stdout)
    assert faults(log) == []
    (run,) = log["runs"]
    assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == tmp_path.resolve().as_uri() + "/"
    assert {artifact["location"]["uri"] for artifact in run["artifacts"]} == {"graph/data/old.ttl"}


def test_files_name_whose_findings_are_told(repository: Path) -> None:
    (repository / "data" / "new.ttl").write_text(NEW)
    done = kizuna(repository, "data/new.ttl", "--format", "json")
    assert {f["location"]["path"] for f in json.loads(done.stdout)["findings"]} == {"data/new.ttl"}
    assert kizuna(repository, "data/old.ttl", "--base", "main").returncode == 0


def test_an_unknown_revision_is_said(repository: Path) -> None:
    done = kizuna(repository, "--base", "nowhere")
    assert done.returncode == 2
    assert "nowhere" in done.stderr or "revision" in done.stderr


def example(title: str) -> str:
    found = re.search(rf"    # {re.escape(title)}\n((?:    .*\n|\n)+)", UPDATES.read_text(encoding="utf-8"))
    assert found, title
    return "".join(line[4:] + "\n" for line in found[1].splitlines()).strip() + "\n"


def test_the_documented_hook_stops_a_new_fault_and_lets_old_ones_be(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(PROGRAM), prepend=":")
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(example(".git/hooks/pre-commit"))
    hook.chmod(0o755)
    (repository / "data" / "note.ttl").write_text("# nothing is said here\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "sound")
    (repository / "data" / "new.ttl").write_text(NEW)
    git(repository, "add", ".")
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "commit", "-qm", "faulty")


def test_the_documented_workflow_step_writes_sarif(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(PROGRAM), prepend=":")
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")
    (repository / "data" / "new.ttl").write_text(NEW)
    step = example("a workflow step")
    (command,) = re.findall(r"- run: (.*)", step)
    done = subprocess.run(["sh", "-c", command], cwd=repository, capture_output=True, check=False)
    assert done.returncode == 1
    assert json.loads((repository / "kizuna.sarif").read_text())["runs"][0]["results"]
