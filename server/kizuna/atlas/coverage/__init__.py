"""How much the graph knows: counts by class, framework, kind and domain, its sources, its debt. Plain functions.

The page `docs/coverage.md` is written from this by `kizuna coverage`, and a test holds it true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from kizuna.engine.types import Row

Ask = Callable[[str], list[Row]]
"""Answers a SELECT query of the product (an engine's `select`, bound to a view)."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the report.

    Args:
        title: its heading.
        note: a sentence under the heading.
        columns: headings.
        rows: cells as text.
    """

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


_TABLES: Final[tuple[tuple[str, str, str, tuple[str, ...]], ...]] = (
    ("classes", "Things by class", "As stated in the data.", ("class", "クラス", "number")),
    (
        "statements",
        "Dated statements and their evidence",
        "Sourced: rests on at least one source that was consulted. The rest is marked as general knowledge: the debt.",
        ("statement", "number", "sourced", "debt"),
    ),
    (
        "frameworks",
        "Participations by framework",
        "Closed: the list of members is complete as of the day.",
        ("framework", "枠組み", "participations", "sourced", "closed as of"),
    ),
    ("kinds", "Agreements by kind", "", ("kind", "種類", "agreements", "of which in force")),
    (
        "domains",
        "Domains",
        "Agreements and activities that carry the domain.",
        ("domain", "分野", "agreements", "activities"),
    ),
    ("events", "Life-cycle events by kind", "", ("event", "出来事", "number")),
    ("roles", "Participations by role", "", ("role", "資格", "number")),
    ("sources", "Sources by kind", "", ("kind", "種類", "sources", "evidence for")),
    (
        "lists",
        "Closed lists of agreements",
        "An entry that is missing from these means that there is none.",
        ("of", "kind", "as of"),
    ),
    (
        "negative",
        "Negative knowledge",
        "What is known not to exist, and what is known not to have been researched.",
        ("what", "number"),
    ),
    ("labels", "Labels", "Things whose label is missing in a language.", ("language", "missing")),
)


@cache
def _query(name: str) -> str:
    return files(__package__).joinpath(f"{name}.rq").read_text(encoding="utf-8")


def _cells(row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(getattr(row[name], "value", "")) if name in row else "" for name in columns)


def coverage(ask: Ask) -> tuple[Table, ...]:
    """Count what a view holds. Each table's query has the variables ?c1, ?c2 … in the order of its columns."""
    return tuple(
        Table(
            title,
            note,
            columns,
            tuple(_cells(row, [f"c{at}" for at in range(1, len(columns) + 1)]) for row in ask(_query(name))),
        )
        for name, title, note, columns in _TABLES
    )


def _escape(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")


def markdown(tables: Sequence[Table], as_of: str) -> str:
    """The report as a Markdown page."""
    parts = [
        "# Coverage of the data\n",
        f"Written by `kizuna coverage --as-of {as_of} --write docs/coverage.md`; a test holds it true. "
        f"Status as of {as_of}.\n",
    ]
    for table in tables:
        lines = [f"## {table.title}\n"] + ([table.note + "\n"] if table.note else [])
        lines.append("| " + " | ".join(table.columns) + " |")
        lines.append("|" + "---|" * len(table.columns))
        lines += ["| " + " | ".join(map(_escape, row)) + " |" for row in table.rows]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)
