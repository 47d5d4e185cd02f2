"""Fifty clients with hostile queries at once: each is answered, health waits for nobody, and small queries of others are answered
while the hostile ones still run. Over a real server with its own web process. What is asserted are orders and counts; how long
it takes is measured by `python -m benchmarks.sparql.flood`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from benchmarks.sparql.flood import HOSTILE, SMALL

from tests.sparql.w3c.__main__ import _address

CLIENTS = 50
LIMIT = 20.0
"""Seconds of a query: long enough for a slow machine to answer the small ones before the first hostile one has ended."""


@pytest.fixture(scope="module")
def site(workspace: Path) -> Iterator[str]:
    environment = {
        **os.environ,
        "KIZUNA_QUERY_SECONDS": str(LIMIT),
        "PYTHONUNBUFFERED": "1",
        "KIZUNA_PROXY_HOPS": "1",
    }
    command = [sys.executable, "-m", "kizuna.cli", "serve", "--port", "0", "--workspace", str(workspace)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield _address(process)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


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
def test_a_flood_of_hostile_queries_starves_nobody(site: str) -> None:
    assert small(site, 0) == 200
    quiet = requests.get(site + "/health", timeout=30).json()
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
    _wait_until_memory_is_back(site, quiet["workers"])
    assert small(site, 99) == 200


def _wait_until_memory_is_back(site: str, workers: int) -> None:
    """The workers of the flood are gone: what they held went with them."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        state = requests.get(site + "/health", timeout=30).json()
        if state["busy"] == 0 and state["workers"] <= max(workers, os.cpu_count() or 1) + 2:
            return
        time.sleep(0.5)
    pytest.fail(f"still {state}")
