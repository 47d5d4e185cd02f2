"""Who may ask next: a fair gate in front of the workers of one web process. Threads and a clock; no other I/O.

- `slots` queries run side by side; the product's own pages have `reserved` more.
- A query that runs longer than `heavy_after` is heavy: it moves beside the slots (as far as `heavy_slots` go), so that small
  queries keep passing. One that finds no heavy place and keeps others waiting is sent away.
- Among those waiting, the product comes first, then whoever has used least time of late; one owner runs at most
  `owner_queries` at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kizuna.engine.types import EngineBusyError, QueryCancelledError

HALF_LIFE: Final = 30.0
OVERSTAY: Final = 4.0
"""A query without a heavy place is sent away after this many times `heavy_after`, if somebody waits."""
CLEARLY_LESS: Final = 0.5
"""Seconds of workers' time by which somebody who waits must have used less than a heavy query's owner to replace it."""
_REMEMBERED_OWNERS: Final = 10_000


@dataclass(eq=False, slots=True)
class Ticket:
    """A place in the queue, then at a worker."""

    owner: str | None
    product: bool
    arrived: float
    started: float = 0.0
    heavy: bool = False
    sent_away: bool = False
    cancelled: bool = False
    on_heavy: Callable[[], None] | None = None
    on_sent_away: Callable[[], None] | None = None
    changed: threading.Event = field(default_factory=threading.Event)


class Turnstile:
    """The gate. All methods may be called from any thread."""

    def __init__(
        self,
        slots: int,
        reserved: int,
        heavy_after: float,
        heavy_slots: int,
        owner_queries: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.slots = slots
        self.reserved = reserved
        self.heavy_after = heavy_after
        self.heavy_slots = heavy_slots
        self.owner_queries = owner_queries
        self._clock = clock
        self._lock = threading.Lock()
        self._running: list[Ticket] = []
        self._waiting: list[Ticket] = []
        self._used: dict[str | None, tuple[float, float]] = {}

    @property
    def busy(self) -> int:
        """How many queries run now."""
        return len(self._running)

    @property
    def waiting(self) -> tuple[Ticket, ...]:
        """Who waits now, in the order of arrival."""
        return tuple(self._waiting)

    def ticket(self, owner: str | None, product: bool = False) -> Ticket:
        """A ticket to `enter` with."""
        return Ticket(owner, product, self._clock())

    def enter(self, ticket: Ticket, wait: float) -> None:
        """Wait for a place.

        Args:
            ticket: a new ticket.
            wait: seconds at most.

        Raises:
            EngineBusyError: no place came free in time.
            QueryCancelledError: `cancel` was called meanwhile.
        """
        deadline = ticket.arrived + wait
        with self._lock:
            self._waiting.append(ticket)
            self._advance()
        while True:
            with self._lock:
                if ticket in self._running:
                    return
                now = self._clock()
                if ticket.cancelled or now >= deadline:
                    self._waiting.remove(ticket)
                    break
                pause = min(deadline, self._next_change(now)) - now
            ticket.changed.wait(max(pause, 0.005))
            with self._lock:
                self._advance()
        if ticket.cancelled:
            raise QueryCancelledError("The query was cancelled while it waited.")
        raise EngineBusyError(
            f"No worker came free within {wait:g} seconds. Please try again.",
            retry_after=max(1.0, round(min(wait, 10.0) / 2)),
        )

    def cancel(self, ticket: Ticket) -> None:
        """Take a waiting ticket out of the queue."""
        ticket.cancelled = True
        ticket.changed.set()

    def leave(self, ticket: Ticket) -> None:
        """Give the place back. Calling it twice does no harm."""
        with self._lock:
            if ticket in self._running:
                self._running.remove(ticket)
                self._account(ticket)
                self._advance()

    def _account(self, ticket: Ticket) -> None:
        now = self._clock()
        self._used[ticket.owner] = (self._usage(ticket.owner, now) + now - ticket.started, now)
        if len(self._used) > _REMEMBERED_OWNERS:
            for owner in sorted(self._used, key=lambda one: self._used[one][1])[: _REMEMBERED_OWNERS // 2]:
                del self._used[owner]

    def _usage(self, owner: str | None, now: float) -> float:
        """Seconds of workers' time that the owner has used of late, fading with HALF_LIFE."""
        seconds, at = self._used.get(owner, (0.0, now))
        return float(seconds * 0.5 ** ((now - at) / HALF_LIFE))

    def _next_change(self, now: float) -> float:
        times = [now + 1.0]
        for ticket in self._running:
            if not ticket.heavy and not ticket.sent_away:
                age = now - ticket.started
                step = self.heavy_after if age < self.heavy_after else self.heavy_after * OVERSTAY
                times.append(ticket.started + step)
        return min(times)

    def _advance(self) -> None:
        now = self._clock()
        self._promote(now)
        while (ticket := self._best(now)) is not None:
            self._waiting.remove(ticket)
            ticket.started = now
            self._running.append(ticket)
            ticket.changed.set()

    def _promote(self, now: float) -> None:
        heavy = sum(1 for ticket in self._running if ticket.heavy)
        for ticket in self._running:
            age = now - ticket.started
            if ticket.heavy or ticket.sent_away or age < self.heavy_after:
                continue
            if heavy < self.heavy_slots:
                heavy += 1
                ticket.heavy = True
                if ticket.on_heavy is not None:
                    ticket.on_heavy()
            elif ticket.on_sent_away is not None and self._must_give_way(ticket, now):
                ticket.sent_away = True
                ticket.on_sent_away()

    def _must_give_way(self, ticket: Ticket, now: float) -> bool:
        """Whether a heavy query without a heavy place keeps somebody out who has used clearly less, or for too long."""
        kept_out = [one for one in self._waiting if self._may_enter(one, light=0)]
        if not kept_out:
            return False
        age = now - ticket.started
        least = min(self._usage(one.owner, now) for one in kept_out)
        return (
            age > self.heavy_after * OVERSTAY or least + CLEARLY_LESS < self._usage(ticket.owner, now) + age
        )

    def _best(self, now: float) -> Ticket | None:
        light = sum(1 for ticket in self._running if not ticket.heavy)
        allowed = [t for t in self._waiting if not t.cancelled and self._may_enter(t, light)]
        if not allowed:
            return None
        if len(allowed) == 1:
            return allowed[0]

        def rank(ticket: Ticket) -> tuple[bool, float, float]:
            running = sum(now - t.started for t in self._running if t.owner == ticket.owner)
            return not ticket.product, round(self._usage(ticket.owner, now) + running, 1), ticket.arrived

        return min(allowed, key=rank)

    def _may_enter(self, ticket: Ticket, light: int) -> bool:
        if ticket.product:
            return light < self.slots + self.reserved
        if light >= self.slots:
            return False
        if ticket.owner is None:
            return True
        return sum(1 for t in self._running if t.owner == ticket.owner) < self.owner_queries
