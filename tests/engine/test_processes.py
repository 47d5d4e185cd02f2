"""Processes come and go as promised: replaced, shared, ended; nobody is left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kizuna.engine import leases
from kizuna.engine.embedded import EmbeddedEngine, connect_embedded, start_embedded
from kizuna.engine.leases import YIELDED
from kizuna.engine.process import KeeperProcess
from kizuna.engine.types import (
    EngineBusyError,
    EngineUnavailableError,
    Limits,
    QueryCancelledError,
    Question,
    WorkerCrashedError,
)
from tests.engine.conftest import config
from tests.engine.doubles import EX, THINGS
from tests.engine.test_hostile import NESTED_GROUPS, PRODUCT, SMALL
from tests.support.processes import alive
from tests.support.waiting import PATIENCE, wait_until

ROOT = Path(__file__).parents[2]
PATIENT = Limits(seconds=2 * PATIENCE)
"""Longer than any test waits: what ends such a query is not its time."""
FEW = f"{{ SELECT ?a {{ ?a <{EX}number> ?c }} LIMIT 100 }}"
SLOW = f"SELECT (COUNT(*) AS ?n) {{ {FEW} ?d <{EX}number> ?f }}"


def family(engine: EmbeddedEngine) -> list[int]:
    return list(engine.resident_by_process())


def test_a_worker_that_died_is_replaced_by_a_fork_of_the_view(start: Callable[..., EmbeddedEngine]) -> None:
    """A fork takes milliseconds; nothing is loaded or built again, which takes seconds."""
    engine = start()
    engine.select(engine.today(), SMALL)
    wait_until(lambda: engine.state().workers == engine.config.workers)
    keeper, view, *workers = family(engine)
    for _ in range(5):
        with pytest.raises(WorkerCrashedError):
            engine.query(engine.today(), Question(NESTED_GROUPS, "text/csv", limits=PATIENT))
        assert len(engine.select(engine.today(), SMALL)) == 1
    wait_until(lambda: engine.state().workers == engine.config.workers)
    assert family(engine)[:2] == [keeper, view]
    assert not set(workers) <= set(family(engine))


def test_a_worker_that_died_idle_is_not_noticed(engine: EmbeddedEngine) -> None:
    engine.select(engine.today(), SMALL)
    workers = [pid for pid in family(engine) if Path(f"/proc/{pid}/comm").read_text() == "kizuna-worker\n"]
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) for pid in workers))
    assert len(engine.select(engine.today(), SMALL)) == 1


def test_nor_are_all_that_may_wait_idle_when_nobody_has_told_of_their_death_yet(
    start: Callable[..., EmbeddedEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "SPARE_SECONDS", 10 * PATIENCE)
    monkeypatch.setattr(leases.Leases, "died", lambda *_: None)
    engine = start(workers=2, reserved_workers=leases.SPARES)
    most = 2 + leases.SPARES

    def workers() -> list[int]:
        with ThreadPoolExecutor(most) as pool:
            list(pool.map(lambda _: engine.select(engine.today(), SLOW), range(2 * most)))
        return family(engine)[2:]

    wait_until(lambda: len(workers()) == most)
    pids = workers()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) for pid in pids))
    assert len(engine.select(engine.today(), SMALL)) == 1


def test_no_zombie_remains(engine: EmbeddedEngine) -> None:
    with pytest.raises(WorkerCrashedError):
        engine.query(engine.today(), Question(NESTED_GROUPS, "text/csv", limits=PATIENT))
    engine.run_in_fork(None, "tests.engine.doubles:count")

    def zombies() -> list[str]:
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                text = stat.read_text()
            except OSError:
                continue
            state, parent = text.rpartition(")")[2].split()[:2]
            if state == "Z" and int(parent) in keepers:
                found.append(text)
        return found

    keepers = family(engine)
    wait_until(lambda: not zombies())


def test_closing_ends_every_process(start: Callable[..., EmbeddedEngine]) -> None:
    engine = start()
    engine.select(engine.today(), SMALL)
    pids = family(engine)
    assert len(pids) >= 3
    engine.close()
    wait_until(lambda: not any(alive(pid) for pid in pids))
    assert not engine.socket_path.exists()
    with pytest.raises(EngineUnavailableError):
        engine.select(engine.today(), SMALL)


def test_a_killed_parent_takes_all_along(tmp_path: Path) -> None:
    program = f"""
import sys, time
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "server")!r}]
from pathlib import Path
from kizuna.engine.embedded import start_embedded
from tests.engine.conftest import config
engine = start_embedded(config(Path({str(tmp_path)!r})))
engine.select(engine.today(), "SELECT ?s {{ ?s ?p ?o }} LIMIT 1")
print(*engine.resident_by_process(), flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert len(pids) >= 3
    wait_until(lambda: not any(alive(pid) for pid in pids))


def test_a_killed_keeper_is_reported_clearly_and_leaves_no_orphan(
    start: Callable[..., EmbeddedEngine],
) -> None:
    engine = start(restart_keeper=False)
    engine.select(engine.today(), SMALL)
    keeper, *others = family(engine)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(engine.query, engine.today(), Question(PRODUCT, "text/csv", limits=PATIENT))
        wait_until(lambda: bool(engine.running()))
        os.kill(keeper, signal.SIGKILL)
        with pytest.raises(EngineUnavailableError):
            running.result(timeout=PATIENCE)
    wait_until(lambda: not any(alive(pid) for pid in others))
    with pytest.raises(EngineUnavailableError, match="keeper is gone"):
        engine.select(engine.today(), SMALL)
    assert not engine.state().ready


def test_a_killed_keeper_is_started_again_and_everybody_finds_it(
    start: Callable[..., EmbeddedEngine],
) -> None:
    engine = start()
    with connect_embedded(engine.socket_path) as other:
        for one in (engine, other):
            assert len(one.select(one.today(), SMALL)) == 1
        keeper, *others = family(engine)
        os.kill(keeper, signal.SIGKILL)
        wait_until(lambda: not any(alive(pid) for pid in others))
        for one in (engine, other):

            def answers(one: EmbeddedEngine = one) -> bool:
                try:
                    return len(one.select(one.today(), SMALL)) == 1
                except (EngineUnavailableError, EngineBusyError):
                    return False

            wait_until(answers)
        assert family(other)[0] != keeper
        assert engine.apply(b"", f'<{EX}a> <{EX}b> "c" <{EX}g> .'.encode()).added == 1


def test_many_threads_get_their_own_answers(engine: EmbeddedEngine) -> None:
    text = f"SELECT ?n {{ ?thing <{EX}number> ?n }}"

    def ask(i: int) -> bool:
        from tests.engine.doubles import node

        rows = engine.select(engine.today(), text, {"thing": node(f"thing/{i % THINGS}")})
        return [str(row["n"].value) for row in rows] == [str(i % THINGS)]  # type: ignore[union-attr]

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(800)))


def priorities(pids: Iterable[int]) -> list[int]:
    """The priorities of all threads of processes (field 19 of proc_pid_stat(5))."""
    found = []
    for pid in pids:
        for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
            with contextlib.suppress(OSError):
                found.append(int(stat.read_text().rpartition(")")[2].split()[16]))
    return found


def test_a_heavy_query_is_slowed_down_and_its_worker_is_as_new_afterwards(
    start: Callable[..., EmbeddedEngine],
) -> None:
    engine = start(heavy_after_seconds=0.05, limits=PATIENT)
    today = engine.today()
    engine.select(today, SMALL)
    wait_until(lambda: engine.state().workers == engine.config.workers)
    workers = set(family(engine))
    few = f"{{ SELECT ?a {{ ?a <{EX}number> ?c }} LIMIT 600 }}"
    heavy = f"SELECT (COUNT(*) AS ?n) {{ {few} ?d <{EX}number> ?f }}"
    slowed = False
    until = time.monotonic() + PATIENCE
    with ThreadPoolExecutor(1) as pool:
        while not slowed:  # on a busy machine it can be over before anybody has looked
            assert time.monotonic() < until
            answer = pool.submit(engine.query, today, Question(heavy, "text/csv", limits=PATIENT))
            while not answer.done():
                engine.select(today, SMALL)
                slowed = slowed or priorities(workers).count(YIELDED) == 1
            assert int(answer.result().body.split()[1]) == 600 * THINGS
    for _ in range(20):  # no process had to be replaced, and all are as fast as before
        engine.select(today, SMALL)
    assert set(family(engine)) == workers
    wait_until(lambda: YIELDED not in priorities(workers))


def test_workers_beyond_the_warm_ones_wait_a_while_for_more_questions(
    start: Callable[..., EmbeddedEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 4

    def burst(engine: EmbeddedEngine) -> set[int]:
        with ThreadPoolExecutor(most) as pool:
            list(pool.map(lambda _: engine.select(engine.today(), SLOW), range(4 * most)))
        return set(family(engine))

    monkeypatch.setattr(leases, "SPARE_SECONDS", 10 * PATIENCE)
    engine = start(workers=1, reserved_workers=most - 1)
    wait_until(lambda: len(burst(engine)) == 2 + most)
    assert burst(engine) == burst(engine)  # nobody was forked anew
    monkeypatch.setattr(leases, "SPARE_SECONDS", 0.2)
    hasty = start(workers=1, reserved_workers=most - 1)
    burst(hasty)
    wait_until(lambda: hasty.state().workers == 1)
    assert len(hasty.select(hasty.today(), SMALL)) == 1


def test_two_processes_share_a_keeper(engine: EmbeddedEngine) -> None:
    with connect_embedded(engine.socket_path) as other:
        assert other.select(other.today(), SMALL) == engine.select(engine.today(), SMALL)
        assert other.revision(other.today()) == engine.revision(engine.today())
        question = Question(PRODUCT, "text/csv", limits=PATIENT, query_id="shared", owner="ann")
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(engine.query, engine.today(), question)
            wait_until(lambda: [r.query_id for r in other.running()] == ["shared"])
            assert not other.cancel("shared", owner="bob")
            assert other.cancel("shared", owner="ann")
            with pytest.raises(QueryCancelledError):
                answer.result(timeout=PATIENCE)
    wait_until(lambda: engine.state().workers <= engine.config.workers + leases.SPARES)
    assert len(engine.select(engine.today(), SMALL)) == 1


def test_a_forked_process_is_told_to_connect_on_its_own(engine: EmbeddedEngine) -> None:
    program = f"""
import os, sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "server")!r}]
from pathlib import Path
from kizuna.engine.embedded import connect_embedded
from kizuna.engine.types import EngineUnavailableError
path = Path({str(engine.socket_path)!r})
engine = connect_embedded(path)
text = "SELECT ?s {{ ?s ?p ?o }} LIMIT 1"
engine.select(engine.today(), text)
if os.fork() == 0:
    try:
        engine.cancel("nothing")
    except EngineUnavailableError as error:
        assert "connect on its own" in str(error)
    own = connect_embedded(path)
    os._exit(len(own.select(own.today(), text)))
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 1


def test_a_workspace_that_cannot_be_loaded_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    with pytest.raises(EngineUnavailableError, match="broken:3:7"):
        start_embedded(config(tmp_path))


def test_nobody_listening_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError, match="No keeper answers"):
        connect_embedded(tmp_path / "nobody.sock")


def test_the_socket_is_the_users_alone(start: Callable[..., EmbeddedEngine], tmp_path: Path) -> None:
    engine = start(runtime_dir=tmp_path / "run")
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700
    assert engine.socket_path.parent == tmp_path / "run"


def test_a_keeper_that_cannot_make_its_socket_says_why(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError, match="too deep"):
        KeeperProcess(config(tmp_path, runtime_dir=tmp_path / ("x" * 120)))


def test_state_shows_figures(engine: EmbeddedEngine) -> None:
    engine.select(engine.today(), SMALL)
    wait_until(lambda: engine.state().quads == THINGS * 4 + 1)
    state = engine.state()
    assert state.ready
    assert state.revision == 0
    assert state.resident_bytes > 10_000_000
