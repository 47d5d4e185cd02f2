"""A web process's connection to the keeper: requests with answers, and events. One reading thread.

The keeper is never asked on the way of an ordinary query; only for workers, kills, patches and figures.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kizuna.engine.config import EngineConfig
from kizuna.engine.types import EngineBusyError, EngineUnavailableError
from kizuna.engine.wire import Frame, Head, Parser, WireError, pack, receive

Callback = Callable[[Frame | None], None]
"""Called in the reading thread with the answer, or with None when the keeper is gone."""

_WELCOME_SECONDS: Final = 10.0


class Link:
    """The connection. Safe to use from many threads.

    Args:
        path: the keeper's socket.
        on_event: called in the reading thread with every event.
        on_end: called in the reading thread when the keeper is gone.

    Raises:
        EngineUnavailableError: nobody listens there.
    """

    def __init__(self, path: Path, on_event: Callable[[Head], None], on_end: Callable[[], None]) -> None:
        self.path = path
        self._on_event = on_event
        self._on_end = on_end
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._callbacks: dict[int, Callback] = {}
        self._number = 0
        self._parser = Parser()
        self.alive = True
        self.pid = os.getpid()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(str(path))
            self._socket.settimeout(_WELCOME_SECONDS)
            self.welcome = self._first().head
            self.config = EngineConfig.from_json(self._first().body.decode())
            self._socket.settimeout(None)
        except (OSError, WireError) as error:
            self._socket.close()
            raise EngineUnavailableError(f"No keeper answers at {path}.") from error
        self._thread = threading.Thread(target=self._read, name="kizuna-link", daemon=True)

    def start(self) -> None:
        """Start reading."""
        self._thread.start()

    def _first(self) -> Frame:
        while (frame := self._parser.next()) is None:
            data, descriptors = receive(self._socket)
            if not data:
                raise WireError("closed")
            self._parser.feed(data, descriptors)
        return frame

    def tell(self, head: Head, body: bytes = b"") -> None:
        """Send without expecting an answer.

        Raises:
            EngineUnavailableError: the keeper is gone.
        """
        if not self.alive or self.pid != os.getpid():
            raise EngineUnavailableError(self._gone())
        try:
            with self._writing:
                self._socket.sendall(pack(head, body))
        except OSError as error:
            raise EngineUnavailableError(self._gone()) from error

    def _gone(self) -> str:
        if self.pid != os.getpid():
            return "This process was forked from one that is connected: it must connect on its own."
        return "The keeper is gone."

    def post(self, head: Head, callback: Callback, body: bytes = b"") -> int:
        """Send a request; `callback` gets the answer. Returns the request's number."""
        with self._lock:
            self._number += 1
            number = self._number
            self._callbacks[number] = callback
        try:
            self.tell({**head, "request": number}, body)
        except EngineUnavailableError:
            with self._lock:
                self._callbacks.pop(number, None)
            raise
        return number

    def request(self, head: Head, body: bytes = b"", seconds: float = 30.0) -> Frame:
        """Send a request and wait for its answer.

        Raises:
            EngineUnavailableError: the keeper is gone.
            EngineBusyError: no answer in time.
        """
        arrived = threading.Event()
        answer: list[Frame | None] = []

        def callback(frame: Frame | None) -> None:
            answer.append(frame)
            arrived.set()

        number = self.post(head, callback, body)
        if not arrived.wait(seconds):
            with self._lock:
                dropped = self._callbacks.pop(number, None) is not None
            if dropped:
                raise EngineBusyError(f"The keeper has not answered within {seconds:g} seconds.", 5.0)
            arrived.wait()
        if answer[0] is None:
            raise EngineUnavailableError(self._gone())
        return answer[0]

    def _read(self) -> None:
        with contextlib.suppress(OSError, WireError):
            while True:
                while (frame := self._parser.next()) is not None:
                    self._dispatch(frame)
                data, descriptors = receive(self._socket)
                if not data:
                    break
                self._parser.feed(data, descriptors)
        self.alive = False
        self._parser.close()
        with self._lock:
            callbacks, self._callbacks = list(self._callbacks.values()), {}
        for callback in callbacks:
            callback(None)
        self._on_end()

    def _dispatch(self, frame: Frame) -> None:
        if "event" in frame.head:
            self._on_event(frame.head)
            return
        with self._lock:
            callback = self._callbacks.pop(frame.head["reply"], None)
        if callback is not None:
            callback(frame)
        else:  # nobody waits any more: a worker that came too late ends when its socket closes
            for one in frame.descriptors:
                os.close(one)

    def close(self) -> None:
        """Hang up."""
        self.alive = False
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if threading.current_thread() is not self._thread and self._thread.is_alive():
            self._thread.join(5.0)
        self._socket.close()
