"""Reverse proofs: what a hostile query can do, and that nobody else notices."""

from __future__ import annotations

import gc
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from kizuna.engine.embedded import EmbeddedEngine
from kizuna.engine.types import (
    EngineBusyError,
    EngineError,
    JobFailedError,
    Limits,
    QueryCancelledError,
    QueryMemoryError,
    QueryRefusedError,
    QueryTimeoutError,
    Question,
    WorkerCrashedError,
)
from tests.engine.doubles import DOUBLES, EX
from tests.support.processes import alive
from tests.support.waiting import PATIENCE, PROMPT, wait_until

PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SORTED_PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f"
CONCAT_BOMB = (
    "SELECT ?x { BIND('"
    + "x" * 1000
    + "' AS ?v0) "
    + " ".join(f"BIND(CONCAT(?v{i},?v{i},?v{i},?v{i}) AS ?v{i + 1})" for i in range(15))
    + " BIND(STRLEN(?v15) AS ?x) }"
)
NESTED_GROUPS = "SELECT * " + "{" * 5000 + "?s ?p ?o" + "}" * 5000
NESTED_PATHS = "SELECT * { ?s " + "(" * 20 + f"<{EX}next>" + ")*" * 20 + " ?o }"
HOSTILE: dict[str, tuple[str, type[EngineError]]] = {
    "endless product": (PRODUCT, QueryTimeoutError),
    "sorted product": (SORTED_PRODUCT, QueryMemoryError),
    "concat bomb": (CONCAT_BOMB, QueryMemoryError),
    "5,000 nested groups": (NESTED_GROUPS, WorkerCrashedError),
    "20 nested path parentheses": (NESTED_PATHS, QueryTimeoutError),
}
SMALL = f"SELECT ?n {{ <{EX}thing/9> <{EX}number> ?n }}"
TIGHT = Limits(seconds=1.0, memory_bytes=300_000_000)
SMALL_MEMORY = Limits(seconds=PATIENCE, memory_bytes=300_000_000)
LONG = Limits(seconds=2 * PATIENCE)


@pytest.mark.parametrize("name", HOSTILE)
def test_each_hostile_query_ends_with_its_own_error_and_the_next_one_is_answered(
    engine: EmbeddedEngine, name: str
) -> None:
    text, expected = HOSTILE[name]
    limits = TIGHT if expected is QueryTimeoutError else SMALL_MEMORY
    with pytest.raises(expected):
        engine.query(engine.today(), Question(text, "text/csv", limits=limits))
    started = time.monotonic()
    assert len(engine.select(engine.today(), SMALL)) == 1
    assert time.monotonic() - started < PROMPT


def test_a_time_limit_is_kept(engine: EmbeddedEngine) -> None:
    started = time.monotonic()
    with pytest.raises(QueryTimeoutError):
        engine.query(engine.today(), Question(PRODUCT, "text/csv", limits=Limits(seconds=0.5)))
    assert 0.5 <= time.monotonic() - started < PROMPT


def test_others_are_answered_while_hostile_queries_run(start: Callable[..., EmbeddedEngine]) -> None:
    """Eight run without end and four attackers let one bomb after the other go off, at a gate of two places."""
    engine = start(heavy_after_seconds=0.2, heavy_workers=4)
    today = engine.today()
    engine.select(today, SMALL)
    stop = threading.Event()
    outcomes: list[str] = []

    def hostile(text: str, limits: Limits, number: int, query_id: str | None = None) -> str:
        question = Question(text, "text/csv", limits=limits, owner=f"hostile {number}", query_id=query_id)
        try:
            engine.query(today, question)
        except EngineError as error:
            return error.code
        return "answered"

    def bombs(number: int) -> None:
        texts = [text for text, _ in HOSTILE.values()]
        while not stop.is_set():
            outcomes.append(hostile(texts[number % len(texts)], TIGHT, number))
            number += 1

    with ThreadPoolExecutor(12) as pool:
        endless = [pool.submit(hostile, PRODUCT, LONG, n, f"endless {n}") for n in range(8)]
        attackers = [pool.submit(bombs, number) for number in range(4)]
        wait_until(lambda: {f"endless {n}" for n in range(8)} <= {one.query_id for one in engine.running()})
        for _ in range(10):
            assert len(engine.select(today, SMALL)) == 1
            assert engine.query(today, Question(SMALL, "text/csv", owner="analyst")).rows == 1
        # Without the gate's fairness somebody would have waited until one of these had ended.
        assert [one.result() for one in endless if one.done()] == []
        stop.set()
        for number in range(8):
            assert engine.cancel(f"endless {number}")
        assert {one.result() for one in endless} == {"query-cancelled"}
        for attacker in attackers:
            attacker.result()
    assert set(outcomes) <= {"query-timeout", "query-memory", "query-crashed", "engine-busy"}


def test_memory_returns(start: Callable[..., EmbeddedEngine]) -> None:
    engine = start()
    engine.select(engine.today(), SMALL)
    wait_until(lambda: engine.state().workers == engine.config.workers)
    before = sum(engine.resident_by_process().values())
    with pytest.raises(QueryMemoryError):
        engine.query(engine.today(), Question(SORTED_PRODUCT, "text/csv", limits=SMALL_MEMORY))
    big = f"SELECT ?a ?b {{ ?a <{EX}number> ?x . ?b <{EX}from> 2001 }} ORDER BY ?b ?a"
    limits = Limits(rows=None, seconds=PATIENCE, result_bytes=1_000)
    engine.query(engine.today(), Question(big, "text/csv", limits=limits))
    until = time.monotonic() + PATIENCE
    while (after := sum(engine.resident_by_process().values())) > before + 60_000_000:
        assert time.monotonic() < until, f"{before} before, {after} after"
        time.sleep(0.05)


class Listener:
    """A loopback port that counts the connections it gets."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(0.3)
        self.port = self.socket.getsockname()[1]

    def connections(self) -> int:
        try:
            self.socket.accept()[0].close()
        except TimeoutError:
            return 0
        return 1


@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_service_reaches_nobody(engine: EmbeddedEngine, silent: str) -> None:
    listener = Listener()
    text = f"SELECT * {{ SERVICE {silent}<http://127.0.0.1:{listener.port}/sparql> {{ ?s ?p ?o }} }}"
    if silent:
        assert engine.query(engine.today(), Question(text, "text/csv")).rows == 1
    else:
        with pytest.raises(QueryRefusedError, match="outgoing request"):
            engine.query(engine.today(), Question(text, "text/csv"))
    assert listener.connections() == 0
    listener.socket.close()


def test_load_and_service_in_an_update_reach_nobody(engine: EmbeddedEngine) -> None:
    listener = Listener()
    address = f"<http://127.0.0.1:{listener.port}/>"
    for text in (f"LOAD {address}", f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE {address} {{ ?s ?p ?o }} }}"):
        with pytest.raises(JobFailedError):
            engine.run_in_fork(None, f"{DOUBLES}:update", [text])
    assert listener.connections() == 0
    listener.socket.close()


def test_a_sandbox_opens_no_socket_and_no_file_unless_told_so(engine: EmbeddedEngine) -> None:
    listener = Listener()
    assert engine.run_in_fork(None, f"{DOUBLES}:reach_out", [listener.port]) == b"24"  # EMFILE
    assert listener.connections() == 0
    listener.socket.close()
    with pytest.raises(JobFailedError, match="Too many open files"):
        engine.run_in_fork(None, f"{DOUBLES}:read_file", ["/etc/hostname"])
    assert engine.run_in_fork(None, f"{DOUBLES}:read_file", ["/etc/hostname"], descriptors=64)


def test_cancel_ends_a_running_query_for_its_owner_only(engine: EmbeddedEngine) -> None:
    question = Question(PRODUCT, "text/csv", limits=LONG, query_id="q1", owner="ann")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(engine.query, engine.today(), question)
        wait_until(engine.running)
        running = engine.running()
        assert [(r.query_id, r.owner, r.text) for r in running] == [("q1", "ann", PRODUCT)]
        assert not engine.cancel("q1", owner="bob")
        started = time.monotonic()
        assert engine.cancel("q1", owner="ann")
        with pytest.raises(QueryCancelledError):
            answer.result(timeout=PATIENCE)
        assert time.monotonic() - started < PROMPT
    assert engine.running() == []
    assert not engine.cancel("q1")


def test_an_owner_has_so_many_queries_at_once_and_others_pass(start: Callable[..., EmbeddedEngine]) -> None:
    engine = start(owner_queries=1, wait_seconds=0.3)
    engine.select(engine.today(), SMALL)
    text = f"SELECT ?a ?b ?c {{ ?a <{EX}number> ?x . ?b <{EX}from> ?y . ?c <{EX}from> ?z }}"
    long = Question(text, "text/csv", limits=Limits(seconds=2 * PATIENCE, rows=None), owner="ann")
    with engine.query_stream(engine.today(), long):
        with pytest.raises(EngineBusyError) as caught:
            engine.query(engine.today(), Question(SMALL, "text/csv", owner="ann"))
        assert caught.value.retry_after >= 1
        assert engine.query(engine.today(), Question(SMALL, "text/csv", owner="bob")).rows == 1


def test_a_stream_that_is_given_up_frees_its_worker(engine: EmbeddedEngine) -> None:
    text = f"SELECT ?a ?b ?c {{ ?a <{EX}number> ?x . ?b <{EX}from> ?y . ?c <{EX}from> ?z }}"
    stream = engine.query_stream(
        engine.today(),
        Question(text, "text/csv", limits=Limits(seconds=PATIENCE, rows=None, result_bytes=None)),
    )
    assert next(stream)
    stream.close()
    assert engine.running() == []
    forgotten = engine.query_stream(
        engine.today(),
        Question(text, "text/csv", limits=Limits(seconds=PATIENCE, rows=None, result_bytes=None)),
    )
    assert next(forgotten)
    del forgotten
    gc.collect()
    assert engine.running() == []
    assert len(engine.select(engine.today(), SMALL)) == 1


def test_a_slow_reader_does_not_keep_a_worker_for_ever(start: Callable[..., EmbeddedEngine]) -> None:
    engine = start(transfer_seconds=0.5)
    text = f"SELECT ?a ?b ?c {{ ?a <{EX}number> ?x . ?b <{EX}from> ?y . ?c <{EX}from> ?z }}"
    limits = Limits(seconds=2 * PATIENCE, rows=None, result_bytes=None)
    stream = engine.query_stream(engine.today(), Question(text, "text/csv", limits=limits))
    wait_until(lambda: not alive(stream._lease.pid))
    with pytest.raises(QueryTimeoutError):
        for _ in stream:
            pass


def test_sandboxes_are_limited_like_queries(engine: EmbeddedEngine) -> None:
    with pytest.raises(QueryTimeoutError):
        engine.run_in_fork(None, f"{DOUBLES}:endless", limits=Limits(seconds=0.3))
    with pytest.raises(QueryMemoryError):
        engine.run_in_fork(None, f"{DOUBLES}:hoard", limits=Limits(memory_bytes=100_000_000))
    with pytest.raises(JobFailedError, match="no such thing") as caught:
        engine.run_in_fork(None, f"{DOUBLES}:fail")
    assert caught.value.type == "LookupError"
    with pytest.raises(JobFailedError):
        engine.run_in_fork(None, f"{DOUBLES}:no_such_function")
