"""Fifty clients with hostile queries at once: each is answered, health waits for nobody, and small queries of others are answered
while the hostile ones still run. Over a real server with its own web process. What is asserted are orders and counts; how long
it takes is measured by `python -m benchmarks.sparql.flood`.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests
from benchmarks.sparql.flood import HOSTILE, SMALL

from tests.sparql.w3c.__main__ import _address

CLIENTS = 50
CACHE_BYTES = 40_000
FEW = 5
"""Descriptors that a process may open for good meanwhile; hostile queries that leave one behind leave more."""
LIMIT = 20.0
"""Seconds of a query: long enough for a slow machine to answer the small ones before the first hostile one has ended."""


@pytest.fixture(scope="module")
def server(workspace: Path) -> Iterator[tuple[str, psutil.Process]]:
    environment = {
        **os.environ,
        "KIZUNA_QUERY_SECONDS": str(LIMIT),
        "KIZUNA_CACHE_BYTES": str(CACHE_BYTES),
        "PYTHONUNBUFFERED": "1",
        "KIZUNA_PROXY_HOPS": "1",
    }
    command = [sys.executable, "-m", "kizuna.cli", "serve", "--port", "0", "--workspace", str(workspace)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield _address(process), psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@pytest.fixture
def site(server: tuple[str, psutil.Process]) -> str:
    return server[0]


class Flood:
    """Clients that send one hostile query each, and what they were answered."""

    def __init__(self, site: str) -> None:
        self.statuses: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._one, args=(site, n)) for n in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _one(self, site: str, number: int) -> None:
        query = HOSTILE[number % len(HOSTILE)] % number
        headers = {"X-Forwarded-For": f"10.0.0.{number + 1}"}
        status = requests.post(
            site + "/sparql", data={"query": query}, headers=headers, timeout=120
        ).status_code
        with self._lock:
            self.statuses[status] += 1

    @property
    def answered(self) -> int:
        with self._lock:
            return sum(self.statuses.values())

    def join(self) -> None:
        for thread in self._threads:
            thread.join()


def small(site: str, number: int) -> int:
    """A small query of somebody who has done nothing; the status of its answer."""
    asked = {"query": SMALL % number}
    return requests.get(
        site + "/sparql", params=asked, headers={"X-Forwarded-For": "10.9.9.9"}, timeout=60
    ).status_code


@pytest.mark.slow
def test_a_flood_of_hostile_queries_starves_nobody_and_leaves_nothing_behind(
    site: str, server: tuple[str, psutil.Process]
) -> None:
    assert small(site, 0) == 200
    figure(site, "kizuna_queries_waiting")  # whatever is opened for good is open by now
    quiet = requests.get(site + "/health", timeout=30).json()
    before = descriptors(server[1])
    flood = Flood(site)
    refused_at_once = sum(1 for n in range(CLIENTS) if "!" * 100 in HOSTILE[n % len(HOSTILE)])
    for number in range(1, 6):
        health = requests.get(site + "/health", timeout=30)
        assert health.status_code == 200
        assert small(site, number) == 200
    # The guard's refusals came at once; of those that run, most still do: nobody had to wait for them.
    running = CLIENTS - flood.answered
    assert running >= (CLIENTS - 2 * refused_at_once) // 2, flood.statuses
    flood.join()
    assert set(flood.statuses) <= {200, 400, 429, 500, 503}
    assert sum(flood.statuses.values()) == CLIENTS
    _wait_until_all_is_back(site, server[1], quiet["workers"], before)
    assert small(site, 99) == 200


def descriptors(server: psutil.Process) -> dict[int, int]:
    """Open descriptors of every process of the server; processes whose end nobody has taken note of count as well."""
    found: dict[int, int] = {}
    for one in (server, *server.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            found[one.pid] = -1 if one.status() == psutil.STATUS_ZOMBIE else one.num_fds()
    return found


def figure(site: str, name: str) -> float:
    """A figure of /metrics."""
    text = requests.get(site + "/metrics", timeout=30).text
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


def _wait_until_all_is_back(site: str, server: psutil.Process, workers: int, before: dict[int, int]) -> None:
    """The workers of the flood are gone: what they held went with them. Nothing waits, nothing is open that was not, and
    what is remembered is within its bound.
    """
    kept = max(workers, os.cpu_count() or 1) + 2
    until = time.monotonic() + 90
    while time.monotonic() < until:
        state = requests.get(site + "/health", timeout=30).json()
        now = descriptors(server)
        more = max(0, state["workers"] - workers)  # each has a socket in its keeper and in the web process
        open_ = {
            pid: (before[pid], now[pid]) for pid in before if now.get(pid, 0) > before[pid] + 2 * more + FEW
        }
        waiting = figure(site, "kizuna_queries_waiting")
        settled = state["busy"] == 0 and state["workers"] <= kept and not waiting
        if settled and not open_ and -1 not in now.values() and len(now) <= len(before) + more:
            break
        time.sleep(0.5)
    else:
        pytest.fail(f"still {state}, {waiting} waiting, descriptors {open_}, processes {now}")
    assert figure(site, "kizuna_cache_bytes") <= CACHE_BYTES
    assert requests.get(site + "/sparql/running", timeout=30).json() == {"running": []}
