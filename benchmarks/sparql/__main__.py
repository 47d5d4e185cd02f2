"""Compares servers on the mix, with 1 and 8 clients, and prints a table.

    python -m benchmarks.sparql [--triples 50000] [--seconds 6] [--oxigraph PROGRAM] [--rdflib PYTHON] [--fuseki JAR]

Each client asks the classes of the mix in turn, with texts that were not asked before (so no cache helps), and once more with 20
texts a class that repeat (for "cached"). Every server gets the same texts in the same order, over kept-alive connections.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import AbstractContextManager
from pathlib import Path

import requests

from benchmarks.generate import facts
from benchmarks.sparql import servers
from benchmarks.sparql.mix import MIX, query

ACCEPT = "application/sparql-results+json, text/turtle;q=0.9"


class Measured:
    """Times by class, in seconds."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.failed = 0
        self.lock = threading.Lock()
        self.seconds = 0.0

    @property
    def answers(self) -> int:
        """Answers in all."""
        return sum(len(times) for times in self.times.values())


def measure(address: str, clients: int, seconds: float, repeat: bool) -> Measured:
    """Let clients ask the mix for a while."""
    found = Measured()
    end = time.perf_counter() + seconds

    def ask(client: int) -> None:
        with requests.Session() as http:
            turn = 0
            while time.perf_counter() < end:
                for name in MIX:
                    number = turn % 20 if repeat else 1_000 * client + turn
                    start = time.perf_counter()
                    answer = http.get(
                        address,
                        params={"query": query(name, number)},
                        headers={"Accept": ACCEPT},
                        timeout=120,
                    )
                    took = time.perf_counter() - start
                    with found.lock:
                        if answer.status_code == 200:
                            found.times[name].append(took)
                        else:
                            found.failed += 1
                    if time.perf_counter() > end:
                        return
                turn += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.seconds = time.perf_counter() - began
    return found


def percentile(times: list[float], share: float) -> float:
    """A percentile, in milliseconds."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--triples", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--oxigraph", default=shutil.which("oxigraph"))
    parser.add_argument("--rdflib", help="a Python that has rdflib-endpoint and uvicorn")
    parser.add_argument("--fuseki", help="jena-fuseki-server-*.jar")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        triples = folder / "facts.nt"
        lines = (line.rsplit(b" <", 1)[0] + b" ." for line in facts(options.triples).splitlines() if line)
        triples.write_bytes(b"\n".join(dict.fromkeys(lines)) + b"\n")
        starts: list[AbstractContextManager[servers.Running]] = [
            servers.kizuna(folder, triples, cache=False),
            servers.kizuna(folder, triples, cache=True),
        ]
        if options.oxigraph:
            starts.append(servers.oxigraph(folder, triples, options.oxigraph))
        if options.fuseki:
            starts.append(servers.fuseki(folder, triples, options.fuseki))
        if options.rdflib:
            starts.append(servers.rdflib_endpoint(folder, triples, options.rdflib))
        report(options.triples, [run(start, options.seconds) for start in starts], options.json)


def run(start: AbstractContextManager[servers.Running], seconds: float) -> dict[str, object]:
    """Measure one server."""
    with start as server:
        sys.stderr.write(f"{server.name} …\n")
        cached = server.name.endswith("cached")
        measure(server.address, 1, 1.0, repeat=False)
        results = {clients: measure(server.address, clients, seconds, repeat=cached) for clients in (1, 8)}
        return {
            "name": server.name,
            "load_seconds": server.load_seconds,
            "resident_megabytes": server.resident() / 1e6,
            "clients": {
                clients: {
                    "per_second": found.answers / found.seconds,
                    "failed": found.failed,
                    "classes": {
                        name: [percentile(times, share) for share in (0.5, 0.95, 0.99)]
                        for name, times in found.times.items()
                    },
                }
                for clients, found in results.items()
            },
        }


def report(size: int, servers_: list[dict[str, object]], target: Path | None) -> None:
    """Print the tables."""
    if target:
        target.write_text(json.dumps({"triples": size, "servers": servers_}, indent=1), encoding="utf-8")
    out = sys.stdout.write
    out(f"{size:,} statements; median ms of each class with 1 client, then the whole mix\n\n")
    names = [str(one["name"]) for one in servers_]
    out("| class | " + " | ".join(names) + " |\n|---" + "|---:" * len(names) + "|\n")
    data: list[dict[int, dict[str, object]]] = [one["clients"] for one in servers_]  # type: ignore[misc]
    for name in MIX:
        cells = []
        for one in data:
            times = one[1]["classes"].get(name)  # type: ignore[attr-defined]
            cells.append(f"{times[0]:.2f}" if times else "–")
        out(f"| {name} | " + " | ".join(cells) + " |\n")
    for clients in (1, 8):
        out(
            f"| answers/s, {clients} client(s) | "
            + " | ".join(f"{one[clients]['per_second']:.0f}" for one in data)
            + " |\n"
        )
        tails = []
        for one in data:
            classes: dict[str, list[float]] = one[clients]["classes"]  # type: ignore[assignment]
            tails.append(f"{statistics.median(t[2] for t in classes.values()):.1f}" if classes else "–")
        out(f"| median of the classes' p99 ms, {clients} client(s) | " + " | ".join(tails) + " |\n")
        out(
            f"| failed, {clients} client(s) | "
            + " | ".join(str(one[clients]["failed"]) for one in data)
            + " |\n"
        )
    out("| load and start, s | " + " | ".join(f"{one['load_seconds']:.1f}" for one in servers_) + " |\n")
    out("| memory, MB | " + " | ".join(f"{one['resident_megabytes']:.0f}" for one in servers_) + " |\n")


if __name__ == "__main__":
    main()
