"""Clients that ask a server the mix and keep the time of each answer. Talks HTTP to the server under measurement."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import urlencode, urlsplit

import requests

from benchmarks.sparql.mix import MIX, query

ACCEPT: Final = "application/sparql-results+json, text/turtle;q=0.9"
PATIENCE: Final = float(os.environ.get("KIZUNA_SPARQL_PATIENCE") or 30.0)
"""Seconds that a client waits for one answer."""
REPEATING: Final = 20
"""Texts a class that a client asks again and again, where texts repeat."""

Get = Callable[[str], tuple[int, bytes]]
"""Asks one query; gives status and body."""


@dataclass
class Measured:
    """Times of answers in seconds, by class."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return sum(map(len, self.times.values())) / self.seconds if self.seconds else 0.0

    def percentile(self, name: str, share: float) -> float | None:
        """Milliseconds within which this share of a class's answers came."""
        ordered = sorted(self.times.get(name, ()))
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else None


def lean(address: str) -> Get:
    """A client that does little itself: one connection, kept, and no more than the standard library's HTTP."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=PATIENCE)

    def get(text: str) -> tuple[int, bytes]:
        try:
            connection.request(
                "GET", f"{parts.path}?{urlencode({'query': text})}", headers={"Accept": ACCEPT}
            )
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException):
            connection.close()
            return 0, b""

    return get


def usual(address: str) -> Get:
    """The client that most Python programs use: a session of requests."""
    session = requests.Session()

    def get(text: str) -> tuple[int, bytes]:
        try:
            asked = {"query": text}
            response = session.get(address, params=asked, headers={"Accept": ACCEPT}, timeout=PATIENCE)
            return response.status_code, response.content
        except requests.RequestException:
            return 0, b""

    return get


def measure(
    address: str,
    clients: int,
    seconds: float,
    *,
    repeat: bool,
    limit: float,
    make: Callable[[str], Get] = lean,
) -> Measured:
    """Let clients ask the classes of the mix in turn.

    Args:
        address: of the endpoint.
        clients: how many ask at the same time.
        seconds: how long they ask; the first one goes on until it has asked each class once.
        repeat: ask texts that repeat, instead of new ones.
        limit: seconds after which all stop, whatever they have asked.
        make: makes a client.
    """
    found = Measured()
    lock = threading.Lock()
    began = time.perf_counter()

    def ask(client: int) -> None:
        get = make(address)
        names = list(MIX)
        turn = client
        while True:
            number = (turn // len(names)) % REPEATING if repeat else 100_000 * client + turn // len(names)
            start = time.perf_counter()
            once = turn - client >= len(names) or client > 0
            if start - began > limit or (once and start - began > seconds):
                return
            name = names[turn % len(names)]
            status, _body = get(query(name, number))
            took = time.perf_counter() - start
            with lock:
                if status == 200:
                    found.times[name].append(took)
                else:
                    found.failed[name] += 1
            turn += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.seconds = time.perf_counter() - began
    return found


def rows_of(address: str, limit: float) -> dict[str, int | None]:
    """Ask each class once: the number of rows of each answer, None for a graph or for no answer."""
    get = lean(address)
    found: dict[str, int | None] = {}
    began = time.perf_counter()
    for name in MIX:
        if time.perf_counter() - began > limit:
            break
        status, body = get(query(name, 0))
        if status == 200:
            found[name] = (
                len(json.loads(body)["results"]["bindings"]) if body.lstrip().startswith(b"{") else None
            )
    return found
