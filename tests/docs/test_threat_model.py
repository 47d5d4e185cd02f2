"""Each threat names the tests that hold its answer, and they exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> dict[str, str]:
    """What holds the answer, by threat."""
    text = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
    cells = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {row[0].strip(): row[2] for row in cells[1:]}


def test_every_threat_names_a_test() -> None:
    assert len(rows()) > 20
    assert [threat for threat, held in rows().items() if not NAMED.search(held)] == []


def test_every_named_test_exists() -> None:
    absent = [
        f"{path}::{name}"
        for held in rows().values()
        for path, name in NAMED.findall(held)
        if not (ROOT / path).is_file()
        or not re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE)
    ]
    assert absent == []
