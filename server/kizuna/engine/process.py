"""Start a keeper as a process of its own, and end it. The only file that launches a program."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from kizuna.engine.config import EngineConfig
from kizuna.engine.types import EngineUnavailableError

_PATIENCE: Final = 5.0
_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Numeric libraries that a builder or a job may import start their threads when imported, unless told not to."""


class KeeperProcess:
    """A keeper that lives as long as this process (or until `end`).

    Its standard input is its lifeline: the kernel closes it when this process is gone, however it ends. The
    keeper is executed, not forked, so that nothing of a web process with its threads lives on in it.
    """

    def __init__(self, config: EngineConfig) -> None:
        package = Path(__file__).parents[2]
        path = [str(package), *[entry for entry in sys.path if entry and entry != str(package)]]
        environment = {**os.environ, **_ONE_THREAD, "PYTHONPATH": str(package)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kizuna.engine.keeper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # Ctrl-C in a terminal is for the web process, which then ends the keeper
        )
        order = json.dumps({"config": config.to_json(), "path": path})
        try:
            self.socket_path = self._greet(order)
        except BaseException:
            self.end()
            raise

    def _greet(self, order: str) -> Path:
        assert self.process.stdin is not None  # noqa: S101 (for the type checker: PIPE was asked for)
        assert self.process.stdout is not None  # noqa: S101
        try:
            self.process.stdin.write(order.encode() + b"\n")
            self.process.stdin.flush()
        except OSError as error:
            raise EngineUnavailableError("The keeper did not start.") from error
        line = self.process.stdout.readline()
        if not line:
            raise EngineUnavailableError(f"The keeper ended at once (status {self.process.wait(_PATIENCE)}).")
        words = json.loads(line)
        if "error" in words:
            raise EngineUnavailableError(str(words["error"]))
        return Path(words["socket"])

    def end(self) -> None:
        """End the keeper, and with it every view keeper and worker."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
