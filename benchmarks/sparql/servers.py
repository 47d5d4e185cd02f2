"""Starts the servers under comparison on the same triples. One that cannot be had, or not at this size, says why (`LeftOutError`)."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import psutil
import requests

from kizuna.workspace.journal import Entry, Journal

ROOT: Final = Path(__file__).parents[2]
JSON: Final = "application/sparql-results+json"
LOAD_SECONDS: Final = float(os.environ.get("KIZUNA_SPARQL_LOAD") or 300.0)
"""How long a server may take to load its triples and answer."""
GRAPH: Final = "http://kizuna.invalid/facts"

RDFLIB_APP = """
import sys
from rdflib import Graph
from rdflib_endpoint import SparqlEndpoint
import uvicorn
graph = Graph()
graph.parse(sys.argv[1], format="nt")
uvicorn.run(SparqlEndpoint(graph=graph), host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
"""
VIRTUOSO_INI = """
[Database]
DatabaseFile = {place}/virtuoso.db
ErrorLogFile = {place}/virtuoso.log
LockFile = {place}/virtuoso.lck
TransactionFile = {place}/virtuoso.trx
xa_persistent_file = {place}/virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = {place}/temporary.db
TransactionFile = {place}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{admin}
DirsAllowed = {folder}
NumberOfBuffers = 340000
MaxDirtyBuffers = 250000
ServerThreads = 20
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 16
[SPARQL]
ResultSetMaxRows = 100000
DefaultGraph = {graph}
"""


class LeftOutError(Exception):
    """This server takes no part; says why."""


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    name: str
    address: str
    load_seconds: float
    process: psutil.Process

    def resident(self) -> int:
        """Resident bytes of the server and all its processes, shared pages once."""
        family = [self.process, *self.process.children(recursive=True)]
        total = 0
        for one in family:
            try:
                total += one.memory_full_info().pss
            except psutil.Error:
                continue
        return total


def worked(server: Running) -> float:
    """Seconds of a processor that a server and all its processes have had."""
    total = 0.0
    for one in (server.process, *server.process.children(recursive=True)):
        try:
            spent = one.cpu_times()
            total += spent.user + spent.system
        except psutil.Error:
            continue
    return total


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def started(name: str, command: list[str], address: str, environment: dict[str, str]) -> Iterator[Running]:
    """Run a server until the block ends.

    Raises:
        LeftOutError: it ends at once, or does not answer in time.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait(process, address)
        yield Running(name, address, time.perf_counter() - began, psutil.Process(process.pid))
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait(process: subprocess.Popen[bytes], address: str) -> None:
    """Until the server answers a query.

    Raises:
        LeftOutError: it ends, or does not answer in time.
    """
    until = time.monotonic() + LOAD_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise LeftOutError(f"it ended at once (status {process.returncode})")
        try:
            query = {"query": "SELECT ?s { ?s ?p ?o } LIMIT 1"}
            if requests.get(address, params=query, headers={"Accept": JSON}, timeout=10).status_code == 200:
                return
        except requests.RequestException:
            pass
        time.sleep(0.05)
    raise LeftOutError(f"it did not load within {LOAD_SECONDS:g} s")


@contextmanager
def kizuna(folder: Path, triples: Path, cache: bool) -> Iterator[Running]:
    """Kizuna without a gate: the same triples, no inference, as the others have it."""
    workspace = folder / f"kizuna-{cache}"
    journal = Journal(workspace)
    with journal.writing() as file:
        journal.append(file, Entry(1, b"", triples.read_bytes()))
    port = free_port()
    command = [sys.executable, "-m", "kizuna.cli", "serve", "--no-gate", "--port", str(port)]
    environment = {
        "KIZUNA_ADMIN_TOKEN": "token-of-the-benchmark",
        "KIZUNA_CACHE_BYTES": "64000000" if cache else "0",
        "KIZUNA_CLIENT_QUERIES": "16",
        "KIZUNA_QUERY_SECONDS": "60",
    }
    name = "kizuna, cached" if cache else "kizuna"
    address = f"http://127.0.0.1:{port}/sparql"
    with started(name, [*command, "--workspace", str(workspace)], address, environment) as running:
        yield running
    shutil.rmtree(workspace, ignore_errors=True)


@contextmanager
def oxigraph(folder: Path, triples: Path) -> Iterator[Running]:
    """Oxigraph's own server, on its on-disk store: without a place on the disk it takes no file, and loads over HTTP only."""
    beside = Path(sys.executable).parent / "oxigraph"
    program = os.environ.get("KIZUNA_SPARQL_OXIGRAPH") or (str(beside) if beside.exists() else None)
    if program is None:
        raise LeftOutError("its program `oxigraph` is not installed (PyPI)")
    place, port = folder / "oxigraph", free_port()
    began = time.perf_counter()
    load = [program, "load", "--location", str(place), "--file", str(triples)]
    subprocess.run(load, check=True, capture_output=True, timeout=LOAD_SECONDS)
    loaded = time.perf_counter() - began
    command = [program, "serve-read-only", "--location", str(place), "--bind", f"127.0.0.1:{port}"]
    with started("oxigraph", command, f"http://127.0.0.1:{port}/query", {}) as running:
        yield replace(running, load_seconds=running.load_seconds + loaded)
    shutil.rmtree(place, ignore_errors=True)


@contextmanager
def rdflib_endpoint(folder: Path, triples: Path) -> Iterator[Running]:
    """rdflib-endpoint with a graph in memory."""
    program = os.environ.get("KIZUNA_SPARQL_RDFLIB") or sys.executable
    if subprocess.run([program, "-c", "import rdflib_endpoint, uvicorn"], capture_output=True).returncode:
        raise LeftOutError("no Python with rdflib-endpoint and uvicorn is named (--rdflib PYTHON)")
    script, port = folder / "rdflib_app.py", free_port()
    script.write_text(RDFLIB_APP, encoding="utf-8")
    command = [program, str(script), str(triples), str(port)]
    with started("rdflib-endpoint", command, f"http://127.0.0.1:{port}/", {}) as running:
        yield running


@contextmanager
def fuseki(folder: Path, triples: Path) -> Iterator[Running]:
    """Apache Jena Fuseki with its in-memory dataset."""
    jar = Path(os.environ.get("KIZUNA_SPARQL_FUSEKI") or ROOT / ".fuseki" / "fuseki-server.jar")
    if not jar.exists() or not shutil.which("java"):
        raise LeftOutError("Java or Fuseki's jar is not there (Maven Central; --fuseki JAR)")
    port, home = free_port(), folder / "fuseki"
    home.mkdir(exist_ok=True)
    command = [
        "java",
        "-Xmx8g",
        "-jar",
        str(jar),
        "--port",
        str(port),
        "--localhost",
        f"--file={triples}",
        "/ds",
    ]
    environment = {"FUSEKI_BASE": str(home)}
    with started("fuseki", command, f"http://127.0.0.1:{port}/ds/sparql", environment) as running:
        yield running


@contextmanager
def virtuoso(folder: Path, triples: Path) -> Iterator[Running]:
    """Virtuoso, open source edition, with its database on the disk and 2.7 GB of buffers at most."""
    server, console = shutil.which("virtuoso-t"), shutil.which("isql-vt") or shutil.which("isql")
    if server is None or console is None:
        raise LeftOutError("virtuoso-t and isql-vt are not installed (Debian: virtuoso-opensource)")
    place = folder / "virtuoso"
    place.mkdir()
    admin, port = free_port(), free_port()
    settings = place / "virtuoso.ini"
    settings.write_text(VIRTUOSO_INI.format(place=place, folder=folder, admin=admin, port=port, graph=GRAPH))
    command = [server, "+foreground", "+configfile", str(settings)]
    with started("virtuoso", command, f"http://127.0.0.1:{port}/sparql", {}) as running:
        orders = f"ld_dir('{folder}', '{triples.name}', '{GRAPH}'); rdf_loader_run(); checkpoint;"
        began = time.perf_counter()
        load = [console, f"127.0.0.1:{admin}", "dba", "dba", f"exec={orders}"]
        subprocess.run(load, check=True, capture_output=True, timeout=LOAD_SECONDS)
        yield replace(running, load_seconds=running.load_seconds + time.perf_counter() - began)
    shutil.rmtree(place, ignore_errors=True)


PEERS: Final = {
    "oxigraph": oxigraph,
    "virtuoso": virtuoso,
    "fuseki": fuseki,
    "rdflib-endpoint": rdflib_endpoint,
}
