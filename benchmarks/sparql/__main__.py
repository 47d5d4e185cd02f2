"""Compares SPARQL servers over HTTP: load, memory, throughput, times by class, with 1 and 8 clients, new and repeating texts.

    python -m benchmarks sparql [--sizes "50000 1000000"] [--seconds 8] [--peers "oxigraph virtuoso fuseki rdflib-endpoint"]
        [--fuseki JAR] [--rdflib PYTHON] [--oxigraph PROGRAM] [--limit 120] [--load 300] [--budget 420]
        [--json FILE]

Every server gets the same triples (benchmarks/generate.py) and the same texts in the same order over kept-alive connections. A peer
that is not installed, or cannot do a size within the limits, is left out and named with the reason; one that was too slow is not asked
to do a larger size. `--load` bounds the seconds of loading, `--limit` those of a measurement, `--budget` those of all measurements of one
server at one size: what they leave no time for is missing in the tables. Each server's figures are told when it has been measured,
and a run that is interrupted prints the tables of what it has.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from benchmarks.generate import facts
from benchmarks.sparql import report
from benchmarks.sparql.clients import Measured, lean, measure, rows_of, usual
from benchmarks.sparql.mix import MIX
from benchmarks.sparql.report import Outcome
from benchmarks.sparql.servers import PEERS, LeftOutError, Running, kizuna, worked

Start = Callable[[], AbstractContextManager[Running]]


def option(name: str, default: str) -> str:
    """The value of `--name`, which benchmarks/__main__.py puts into the environment."""
    return os.environ.get(f"KIZUNA_SPARQL_{name}") or default


def write_triples(path: Path, size: int) -> int:
    """The facts as N-Triples, each once; returns how many."""
    lines = (line.rsplit(b" <", 1)[0] + b" ." for line in facts(size).splitlines() if line)
    triples = list(dict.fromkeys(lines))
    path.write_bytes(b"\n".join(triples) + b"\n")
    return len(triples)


def examine(
    name: str, start: Start, seconds: float, limit: float, budget: float, fresh: bool, repeating: bool
) -> Outcome:
    """Measure one server.

    Args:
        name: what it is called.
        start: starts it.
        seconds: of each measurement.
        limit: seconds that a measurement may take at most.
        budget: seconds that all of them may take; those for which none are left are not made.
        fresh: measure with texts that were not asked before.
        repeating: measure with texts that repeat.
    """
    tell(f"{name}: loading")
    try:
        with start() as server:
            tell(f"{name}: loaded in {server.load_seconds:.1f} s")
            rest(server)
            until = time.monotonic() + budget
            rows = rows_of(server.address, min(limit, budget))
            if len(rows) < len(MIX) - 1:  # one class may be beyond it
                missing = ", ".join(one for one in MIX if one not in rows)
                raise LeftOutError(f"not answered within {limit:g} s in all: {missing}")
            found: dict[tuple[str, int], Measured] = {}
            wanted = [(texts, clients) for clients in (1, 8) for texts in ("new", "repeating")]
            for texts, clients in [*wanted, ("usual", 1)]:
                left = until - time.monotonic()
                if not (repeating if texts == "repeating" else fresh):
                    continue
                if left < seconds / 2:
                    tell(f"{name}: no time left for {texts} texts, {clients} client(s)")
                    continue
                made = measure(
                    server.address,
                    clients,
                    seconds / 2 if texts == "usual" else seconds,
                    repeat=texts == "repeating",
                    limit=min(limit, left),
                    make=usual if texts == "usual" else lean,
                )
                found[texts, clients] = made
                tell(f"{name}: {texts} texts, {clients} client(s): {made.per_second:.1f} answers/s")
            return Outcome(name, server.load_seconds, server.resident() / 1e6, rows, found)
    except (LeftOutError, subprocess.SubprocessError, OSError) as error:
        tell(f"{name}: left out: {error}")
        return Outcome(name, left_out=str(error) or type(error).__name__)


def rest(server: Running) -> None:
    """Wait until a server has done what it does after its start (half a minute at most): answers are measured, not the start."""
    before, until = worked(server), time.monotonic() + 30.0
    while time.monotonic() < until:
        time.sleep(1.0)
        now = worked(server)
        if now - before < 0.03:
            return
        before = now


def tell(what: str) -> None:
    """A line of progress, with the time."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")
    sys.stderr.flush()


def main() -> None:
    """Run the comparison at every size and print its tables."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the servers, and prints what there is
    seconds, limit = float(option("SECONDS", "8")), float(option("LIMIT", "120"))
    budget = float(option("BUDGET", "420"))
    medians: dict[int, dict[str, float]] = {}
    beyond: dict[str, str] = {}
    kept: list[dict[str, object]] = []
    for size in map(int, option("SIZES", "50000").split()):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            path = folder / "facts.nt"
            count = write_triples(path, size)
            starts: dict[str, tuple[Start, bool, bool]] = {
                "kizuna": (partial(kizuna, folder, path, cache=False), True, False),
                "kizuna, cached": (partial(kizuna, folder, path, cache=True), False, True),
            }
            for peer in option("PEERS", " ".join(PEERS)).split():
                starts[peer] = (partial(PEERS[peer], folder, path), True, True)
            outcomes: list[Outcome] = []
            for name, (start, fresh, repeating) in starts.items():
                if name in beyond:
                    outcomes.append(Outcome(name, left_out=f"at a smaller size: {beyond[name]}"))
                    continue
                try:
                    outcomes.append(examine(name, start, seconds, limit, budget, fresh, repeating))
                except KeyboardInterrupt:
                    report.print_size(count, outcomes)
                    raise SystemExit("interrupted: the tables hold what was measured before") from None
                if outcomes[-1].left_out:
                    beyond[name] = outcomes[-1].left_out
                kept.append({"triples": count, **outcomes[-1].as_json()})
                if target := option("JSON", ""):  # after each server: a run of hours may end early
                    Path(target).write_text(json.dumps(kept, indent=1), encoding="utf-8")
        report.print_size(count, outcomes)
        medians[count] = report.medians(outcomes[0])
    report.print_growth(medians)


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        traceback.print_exc()
