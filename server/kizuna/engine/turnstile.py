"""Who may ask next: a fair gate in front of the workers of one web process. Threads and a clock; no other I/O.

- `slots` queries run side by side; the product's own pages have `reserved` more.
- A query that runs longer than `heavy_after` is heavy: it moves beside the slots (as far as `heavy_slots` go), so that small
  queries keep passing. The more wait, the sooner: nobody can tell a small query from a heavy one but by letting it run.
- One that finds no heavy place and keeps others waiting starts anew, in the queue for the heavy places (decision 0113); if
  that cannot be (its answer has begun to leave), it is sent away.
- Among those waiting, the product comes first, then owners who of late had small queries only, then strangers, then owners of
  heavy ones; among equals whoever has used least time. One owner runs at most `owner_queries` at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kizuna.engine.types import EngineBusyError, QueryCancelledError

HALF_LIFE: Final = 30.0
OVERSTAY: Final = 4.0
"""A query without a heavy place is sent away after this many times `heavy_after`, if somebody waits."""
QUEUE_SECONDS: Final = 1.2
"""Within this time everybody who waits is to have had a try, as far as SHORTEST_TRY allows."""
SHORTEST_TRY: Final = 0.06
"""Seconds that a query runs at least before it counts as heavy: many times what a small one takes."""
SHORTEST_WORK: Final = 0.03
"""Seconds of a processor that it must have had by then; else the machine is slow, not the query."""
PROVEN_FOR: Final = 600.0
"""Seconds for which an owner of small queries is known for them."""
_LOOK_EVERY: Final = 0.1
"""Seconds between two looks of the one who keeps time for all that wait."""
CLEARLY_LESS: Final = 0.5
"""Seconds of workers' time by which somebody who waits must have used less than a heavy query's owner to replace it."""
_REMEMBERED_OWNERS: Final = 10_000


@dataclass(eq=False, slots=True)
class Ticket:
    """A place in the queue, then at a worker.

    Args:
        owner: who asks; None: nobody in particular.
        product: one of the product's own pages.
        arrived: when.
        started: when it got its place; moved on when its worker has the query (`begin`).
        heavy: it has a heavy place.
        sent_away: its worker was told to end, and it with it.
        again: its worker was told to end, and it is to `enter` again.
        demoted: only a heavy place will do.
        cancelled: nobody wants it any more.
        on_heavy, on_sent_away, on_again: what to do then; None: it cannot be.
        work: seconds of a processor that it has had; None: nobody knows.
        changed: something about it has changed; None while it need not wait.
    """

    owner: str | None
    product: bool
    arrived: float
    started: float = 0.0
    heavy: bool = False
    sent_away: bool = False
    again: bool = False
    demoted: bool = False
    cancelled: bool = False
    on_heavy: Callable[[], None] | None = None
    on_sent_away: Callable[[], None] | None = None
    on_again: Callable[[], None] | None = None
    work: Callable[[], float] | None = None
    changed: threading.Event | None = None


@dataclass(slots=True)
class _Known:
    """What is remembered of an owner: seconds used of late, fading, and when it last had a small and a heavy query."""

    used: float = 0.0
    at: float = 0.0
    small: float = -1e9
    heavy: float = -1e9


def _wake(ticket: Ticket) -> None:
    if ticket.changed is not None:
        ticket.changed.set()


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
        self._known: dict[str | None, _Known] = {}

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
            ticket.again = False
            self._waiting.append(ticket)
            self._advance()
            if ticket in self._running:
                return
            changed = ticket.changed = threading.Event()
        while True:
            with self._lock:
                if ticket in self._running:
                    return
                now = self._clock()
                if ticket.cancelled or now >= deadline:
                    self._waiting.remove(ticket)
                    if self._waiting:
                        _wake(self._waiting[0])
                    break
                # One of those who wait keeps the time for all: if each did, all would wake at each step, for nothing.
                keeps_time = ticket is self._waiting[0]
                pause = (min(deadline, self._next_change(now)) if keeps_time else deadline) - now
            changed.wait(max(pause, 0.005))
            changed.clear()
            with self._lock:
                self._advance()
        if ticket.cancelled:
            raise QueryCancelledError("The query was cancelled while it waited.")
        raise EngineBusyError(
            f"No worker came free within {wait:g} seconds. Please try again.",
            retry_after=max(1.0, round(min(wait, 10.0) / 2)),
        )

    def begin(self, ticket: Ticket, on_again: Callable[[], None] | None = None) -> None:
        """Its worker has the query now: time counts from here, and from here on it can start anew, by `on_again`."""
        with self._lock:
            if ticket in self._running:
                ticket.started = self._clock()
            ticket.on_again = on_again

    def settle(self, ticket: Ticket) -> bool:
        """Its answer has begun to leave: it can no more start anew. False when it is to do so already."""
        with self._lock:
            ticket.on_again = None
            return not ticket.again

    def cancel(self, ticket: Ticket) -> None:
        """Take a waiting ticket out of the queue."""
        ticket.cancelled = True
        _wake(ticket)

    def leave(self, ticket: Ticket) -> None:
        """Give the place back. Calling it twice does no harm."""
        with self._lock:
            if ticket in self._running:
                self._running.remove(ticket)
                self._account(ticket)
                self._advance()

    def _account(self, ticket: Ticket) -> None:
        now = self._clock()
        took = now - ticket.started
        known = self._known.setdefault(ticket.owner, _Known())
        known.used, known.at = self._usage(ticket.owner, now) + took, now
        if ticket.heavy or ticket.demoted or (ticket.work is None and took >= self.heavy_after):
            known.heavy = now
        else:
            known.small = now
        if len(self._known) > _REMEMBERED_OWNERS:
            for owner in sorted(self._known, key=lambda one: self._known[one].at)[: _REMEMBERED_OWNERS // 2]:
                del self._known[owner]

    def _usage(self, owner: str | None, now: float) -> float:
        """Seconds of workers' time that the owner has used of late, fading with HALF_LIFE."""
        known = self._known.get(owner)
        return 0.0 if known is None else float(known.used * 0.5 ** ((now - known.at) / HALF_LIFE))

    def _standing(self, owner: str | None, now: float) -> int:
        """0: known for small queries; 1: a stranger; 2: had a heavy one of late."""
        known = self._known.get(owner)
        if known is None or owner is None:
            return 1
        if now - known.heavy < 2 * HALF_LIFE:
            return 2
        return 0 if now - known.small < PROVEN_FOR else 1

    def _next_change(self, now: float) -> float:
        times = [now + _LOOK_EVERY]
        for ticket in self._running:
            if not ticket.heavy and not ticket.sent_away:
                times.append(ticket.started + self._try(ticket))
        return max(min(times), now)

    def _try(self, ticket: Ticket) -> float:
        """Seconds after which this query counts as heavy."""
        waiting = sum(1 for one in self._waiting if not one.demoted)
        if ticket.product or not waiting:
            return self.heavy_after
        return min(self.heavy_after, max(SHORTEST_TRY, QUEUE_SECONDS * self.slots / waiting))

    def _advance(self) -> None:
        now = self._clock()
        self._promote(now)
        while (ticket := self._best(now)) is not None:
            kept_time = ticket is self._waiting[0]
            self._waiting.remove(ticket)
            ticket.started = now
            ticket.heavy = ticket.demoted
            self._running.append(ticket)
            _wake(ticket)
            if kept_time and self._waiting:
                _wake(self._waiting[0])

    def _promote(self, now: float) -> None:
        for ticket in list(self._running):
            age = now - ticket.started
            if ticket.heavy or ticket.sent_away or age < self._try(ticket):
                continue
            if (
                age < self.heavy_after * OVERSTAY
                and ticket.work is not None
                and ticket.work() < SHORTEST_WORK
            ):
                continue
            if self._heavy() < self.heavy_slots:
                ticket.heavy = True
                if ticket.on_heavy is not None:
                    ticket.on_heavy()
            elif ticket.on_again is not None and self._keeps_out(ticket):
                ticket.again = ticket.demoted = True
                self._running.remove(ticket)
                self._account(ticket)
                ticket.on_again()
            elif (
                age >= self.heavy_after
                and ticket.on_sent_away is not None
                and self._must_give_way(ticket, now)
            ):
                ticket.sent_away = True
                ticket.on_sent_away()

    def _heavy(self) -> int:
        return sum(1 for ticket in self._running if ticket.heavy)

    def _keeps_out(self, ticket: Ticket) -> bool:
        """Whether somebody waits for the place of a query that is not the product's."""
        return not ticket.product and any(
            not one.demoted and not one.cancelled and self._may_enter(one, light=0) for one in self._waiting
        )

    def _must_give_way(self, ticket: Ticket, now: float) -> bool:
        """Whether a heavy query without a heavy place keeps somebody out who has used clearly less, or for too long."""
        kept_out = [one for one in self._waiting if not one.demoted and self._may_enter(one, light=0)]
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

        def rank(ticket: Ticket) -> tuple[bool, int, float, float]:
            running = sum(now - t.started for t in self._running if t.owner == ticket.owner)
            used = round(self._usage(ticket.owner, now) + running, 1)
            return not ticket.product, self._standing(ticket.owner, now), used, ticket.arrived

        return min(allowed, key=rank)

    def _may_enter(self, ticket: Ticket, light: int) -> bool:
        if ticket.product:
            return light < self.slots + self.reserved
        if self._heavy() >= self.heavy_slots if ticket.demoted else light >= self.slots:
            return False
        if ticket.owner is None:
            return True
        return sum(1 for t in self._running if t.owner == ticket.owner) < self.owner_queries
