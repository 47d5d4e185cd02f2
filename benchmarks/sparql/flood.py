"""What a flood of hostile queries does to everybody else: latency of /health and of small queries, quiet and flooded, in one run.

    python -m benchmarks.sparql.flood [--workspace DIR] [--seconds 15] [--clients 50]

The attackers run in a process of their own, each client with an address of its own; the prober runs in this one, so that its clock
waits for the server alone. Prints times as they are and as multiples of the quiet ones of the same run, what the attackers were
answered, and the server's memory before, during and after. Times depend on the machine and on what else it does; multiples less.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
import requests

from benchmarks.sparql.servers import Running, free_port, started

ROOT = Path(__file__).parents[2]
LIMIT = 3.0
SETTLED = 25.0
"""Seconds after which spare workers have gone (SPARE_SECONDS in kizuna.engine.leases)."""
HOSTILE = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } # %d",
    "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i # %d",
    "ASK { ?s " + "(" * 20 + "<a:p>" + ")*" * 20 + " ?o } # %d",
    "ASK { FILTER(" + "!" * 100_000 + "true) } # %d",
    "SELECT (CONCAT(?x, ?x, ?x, ?x) AS ?y) { { SELECT (GROUP_CONCAT(STR(?o)) AS ?x) { ?s ?p ?o . ?q ?r ?t } } } # %d",
)
"""Products, sorted products, a path that a parser chokes on, a chain of operators, text that grows without bound."""
SMALL = 'SELECT ?s { ?s a <https://w3id.org/kizuna/ns#State> FILTER(STR(?s) != "%d") } LIMIT 5'


@dataclass
class Probe:
    """What one kind of request met."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def at(self, share: float) -> float:
        """A percentile, in seconds."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


def attack(address: str, clients: int, seconds: float, told: Connection) -> None:
    """Send hostile queries from many clients, without a pause, for a time; tells what came back."""
    until = time.monotonic() + seconds
    statuses: Counter[int] = Counter()
    longest = [0.0]
    lock = threading.Lock()

    def one(number: int) -> None:
        turn = 0
        while time.monotonic() < until:
            turn += 1
            query = HOSTILE[(number + turn) % len(HOSTILE)] % (number * 1000 + turn)
            began = time.perf_counter()
            try:
                status = requests.post(
                    address + "/sparql",
                    data={"query": query},
                    headers={"X-Forwarded-For": f"10.0.{number // 250}.{number % 250 + 1}"},
                    timeout=120,
                ).status_code
            except requests.RequestException:
                status = 0
            with lock:
                statuses[status] += 1
                longest[0] = max(longest[0], time.perf_counter() - began)
            if status == 503:
                time.sleep(0.2)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.send((dict(statuses), longest[0]))


def probe(address: str, seconds: float) -> dict[str, Probe]:
    """Ask for health and for small queries, one after the other, for a time."""
    probes = {"/health/live": Probe(), "/health": Probe(), "small query": Probe()}
    until = time.monotonic() + seconds
    number = 0
    session = requests.Session()
    session.headers["X-Forwarded-For"] = "10.9.9.9"
    while time.monotonic() < until:
        for name, found in probes.items():
            number += 1
            began = time.perf_counter()
            if name.startswith("/"):
                answer = session.get(address + name, timeout=120)
            else:
                answer = session.get(
                    address + "/sparql", params={"query": SMALL % time.time_ns()}, timeout=120
                )
            found.seconds.append(time.perf_counter() - began)
            found.statuses[answer.status_code] += 1
        time.sleep(0.05)
    return probes


def held(server: Running) -> dict[str, float]:
    """Resident bytes by the kind of process, shared pages counted once, and of all."""
    found: dict[str, float] = {}
    for one in (server.process, *server.process.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            name, size = one.name(), one.memory_full_info().pss
            found[name] = found.get(name, 0.0) + size
    return {**found, "all": sum(found.values())}


def run(server: Running, clients: int, seconds: float) -> dict[str, Any]:
    """Quiet, flooded, quiet again."""
    probe(server.address, 1.0)
    before = held(server)
    quiet = probe(server.address, seconds / 3)
    ours, theirs = multiprocessing.Pipe()
    attackers = multiprocessing.Process(target=attack, args=(server.address, clients, seconds, theirs))
    attackers.start()
    time.sleep(2.0)
    flooded = probe(server.address, seconds - 3.0)
    during = held(server)
    statuses, longest = ours.recv()
    attackers.join()
    time.sleep(4.0)
    after = probe(server.address, 1.0)
    soon = held(server)
    time.sleep(SETTLED)
    return {
        "latency": {
            name: {
                "quiet": quiet[name].at(0.5),
                "p50": flooded[name].at(0.5),
                "p95": flooded[name].at(0.95),
                "max": flooded[name].at(1.0),
                "after": after[name].at(0.5),
                "statuses": dict(flooded[name].statuses),
            }
            for name in quiet
        },
        "attackers": {"statuses": statuses, "longest": longest},
        "memory": {"before": before, "during": during, "soon after": soon, "settled": held(server)},
    }


def show(found: dict[str, Any]) -> str:
    """The figures as a table."""
    lines = [f"{'':14}{'quiet':>9}{'p50':>9}{'p95':>9}{'max':>9}{'p50/quiet':>11}{'after':>9}  statuses"]
    for name, row in found["latency"].items():
        times = "".join(f"{row[key] * 1000:7.0f}ms" for key in ("quiet", "p50", "p95", "max"))
        lines.append(
            f"{name:14}{times}{row['p50'] / row['quiet']:10.1f}×{row['after'] * 1000:7.0f}ms  {row['statuses']}"
        )
    lines.append(
        f"attackers: {found['attackers']['statuses']}, longest {found['attackers']['longest']:.1f} s"
    )
    for when, sizes in found["memory"].items():
        parts = ", ".join(f"{name} {size / 1e6:.0f}" for name, size in sizes.items())
        lines.append(f"memory, MB, {when}: {parts}")
    return "\n".join(lines)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workspace", type=Path, default=ROOT)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "kizuna.cli",
        "serve",
        "--port",
        str(port),
        "--workspace",
        str(given.workspace),
    ]
    environment = {
        "KIZUNA_QUERY_SECONDS": str(LIMIT),
        "KIZUNA_PROXY_HOPS": "1",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }
    with started("kizuna", command, f"http://127.0.0.1:{port}", environment) as server:
        found = run(server, given.clients, given.seconds)
    sys.stdout.write(show(found) + "\n")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
