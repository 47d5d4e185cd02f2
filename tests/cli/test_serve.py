"""`kizuna serve` answers, says where, and leaves nothing behind however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.support.processes import alive, descendants
from tests.support.waiting import PATIENCE, wait_until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "data").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "kizuna.cli", "serve", "--workspace", str(tmp_path), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    yield process
    process.kill()
    process.communicate()


def address(process: subprocess.Popen[str]) -> tuple[str, int]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("Kizuna: http://127.0.0.1:"), line
    return "127.0.0.1", int(line.split("127.0.0.1:")[1].split("/")[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_it_prints_an_address_that_answers_and_ends_with_everything_it_started(
    server: subprocess.Popen[str], number: signal.Signals
) -> None:
    connection = HTTPConnection(*address(server), timeout=PATIENCE)
    connection.request("GET", "/health")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 200
    wait_until(lambda: len(descendants(server.pid)) >= 4)
    started = descendants(server.pid)
    server.send_signal(number)
    wait_until(lambda: not any(alive(pid) for pid in started))


def test_a_taken_port_is_said(server: subprocess.Popen[str], tmp_path: Path) -> None:
    _, port = address(server)
    second = subprocess.run(
        [sys.executable, "-m", "kizuna.cli", "serve", "--workspace", str(tmp_path), "--port", str(port)],
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )
    assert second.returncode == 2
    assert "is in use" in second.stderr
