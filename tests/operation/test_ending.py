"""`kizuna serve` ends cleanly and in words whenever it is told to: while it loads, waits for a store, starts its web server, or answers.

Every moment is one that the test can see (a file that is being read, a process that lives, a line that was written); none is a time.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.processes import alive, descendants
from tests.support.waiting import PATIENCE, wait_until

BEFORE = "Kizuna: ended before it was ready.\n"
SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
ENDING = "Kizuna: ending; answers under way may finish (once more ends at once).\n"
ENDED = "Kizuna: ended.\n"


def slow(size: int) -> str:
    """A query that counts size to the fourth power rows."""
    values = " ".join(map(str, range(size)))
    return f"SELECT (COUNT(*) AS ?n) {{ {' '.join(f'VALUES ?{name} {{ {values} }}' for name in 'abcd')} }}"


class Served:
    """A server that was started, and what it wrote."""

    def __init__(self, workspace: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kizuna.cli", "serve", "-w", str(workspace), "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONUNBUFFERED": "1",
                "TMPDIR": str(workspace),
                "KIZUNA_QUERY_SECONDS": "50",
                "KIZUNA_LANGUAGE": "en",
            },
        )
        self.started: set[int] = set()

    def below(self, word: str) -> set[int]:
        """Processes below it whose command line has this word."""
        self.started |= descendants(self.process.pid)
        return {pid for pid in self.started if word in _command_line(pid)}

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal; its status and what it wrote to standard error, once nothing is left of it."""
        self.started |= descendants(self.process.pid)
        self.process.send_signal(number)
        _, words = self.process.communicate(timeout=PATIENCE)
        wait_until(lambda: not any(map(alive, self.started)))
        return self.process.returncode, words


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.fixture
def workspace() -> Iterator[Path]:
    """A folder for everything that a server writes; its path is short enough for a socket in it, whoever runs the tests."""
    with tempfile.TemporaryDirectory(prefix="kz-") as folder:
        (Path(folder) / "data").mkdir()
        yield Path(folder)


def test_a_folder_too_deep_for_a_socket_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    command = [sys.executable, "-m", "kizuna.cli", "serve", "-w", str(tmp_path), "--port", "0"]
    for language, words in (("en", "set TMPDIR to a shorter one."), ("ja", "TMPDIR に短いフォルダーを指定")):
        ran = subprocess.run(
            command,
            env={**os.environ, "TMPDIR": str(deep), "KIZUNA_LANGUAGE": language},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 2
        assert words in ran.stderr
        assert list(deep.iterdir()) == []


@pytest.fixture
def serving(workspace: Path) -> Iterator[Callable[..., Served]]:
    """Starts servers; whatever is left of them ends with the test."""
    started: list[Served] = []

    def one(*options: str) -> Served:
        started.append(Served(workspace, *options))
        return started[-1]

    yield one
    for served in started:
        with served.process as process:  # closes its pipes
            process.kill()


def leftovers(workspace: Path) -> set[str]:
    """What temporary files stand where the server puts them."""
    return {path.name for path in workspace.glob("kizuna-*")}


@pytest.mark.parametrize("number", [*SIGNALS, signal.SIGKILL])
def test_while_the_record_is_loaded(
    serving: Callable[..., Served], workspace: Path, number: signal.Signals
) -> None:
    fifo = workspace / "data" / "slow.ttl"
    os.mkfifo(fifo)
    served = serving()
    writers: list[int] = []

    def is_read() -> bool:
        try:
            writers.append(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:  # nobody reads it yet
            return False
        return True

    wait_until(is_read)
    status, words = served.end(number)
    os.close(writers[0])
    if number == signal.SIGKILL:
        assert (status, words) == (-signal.SIGKILL, "")
    else:
        assert (status, words) == (0, BEFORE)
        assert leftovers(workspace) == set()


@pytest.mark.parametrize("number", SIGNALS)
def test_while_a_store_does_not_answer(
    serving: Callable[..., Served], workspace: Path, number: signal.Signals
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/sparql"
        served = serving("--engine", "sparql", "--endpoint", address)
        asked, _ = silent.accept()
        assert served.end(number) == (0, BEFORE)
        asked.close()
    assert leftovers(workspace) == set()


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("least", [1, 2])
def test_while_the_web_server_starts(
    serving: Callable[..., Served], workspace: Path, number: signal.Signals, least: int
) -> None:
    served = serving("--web-processes", "2")
    wait_until(lambda: len(served.below("kizuna.web.server")) >= least)
    status, words = served.end(number)
    assert status == 0
    assert words in (ENDING + ENDED, ENDED)
    assert leftovers(workspace) == set()


class Asked:
    """A question that is being answered, by a server that answers."""

    def __init__(self, served: Served, size: int) -> None:
        assert served.process.stdout is not None
        self.port = int(served.process.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
        self.answer: tuple[int, bytes] | None = None
        self.thread = threading.Thread(target=self._ask, args=(size,))
        self.thread.start()
        wait_until(lambda: self.answer is not None or b'"busy":0' not in self._get("/health")[1])

    def _get(self, path: str) -> tuple[int, bytes]:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request("GET", path, headers={"Accept": "text/csv"})
            answer = connection.getresponse()
            return answer.status, answer.read().replace(b" ", b"")

    def _ask(self, size: int) -> None:
        try:
            self.answer = self._get("/sparql?query=" + quote(slow(size)))
        except (OSError, HTTPException):
            self.answer = (0, b"")

    def end(self) -> tuple[int, bytes]:
        """The answer."""
        self.thread.join(PATIENCE)
        assert self.answer is not None
        return self.answer


def test_an_answer_under_way_is_finished(serving: Callable[..., Served], workspace: Path) -> None:
    served = serving()
    asked = Asked(served, 30)
    assert served.end(signal.SIGTERM) == (0, ENDING + ENDED)
    assert asked.end() == (200, b"n\r\n810000\r\n")
    assert leftovers(workspace) == set()


def test_a_second_signal_ends_at_once(serving: Callable[..., Served], workspace: Path) -> None:
    served = serving()
    asked = Asked(served, 150)
    assert served.process.stderr is not None
    served.process.send_signal(signal.SIGINT)
    assert served.process.stderr.readline() == ENDING
    assert served.end(signal.SIGINT) == (0, ENDED)
    assert asked.end() == (0, b"")
    assert leftovers(workspace) == set()


def test_a_web_server_that_ends_by_itself_is_no_success(serving: Callable[..., Served]) -> None:
    served = serving()
    assert served.process.stdout is not None
    served.process.stdout.readline()
    (server,) = (pid for pid in served.below("kizuna.web.server") if _parent(pid) == served.process.pid)
    os.kill(server, signal.SIGKILL)
    _, words = served.process.communicate(timeout=PATIENCE)
    assert served.process.returncode == 1
    assert "ended by itself, by signal 9" in words
