"""A store has one writer: the place is held by who lives, refused to others, and passed on by who answers no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from kizuna.engine import remote_client
from kizuna.engine.remote_client import Store
from kizuna.engine.remote_lease import Lease, WriterTakenError
from kizuna.engine.remote_publish import WRITER
from tests.engine.stores import kinds, running
from tests.support.waiting import PATIENCE


@pytest.fixture(scope="module", params=kinds())
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running(request.param, tmp_path_factory.mktemp("store")) as found:
        yield found


@pytest.fixture(autouse=True)
def empty(store: Store) -> None:
    remote_client.update(store, f"DROP SILENT GRAPH <{WRITER}>")


def lease(store: Store, name: str, answer_seconds: float = PATIENCE) -> Lease:
    return Lease(store, name, look_seconds=0.02, answer_seconds=answer_seconds)


def test_who_comes_second_is_refused_with_who_was_first_and_what_to_do(store: Store) -> None:
    first, second = lease(store, "office"), lease(store, "annexe")
    first.claim()
    first.keep(lambda: None)
    with pytest.raises(WriterTakenError, match=r"office.*--read-only"):
        second.claim()
    assert first.held()
    assert not second.held()
    first.release()
    second.claim()
    assert second.held()


def test_who_answers_no_more_loses_the_place_and_is_told(store: Store) -> None:
    first, second = lease(store, "office"), lease(store, "annexe", answer_seconds=0.2)
    first.claim()
    second.claim()
    assert second.held()
    lost = threading.Event()
    first.keep(lost.set)
    assert lost.wait(PATIENCE)
    first.release()
    assert second.held(), "who has lost the place takes nothing away with it"


def test_of_many_who_come_at_once_one_gets_the_place(store: Store) -> None:
    leases = [lease(store, str(number)) for number in range(6)]
    got: list[Lease] = []

    def come(one: Lease) -> None:
        try:
            one.claim()
        except WriterTakenError:
            return
        one.keep(lambda: None)
        got.append(one)

    threads = [threading.Thread(target=come, args=(one,)) for one in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    holders = [one for one in leases if one.held()]
    assert len(got) == 1
    assert holders == got
    got[0].release()


def test_a_store_that_was_emptied_is_taken_again(store: Store) -> None:
    first = lease(store, "office")
    first.claim()
    remote_client.update(store, "DROP ALL")
    assert first.look()
    first.keep(lambda: None)
    with pytest.raises(WriterTakenError):
        lease(store, "annexe").claim()
    first.release()
