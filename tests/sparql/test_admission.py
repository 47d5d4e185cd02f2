"""A client that floods is held back alone; the order of waiting is kept; some threads are always left for the rest."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kizuna.sparql.admission import Admission, EndpointFull, TooManyQueries
from tests.support.waiting import PATIENCE, wait_until


def hold(admission: Admission, client: str, until: threading.Event, entered: list[str], name: str) -> None:
    with admission.place(client):
        entered.append(name)
        until.wait(PATIENCE)


def test_a_flood_is_answered_while_another_client_is_served() -> None:
    admission = Admission(per_client=2, total=20, patience=0.1)
    end = threading.Event()
    entered: list[str] = []
    with ThreadPoolExecutor(8) as pool:
        held = [pool.submit(hold, admission, "a", end, entered, str(i)) for i in range(2)]
        wait_until(lambda: len(entered) == 2)
        with pytest.raises(TooManyQueries) as caught, admission.place("a"):
            pass
        assert caught.value.retry_after == 1
        with admission.place("b"):
            assert admission.clients() == 2
        end.set()
        for one in held:
            one.result()
    assert admission.clients() == 0
    with admission.place("a"):
        pass


def test_who_waits_is_served_in_order() -> None:
    admission = Admission(per_client=1, total=20, patience=PATIENCE)
    first, second = threading.Event(), threading.Event()
    entered: list[str] = []
    with ThreadPoolExecutor(4) as pool:
        held = [pool.submit(hold, admission, "a", first, entered, "first")]
        wait_until(lambda: entered == ["first"])
        held.append(pool.submit(hold, admission, "a", second, entered, "second"))
        wait_until(lambda: len(admission._clients["a"].queue) == 1)
        with pytest.raises(TooManyQueries), admission.place("a"):
            pass
        first.set()
        wait_until(lambda: entered == ["first", "second"])
        second.set()
        for one in held:
            one.result()
    assert admission.clients() == 0


def test_the_whole_is_bounded_whoever_asks() -> None:
    admission = Admission(per_client=2, total=3, patience=0.1)
    with (
        admission.place("a"),
        admission.place("b"),
        admission.place("c"),
        pytest.raises(EndpointFull),
        admission.place("d"),
    ):
        pass
    with admission.place("d"):
        pass


def test_a_failing_query_gives_its_place_back() -> None:
    admission = Admission(per_client=1, total=1, patience=0.1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), admission.place("a"):
            raise ZeroDivisionError
    assert admission.clients() == 0
