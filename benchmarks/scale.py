"""How the embedded engine, stores behind it, and one to four web processes carry a growing graph.

    python -m benchmarks scale --sizes "50000 1000000" --stores "oxigraph fuseki" --processes "1 2 4"
    python -m benchmarks scale --sizes 5000000 --stores "oxigraph fuseki-tdb2" --processes ""

Without options: 50,000 triples made up, every store that can be started here (Fuseki where Java and its jar are, see
.ci/run), and web processes from one to four. Everything started here is ended here. Compare numbers of one run only; beside the
time by the clock stands the processor time of the benchmark and all below it but the store, and that of the store, which other work on
the machine stretches less. `fuseki-tdb2` keeps its store on disk: in memory, five million triples would want a heap of 24 GB.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.engine.stores import ON_DISK, kinds, started

from benchmarks import readers
from benchmarks.generate import write_workspace
from benchmarks.processes import part_of, processor_seconds
from kizuna.commands.setup import engine_config
from kizuna.engine.embedded import start_embedded
from kizuna.engine.remote import RemoteEngine
from kizuna.engine.types import Engine, Limits
from kizuna.settings import Settings
from kizuna.workspace.names import NS

REPEATS: Final = 7
HEAP: Final = os.environ.get("KIZUNA_SCALE_HEAP", "6g")
LONG: Final = Limits(seconds=300.0, rows=None, memory_bytes=4_000_000_000, result_bytes=None)
BUILD_SECONDS: Final = 3_000.0
MIX: Final = {
    "a thing": f"SELECT ?p ?o WHERE {{ {{ SELECT ?s WHERE {{ ?s a <{NS}Agreement> }} LIMIT 1 }} ?s ?p ?o }}",
    "a join": f"SELECT ?a ?b WHERE {{ ?x <{NS}party> ?a . ?x <{NS}party> ?b FILTER(?a != ?b) }} LIMIT 2000",
    "a count": "SELECT ?type (COUNT(*) AS ?n) WHERE { ?s a ?type } GROUP BY ?type",
    "a text": 'SELECT ?s WHERE { ?s ?p ?o FILTER(isLiteral(?o) && CONTAINS(STR(?o), "協定")) } LIMIT 200',
}
LINE: Final = b'<urn:x:bench> <urn:x:says> "one" <https://w3id.org/kizuna/graph/data/bench> .\n'


def say(name: str, value: float, unit: str, digits: int = 1) -> None:
    """One line of the table."""
    print(f"  {name:44}{value:12,.{digits}f} {unit}", flush=True)


@contextmanager
def timed(name: str, store: int | None = None) -> Iterator[None]:
    """Print how long the block took, and the processor time of all processes below this one; that of a store's, by its id, apart."""
    began, all_before = time.perf_counter(), processor_seconds(os.getpid())
    store_before = 0.0 if store is None else processor_seconds(store)
    yield
    took = time.perf_counter() - began
    stores = 0.0 if store is None else processor_seconds(store) - store_before
    ours = processor_seconds(os.getpid()) - all_before - stores
    apart = "" if store is None else f", {stores:.2f} s in the store"
    say(name, took, f"s, {ours:.2f} s of a processor{apart}", 2)


def middle(work: Callable[[], object]) -> float:
    """Median milliseconds of several runs; of fewer when one takes seconds."""
    found: list[float] = []
    while len(found) < REPEATS and sum(found) < 20_000:
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def mix(name: str, engine: Engine) -> None:
    """The query mix."""
    today = engine.today()
    for what, text in MIX.items():
        say(f"{name}: {what}", middle(lambda text=text: engine.select(today, text)), "ms")


def measure(triples: int, folder: Path, stores: list[str]) -> Path:
    """One size; returns its workspace."""
    workspace = folder / "workspace"
    print(f"{triples:,} triples", flush=True)
    with timed("made up and written"):
        write_workspace(workspace, triples)
    say("on disk", sum(f.stat().st_size for f in workspace.rglob("*") if f.is_file()) / 1e6, "MB")
    config = replace(
        engine_config(Settings(workspace)),
        build_seconds=BUILD_SECONDS,
        view_seconds=BUILD_SECONDS,
        limits=LONG,
    )
    with timed("embedded: load, view, first answer"):
        inner = start_embedded(config)
        inner.ask(inner.today(), "ASK {}")
    with inner:
        mix("embedded", inner)
        (count,) = inner.select(inner.today(), "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }")
        say("embedded: quads of the view", float(count["n"].value), "", 0)
        say("embedded: memory of keeper and workers", inner.state().resident_bytes / 1e6, "MB", 0)
        with timed("embedded: the first commit"):  # the rules may have to be taken apart for it
            inner.apply(b"", LINE, wait_seconds=BUILD_SECONDS)
        with timed("embedded: a commit until it is served"):
            inner.apply(LINE, b"", wait_seconds=BUILD_SECONDS)
        for kind in stores:
            place = folder / f"{kind}-{triples}"
            place.mkdir()
            with started(kind, place, HEAP) as (store, pid):
                remote = RemoteEngine(inner, store, writes=True)
                with timed(f"{kind}: publish", pid):
                    remote.publish()
                mix(kind, remote)
                with timed(f"{kind}: a commit until it is served", pid):
                    remote.apply(b"", LINE, wait_seconds=BUILD_SECONDS)
                    assert remote.ask(remote.today(), 'ASK { <urn:x:bench> <urn:x:says> "one" }')
                if remote.publisher is not None:
                    say(f"{kind}: quads moved for it", remote.publisher.moved, "", 0)
                remote.apply(LINE, b"", wait_seconds=BUILD_SECONDS)
                say(f"{kind}: memory of the store", part_of(pid).megabytes, "MB", 0)
    return workspace


def run() -> None:
    """Measure every size, then readers on the first."""
    sizes = [int(size) for size in os.environ.get("KIZUNA_SCALE_SIZES", "50000").split()]
    wanted = os.environ.get("KIZUNA_SCALE_STORES", " ".join(kinds())).split()
    processes = [int(number) for number in os.environ.get("KIZUNA_SCALE_PROCESSES", "1 2 3 4").split()]
    there = kinds()
    stores = [kind for kind in (*there, *([ON_DISK] if "fuseki" in there else [])) if kind in wanted]
    for place, size in enumerate(sizes):
        with tempfile.TemporaryDirectory() as folder:
            workspace = measure(size, Path(folder), stores)
            if place == 0 and processes:
                readers.measure(workspace, Path(folder), stores, processes)


if __name__ == "__main__":
    run()
