"""How the embedded engine and stores behind it carry a growing graph: load, publish, queries, a commit, memory.

50,000 triples by default; KIZUNA_SCALE="50000 1000000" chooses others. Stores: Oxigraph's server, and Fuseki where Java
and its jar are (see .ci/run). Everything started here is ended here.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engine.stores import kinds, running

from benchmarks.generate import write_workspace
from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import start_embedded
from kizuna.engine.remote import RemoteEngine
from kizuna.engine.types import Engine
from kizuna.workspace.names import NS

REPEATS = 7
MIX = {
    "a thing": f"SELECT ?p ?o WHERE {{ {{ SELECT ?s WHERE {{ ?s a <{NS}Agreement> }} LIMIT 1 }} ?s ?p ?o }}",
    "a join": f"SELECT ?a ?b WHERE {{ ?x <{NS}party> ?a . ?x <{NS}party> ?b FILTER(?a != ?b) }} LIMIT 2000",
    "a count": "SELECT ?type (COUNT(*) AS ?n) WHERE { ?s a ?type } GROUP BY ?type",
    "a text": 'SELECT ?s WHERE { ?s ?p ?o FILTER(isLiteral(?o) && CONTAINS(STR(?o), "協定")) } LIMIT 200',
}
LINE = b'<urn:x:bench> <urn:x:says> "one" <https://w3id.org/kizuna/graph/data/bench> .\n'


@contextmanager
def timed(name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"  {name:34} {time.perf_counter() - began:8.2f} s", flush=True)


def middle(work: Callable[[], object]) -> float:
    """Median milliseconds of several runs."""
    found = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def mix(name: str, engine: Engine) -> None:
    """The query mix."""
    today = engine.today()
    for what, text in MIX.items():
        print(f"  {name + ': ' + what:34} {middle(lambda text=text: engine.select(today, text)):8.1f} ms")


def measure(triples: int, folder: Path) -> None:
    """One size."""
    write_workspace(folder / "workspace", triples)
    print(f"{triples:,} triples", flush=True)
    with timed("load, view, first answer"):
        inner = start_embedded(EngineConfig(folder / "workspace", loader="kizuna.workspace.load:load_store"))
        inner.ask(inner.today(), "ASK {}")
    with inner:
        mix("embedded", inner)
        state = inner.state()
        print(f"  {'quads of the view':34} {state.quads:8,}")
        print(f"  {'memory of keeper and workers':34} {state.resident_bytes / 1e6:8.0f} MB", flush=True)
        for kind in kinds():
            place = folder / f"{kind}-{triples}"
            place.mkdir()
            with running(kind, place) as store:
                remote = RemoteEngine(inner, store, writes=True)
                with timed(f"{kind}: publish"):
                    remote.publish()
                mix(kind, remote)
                with timed(f"{kind}: a commit until it is served"):
                    remote.apply(b"", LINE)
                remote.apply(LINE, b"")


def run() -> None:
    """Measure every size."""
    for size in os.environ.get("KIZUNA_SCALE", "50000").split():
        with tempfile.TemporaryDirectory() as folder:
            measure(int(size), Path(folder))


if __name__ == "__main__":
    run()
