"""How fast `kizuna serve` starts, what it holds in memory, and which WSGI server carries it best.

Starts servers on loopback, sends requests for a bounded time, ends what it started. Prints ratios within one run.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import rdflib

from benchmarks.processes import parts

ROOT = Path(__file__).parents[1]
QUERY = "/sparql?query=ASK%20%7B%20%3Fs%20a%20%3Chttps%3A%2F%2Fw3id.org%2Fkizuna%2Fns%23State%3E%20%7D"
PAGES = {"health": "/health", "small query": QUERY, "framework page": "/frameworks/quad?lang=ja"}
CLIENTS = 4
SECONDS = 5.0
TOLD = 300
"""Characters of what is said instead of an answer."""
_numbers = itertools.count()

WAITRESS = """
import os, waitress
from kizuna.web.wsgi import make_app
waitress.serve(make_app(), host="127.0.0.1", port={port}, threads=8, _quiet=True)
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many requests were not answered 200.

    Args:
        counted: their number by what came instead: a status and the code or the first line of what was said, or why nothing came.
        answered: how many were.
    """

    counted: Mapping[str, int]
    answered: int

    def __str__(self) -> str:
        """One line: the most frequent first."""
        ordered = sorted(self.counted.items(), key=lambda item: (-item[1], item[0]))
        return f"{self.answered} answered; " + "; ".join(f"{number} times {what}" for what, number in ordered)


class RefusedError(AssertionError):
    """Not everything was answered 200."""

    def __init__(self, refusals: Refusals) -> None:
        super().__init__(str(refusals))
        self.refusals = refusals


def fetched(port: int, path: str, connection: HTTPConnection | None = None) -> tuple[int, bytes]:
    """Status and body of what is at a path."""
    link = connection or HTTPConnection("127.0.0.1", port, timeout=30)
    link.request("GET", path)
    answer = link.getresponse()
    return answer.status, answer.read()


def get(port: int, path: str, connection: HTTPConnection | None = None) -> int:
    """The status."""
    return fetched(port, path, connection)[0]


def told(status: int, body: bytes) -> str:
    """An answer that is not 200 in a line: its status, and what a problem, a page or a text says of the reason."""
    text = body.decode("utf-8", "replace")
    try:
        problem = json.loads(text)
        said = f"{problem['code']}: {problem['detail']}"
    except (ValueError, KeyError, TypeError):
        inner = text.partition("<main")[2].partition(">")[2] or text
        said = " ".join(re.sub(r"<[^>]*>", " ", inner).split())
    return f"{status} {said}"[:TOLD].rstrip()


def wait_for(port: int, path: str, seconds: float = 60.0) -> float:
    """Seconds until the path answers 200."""
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        try:
            if get(port, path) == 200:
                return time.perf_counter() - began
        except OSError:
            pass
        time.sleep(0.01)
    raise TimeoutError(path)


@contextmanager
def running(command: list[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(120)


def serve(port: int) -> list[str]:
    return [sys.executable, "-m", "kizuna.cli", "serve", "--workspace", str(ROOT), "--port", str(port)]


def start_and_memory() -> None:
    times = []
    for _ in range(3):
        port = free_port()
        began = time.perf_counter()
        with running(serve(port)) as process:
            wait_for(port, QUERY)
            times.append(time.perf_counter() - began)
            memory = sum(part.megabytes for part in parts(process.pid).values())
    began = time.perf_counter()
    graph = rdflib.Graph()
    for path in sorted((ROOT / "data").rglob("*.ttl")):
        graph.parse(path)
    reference = time.perf_counter() - began
    median = statistics.median(times)
    print(f"start to first answered query     {median:6.2f} s   (aim: under 3 s)")
    print(f"  rdflib parsing data/ alone      {reference:6.2f} s   ratio {median / reference:.2f}")
    print(f"memory of all processes (shared pages counted once)  {memory:.0f} MB")


def load(port: int, path: Callable[[int], str], clients: int) -> tuple[float, float, float]:
    """Answers a second, and the median and 99th percentile in milliseconds, over kept-alive connections for SECONDS.

    Args:
        port: of the server, on loopback.
        path: what to ask for, by the number of the request; no number comes twice in a process.
        clients: how many ask at once.

    Raises:
        RefusedError: something was not answered with 200; it says what, and how often.
    """
    took: list[float] = []
    refused: Counter[str] = Counter()
    end = time.perf_counter() + SECONDS

    def client() -> None:
        link = HTTPConnection("127.0.0.1", port, timeout=60)
        while (began := time.perf_counter()) < end:
            try:
                status, body = fetched(port, path(next(_numbers)), link)
            except (
                OSError,
                HTTPException,
            ) as error:  # no answer within the connection's minute, or half of one
                refused[f"no answer: {type(error).__name__}"] += 1
                break
            if status == 200:
                took.append((time.perf_counter() - began) * 1000)
            else:
                refused[told(status, body)] += 1
        link.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if refused or not took:
        raise RefusedError(Refusals(refused, len(took)))
    took.sort()
    return len(took) / seconds, took[len(took) // 2], took[int(len(took) * 0.99)]


def servers() -> None:
    print(f"\nWSGI servers, {CLIENTS} clients: requests/s, median ms, p99 ms")
    results: dict[str, dict[str, tuple[float, float, float]]] = {}

    def measure(name: str, port: int) -> None:
        for path in PAGES.values():
            wait_for(port, path)
        results[name] = {
            page: load(port, lambda _, path=path: path, CLIENTS)  # type: ignore[misc]
            for page, path in PAGES.items()
        }

    def granian() -> None:
        port = free_port()
        with running(serve(port)):
            measure("granian", port)

    def waitress() -> None:
        from kizuna.engine.config import EngineConfig
        from kizuna.engine.embedded import start_embedded

        port = free_port()
        with (
            start_embedded(EngineConfig(workspace=ROOT)) as engine,
            running(
                [sys.executable, "-c", WAITRESS.format(port=port)],
                KIZUNA_ENGINE_SOCKET=str(engine.socket_path),
                KIZUNA_WORKSPACE=str(ROOT),
            ),
        ):
            measure("waitress", port)

    run: list[Callable[[], None]] = [granian, waitress]
    for one in run:
        one()
    for page in PAGES:
        base = results["granian"][page]
        for name, figures in results.items():
            rate, median, worst = figures[page]
            print(
                f"  {page:15} {name:9} {rate:8.0f} {median:8.2f} {worst:8.2f}   ratio to granian {rate / base[0]:.2f}"
            )


def main() -> None:
    start_and_memory()
    servers()


if __name__ == "__main__":
    main()
