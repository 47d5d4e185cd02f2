"""The small classes of the mix, Kizuna and a peer asked in turn: how many times the peer's time each takes.

    python -m benchmarks.sparql.turns [--size 50000] [--peer oxigraph] [--seconds 20] [--classes "lookup,label"]

On a busy machine medians of two runs wander; of requests in turn, the fastest tenth are those that other work hardly touched.
Prints that tenth and the median of each class in milliseconds, their ratios, and the processor time of an answer.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.sparql.__main__ import rest, write_triples
from benchmarks.sparql.clients import lean
from benchmarks.sparql.mix import MIX, query
from benchmarks.sparql.servers import PEERS, Running, kizuna, worked

SMALL = "lookup,label,agreements of one,pair,partners ranked,describe,text,without,evidence"


def ask_in_turn(servers: list[Running], classes: list[str], seconds: float) -> dict[str, list[list[float]]]:
    """Ask each class of each server in turn; gives the seconds of each answer, by class and server.

    Args:
        servers: who is asked, over one kept connection each.
        classes: names of the mix.
        seconds: how long all classes together may take.
    """
    clients = [lean(server.address) for server in servers]
    found: dict[str, list[list[float]]] = {}
    for name in classes:
        times: list[list[float]] = [[] for _ in servers]
        until = time.perf_counter() + seconds / len(classes)
        number = 0
        while time.perf_counter() < until:
            text = query(name, number)
            for get, kept in zip(clients, times, strict=True):
                began = time.perf_counter()
                status, _body = get(text)
                if status == 200:
                    kept.append(time.perf_counter() - began)
            number += 1
        found[name] = times
    return found


def at(times: list[float], share: float) -> float:
    """A percentile in milliseconds."""
    return sorted(times)[int(share * (len(times) - 1))] * 1000


def show(names: list[str], found: dict[str, list[list[float]]]) -> str:
    """The figures as a table."""
    ours, theirs = names
    lines = [f"{'':20}{ours:>16}{theirs:>18}{'fastest tenth':>16}{'median':>9}"]
    for name, (own, peer) in found.items():
        figures = [(at(own, share), at(peer, share)) for share in (0.1, 0.5)]
        shown = "".join(f"{figures[0][side]:8.2f} /{figures[1][side]:6.2f}" for side in (0, 1))
        ratios = "".join(f"{mine / other:10.2f}" for mine, other in figures)
        lines.append(f"{name:20}{shown}{ratios}")
    return "\n".join(lines)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", type=int, default=50_000)
    parser.add_argument("--peer", choices=PEERS, default="oxigraph")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--classes", default=SMALL)
    given = parser.parse_args()
    classes = given.classes.split(",")
    if unknown := set(classes) - set(MIX):
        parser.error(f"no such class: {', '.join(unknown)}")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        path = folder / "facts.nt"
        write_triples(path, given.size)
        with kizuna(folder, path, cache=False) as own, PEERS[given.peer](folder, path) as peer:
            rest(own)
            ask_in_turn([own, peer], classes, len(classes) / 2)  # both warm
            before = worked(own), worked(peer)
            found = ask_in_turn([own, peer], classes, given.seconds)
            spent = worked(own) - before[0], worked(peer) - before[1]
    sys.stdout.write(show(["kizuna", given.peer], found) + "\n")
    for side, (name, seconds) in enumerate(zip(("kizuna", given.peer), spent, strict=True)):
        answers = sum(len(times[side]) for times in found.values())
        sys.stdout.write(f"processor time of an answer, {name}: {seconds / answers * 1000:.2f} ms\n")


if __name__ == "__main__":
    main()
