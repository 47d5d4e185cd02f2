"""What readers get from one to four web processes, with the embedded engine and with a store behind it.

Eight clients over kept-alive connections ask queries that no cache knows, and pages that were not asked before. Clients
and servers share the machine's processors, so more web processes than processors cannot help here; compare within a run.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tests.engine.stores import started

from benchmarks.generate import write_workspace
from benchmarks.processes import parts
from benchmarks.serving import RefusedError, free_port, load, running, serve, wait_for
from kizuna.workspace.names import NS

CLIENTS: Final = 8
HEAP: Final = os.environ.get("KIZUNA_SCALE_HEAP", "6g")
START_SECONDS: Final = 900.0
"""How long a server may load a large workspace, and fill a store that is behind it."""
QUERY: Final = f"SELECT ?s ?o WHERE {{ ?s <{NS}party> ?o }} LIMIT 20"


def _query(number: int) -> str:
    return "/sparql?query=" + quote(f"{QUERY} # {number}")


def _page(number: int) -> str:
    return f"/actors/state/X{number % 60 // 8 * 8 + 1:04d}?lang={'ja' if number % 2 else 'en'}&n={number}"


KINDS: Final[dict[str, Callable[[int], str]]] = {"query": _query, "page": _page}


def _measure_kind(port: int, kind: str, path: Callable[[int], str], said: list[str]) -> str:
    """The cells of one kind of request; when the server could not answer them all, none, and `said` tells why."""
    try:
        wait_for(port, path(0), START_SECONDS)
        load(port, path, CLIENTS)  # so that every process has read what its pages share
        rate, median, worst = load(port, path, CLIENTS)
    except (OSError, RefusedError) as error:
        said.append(f"{kind}: {error}")
        return "  not all answered".ljust(27)
    return f"{rate:9.1f}{median:9.1f}{worst:9.1f}"


def _measure_one(name: str, workspace: Path, processes: list[int], more: list[str]) -> None:
    for number in processes:
        port = free_port()
        command = [*serve(port), "--web-processes", str(number), "-w", str(workspace), *more]
        with running(command, KIZUNA_CLIENT_QUERIES="64") as server:
            wait_for(port, "/health/ready", START_SECONDS)
            said: list[str] = []
            cells = "".join(_measure_kind(port, kind, path, said) for kind, path in KINDS.items())
            memory = sum(part.megabytes for part in parts(server.pid).values())
            print(f"  {name:12}{number:10}{cells}{memory:10.0f}", flush=True)
            for line in said:
                print(f"      {line}", flush=True)


def measure(workspace: Path, folder: Path, stores: list[str], processes: list[int]) -> None:
    """Print the table for a workspace, with the embedded engine and every store."""
    print(f"\nreaders, {CLIENTS} clients")
    print(
        f"  {'engine':12}{'processes':>10}"
        + "".join(f"{kind + '/s':>9}{'p50 ms':>9}{'p99 ms':>9}" for kind in KINDS)
        + f"{'MB':>10}"
    )
    _measure_one("embedded", workspace, processes, [])
    for kind in stores:
        place = folder / f"readers-{kind}"
        place.mkdir()
        with started(kind, place, HEAP) as (store, _):
            options = [
                "--engine",
                "sparql",
                "--endpoint",
                store.query_url,
                "--update-endpoint",
                store.update_url,
            ]
            _measure_one(kind, workspace, processes, options)


def run() -> None:
    """Measure over triples made up (`--triples`, 50,000), with the embedded engine and `--processes`."""
    with tempfile.TemporaryDirectory() as folder:
        write_workspace(Path(folder) / "workspace", int(os.environ.get("KIZUNA_READERS_TRIPLES", "50000")))
        processes = [int(number) for number in os.environ.get("KIZUNA_READERS_PROCESSES", "1 2 3 4").split()]
        measure(Path(folder) / "workspace", Path(folder), [], processes)


if __name__ == "__main__":
    run()
