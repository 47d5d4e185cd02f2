"""A small workspace on disk: the real ontology and shapes, the sound world, and what a test adds to it."""

from __future__ import annotations

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
GOOD = REPOSITORY / "tests/shapes/good.ttl"
BROKEN = REPOSITORY / "tests/shapes/broken"


def workspace(folder: Path, **files: str) -> Path:
    """Make a workspace; each keyword is a file of `data/` (without suffix) and its text."""
    for room in ("ontology", "shapes"):
        shutil.copytree(REPOSITORY / room, folder / room, ignore=shutil.ignore_patterns("rules"))
    (folder / "data").mkdir()
    shutil.copy(GOOD, folder / "data/world.ttl")
    for name, text in files.items():
        (folder / f"data/{name}.ttl").write_text(text, encoding="utf-8")
    return folder


def without(text: str, words: str, instead: str = "") -> str:
    """Take words out of a text; they must be there exactly once."""
    assert text.count(words) == 1
    return text.replace(words, instead)
