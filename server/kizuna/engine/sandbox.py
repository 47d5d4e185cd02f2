"""Work that runs on a private copy of a store, under limits, and leaves nothing behind but its answer.

The web process's side: asks the keeper for a child of its own, sends it one job, reads its bytes. What the child does is in worker.py.
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import Any, Final

from kizuna.engine import progress
from kizuna.engine.leases import Lease, Leases, WorkerGoneError
from kizuna.engine.stream import error_of
from kizuna.engine.types import (
    EngineBusyError,
    EngineUnavailableError,
    Limits,
    QueryCancelledError,
    QueryRefusedError,
    QueryTimeoutError,
    View,
)
from kizuna.engine.wire import Frame
from kizuna.engine.worker import pack_arguments

AT_ONCE: Final = 2
"""Sandboxes of one web process that run at the same time."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work. Arguments as for `EmbeddedEngine.run_in_fork`."""

    function: str
    arguments: tuple[Any, ...]
    patch: tuple[bytes, bytes] | None
    limits: Limits
    modules: tuple[str, ...] = ()
    descriptors: int = 0
    file_bytes: int = 0


class Sandboxes:
    """Runs jobs. Safe to use from many threads.

    Args:
        leases: where children come from.
        wait_seconds: how long a job waits for its turn.
        transfer_seconds: how long, in total, a child may wait for its reader.
    """

    def __init__(self, leases: Leases, wait_seconds: float, transfer_seconds: float) -> None:
        self._leases = leases
        self._wait_seconds = wait_seconds
        self._transfer_seconds = transfer_seconds
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def run(self, view: View | None, job: Job) -> bytes:
        """Run a job on a view's store, or on the stated one; returns what its function returns.

        Raises:
            JobFailedError: the function raised something.
            EngineError: time, memory, a crash, or no sandbox.
        """
        if not self._turns.acquire(timeout=self._wait_seconds):
            raise EngineBusyError("All sandboxes are in use. Please try again.", 2.0)
        try:
            lease = self._leases.sandbox(view)
            try:
                return self._run(lease, job)
            finally:
                lease.close()
        finally:
            self._turns.release()

    def _run(self, lease: Lease, job: Job) -> bytes:
        packed, body = pack_arguments((*(job.patch or ()), *job.arguments))
        request = {
            "function": job.function,
            "arguments": packed,
            "patched": job.patch is not None,
            "modules": list(job.modules),
            "descriptors": job.descriptors,
            "file_bytes": job.file_bytes,
            "seconds": job.limits.seconds,
            "memory": job.limits.memory_bytes,
            "patience": self._transfer_seconds,
            "watched": progress.observer() is not None,
        }
        try:
            lease.send(request, body)
            frame = self._wait(lease, job.limits.seconds + 1.0)
        except WorkerGoneError:
            raise self._leases.cause(lease) from None
        if frame is None:
            with contextlib.suppress(EngineUnavailableError):
                self._leases.kill(lease.pid, "timeout")
            raise QueryTimeoutError("The work took longer than it may and was ended.")
        if "error" in frame.head:
            raise error_of(frame.head["error"])
        if job.limits.result_bytes is not None and len(frame.body) > job.limits.result_bytes:
            raise QueryRefusedError(f"The work's answer is longer than {job.limits.result_bytes} bytes.")
        return frame.body

    def _wait(self, lease: Lease, seconds: float) -> Frame | None:
        """The answer of a sandbox; None when it takes too long. Whoever watches hears how far it is (progress.py).

        Raises:
            WorkerGoneError: it has ended.
            QueryCancelledError: its watcher no longer wants it; it has been killed.
        """
        watcher = progress.observer()
        if watcher is None:
            return lease.receive(seconds)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            frame = lease.receive(progress.LOOK_EVERY)
            if frame is not None and "progress" not in frame.head:
                return frame
            if frame is not None:
                watcher.heard(*frame.head["progress"])
            if not watcher.wanted():
                with contextlib.suppress(EngineUnavailableError):
                    self._leases.kill(lease.pid, "cancelled")
                raise QueryCancelledError("The work was cancelled.")
        return None
