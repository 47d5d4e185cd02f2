"""How far work in a sandbox is, and whether it is still wanted. Holds a context variable and one function; no I/O of its own.

Work that may take long is watched by whoever started it: inside `watched(observer)`, every sandbox that this context
runs tells the observer how far it is, and is killed as soon as the observer no longer wants it (sandbox.py). In the
sandbox, `tell` says how far the work is; elsewhere it says nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Protocol

Send = Callable[[str, int, int], None]
TELL_EVERY: Final = 0.5
"""Seconds between two messages of a sandbox, at least."""
LOOK_EVERY: Final = 0.25
"""Seconds after which it is looked whether work is still wanted."""


class Observer(Protocol):
    """Whoever watches work. Called in the thread that waits for the sandbox."""

    def heard(self, stage: str, done: int, total: int) -> None:
        """The work is so far: `done` of `total` (0: unknown) in a stage."""

    def wanted(self) -> bool:
        """Whether it is to go on."""


_observer: ContextVar[Observer | None] = ContextVar("kizuna-observer", default=None)


@contextmanager
def watched(observer: Observer) -> Iterator[None]:
    """Have all sandboxes that run inside the block watched."""
    token = _observer.set(observer)
    try:
        yield
    finally:
        _observer.reset(token)


def observer() -> Observer | None:
    """Who watches in this context."""
    return _observer.get()


class _Voice:
    send: Send | None = None
    stage = ""
    last = 0.0


def connect(send: Send) -> None:
    """In a sandbox: where `tell` sends to."""
    _Voice.send, _Voice.stage, _Voice.last = send, "", 0.0


def tell(stage: str, done: int = 0, total: int = 0) -> None:
    """Say how far the work is. Cheap: what comes too soon after the last message of the same stage is not sent."""
    if _Voice.send is None:
        return
    now = time.monotonic()
    if stage == _Voice.stage and now - _Voice.last < TELL_EVERY:
        return
    _Voice.stage, _Voice.last = stage, now
    _Voice.send(stage, done, total)
