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


def queued(turnstile: Turnstile, count: int) -> Callable[[], None]:
    """Strangers that wait; gives a way to be rid of them."""
    _, tickets, join = waiting(turnstile, *(f"stranger-{number}" for number in range(count)))

    def away() -> None:
        for ticket in tickets:
            turnstile.cancel(ticket)
        join()

    return away


def test_the_more_wait_the_sooner_a_query_counts_as_heavy() -> None:
    clock = Clock()
    turnstile = gate(clock, slots=1)
    first = enter(turnstile, "a")
    clock.now += 0.1
    with pytest.raises(EngineBusyError):
        enter(turnstile, "b")
    assert not first.heavy  # one waits: everybody has time
    away = queued(turnstile, 30)
    clock.now += 0.001
    with pytest.raises(EngineBusyError):
        enter(turnstile, "a")
    assert first.heavy
    away()


def test_a_query_that_had_no_processor_is_not_called_heavy() -> None:
    clock = Clock()
    turnstile = gate(clock, slots=1)
    starved = enter(turnstile, "a")
    starved.work = lambda: 0.001
    away = queued(turnstile, 30)
    clock.now += 0.5
    with pytest.raises(EngineBusyError):
        enter(turnstile, "a")
    assert not starved.heavy
    away()


def test_without_a_heavy_place_a_query_starts_anew_in_the_queue_for_them() -> None:
    clock = Clock()
    turnstile = gate(clock, slots=1)
    heavy = enter(turnstile, "a")
    clock.now += 0.5
    second = enter(turnstile, "b")  # "a" has the heavy place
    told: list[str] = []
    second.on_again = lambda: told.append("b")
    clock.now += 0.5
    third = enter(turnstile, "c")
    assert told == ["b"]
    assert second.again
    with pytest.raises(EngineBusyError):
        turnstile.enter(second, 0.0)  # no heavy place yet
    turnstile.leave(heavy)
    second.arrived = clock.now
    turnstile.enter(second, 0.0)
    assert second.heavy
    assert not third.heavy


def test_an_answer_that_has_begun_to_leave_is_not_taken_back() -> None:
    clock = Clock()
    turnstile = gate(clock, slots=1, heavy_slots=0)
    first = enter(turnstile, "a")
    first.on_again = lambda: pytest.fail("taken back")
    assert turnstile.settle(first)
    clock.now += 0.5
    with pytest.raises(EngineBusyError):
        enter(turnstile, "b")
    assert not first.again


def test_owners_of_small_queries_come_before_strangers_and_those_before_owners_of_heavy_ones() -> None:
    clock = Clock()
    turnstile = gate(clock, slots=1, heavy_slots=1)
    turnstile.leave(enter(turnstile, "small"))
    heavy = enter(turnstile, "heavy")
    clock.now += 0.5
    now = enter(turnstile, "other")
    turnstile.leave(heavy)
    order, tickets, join = waiting(turnstile, "heavy", "stranger", "small")
    turnstile.leave(now)
    for number, ticket in enumerate((tickets[2], tickets[1])):
        while len(order) <= number:
            time.sleep(0.001)
        turnstile.leave(ticket)
    join()
    assert order == ["small", "stranger", "heavy"]
