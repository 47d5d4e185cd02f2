from __future__ import annotations

import fcntl
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
    room = ROOT / ".wheels"
    place = room / mark.hexdigest()[:16]
    room.mkdir(exist_ok=True)
    with (room / "lock").open("w") as lock:  # the suite runs in several processes
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.is_dir():
            for old in room.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            _fetch(place.with_suffix(".half")).rename(place)
    return place


def _fetch(folder: Path) -> Path:
    for locked in LOCKS:
        subprocess.run(
            [
                sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--only-binary=:all:",
                "-r", str(ROOT / locked), "-d", str(folder),
            ],
            check=True,
        )  # fmt: skip
    return folder
