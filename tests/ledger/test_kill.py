"""Whatever moment a process is killed at: every acknowledged commit is there, once, whole."""

from __future__ import annotations

import os
import random
import select
import signal
import time
from pathlib import Path

import pytest

from kizuna.ledger.ledger import Ledger, StaleRevisionError
from kizuna.ledger.load import load_with_ledger
from tests.support.waiting import PATIENCE

ROUNDS = 200
WRITERS = 2
QUADS = 40


def patch(mark: str) -> str:
    return "".join(f'A <urn:commit/{mark}> <urn:n> "{n}" <urn:g/{"x" * 200}> .\n' for n in range(QUADS))


def write_until_killed(path: Path, mark: str, voice: int) -> None:
    """Commit without end; say each number once it is acknowledged."""
    ledger = Ledger(path)
    number = 0
    while True:
        name = f"{mark}-{number}"
        try:
            done = ledger.commit(
                parent=ledger.revision(), patch=patch(name), author="aoi", message=name, report="{}"
            )
        except StaleRevisionError:
            continue
        os.write(voice, f"{done.revision} {name}\n".encode())
        number += 1


def heard(listener: int) -> list[str]:
    text = b""
    while block := os.read(listener, 65_536):
        text += block
    return text.decode().splitlines()


@pytest.mark.slow
def test_hundreds_of_kills_lose_no_acknowledged_commit(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "ledger" / "kizuna.sqlite3"
    first = Ledger(path)
    first.accounts.add("aoi", "publisher")
    first.keep_snapshot("origin", 0, b"")
    first.close()
    acknowledged: dict[int, str] = {}
    kills = 0
    for round_ in range(ROUNDS // WRITERS):
        children = []
        for writer in range(WRITERS):
            listener, voice = os.pipe()
            pid = os.fork()
            if pid == 0:
                try:
                    os.close(listener)
                    write_until_killed(path, f"{round_}-{writer}", voice)
                finally:
                    os._exit(1)
            os.close(voice)
            children.append((pid, listener))
        if round_ % 2:  # at any moment from the fork on, or from the first acknowledgement on
            select.select([listener for _, listener in children], [], [], PATIENCE)
        time.sleep(random.uniform(0.0, 0.06))
        for pid, _ in children:
            os.kill(pid, signal.SIGKILL)
            kills += 1
        for pid, listener in children:
            _, status = os.waitpid(pid, 0)
            assert os.WIFSIGNALED(status)
            for line in heard(listener):
                revision, name = line.split(" ")
                assert int(revision) not in acknowledged
                acknowledged[int(revision)] = name
            os.close(listener)
        if round_ % 10 == 9:
            check(tmp_path, acknowledged)
    check(tmp_path, acknowledged)
    assert kills == ROUNDS
    assert len(acknowledged) >= ROUNDS // WRITERS // 2, "each second round has at least one"


def check(workspace: Path, acknowledged: dict[int, str]) -> None:
    ledger = Ledger(workspace / "ledger" / "kizuna.sqlite3")
    ledger.verify()
    recorded = {commit.revision: commit.message for commit in ledger.commits()}
    assert len(set(recorded.values())) == len(recorded)
    assert acknowledged.items() <= recorded.items()
    ledger.close()
    loaded = load_with_ledger(workspace)
    assert loaded.revision == len(recorded)
    assert len(loaded.store) == QUADS * len(recorded)
