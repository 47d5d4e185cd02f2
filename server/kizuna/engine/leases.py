"""The workers that one web process holds: connected sockets, kept warm for each view. Threads share them."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kizuna.engine.link import Link
from kizuna.engine.types import (
    EngineBusyError,
    EngineError,
    EngineUnavailableError,
    View,
    ViewError,
)
from kizuna.engine.verdict import verdict
from kizuna.engine.viewkeeper import view_head, view_of
from kizuna.engine.wire import Frame, Head, Parser, pack

GRACE: Final = 0.5
"""Seconds after the kernel's own clock should have ended a worker; then it is killed from here."""
YIELDED: Final = 5
"""Priority (nice value) of a thread that answers a heavy query: a third of the weight of others (sched(7)). Those with much less
were starved by whatever else a machine does."""
SPARE_SECONDS: Final = 20.0
"""How long a worker beyond those that are kept warm waits for another query: a fresh one would have to copy what this one has."""
SPARES: Final = 4
"""Workers of a view beyond those that are kept warm, which may wait so."""
_TIMEVAL: Final = struct.Struct("@ll")
_TOUCH_EVERY: Final = 5.0
_DEATH_NEWS: Final = 30.0
"""Seconds that the keeper has for telling why a worker ended: it always does, but on a busy machine not at once."""


class WorkerGoneError(Exception):
    """The worker's socket has closed."""


class Lease:
    """A worker of ours. Used by one thread at a time."""

    def __init__(self, view: View | None, link: Link, frame: Frame) -> None:
        self.view = view
        self.link = link
        self.pid: int = frame.head["pid"]
        self.name = (self.pid, int(frame.head["serial"]))
        self.sock = socket.socket(fileno=frame.descriptors[0])
        self.parser = Parser()
        self.leaving = False
        self.worked = 0.0
        """Seconds of a processor that it had had at the end of its last answer, as it says itself."""
        self.idle_since = 0.0
        self._patience = 0.0

    def send(self, head: Head, body: bytes = b"") -> None:
        """Send a request.

        Raises:
            WorkerGoneError: the worker has ended.
        """
        self.send_bytes(pack(head, body))

    def send_bytes(self, frame: bytes) -> None:
        """Send a request that is a frame already.

        Raises:
            WorkerGoneError: the worker has ended.
        """
        try:
            self.sock.sendall(frame)
        except OSError as error:
            raise WorkerGoneError from error

    def receive(self, seconds: float) -> Frame | None:
        """The next frame, or None when none came in time.

        Raises:
            WorkerGoneError: the worker has ended.
        """
        deadline = 0.0
        while (frame := self.parser.next()) is None:
            left = seconds if not deadline else deadline - time.monotonic()
            deadline = deadline or time.monotonic() + seconds
            if left <= 0:
                return None
            try:
                self._wait_at_most(left)
                data = self.sock.recv(self.parser.wanted)
            except BlockingIOError:
                return None
            except OSError as error:
                raise WorkerGoneError from error
            if not data:
                raise WorkerGoneError
            self.parser.feed(data)
        return frame

    def _wait_at_most(self, seconds: float) -> None:
        """Have the kernel keep the time (SO_RCVTIMEO, socket(7)): one call where Python's own timeouts take four."""
        if seconds != self._patience:
            whole = int(seconds)
            micros = max(int((seconds - whole) * 1e6), 1)
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEVAL.pack(whole, micros))
            self._patience = seconds

    def yield_to_others(self) -> None:
        """Lower the priority of the thread that answers; another one takes over after its query (worker.py)."""
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{self.pid}/task").iterdir():
                if int(thread.name) != self.pid:
                    os.setpriority(os.PRIO_PROCESS, int(thread.name), YIELDED)

    def close(self) -> None:
        """End the worker."""
        with contextlib.suppress(OSError):
            self.sock.close()


class Leases:
    """The idle workers of every view, and the news of those that died.

    Args:
        link: the connection to the keeper.
        view_seconds: how long to wait for a view that has to be built.
        workers: how many workers of a view are kept warm.
    """

    def __init__(self, link: Callable[[], Link], view_seconds: float, workers: int) -> None:
        self._link = link
        self._view_seconds = view_seconds
        self._workers = workers
        self._lock = threading.Lock()
        self._idle: dict[View, list[Lease]] = {}
        self._out: dict[View, int] = {}
        self._known: dict[View, float] = {}
        self.news = threading.Condition()
        self._deaths: dict[tuple[int, int], Head] = {}
        self._broom: threading.Timer | None = None
        self._closed = False
        self.published = -1

    # Events of the keeper, in its reading thread.

    def published_is(self, revision: int) -> None:
        """A newer revision is published."""
        with self.news:
            self.published = revision
            self.news.notify_all()

    def died(self, head: Head) -> None:
        """A worker of ours has died."""
        with self.news:
            self._deaths[head["pid"], head["serial"]] = head
            while len(self._deaths) > 1000:
                del self._deaths[next(iter(self._deaths))]
            self.news.notify_all()
        with self._lock:
            for idle in self._idle.values():
                for lease in [one for one in idle if one.name == (head["pid"], head["serial"])]:
                    idle.remove(lease)
                    lease.close()

    def retired(self, head: Head) -> None:
        """A view is given up: let its idle workers go."""
        view = view_of(head["view"])
        with self._lock:
            idle = self._idle.pop(view, [])
            self._known.pop(view, None)
        for lease in idle:
            lease.close()

    # Workers.

    def knows(self, view: View) -> bool:
        """Whether a worker of this view (resolved) has been had, and the view has not been given up since."""
        return view in self._known

    def ensure(self, view: View, explicit: bool, spare: int) -> None:
        """Make sure that the view is built, by asking for a worker when none has ever been had.

        Args:
            view: resolved.
            explicit: whether the revision was asked for, rather than resolved.
            spare: how many more workers to ask for ahead of need.

        Raises:
            EngineError: the view cannot be had.
        """
        if view not in self._known:
            self._keep(self._ask(view, explicit))
            self.warm(view, spare)

    @property
    def in_use(self) -> bool:
        """Whether this process has asked anything yet: one that only keeps the keeper alive needs no worker."""
        return bool(self._known)

    def take(self, view: View, explicit: bool) -> Lease:
        """An idle worker, or a new one.

        Raises:
            EngineError: none can be had.
        """
        with self._lock:
            idle = self._idle.get(view)
            lease = idle.pop() if idle else None
            touch = lease is not None and self._touched(view)
        if lease is None:
            lease = self._ask(view, explicit)
        elif touch:
            self._link().tell({"op": "touch", "view": view_head(view)})
        with self._lock:
            self._out[view] = self._out.get(view, 0) + 1
        return lease

    def _touched(self, view: View) -> bool:
        now = time.monotonic()
        if now - self._known.get(view, 0.0) < _TOUCH_EVERY:
            return False
        self._known[view] = now
        return True

    def give_back(self, lease: Lease) -> None:
        """Return a worker after a whole answer; one that leaves is replaced."""
        self._back(lease)
        if lease.leaving:
            lease.close()
            self._replace(lease)
        else:
            self._keep(lease)

    def drop(self, lease: Lease) -> None:
        """End a worker in the middle of an answer, or after its death, and have it replaced."""
        self._back(lease)
        lease.close()
        self._replace(lease)

    def _back(self, lease: Lease) -> None:
        if lease.view is not None:
            with self._lock:
                left = self._out.get(lease.view, 1) - 1
                if left > 0:
                    self._out[lease.view] = left
                else:
                    self._out.pop(lease.view, None)

    def _keep(self, lease: Lease) -> None:
        assert lease.view is not None  # noqa: S101 (for the type checker: sandboxes are never kept)
        with self._lock:
            idle = self._idle.setdefault(lease.view, [])
            current = lease.view.revision == self.published or lease.view in self._known
            keep = current and lease.link.alive and len(idle) < self._workers + SPARES and not self._closed
            if keep:
                lease.idle_since = time.monotonic()
                idle.append(lease)
                if len(idle) > self._workers and self._broom is None:
                    self._fetch_broom()
        if not keep:
            lease.close()

    def _sweep(self) -> None:
        """Let spare workers go that nobody has needed for a while: those that were used longest ago."""
        old = time.monotonic() - SPARE_SECONDS
        going: list[Lease] = []
        with self._lock:
            self._broom = None
            spare = False
            for idle in self._idle.values():
                while len(idle) > self._workers and idle[0].idle_since < old:
                    going.append(idle.pop(0))
                spare = spare or len(idle) > self._workers
            if spare and not self._closed:
                self._fetch_broom()
        for lease in going:
            lease.close()

    def _fetch_broom(self) -> None:
        self._broom = threading.Timer(SPARE_SECONDS / 2, self._sweep)
        self._broom.daemon = True
        self._broom.start()

    def _replace(self, lease: Lease) -> None:
        """Ask for a fresh worker ahead of the next query, if the view still needs one."""
        view = lease.view
        if view is None or view not in self._known:
            return
        with self._lock:
            held = len(self._idle.get(view, [])) + self._out.get(view, 0)
        if held < self._workers:
            self.warm(view, 1)

    def warm(self, view: View, number: int) -> None:
        """Ask for workers without waiting for them."""

        link = self._link()

        def arrived(frame: Frame | None) -> None:
            if frame is not None and frame.descriptors:
                self._know(view)
                self._keep(self._leased(view, frame, link))

        with contextlib.suppress(EngineUnavailableError):
            for _ in range(number):
                ask = {"op": "worker", "view": view_head(view), "explicit": True, "job": False}
                link.post(ask, arrived)

    def _know(self, view: View) -> None:
        with self._lock:
            self._known[view] = time.monotonic()

    def _ask(self, view: View, explicit: bool) -> Lease:
        ask = {"op": "worker", "view": view_head(view), "explicit": explicit, "job": False}
        lease = self._leased(view, *self._request(ask))
        self._know(view)
        return lease

    def sandbox(self, view: View | None) -> Lease:
        """A sandbox for one job, on a view or on the stated store.

        Raises:
            EngineError: none can be had.
        """
        head = None if view is None else view_head(view)
        ask = {"op": "worker", "view": head, "explicit": True, "job": True}
        return self._leased(view, *self._request(ask))

    def _request(self, ask: Head) -> tuple[Frame, Link]:
        link = self._link()
        try:
            return link.request(ask, seconds=self._view_seconds), link
        except EngineBusyError as error:
            raise EngineBusyError(
                "The view is still being built. Please try again in a moment.", 5.0
            ) from error

    def _leased(self, view: View | None, frame: Frame, link: Link) -> Lease:
        head = frame.head
        if frame.descriptors:
            return Lease(view, link, frame)
        error, message = head.get("error"), head.get("message", "")
        if error == "stale":
            self.published_is(head["published"])
            raise StaleViewError
        if error == "view":
            raise ViewError(message)
        if error == "busy":
            raise EngineBusyError(message, 5.0)
        raise EngineUnavailableError(f"No worker can be started: {message}")

    # Deaths.

    def kill(self, pid: int, why: str) -> None:
        """Have a worker killed."""
        self._link().tell({"op": "kill", "pid": pid, "why": why})

    def cause(self, lease: Lease) -> EngineError:
        """Why a worker has ended in the middle of an answer, as the error to report."""
        deadline = time.monotonic() + _DEATH_NEWS
        with self.news:
            while lease.name not in self._deaths:
                left = deadline - time.monotonic()
                if left <= 0 or not lease.link.alive:
                    break
                self.news.wait(min(left, 0.2))
            head = self._deaths.pop(lease.name, None)
        return verdict(head) if head is not None else EngineUnavailableError("The keeper is gone.")

    def close(self) -> None:
        """End all idle workers, for good."""
        self._closed = True
        with self._lock:
            if self._broom is not None:
                self._broom.cancel()
        self.reset()

    def reset(self) -> None:
        """Forget all workers and views: the keeper they came from is gone."""
        with self._lock:
            leases = [lease for idle in self._idle.values() for lease in idle]
            self._idle.clear()
            self._known.clear()
        for lease in leases:
            lease.close()


class StaleViewError(Exception):
    """The view's revision is no longer the published one: resolve it again."""
