"""An answer that comes in pieces, so that a web process never holds more of it than one piece."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from kizuna.engine import types
from kizuna.engine.leases import GRACE, Lease, Leases, WorkerGoneError
from kizuna.engine.types import AnswerEnd, AnswerKind, EngineError, EngineUnavailableError, QueryTimeoutError
from kizuna.engine.wire import Frame

_BY_CODE = {
    kind.code: kind
    for kind in vars(types).values()
    if isinstance(kind, type) and issubclass(kind, EngineError) and kind is not EngineError
}


def error_of(head: dict[str, Any]) -> EngineError:
    """The error that a worker reports, from its wire form."""
    code, message = head["code"], head["message"]
    if code == types.QuerySyntaxError.code:
        return types.QuerySyntaxError(message, head.get("line"), head.get("column"))
    if code == types.UnsupportedFormatError.code:
        return types.UnsupportedFormatError(message, head["kind"])
    if code == types.JobFailedError.code:
        return types.JobFailedError(message, head["type"])
    return _BY_CODE.get(code, EngineError)(message)


class AnswerStream:
    """Iterates over the bytes of an answer.

    `kind` and `media_type` are known from the start, `end` once the last piece has been taken, or from the start when
    the answer was short (up to about a megabyte). Close it when you stop early: the worker is ended then.
    An error in the middle (time, memory, cancelled) is raised by the iteration.
    """

    kind: AnswerKind
    media_type: str

    def __init__(self, lease: Lease, leases: Leases, seconds: float, done: Callable[[], None]) -> None:
        self.end: AnswerEnd | None = None
        self._lease = lease
        self._leases = leases
        self._patience = seconds + GRACE
        self._done = done
        self._open = True
        self._ready: bytes | None = None
        first = self._frame()
        self.kind = first.head["kind"]
        self.media_type = first.head["media_type"]
        self._ready = first.body

    def _frame(self) -> Frame:
        """The next frame; settles the worker's fate when it is the last one.

        Raises:
            EngineError: the worker reports one, or has died.
        """
        try:
            frame = self._lease.receive(self._patience)
        except WorkerGoneError:
            error = self._leases.cause(self._lease)
            self._finish(whole=False)
            raise error from None
        except BaseException:
            self._finish(whole=False)
            raise
        if frame is None:
            with contextlib.suppress(EngineUnavailableError):
                self._leases.kill(self._lease.pid, "timeout")
            self._finish(whole=False)
            raise QueryTimeoutError("The query took longer than it may and was ended.")
        head = frame.head
        if "error" in head:
            self._lease.leaving = bool(head["error"].get("leaving"))
            self._finish(whole=True)
            raise error_of(head["error"])
        if "end" in head:
            end = head["end"]
            self._lease.leaving = end["leaving"]
            self._lease.worked = float(end["worked"])
            self.end = AnswerEnd(end["rows"], end["truncated"], end["seconds"])
            self._finish(whole=True)
        return frame

    def _finish(self, whole: bool) -> None:
        if self._open:
            self._open = False
            (self._leases.give_back if whole else self._leases.drop)(self._lease)
            self._done()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if self._ready is not None:
            piece, self._ready = self._ready, None
            return piece
        if not self._open:
            raise StopIteration
        return self._frame().body

    def __del__(self) -> None:
        # Whoever lets go of an answer without closing it must not keep a worker.
        if getattr(self, "_open", False):
            with contextlib.suppress(Exception):
                self.close()

    def close(self) -> None:
        """Stop reading. A worker in the middle of the answer is ended and replaced."""
        self._ready = None
        if self._open:
            with contextlib.suppress(EngineUnavailableError):
                self._leases.kill(self._lease.pid, "cancelled")
            self._finish(whole=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
