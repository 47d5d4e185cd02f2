"""Why a worker has ended, told from how: the error that whoever asked it gets. Pure."""

from __future__ import annotations

import signal

from kizuna.engine.types import (
    EngineBusyError,
    EngineError,
    EngineUnavailableError,
    QueryCancelledError,
    QueryMemoryError,
    QueryTimeoutError,
    WorkerCrashedError,
)
from kizuna.engine.wire import Head


def verdict(head: Head) -> EngineError:
    """The error for a death, as the keeper tells of it (viewkeeper.death_head)."""
    why, number, words = head["why"], head["signal"], head["words"]
    if why == "timeout" or number in (signal.SIGALRM, signal.SIGXCPU):
        return QueryTimeoutError("The query took longer than it may and was ended.")
    if why == "cancelled":
        return QueryCancelledError("The query was cancelled.")
    if why == "busy":
        return EngineBusyError(
            "The query is a heavy one and there is no place for more of them now. Please try again later.",
            5.0,
        )
    if why:
        return EngineUnavailableError(f"The view was closed while the query ran ({why}). Please try again.")
    if "memory allocation" in words or "MemoryError" in words:
        return QueryMemoryError("The query needs more memory than it may use and was ended.")
    if number == signal.SIGKILL:
        return QueryMemoryError("The system ended the query, most likely because memory ran out.")
    how = signal.Signals(number).name if number else f"status {head['status']}"
    detail = f" {words.strip()}" if words and not number else ""
    return WorkerCrashedError(
        f"The query engine crashed on this query ({how}); nothing else is affected.{detail}"
    )
