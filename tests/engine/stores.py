"""Real SPARQL stores for the contract tests: Oxigraph's server, and Apache Jena Fuseki where Java and its jar are."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from kizuna.engine.remote_client import Store
from tests.support.waiting import PATIENCE

JAR = Path(os.environ.get("KIZUNA_TEST_FUSEKI", Path(__file__).parents[2] / ".fuseki" / "fuseki-server.jar"))
"""Where `.ci/run` puts Fuseki's jar (from Maven Central, pinned there)."""


def kinds() -> list[str]:
    """The stores that can be started here, for the contract's tests."""
    found = ["oxigraph"]
    if JAR.is_file() and shutil.which("java"):
        found.append("fuseki")
    return found


def free_port() -> int:
    """A port that nobody listens on, below those that the kernel gives to whoever asks for any: no connection and no other
    server takes it in the meantime (ip_local_port_range, ip(7))."""
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


ON_DISK = "fuseki-tdb2"
"""Fuseki with its store on disk (TDB2) instead of in memory: for benchmarks of what no heap holds."""


def command(kind: str, port: int, heap: str = "") -> list[str]:
    """What starts a store; with a `heap` (as Java names it), Fuseki is set up to last, else to start quickly."""
    if kind in ("fuseki", ON_DISK):
        java = [f"-Xmx{heap}"] if heap else ["-Xmx512m", "-XX:TieredStopAtLevel=1"]
        options = [*java, "-jar", str(JAR)]
        place = ["--mem"] if kind == "fuseki" else ["--tdb2", "--loc=.", "--update"]
        return ["java", *options, *place, "--localhost", "--port", str(port), "/kizuna"]
    return [str(Path(sys.executable).parent / "oxigraph"), "serve", "--bind", f"127.0.0.1:{port}"]


def store_at(kind: str, port: int) -> Store:
    base = f"http://127.0.0.1:{port}"
    if kind in ("fuseki", ON_DISK):
        return Store(f"{base}/kizuna/sparql", f"{base}/kizuna/update")
    return Store(f"{base}/query", f"{base}/update")


def answers(port: int, path: str) -> bool:
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", path + "?query=ASK%7B%7D")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status == 200
    except OSError:
        return False


@contextmanager
def running(kind: str, folder: Path) -> Iterator[Store]:
    """Start a store with nothing in it; it ends with the block."""
    with started(kind, folder) as (store, _):
        yield store


@contextmanager
def started(kind: str, folder: Path, heap: str = "") -> Iterator[tuple[Store, int]]:
    """The same, with the id of its process."""
    port = free_port()
    store = store_at(kind, port)
    path = store.query_url.split(str(port))[1]
    process = subprocess.Popen(
        command(kind, port, heap), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 2 * PATIENCE
        while not answers(port, path):
            assert process.poll() is None, f"{kind} ended at once"
            assert time.monotonic() < until, f"{kind} does not answer"
            time.sleep(0.1)
        yield store, process.pid
    finally:
        process.kill()
        process.wait()
