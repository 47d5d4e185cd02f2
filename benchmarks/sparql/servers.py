"""Starts the servers under comparison on the same triples. A server whose program is not there is left out, and named."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

from kizuna.workspace.journal import Entry, Journal

RDFLIB_APP = """
import sys
from rdflib import Graph
from rdflib_endpoint import SparqlEndpoint
import uvicorn
graph = Graph()
graph.parse(sys.argv[1], format="nt")
uvicorn.run(SparqlEndpoint(graph=graph), host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
"""


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


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def started(name: str, command: list[str], address: str, environment: dict[str, str]) -> Iterator[Running]:
    """Run a server until the block ends."""
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
    """Until the server answers a query."""
    for _ in range(6000):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at once (status {process.returncode})")
        try:
            query = {"query": "SELECT ?s { ?s ?p ?o } LIMIT 1"}
            if requests.get(address, params=query, headers={"Accept": JSON}, timeout=10).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.05)
    raise RuntimeError("the server did not answer")


JSON = "application/sparql-results+json"


@contextmanager
def kizuna(folder: Path, triples: Path, cache: bool) -> Iterator[Running]:
    """Kizuna without a gate: the same triples, no inference, as the others have it."""
    workspace = folder / f"kizuna-{cache}"
    journal = Journal(workspace)
    with journal.writing() as file:
        journal.append(file, Entry(1, b"", triples.read_bytes()))
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "kizuna.cli",
        "serve",
        "--no-gate",
        "--port",
        str(port),
        "--workspace",
        str(workspace),
    ]
    environment = {
        "KIZUNA_ADMIN_TOKEN": "token-of-the-benchmark",
        "KIZUNA_CACHE_BYTES": "64000000" if cache else "0",
        "KIZUNA_CLIENT_QUERIES": "16",
    }
    name = "kizuna, cached" if cache else "kizuna"
    with started(name, command, f"http://127.0.0.1:{port}/sparql", environment) as running:
        yield running


@contextmanager
def oxigraph(folder: Path, triples: Path, program: str) -> Iterator[Running]:
    """Oxigraph's own server, on its on-disk store (it has no other)."""
    place, port = folder / "oxigraph", free_port()
    began = time.perf_counter()
    subprocess.run(
        [program, "load", "--location", str(place), "--file", str(triples)], check=True, capture_output=True
    )
    loaded = time.perf_counter() - began
    command = [program, "serve-read-only", "--location", str(place), "--bind", f"127.0.0.1:{port}"]
    with started("oxigraph", command, f"http://127.0.0.1:{port}/query", {}) as running:
        yield Running(running.name, running.address, running.load_seconds + loaded, running.process)


@contextmanager
def rdflib_endpoint(folder: Path, triples: Path, program: str) -> Iterator[Running]:
    """rdflib-endpoint with a graph in memory."""
    script, port = folder / "rdflib_app.py", free_port()
    script.write_text(RDFLIB_APP, encoding="utf-8")
    with started(
        "rdflib-endpoint", [program, str(script), str(triples), str(port)], f"http://127.0.0.1:{port}/", {}
    ) as running:
        yield running


@contextmanager
def fuseki(folder: Path, triples: Path, jar: str) -> Iterator[Running]:
    """Apache Jena Fuseki with its in-memory dataset."""
    port = free_port()
    home = folder / "fuseki"
    home.mkdir()
    command = [
        shutil.which("java") or "java",
        "-Xmx4g",
        "-jar",
        jar,
        "--port",
        str(port),
        "--localhost",
        f"--file={triples}",
        "/ds",
    ]
    with started(
        "fuseki", command, f"http://127.0.0.1:{port}/ds/sparql", {"FUSEKI_BASE": str(home)}
    ) as running:
        yield running
