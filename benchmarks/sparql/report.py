"""Writes what was measured as Markdown tables. Pure but for printing."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

from benchmarks.sparql.clients import Measured
from benchmarks.sparql.mix import MIX

SHARES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Outcome:
    """What one server did at one size; `left_out` says why it took no part."""

    name: str
    load_seconds: float = 0.0
    megabytes: float = 0.0
    rows: dict[str, int | None] = field(default_factory=dict)
    found: dict[tuple[str, int], Measured] = field(default_factory=dict)
    left_out: str = ""

    def as_json(self) -> dict[str, Any]:
        """For a file."""
        return {
            "name": self.name,
            "left_out": self.left_out,
            "load_seconds": self.load_seconds,
            "megabytes": self.megabytes,
            "rows": self.rows,
            "found": {
                f"{texts}, {clients}": {
                    "per_second": one.per_second,
                    "failed": dict(one.failed),
                    "ms": {name: [one.percentile(name, share) for share in SHARES] for name in one.times},
                }
                for (texts, clients), one in self.found.items()
            },
        }


def medians(outcome: Outcome) -> dict[str, float]:
    """Median milliseconds by class, one client, new texts."""
    one = outcome.found.get(("new", 1))
    return {name: one.percentile(name, 0.5) or 0.0 for name in one.times} if one else {}


def line(*cells: object) -> None:
    """A line of a table."""
    sys.stdout.write("| " + " | ".join(map(str, cells)) + " |\n")


def head(*cells: str) -> None:
    """The head of a table: words left, numbers right."""
    line(*cells)
    sys.stdout.write("|---" + "|---:" * (len(cells) - 1) + "|\n")


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def print_size(triples: int, outcomes: list[Outcome]) -> None:
    """All tables of one size."""
    out = sys.stdout.write
    there = [one for one in outcomes if not one.left_out]
    out(f"\n### {triples:,} statements\n\n")
    for one in outcomes:
        if one.left_out:
            out(f"Left out: {one.name}: {one.left_out}.\n\n")
    _summary(there)
    for texts, clients in (("new", 1), ("new", 8)):
        _classes(texts, clients, [one for one in there if (texts, clients) in one.found])
    _ratios(there)
    _rows(there)
    sys.stdout.flush()


def _summary(there: list[Outcome]) -> None:
    head("", *(one.name for one in there))
    line("load and start, s", *(f"{one.load_seconds:.1f}" for one in there))
    line("memory after the run, MB", *(f"{one.megabytes:,.0f}" for one in there))
    for texts in ("new", "repeating"):
        for clients in (1, 8):
            found = [one.found.get((texts, clients)) for one in there]
            line(
                f"answers/s, {texts} texts, {clients} client{'s' if clients > 1 else ''}",
                *("" if one is None else f"{one.per_second:,.1f}" for one in found),
            )
    failed = [sum(sum(one.failed.values()) for one in server.found.values()) for server in there]
    line("failed", *failed)
    sys.stdout.write("\n")


def _classes(texts: str, clients: int, there: list[Outcome]) -> None:
    sys.stdout.write(
        f"p50 / p95 / p99 in ms, {texts} texts, {clients} client{'s' if clients > 1 else ''}:\n\n"
    )
    head("class", *(one.name for one in there))
    for name in MIX:
        cells = []
        for one in there:
            found = one.found[texts, clients]
            cells.append(" / ".join(_ms(found.percentile(name, share)) for share in SHARES))
        line(name, *cells)
    sys.stdout.write("\n")


def _ratios(there: list[Outcome]) -> None:
    """Kizuna's median against the best peer's, by class: as a lean client sees it, and as `requests` does."""
    own, peers = (there[0] if there else None), there[2:]
    if own is None or own.name != "kizuna" or not peers:
        return
    sys.stdout.write("Kizuna's median as a multiple of the best peer's, 1 client, new texts:\n\n")
    head("class", "best peer", "bare connection", "with `requests`")
    for name in MIX:
        cells, best = [], ""
        for texts in ("new", "usual"):
            mine = _median(own, texts, name)
            others = {one.name: _median(one, texts, name) for one in peers}
            known = {server: value for server, value in others.items() if value is not None}
            if mine is None or not known:
                cells.append("–")
                continue
            winner = min(known, key=lambda server: known[server])
            best = best or winner
            cells.append(f"{mine / known[winner]:.2f}")
        line(name, best, *cells)
    sys.stdout.write("\n")


def _median(outcome: Outcome, texts: str, name: str) -> float | None:
    found = outcome.found.get((texts, 1))
    return None if found is None else found.percentile(name, 0.5)


def _rows(there: list[Outcome]) -> None:
    own = there[0].rows if there else {}
    for one in there[1:]:
        other = {name: rows for name, rows in one.rows.items() if rows != own.get(name)}
        if other:
            told = ", ".join(f"{name} {rows} (kizuna {own.get(name)})" for name, rows in other.items())
            sys.stdout.write(f"Other numbers of rows: {one.name}: {told}.\n\n")


def print_growth(medians_: dict[int, dict[str, float]]) -> None:
    """How the medians grow with the data."""
    sizes = sorted(medians_)
    if len(sizes) < 2:
        return
    first = sizes[0]
    sys.stdout.write("\n### Growth of Kizuna's medians, as multiples of the smallest size\n\n")
    head("", *(f"{size:,}" for size in sizes[1:]))
    line("statements", *(f"{size / first:.0f}" for size in sizes[1:]))
    for name in MIX:
        base = medians_[first].get(name)
        if base:
            line(name, *(f"{medians_[size].get(name, 0.0) / base:.1f}" for size in sizes[1:]))
    sys.stdout.flush()
