"""A short token for what a workspace holds, so that answers can be recognised across restarts. Reads files only."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from kizuna.engine.types import View

FOLDERS: Final = ("ontology", "data", "shapes", "queries")


def workspace_digest(workspace: Path) -> str:
    """Digest of every file in the four folders (names and contents) and of the engine's version."""
    digest = hashlib.blake2b(version("pyoxigraph").encode(), digest_size=16)
    for folder in FOLDERS:
        for path in sorted(p for p in (workspace / folder).rglob("*") if p.is_file()):
            digest.update(path.relative_to(workspace).as_posix().encode() + b"\0")
            digest.update(hashlib.blake2b(path.read_bytes()).digest())
    return digest.hexdigest()


@lru_cache(maxsize=64)
def view_token(seed: str, revision: int, as_of: date, view: View) -> str:
    """The token of one view: another workspace, revision, day or scenario gives another one.

    Args:
        seed: what `workspace_digest` gave when the keeper started.
        revision: the resolved revision.
        as_of: the day.
        view: for its scenario names, each of which must name its content (a proposal with its version).
    """
    parts = [seed, str(revision), as_of.isoformat(), *view.scenario]
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=9).hexdigest()
