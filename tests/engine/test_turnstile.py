"""The gate in front of the workers: slots, caps, fairness, heavy queries. On a clock of the test's own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from kizuna.engine.turnstile import Ticket, Turnstile
from kizuna.engine.types import EngineBusyError, QueryCancelledError


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def gate(clock: Clock, **changes: int) -> Turnstile:
    settings = {"slots": 2, "reserved": 1, "heavy_slots": 1, "owner_queries": 2, **changes}
    return Turnstile(heavy_after=0.3, clock=clock, **settings)


def enter(gate: Turnstile, owner: str | None, product: bool = False, wait: float = 0.0) -> Ticket:
    ticket = gate.ticket(owner, product)
    gate.enter(ticket, wait)
    return ticket


def test_so_many_run_at_once_and_the_product_has_one_more() -> None:
    turnstile = gate(Clock())
    first = enter(turnstile, "a")
    enter(turnstile, "b")
    with pytest.raises(EngineBusyError):
        enter(turnstile, "c")
    page = enter(turnstile, None, product=True)
    with pytest.raises(EngineBusyError):
        enter(turnstile, None, product=True)
    turnstile.leave(page)
    turnstile.leave(first)
    turnstile.leave(first)
    enter(turnstile, "c")
    assert turnstile.busy == 2


def test_one_owner_has_a_cap_and_nobody_in_particular_has_none() -> None:
    turnstile = gate(Clock(), slots=8)
    for _ in range(2):
        enter(turnstile, "a")
    with pytest.raises(EngineBusyError):
        enter(turnstile, "a")
    for _ in range(4):
        enter(turnstile, None)


def test_a_long_query_moves_aside_as_far_as_there_is_room() -> None:
    clock = Clock()
    turnstile = gate(clock)
    slowed: list[str] = []
    long = enter(turnstile, "a")
    long.on_heavy = lambda: slowed.append("a")
    enter(turnstile, "b")
    clock.now += 0.5
    enter(turnstile, "c")
    assert long.heavy
    assert slowed == ["a"]
    with pytest.raises(EngineBusyError):
        enter(turnstile, "d")


def test_who_overstays_without_a_heavy_place_is_sent_away_once_somebody_waits() -> None:
    clock = Clock()
    turnstile = gate(clock, slots=1)
    enter(turnstile, "a")
    clock.now += 0.5
    second = enter(turnstile, "b")  # "a" is heavy now, and the only heavy place is taken
    sent: list[str] = []
    second.on_sent_away = lambda: sent.append("b")
    clock.now += 5.0
    assert sent == []
    with pytest.raises(EngineBusyError):
        enter(turnstile, "c")
    assert sent == ["b"]


def waiting(turnstile: Turnstile, *owners: str) -> tuple[list[str], list[Ticket], Callable[[], None]]:
    """Threads that wait for a place; the order in which they get one is gathered."""
    order: list[str] = []
    tickets: list[Ticket] = []
    threads = []
    for owner in owners:
        ticket = turnstile.ticket(owner)

        def run(ticket: Ticket = ticket, owner: str = owner) -> None:
            try:
                turnstile.enter(ticket, 1e9)
                order.append(owner)
            except QueryCancelledError:
                order.append(f"{owner} cancelled")

        tickets.append(ticket)
        thread = threading.Thread(target=run)
        thread.start()
        threads.append(thread)
        until = time.monotonic() + 5
        while ticket not in turnstile.waiting and time.monotonic() < until:
            time.sleep(0.001)

    def join() -> None:
        for thread in threads:
            thread.join(5)

    return order, tickets, join


def test_who_has_used_less_goes_first() -> None:
    clock = Clock()
    turnstile = gate(clock, slots=1, heavy_slots=0)
    greedy = enter(turnstile, "greedy")
    clock.now += 10
    turnstile.leave(greedy)
    now = enter(turnstile, "other")
    order, tickets, join = waiting(turnstile, "greedy", "modest")
    turnstile.leave(now)
    while not order:
        time.sleep(0.001)
    assert order == ["modest"]
    turnstile.leave(tickets[1])
    join()
    assert order == ["modest", "greedy"]


def test_use_is_forgotten_with_time() -> None:
    clock = Clock()
    turnstile = gate(clock, slots=1, heavy_slots=0)
    greedy = enter(turnstile, "greedy")
    clock.now += 10
    turnstile.leave(greedy)
    clock.now += 1000
    now = enter(turnstile, "other")
    order, tickets, join = waiting(turnstile, "greedy", "modest")
    turnstile.leave(now)
    while not order:
        time.sleep(0.001)
    turnstile.leave(tickets[0])
    join()
    assert order == ["greedy", "modest"]


def test_who_waits_can_be_cancelled() -> None:
    turnstile = gate(Clock(), slots=1)
    enter(turnstile, "a")
    order, tickets, join = waiting(turnstile, "b")
    turnstile.cancel(tickets[0])
    join()
    assert order == ["b cancelled"]
    assert turnstile.waiting == ()
