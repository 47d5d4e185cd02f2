"""docs/coverage.md says what the graph holds, and the graph keeps the promises made about its evidence."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from kizuna.commands.coverage import report

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/coverage.md").read_text("utf-8")


def section(title: str) -> list[list[str]]:
    text = PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def test_the_page_is_what_the_command_writes() -> None:
    day = re.search(r"Status as of (\d{4}-\d{2}-\d{2})\.", PAGE)
    assert day
    assert report(ROOT, date.fromisoformat(day[1])) == PAGE


def test_most_dated_statements_rest_on_a_source_that_was_consulted() -> None:
    dated = [
        row
        for row in section("Dated statements and their evidence")
        if "beginning" in row[0] or "event" in row[0]
    ]
    total = sum(int(row[1]) for row in dated)
    sourced = sum(int(row[2]) for row in dated)
    assert total > 4000
    assert sourced / total >= 0.85


def test_every_thing_has_its_label_in_both_languages() -> None:
    assert section("Labels") == [["en", "0"], ["ja", "0"]]


def test_the_graph_is_as_wide_as_its_scope() -> None:
    assert len(section("Participations by framework")) >= 75
    states = {row[0]: int(row[2]) for row in section("Things by class")}
    assert states["state"] >= 193
    assert sum(int(row[2]) for row in section("Agreements by kind")) >= 470
