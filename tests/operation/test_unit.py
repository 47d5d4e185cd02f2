"""The unit for systemd is one that systemd accepts, and confines what it starts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.world import ROOT

UNIT = ROOT / "deploy" / "kizuna.service"
ANALYZE = [found for found in [shutil.which("systemd-analyze")] if found]
"""`.ci/run` installs it."""


def unit_here(folder: Path) -> Path:
    """The unit with programs and folder of this machine: verification looks whether they are there."""
    program = folder / "kizuna"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = UNIT.read_text("utf-8").replace("/opt/kizuna/bin/kizuna", str(program))
    assert "/srv/kizuna" in text
    text = text.replace("/srv/kizuna", str(folder))
    place = folder / "kizuna.service"
    place.write_text(text, "utf-8")
    return place


@pytest.mark.parametrize("analyze", ANALYZE)
def test_systemd_has_nothing_to_say_about_the_unit(analyze: str, tmp_path: Path) -> None:
    found = subprocess.run(
        [analyze, "verify", "--man=no", "--recursive-errors=no", str(unit_here(tmp_path))],
        capture_output=True, text=True, env={**os.environ, "SYSTEMD_LOG_COLOR": "0"},
    )  # fmt: skip
    ours = [line for line in (found.stdout + found.stderr).splitlines() if "kizuna" in line]
    assert (ours, found.returncode) == ([], 0)


@pytest.mark.parametrize("analyze", ANALYZE)
def test_a_mistake_in_the_unit_would_be_found(analyze: str, tmp_path: Path) -> None:
    place = unit_here(tmp_path)
    place.write_text(place.read_text("utf-8").replace("NoNewPrivileges=yes", "NoNewPrivilege=yes"), "utf-8")
    found = subprocess.run([analyze, "verify", "--man=no", str(place)], capture_output=True, text=True)
    assert "NoNewPrivilege" in found.stderr


@pytest.mark.parametrize("analyze", ANALYZE)
def test_the_service_is_little_exposed(analyze: str, tmp_path: Path) -> None:
    found = subprocess.run(
        [analyze, "security", "--offline=yes", str(unit_here(tmp_path))], capture_output=True, text=True
    )
    (score,) = re.findall(r"exposure level for \S+: ([\d.]+)", found.stdout)
    assert float(score) <= 3.0, "10 is the worst; what is left is reading files and the network"
