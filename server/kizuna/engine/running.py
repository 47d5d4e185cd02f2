"""The queries that one web process has running: to list them, to cancel them. Memory only."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kizuna.engine.leases import Lease
from kizuna.engine.turnstile import Ticket, Turnstile
from kizuna.engine.types import QueryCancelledError, QueryRefusedError


@dataclass(eq=False, slots=True)
class Running:
    """A query from its arrival to its end: waiting for its view, for its turn, or with a worker."""

    query_id: str
    owner: str | None
    text: str
    since: float = field(default_factory=time.monotonic)
    ticket: Ticket | None = None
    lease: Lease | None = None
    cancelled: bool = False

    def check(self) -> None:
        """Raises QueryCancelledError when it was cancelled meanwhile."""
        if self.cancelled:
            raise QueryCancelledError("The query was cancelled.")


class Registry:
    """All running queries by their id. Safe to use from many threads.

    Args:
        gate: where queries wait for their turn.
        kill: has a worker killed, given its process id.
    """

    def __init__(self, gate: Turnstile, kill: Callable[[int], None]) -> None:
        self._gate = gate
        self._kill = kill
        self._lock = threading.Lock()
        self._queries: dict[str, Running] = {}

    def __len__(self) -> int:
        return len(self._queries)

    def add(self, query_id: str | None, owner: str | None, text: str) -> Running:
        """Note a query; without an id it gets one that nobody can guess.

        Raises:
            QueryRefusedError: the id is in use.
        """
        running = Running(query_id or secrets.token_hex(8), owner, text)
        with self._lock:
            if running.query_id in self._queries:
                raise QueryRefusedError(f"A query with the id {running.query_id} is running already.")
            self._queries[running.query_id] = running
        return running

    def done(self, running: Running) -> None:
        """Its answer has ended, one way or another. Calling it twice does no harm."""
        if running.ticket is not None:
            self._gate.leave(running.ticket)
        with self._lock:
            if self._queries.get(running.query_id) is running:
                del self._queries[running.query_id]

    def reports(self) -> list[Any]:
        """What `RunningQuery` is made of, for each."""
        now = time.monotonic()
        with self._lock:
            return [[q.query_id, q.owner, q.text, now - q.since] for q in self._queries.values()]

    def cancel(self, query_id: str, owner: str | None) -> bool:
        """End a query of ours (only its owner's when `owner` is given). False when there is none."""
        with self._lock:
            running = self._queries.get(query_id)
        if running is None or (owner is not None and running.owner != owner):
            return False
        running.cancelled = True  # whoever works on it looks at this before each next step
        lease, ticket = running.lease, running.ticket
        if lease is not None:
            self._kill(lease.pid)
        elif ticket is not None:
            self._gate.cancel(ticket)
        return True
