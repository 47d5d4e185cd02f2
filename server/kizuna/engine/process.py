"""Start a keeper as a process of its own, again when it dies, and end it. The only file that launches a program."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from kizuna.engine.config import EngineConfig
from kizuna.engine.types import EngineUnavailableError

_PATIENCE: Final = 5.0
_PAUSES: Final = (0.1, 0.5, 2.0, 10.0)
"""Seconds before a dead keeper is started again; the last holds from then on. A keeper that lived long starts anew."""
_LONG: Final = 60.0
_LONGEST_SOCKET: Final = 107
"""Bytes of a socket's path that the kernel takes; see unix(7)."""
_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Numeric libraries that a builder or a job may import start their threads when imported, unless told not to."""


class KeeperProcess:
    """A keeper that lives as long as this process (or until `end`).

    Its standard input is its lifeline: the kernel closes it when this process is gone, however it ends. The keeper is
    executed, not forked, so that nothing of a web process with its threads lives on in it. One that dies is started
    again at the same socket and reads the workspace anew; what was not durable is gone, as after any restart.

    Raises:
        EngineUnavailableError: the workspace cannot be loaded, the folder's path is too long for a socket, or the keeper does not start.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._config = config
        self._owned = None if config.runtime_dir else Path(tempfile.mkdtemp(prefix="kizuna-"))
        folder = config.runtime_dir or self._owned or Path()
        self.socket_path = folder / f"keeper-{os.getpid()}-{os.urandom(3).hex()}.sock"
        self._ending = threading.Event()
        if len(os.fsencode(self.socket_path)) > _LONGEST_SOCKET:
            self._tidy()
            raise EngineUnavailableError(
                f"The folder {folder} is too deep for a socket ({_LONGEST_SOCKET} bytes of a path at most): set TMPDIR to a shorter one."
            )
        try:
            self.process = self._launch()
        except BaseException:
            self._tidy()
            raise
        self._watcher = threading.Thread(target=self._watch, name="kizuna-keeper", daemon=True)
        if config.restart_keeper:
            self._watcher.start()

    def _launch(self) -> subprocess.Popen[bytes]:
        package = Path(__file__).parents[2]
        path = [str(package), *[entry for entry in sys.path if entry and entry != str(package)]]
        order = {"config": self._config.to_json(), "path": path, "socket": str(self.socket_path)}
        process = subprocess.Popen(
            [sys.executable, "-m", "kizuna.engine.keeper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ONE_THREAD, "PYTHONPATH": str(package)},
            start_new_session=True,  # Ctrl-C in a terminal is for the web process, which then ends the keeper
        )
        try:
            _greet(process, json.dumps(order))
        except BaseException:
            _end(process)
            raise
        return process

    def _watch(self) -> None:
        deaths = 0
        while True:
            started = time.monotonic()
            self.process.wait()
            if self._ending.is_set():
                return
            deaths = 0 if time.monotonic() - started > _LONG else deaths + 1
            _end(self.process)
            while not self._ending.wait(_PAUSES[min(deaths, len(_PAUSES) - 1)]):
                try:
                    self.process = self._launch()
                    break
                except EngineUnavailableError as error:
                    print(f"kizuna: the keeper does not start again: {error}", file=sys.stderr)
                    deaths += 1
            if self._ending.is_set():
                _end(self.process)
                return

    def end(self) -> None:
        """End the keeper, and with it every view keeper and worker."""
        self._ending.set()
        _end(self.process)
        if self._watcher.is_alive():
            self._watcher.join(_PATIENCE)
        self._tidy()

    def _tidy(self) -> None:
        self.socket_path.unlink(missing_ok=True)
        if self._owned is not None:
            shutil.rmtree(self._owned, ignore_errors=True)


def _greet(process: subprocess.Popen[bytes], order: str) -> None:
    """Tell a new keeper what to do and hear whether it can."""
    assert process.stdin is not None  # noqa: S101 (for the type checker: PIPE was asked for)
    assert process.stdout is not None  # noqa: S101
    try:
        process.stdin.write(order.encode() + b"\n")
        process.stdin.flush()
    except OSError as error:
        raise EngineUnavailableError("The keeper did not start.") from error
    line = process.stdout.readline()
    if not line:
        raise EngineUnavailableError(f"The keeper ended at once (status {process.wait(_PATIENCE)}).")
    words = json.loads(line)
    if "error" in words:
        raise EngineUnavailableError(str(words["error"]))


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
