"""The present link to the keeper, made anew when the keeper has been restarted. The only state is which link is current."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kizuna.engine.link import Link
from kizuna.engine.types import EngineUnavailableError
from kizuna.engine.wire import Head

PAUSE: Final = 0.1
"""Seconds between two attempts to connect again."""


class Connection:
    """Calling it gives the link to use. Safe to use from many threads.

    Args:
        path: the keeper's socket; a restarted keeper listens at the same place.
        on_event: called with every event, in the link's thread.
        on_end: called when a link has ended, in its thread.
        on_welcome: called with a new link before it is used; not for the first one.

    Raises:
        EngineUnavailableError: nobody listens there.
    """

    def __init__(
        self,
        path: Path,
        on_event: Callable[[Head], None],
        on_end: Callable[[], None],
        on_welcome: Callable[[Link], None],
    ) -> None:
        self._path = path
        self._on_event = on_event
        self._on_end = on_end
        self._on_welcome = on_welcome
        self._lock = threading.Lock()
        self._closed = False
        self._tried = 0.0
        self.link = Link(path, on_event, on_end)

    def __call__(self) -> Link:
        """The link to use now; a dead one when no keeper answers."""
        link = self.link
        # A link of the process that this one was forked from stays as it is: using it says what to do.
        if not link.alive and link.pid == os.getpid() and not self._closed:
            self._again()
        return self.link

    def _again(self) -> None:
        with self._lock:
            if self.link.alive or self._closed or time.monotonic() - self._tried < PAUSE:
                return
            self._tried = time.monotonic()
            try:
                fresh = Link(self._path, self._on_event, self._on_end)
            except EngineUnavailableError:
                return
            self.link.close()
            self._on_welcome(fresh)
            self.link = fresh
            fresh.start()

    def close(self) -> None:
        """Hang up for good."""
        with self._lock:
            self._closed = True
        self.link.close()
