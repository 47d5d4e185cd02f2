"""Which views the root keeper has: built when asked for, today's pinned, the longest unused given up first.

Plain bookkeeping around view keepers; forks and sends through the root keeper that owns it.
"""

from __future__ import annotations

import signal
import socket
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn, Protocol

from kizuna.engine import viewkeeper
from kizuna.engine.advancing import Advances
from kizuna.engine.config import EngineConfig, pinned_days
from kizuna.engine.loop import Loop
from kizuna.engine.nursery import Death, Nursery
from kizuna.engine.record import Record
from kizuna.engine.types import View
from kizuna.engine.wire import Channel, Frame, Head


class Owner(Protocol):
    """What views need of the root keeper."""

    loop: Loop
    nursery: Nursery

    def fork_view(self, main: Callable[[socket.socket], NoReturn]) -> tuple[int, Channel]:
        """Fork a view keeper."""

    def tell(self, client: int, head: Head, descriptors: tuple[int, ...] = ()) -> None:
        """Send to one web process."""

    def tell_all(self, head: Head) -> None:
        """Send to all web processes."""

    def note_death(self, head: Head) -> None:
        """A worker has died."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker as the root keeper knows it: its process id, its number in its keeper, the web process it is for."""

    pid: int
    serial: int
    client: int


@dataclass(eq=False, slots=True)
class ViewHandle:
    """A view that is waited for, being built, ready, or on its way out.

    `advancing` is the view it is on its way to, `advanced` how often it has been brought to another.
    """

    view: View
    used: float
    pid: int = 0
    channel: Channel | None = None
    ready: bool = False
    quads: int = 0
    deadline: float = 0.0
    waiting: list[Head] = field(default_factory=list)
    workers: dict[int, Worker] = field(default_factory=dict)
    advancing: View | None = None
    advance_until: float = 0.0
    advanced: int = 0


class Views:
    """All views of a root keeper. A key is a view with its revision resolved."""

    def __init__(self, config: EngineConfig, record: Record, owner: Owner) -> None:
        self.config = config
        self.record = record
        self.owner = owner
        self.published = record.revision
        self.handles: OrderedDict[View, ViewHandle] = OrderedDict()
        self.leaving: list[ViewHandle] = []
        self.failed: dict[View, tuple[str, float]] = {}
        self.advances = Advances(config, record)
        self.built = 0
        self.advanced = 0

    # Figures.

    def _all(self) -> Iterator[ViewHandle]:
        yield from self.handles.values()
        yield from self.leaving

    def worker_pids(self) -> list[int]:
        """The process ids of all workers."""
        return [pid for handle in self._all() for pid in handle.workers]

    def published_head(self) -> Head:
        """What web processes must know to name views."""
        return {"published": self.published, "held": self.record.revision}

    def figures(self) -> Head:
        """For the engine's state."""
        today = self.handles.get(View(self.config.today(), self.published))
        return {
            "ready": today is not None and today.ready,
            "quads": today.quads if today is not None else 0,
            "workers": len(self.worker_pids()),
            "built": self.built,
            "advanced": self.advanced,
            "views": [viewkeeper.view_head(view) for view, handle in self.handles.items() if handle.ready],
            **self.published_head(),
        }

    # Asked by web processes.

    def worker(self, head: Head) -> None:
        """A web process wants a worker of a view: fork it, or build the view first."""
        view = viewkeeper.view_of(head["view"])
        if not head["explicit"] and view.revision != self.published:
            self._refuse(head, "stale", "")
            return
        handle = self.handles.get(view)
        if handle is None:
            donor = self.advances.donor(self.handles, view)
            if donor is not None and self.advances.start(donor, view) and donor.advancing == view:
                donor.waiting.append(head)
                return
            message, until = self.failed.get(view, ("", 0.0))
            if until > time.monotonic():
                self._refuse(head, "view", message)
                return
            handle = self._wanted(view, [head])
            if handle is None:
                self._refuse(head, "busy", "Too many views are waiting to be built.")
            return
        self.touch(view)
        if handle.ready and handle.channel is not None:
            handle.channel.send({**head, "op": "fork"})
        else:
            handle.waiting.append(head)

    def touch(self, view: View) -> None:
        """A view is in use."""
        handle = self.handles.get(view)
        if handle is not None:
            handle.used = time.monotonic()
            self.handles.move_to_end(view)

    def kill(self, client: int, pid: int, why: str) -> None:
        """Kill a worker that this web process leases."""
        for handle in self._all():
            worker = handle.workers.get(pid)
            if worker is not None and worker.client == client and handle.channel is not None:
                handle.channel.send({"op": "kill", "pid": pid, "why": why})

    def client_gone(self, client: int) -> None:
        """A web process is gone: so are its workers."""
        for handle in self._all():
            handle.waiting = [head for head in handle.waiting if head["client"] != client]
            if handle.channel is not None:
                handle.channel.send({"op": "client-gone", "client": client})

    def record_changed(self) -> None:
        """The record has a newer revision: build today's view of it; it is published when ready."""
        self.tick()

    # The course of things.

    def tick(self) -> None:
        """Keep pinned views, start builds, end what takes too long."""
        now = time.monotonic()
        for view in self._pinned():
            if view not in self.handles and self.failed.get(view, ("", 0.0))[1] < now:
                donor = self.advances.donor(self.handles, view)
                if donor is None or not self.advances.start(donor, view):
                    self._wanted(view, [], pinned=True)
        self._start_builds(now)
        self._give_up(now)

    def _pinned(self) -> list[View]:
        days = pinned_days(self.config.now(), self.config.ahead_seconds)
        newest = [View(days[0], self.record.revision)]
        return list(dict.fromkeys(newest + [View(day, self.published) for day in days]))

    def _wanted(self, view: View, waiting_heads: list[Head], pinned: bool = False) -> ViewHandle | None:
        waiting = sum(1 for handle in self.handles.values() if not handle.pid)
        if waiting >= self.config.max_waiting_builds and not pinned:
            return None
        handle = ViewHandle(view, time.monotonic(), waiting=waiting_heads)
        self.handles[view] = handle
        self._start_builds(time.monotonic())
        return handle

    def _start_builds(self, now: float) -> None:
        building = sum(1 for handle in self.handles.values() if handle.pid and not handle.ready)
        pinned = set(self._pinned())
        for view, handle in list(self.handles.items()):
            if (
                not handle.pid
                and not handle.waiting
                and view not in pinned
                and view.revision != self.published
            ):
                del self.handles[view]  # a newer record has come before its build began
        queue = [handle for handle in self.handles.values() if not handle.pid]
        for handle in sorted(queue, key=lambda one: one.view not in pinned):  # pinned ones first
            if building >= self.config.max_builds:
                return
            self._build(handle, now)
            building += 1

    def _build(self, handle: ViewHandle, now: float) -> None:
        revision = handle.view.revision if handle.view.revision is not None else self.published
        held, undo = self.record.way_back(revision)
        order = viewkeeper.BuildOrder(handle.view, undo, held)
        store, config = self.record.store, self.config

        def main(sock: socket.socket) -> NoReturn:
            viewkeeper.run(sock, store, config, order)

        handle.pid, handle.channel = self.owner.fork_view(main)
        handle.deadline = now + self.config.build_seconds
        self.owner.loop.add(handle.channel, partial(self._hear, handle), partial(self._closed, handle))

    def _hear(self, handle: ViewHandle, frame: Frame) -> None:
        head = frame.head
        if head["op"] == "ready":
            self._ready(handle)
        elif head["op"] == "counted":
            handle.quads = head["quads"]
        elif head["op"] == "failed":
            self._fail(handle, head["message"])
        elif head["op"] == "grown":
            handle.quads += head["quads"]
        elif head["op"] == "advanced":
            self._advanced(handle, head)
        elif head["op"] == "forked":
            handle.workers[head["pid"]] = Worker(head["pid"], head["serial"], head["client"])
            self.owner.tell(head["client"], {**head, "reply": head["request"]}, frame.descriptors)
        elif head["op"] == "fork-failed":
            self.owner.tell(head["client"], {**head, "reply": head["request"]})
        elif head["op"] == "died":
            handle.workers.pop(head["pid"], None)
            self.owner.note_death(head)

    def _ready(self, handle: ViewHandle) -> None:
        handle.ready = True
        self.built += 1
        waiting, handle.waiting = handle.waiting, []
        for one in waiting:
            if handle.channel is not None:
                handle.channel.send({**one, "op": "fork"})
        self._publish_if_newer(handle.view)
        self._make_room()

    def _advanced(self, handle: ViewHandle, head: Head) -> None:
        """A view keeper has found out what leads to a newer view: have it show that one."""
        if self.handles.get(handle.view) is not handle:
            return
        view = self.advances.hear(handle, head)
        if view is not None:
            old = handle.view
            del self.handles[old]
            handle.view = view
            self.handles[view] = handle
            self.advanced += 1
            self._publish_if_newer(view)
            self.owner.tell_all({"event": "retired", "view": viewkeeper.view_head(old)})
        self._serve_waiting(handle)
        self.tick()

    def _serve_waiting(self, handle: ViewHandle) -> None:
        """Whoever waited for where this view was on its way to: it is there, or it has to be built."""
        waiting, handle.waiting = handle.waiting, []
        for head in waiting:
            self.worker(head)

    def _publish_if_newer(self, view: View) -> None:
        revision = view.revision
        if revision is not None and revision > self.published and view == View(self.config.today(), revision):
            self._publish(revision)

    def _publish(self, revision: int) -> None:
        self.published = revision
        self.owner.tell_all({"event": "published", **self.published_head()})
        missing = [view for view in self._pinned() if view not in self.handles]
        donors = [self.advances.donor(self.handles, view) for view in missing]
        for view, handle in list(self.handles.items()):
            if view.revision not in (revision, self.record.revision) and handle not in donors:
                self._retire(view)

    def _make_room(self) -> None:
        pinned = set(self._pinned())
        spare = [v for v, handle in self.handles.items() if handle.ready and v not in pinned]
        for view in spare[: max(0, len(spare) - self.config.max_views)]:
            self._retire(view)

    def _retire(self, view: View) -> None:
        handle = self.handles.pop(view)
        for head in handle.waiting:
            self._refuse(head, "stale", "")
        handle.waiting = []
        if handle.channel is None:
            return
        handle.deadline = time.monotonic() + self.config.drain_seconds
        self.leaving.append(handle)
        if handle.ready:
            handle.channel.send({"op": "retire"})
        else:
            self.owner.nursery.kill(handle.pid, "not wanted any more")
        self.owner.tell_all({"event": "retired", "view": viewkeeper.view_head(view)})

    def _give_up(self, now: float) -> None:
        for handle in list(self.handles.values()):
            if self.advances.give_up(handle, now):
                self._serve_waiting(handle)
            if handle.pid and not handle.ready and now > handle.deadline:
                self.owner.nursery.kill(handle.pid, "slow build")
        for handle in self.leaving:
            if now > handle.deadline:
                self.owner.nursery.kill(handle.pid, "drained")

    def _fail(self, handle: ViewHandle, message: str) -> None:
        if self.handles.get(handle.view) is handle:
            del self.handles[handle.view]
        self.leaving.append(handle)
        handle.deadline = time.monotonic() + 5.0
        revision = handle.view.revision or 0
        # A newer record whose view cannot be built stays unpublished until the record changes again.
        pause = 3600.0 if revision > self.published else 10.0
        self.failed[handle.view] = (message, time.monotonic() + pause)
        while len(self.failed) > 1000:
            del self.failed[next(iter(self.failed))]
        for head in handle.waiting:
            self._refuse(head, "view", message)
        handle.waiting = []
        self.owner.tell_all(
            {"event": "failed", "view": viewkeeper.view_head(handle.view), "message": message}
        )

    def _refuse(self, head: Head, error: str, message: str) -> None:
        self.owner.tell(
            head["client"],
            {"reply": head["request"], "error": error, "message": message, **self.published_head()},
        )

    def _closed(self, handle: ViewHandle) -> None:
        """The view keeper's channel has closed: it is dead or about to be."""
        self.owner.nursery.kill(handle.pid, "channel closed")

    def died(self, death: Death) -> None:
        """A view keeper has died, and its workers with it."""
        for handle in list(self._all()):
            if handle.pid != death.pid:
                continue
            if handle.channel is not None:
                for frame in handle.channel.read():  # its last words, if they came with its death
                    self._hear(handle, frame)
                self.owner.loop.drop(handle.channel)
            if handle in self.leaving:
                self.leaving.remove(handle)
            elif not handle.ready:
                self._fail(handle, _epitaph(death))
                self.leaving.remove(handle)
            else:
                del self.handles[handle.view]
                self.owner.tell_all({"event": "retired", "view": viewkeeper.view_head(handle.view)})
                self._serve_waiting(handle)
            for worker in handle.workers.values():
                self.owner.note_death(
                    {
                        "pid": worker.pid,
                        "serial": worker.serial,
                        "client": worker.client,
                        "signal": int(signal.SIGKILL),
                        "status": 0,
                        "why": death.why or "view keeper gone",
                        "words": "",
                    }
                )


def _epitaph(death: Death) -> str:
    if death.why == "slow build":
        return "The view takes too long to build."
    how = f"signal {death.signal}" if death.signal else f"status {death.status}"
    return f"The view's keeper ended while building ({how}). {death.words}".strip()
