"""How many queries each client may have under way, and how many there may be in all. In memory; touches nothing else.

One client may hold `per_client` places; as many further requests of it wait up to `patience` seconds for one of its
own places, so that a burst of small queries from a page is served while a flood is answered 429. All clients
together hold (or wait for) at most `total` places, so that threads are left for pages and health checks;
beyond that the answer is 503 at once. Who waits is served in the order of arrival.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class TooManyQueries(Exception):  # noqa: N818 - it is an answer, not a fault
    """A client has too many queries under way. `retry_after` is in seconds."""

    def __init__(self, allowed: int, retry_after: int) -> None:
        super().__init__(f"{allowed} queries of this client are under way already")
        self.allowed = allowed
        self.retry_after = retry_after


class EndpointFull(Exception):  # noqa: N818 - it is an answer, not a fault
    """All places are taken, whoever asks. `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("all places of the endpoint are taken")
        self.retry_after = retry_after


@dataclass(slots=True)
class _Places:
    taken: int = 0
    queue: deque[threading.Event] = field(default_factory=deque)


class Admission:
    """Places per client and in all.

    Args:
        per_client: queries of one client under way at once, and as many waiting.
        total: queries of all clients under way or waiting.
        patience: seconds that a query waits for a place.
    """

    def __init__(self, per_client: int, total: int, patience: float) -> None:
        self.per_client = per_client
        self.total = total
        self.patience = patience
        self._all = 0
        self._clients: dict[str, _Places] = {}
        self._lock = threading.Lock()

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """Hold a place of this client while the block runs.

        Raises:
            TooManyQueries: too many of this client are waiting, or none of its places came free in time.
            EndpointFull: all places are taken.
        """
        turn = self._enter(client)
        try:
            if turn is not None and not turn.wait(self.patience) and self._give_up(client, turn):
                raise TooManyQueries(self.per_client, max(1, round(self.patience)))
            try:
                yield
            finally:
                self._leave(client)
        finally:
            with self._lock:
                self._all -= 1

    def _enter(self, client: str) -> threading.Event | None:
        with self._lock:
            if self._all >= self.total:
                raise EndpointFull(max(1, round(self.patience)))
            places = self._clients.setdefault(client, _Places())
            if places.taken < self.per_client:
                places.taken += 1
                self._all += 1
                return None
            if len(places.queue) >= self.per_client:
                raise TooManyQueries(self.per_client, max(1, round(self.patience)))
            self._all += 1
            turn = threading.Event()
            places.queue.append(turn)
            return turn

    def _give_up(self, client: str, turn: threading.Event) -> bool:
        """Leave the queue; False when the turn came at the last moment."""
        with self._lock:
            if turn.is_set():
                return False
            self._clients[client].queue.remove(turn)
            return True

    def _leave(self, client: str) -> None:
        with self._lock:
            places = self._clients[client]
            if places.queue:
                places.queue.popleft().set()  # the place passes on, `taken` stays
                return
            places.taken -= 1
            if not places.taken:
                del self._clients[client]

    def waiting(self) -> int:
        """Queries that wait for a place."""
        with self._lock:
            return sum(len(places.queue) for places in self._clients.values())

    def clients(self) -> int:
        """Clients with a query under way or waiting."""
        with self._lock:
            return len(self._clients)
