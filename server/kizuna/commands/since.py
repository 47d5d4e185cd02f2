"""What of a report is new since a revision of git, or stands in some files. Asks git, and writes a temporary folder."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from kizuna.validation.report import Finding, Report

ROOMS: Final = ("ontology", "shapes", "data")
SECONDS: Final = 120.0


class RevisionError(Exception):
    """A revision cannot be had; says why."""


def _git(workspace: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(workspace), *words],
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RevisionError(f"git does not answer: {error}") from error
    if done.returncode:
        raise RevisionError(done.stderr.decode(errors="replace").strip())
    return done.stdout


def root_of(workspace: Path) -> Path:
    """The root of the repository that a workspace lies in; the workspace itself where there is none."""
    whole = workspace.resolve()
    try:
        return Path(os.fsdecode(_git(whole, "rev-parse", "--show-toplevel")).strip()).resolve()
    except RevisionError:
        return whole


@contextmanager
def files_at(workspace: Path, revision: str) -> Iterator[Path]:
    """A folder with the workspace's ontology, shapes and data as they were at a revision; gone afterwards.

    Raises:
        RevisionError: it is no repository, or has no such revision.
    """
    commit = (
        _git(workspace, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
        .decode()
        .strip()
    )
    there = _git(workspace, "ls-tree", "--name-only", commit).decode().split()
    rooms = [room for room in ROOMS if room in there]
    with tempfile.TemporaryDirectory(prefix="kizuna-base-") as folder:
        if rooms:
            content = _git(workspace, "archive", "--format=tar", commit, "--", *rooms)
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                archive.extractall(folder, filter="data")
        yield Path(folder)


def newer(report: Report, before: Report) -> Report:
    """The findings that an older report does not have, wherever they stand by now."""
    known = Counter(_what(found) for found in before.findings)
    fresh = []
    for found in report.findings:
        if known[_what(found)] > 0:
            known[_what(found)] -= 1
        else:
            fresh.append(found)
    return replace(report, findings=tuple(fresh))


def within(report: Report, workspace: Path, files: Iterable[Path]) -> Report:
    """The findings that stand in some files or folders, named from here or from the workspace."""
    named = {(base / file).resolve() for file in files for base in (Path.cwd(), workspace)}

    def inside(found: Finding) -> bool:
        if found.location is None:
            return False
        path = (workspace / found.location.path).resolve()
        return path in named or any(one in path.parents for one in named)

    return replace(report, findings=tuple(filter(inside, report.findings)))


def _what(found: Finding) -> tuple[str, str, str, str, str]:
    return found.shape, found.component, found.focus, found.path or "", found.value or ""
