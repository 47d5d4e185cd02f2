from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.fixtures import app, client, engine
from tests.support.world import ROOT

__all__ = ["app", "client", "engine", "wheels"]
LOCKS = ("requirements.lock", "requirements-build.lock")


@pytest.fixture(scope="session")
def wheels() -> Path:
    """Wheels of all that is locked, fetched once for these locks by the command of docs/install.md, and kept in `.wheels/`."""
    mark = hashlib.sha256(sys.version.encode())
    for lock in LOCKS:
        mark.update((ROOT / lock).read_bytes())
    place = ROOT / ".wheels" / mark.hexdigest()[:16]
    if not place.is_dir():
        shutil.rmtree(place.parent, ignore_errors=True)
        half = place.with_suffix(".half")
        for lock in LOCKS:
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--require-hashes",
                "--only-binary=:all:",
            ]
            subprocess.run([*command, "-r", str(ROOT / lock), "-d", str(half)], check=True)
        half.rename(place)
    return place
