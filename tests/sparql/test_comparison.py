"""The comparison of servers: one command measures all that are there and says why the others are not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.sparql.clients import Measured
from benchmarks.sparql.mix import MIX, query
from benchmarks.sparql.report import Outcome, medians, print_growth, print_size

ROOT = Path(__file__).parents[2]


def test_one_command_measures_what_is_there_and_names_what_is_not(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "sparql", "--sizes", "3000", "--seconds", "0.2"]
    peers = [
        "--peers",
        "oxigraph rdflib-endpoint",
        "--rdflib",
        "/bin/false",
        "--json",
        str(tmp_path / "out.json"),
    ]
    done = subprocess.run([*command, *peers], cwd=ROOT, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr
    assert "Left out: rdflib-endpoint: no Python with rdflib-endpoint" in done.stdout
    assert "|  | kizuna | kizuna, cached | oxigraph |" in done.stdout
    for name in MIX:
        assert f"| {name} |" in done.stdout
    assert "Other numbers of rows: oxigraph" not in done.stdout
    assert (tmp_path / "out.json").read_text().count('"left_out": ""') == 3


def measured(seconds: float) -> Measured:
    found = Measured(seconds=1.0)
    for name in MIX:
        found.times[name] = [seconds] * 99 + [seconds * 10]
    return found


def test_the_tables_say_how_many_times_the_best_peer_takes(capsys: pytest.CaptureFixture[str]) -> None:
    rows = dict.fromkeys(MIX, 7)

    def outcome(name: str, seconds: float, rows: dict[str, int | None]) -> Outcome:
        found = {
            ("new", 1): measured(seconds),
            ("new", 8): measured(seconds),
            ("usual", 1): measured(seconds * 2),
        }
        return Outcome(name, 1.0, 10.0, rows, found)

    own, cached = outcome("kizuna", 0.003, {**rows}), Outcome("kizuna, cached", rows={**rows})
    fast, slow = outcome("fast", 0.001, {**rows, "pair": 6}), outcome("slow", 0.009, {**rows})
    print_size(1_000, [own, cached, fast, slow, Outcome("absent", left_out="it is not installed")])
    told = capsys.readouterr().out
    assert "Left out: absent: it is not installed." in told
    assert "| lookup | 3.00 / 3.00 / 30.00 | 1.00 / 1.00 / 10.00 | 9.00 / 9.00 / 90.00 |" in told
    assert "| lookup | fast | 3.00 | 3.00 |" in told
    assert "Other numbers of rows: fast: pair 6 (kizuna 7)." in told
    print_growth({1_000: medians(own), 20_000: {name: value * 4 for name, value in medians(own).items()}})
    assert "| lookup | 4.0 |" in capsys.readouterr().out


def test_each_number_gives_another_text() -> None:
    assert len({query(name, number) for name in MIX for number in range(300)}) == 300 * len(MIX)
