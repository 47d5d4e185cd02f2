"""The keeper of one view: builds it on a private copy of the store, then forks workers from it.

Runs in a child of the root keeper. Single-threaded. Ends with the root keeper, or when told to retire and its last worker
has ended.
"""

from __future__ import annotations

import gc
import math
import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NoReturn

from pyoxigraph import Quad, RdfFormat, Store, parse

from kizuna.engine.advancing import Advancer, advancer
from kizuna.engine.config import EngineConfig, pinned_days
from kizuna.engine.kernel import threads
from kizuna.engine.loop import Loop
from kizuna.engine.nursery import Death, Nursery
from kizuna.engine.types import View, ViewError
from kizuna.engine.wire import Channel, Frame, Head, pack, unpack_steps
from kizuna.engine.worker import Worker, resolve

Reply = Callable[[Head, tuple[int, ...]], None]
Undo = Sequence[tuple[bytes, bytes]]
"""Patches (removed, added) as N-Quads, the newest first, to be taken back."""
LATER_SECONDS: Final = 5.0
"""So long after its first answers a view that is not today's is prepared to be advanced."""


@dataclass(frozen=True, slots=True)
class BuildOrder:
    """What a view keeper is to build.

    Args:
        view: with its revision resolved.
        undo: patches to take back, newest first, to come from the held revision to the view's (or nearer to it).
        held: the revision that taking them back leads to.
    """

    view: View
    undo: Undo
    held: int


def take_back(store: Store, patches: Undo) -> None:
    """Undo patches: what was added goes, what was removed returns."""
    for removed, added in patches:
        for quad in parse(added, format=RdfFormat.N_QUADS):
            store.remove(quad)
        store.extend([quad for quad in parse(removed, format=RdfFormat.N_QUADS) if isinstance(quad, Quad)])


def build(store: Store, config: EngineConfig, order: BuildOrder) -> None:
    """Turn the stated store into the view, in place.

    Raises:
        ViewError: the revision or scenario is unknown, or the builder fails; says why.
    """
    view = order.view
    take_back(store, order.undo)
    if view.revision is not None and view.revision != order.held:
        if config.history is None:
            raise ViewError(
                f"Revision {view.revision} is not available: the oldest one held is {order.held}."
            )
        try:
            take_back(store, tuple(resolve(config.history)(config.workspace, view.revision, order.held)))
        except LookupError as error:
            raise ViewError(f"There is no revision {view.revision}.") from error
    patches = [_scenario(config, name) for name in view.scenario]
    try:
        resolve(config.view_builder)(store, view.as_of, patches)
    except ViewError:
        raise
    except Exception as error:  # a rule that does not parse, a scenario that does not apply …
        raise ViewError(f"The view cannot be built: {type(error).__name__}: {error}") from error
    if threads() > 1:
        raise ViewError("The view builder has started a thread; a keeper must have one only.")


def _scenario(config: EngineConfig, name: str) -> bytes:
    if config.scenario_loader is None:
        raise ViewError(f"There is no scenario '{name}'.")
    try:
        patch = resolve(config.scenario_loader)(config.workspace, name)
    except LookupError as error:
        raise ViewError(f"There is no scenario '{name}'.") from error
    if not isinstance(patch, bytes):
        raise ViewError(f"The scenario '{name}' is no patch.")
    return patch


def view_head(view: View) -> list[object]:
    """A view as the wire carries it."""
    return [view.as_of.isoformat(), view.revision, list(view.scenario)]


def view_of(head: list[object]) -> View:
    """The reverse of `view_head`.

    Raises:
        ValueError: it is no view.
    """
    day, revision, scenario = head
    if not isinstance(revision, (int, type(None))) or not isinstance(scenario, list):
        raise ValueError("not a view")
    return View(date.fromisoformat(str(day)), revision, tuple(str(name) for name in scenario))


def run(sock: socket.socket, store: Store, config: EngineConfig, order: BuildOrder) -> NoReturn:
    """The life of a view keeper. `sock` leads to the root keeper."""
    started = time.perf_counter()
    channel = Channel(sock)
    try:
        build(store, config, order)
    except ViewError as error:
        sock.setblocking(True)
        channel.send({"op": "failed", "message": str(error)})
        os._exit(0)
    gc.collect()
    gc.freeze()
    channel.send({"op": "ready", "seconds": time.perf_counter() - started})
    _ViewKeeper(channel, store, config, preparation(config, order.view)).run()
    os._exit(0)


def preparation(config: EngineConfig, view: View) -> float | None:
    """How many seconds after it is built a view is prepared to be advanced; None: never.

    It takes half a second of a core. Only today's view is about to be advanced; whoever asks for another day waits for its
    first answers, which shall not share the core with it. A scenario's view is built anew (`Advances.donor`).
    """
    if config.view_advance is None or view.scenario:
        return None
    return 0.0 if view.as_of in pinned_days(config.now(), config.ahead_seconds) else LATER_SECONDS


class _ViewKeeper:
    def __init__(
        self, channel: Channel, store: Store, config: EngineConfig, prepare_after: float | None
    ) -> None:
        self.channel = channel
        self.store = store
        self.config = config
        self.nursery = Nursery()
        self.retiring = False
        self.advancer: Advancer | None = None if prepare_after is None else advancer(config)
        self.prepare_at = time.monotonic() + (prepare_after or 0.0)
        self.found: tuple[int, bytes] | None = None
        self.loop = Loop(self._bury, self._tick)
        self.loop.add(channel, self._hear, self.loop.stop)

    def run(self) -> None:
        """Serve until told to retire, or until the root keeper is gone."""
        self._count()
        self._prepare()
        self.loop.run()
        self.nursery.end()

    def _count(self) -> None:
        """Have a child count the quads: a scan writes to every page it reads, which would end their sharing with the root."""

        def main(sock: socket.socket) -> NoReturn:
            sock.sendall(pack({"op": "counted", "quads": len(self.store)}))
            os._exit(0)

        def hear(frame: Frame) -> None:
            self.channel.send(frame.head)

        _pid, sock = self.nursery.fork("kizuna-count", 0, main)
        self.loop.add(Channel(sock), hear, lambda: None)

    def _prepare(self) -> None:
        """Have a child prepare what advancing the view will need, once, when its time has come."""
        module = self.advancer
        if module is None or time.monotonic() < self.prepare_at:
            return
        self.prepare_at = math.inf

        def main(sock: socket.socket) -> NoReturn:
            sock.sendall(pack({"op": "prepared"}, module.prepare(self.store)))
            os._exit(0)

        def hear(frame: Frame) -> None:
            module.prepared(self.store, frame.body)

        _pid, sock = self.nursery.fork("kizuna-prepare", 0, main)
        self.loop.add(Channel(sock), hear, lambda: None)

    def _advance(self, revision: int, body: bytes) -> None:
        """Have a child find out what these patches change; the root decides when it is applied."""
        module = self.advancer
        if module is None:
            self.channel.send({"op": "advanced", "revision": revision, "found": False})
            return
        self.found = None

        def main(sock: socket.socket) -> NoReturn:
            found = module.advance_by(self.store, unpack_steps(body))
            sock.sendall(pack({"op": "found"}, found))
            os._exit(0)

        def hear(frame: Frame) -> None:
            self.found = (revision, frame.body)

        def closed() -> None:
            found = self.found is not None and self.found[0] == revision
            self.channel.send({"op": "advanced", "revision": revision, "found": found})

        _pid, sock = self.nursery.fork("kizuna-advance", 0, main)
        self.loop.add(Channel(sock), hear, closed)

    def _take_over(self, revision: int) -> None:
        if self.advancer is None or self.found is None or self.found[0] != revision:
            raise RuntimeError("There is nothing to take over.")  # ends this keeper; the root builds anew
        grown = self.advancer.take_over(self.store, self.found[1])
        self.found = None
        self.channel.send({"op": "grown", "quads": grown})

    def _hear(self, frame: Frame) -> None:
        head = frame.head
        if head["op"] == "fork":
            fork_worker(self.nursery, self.store, self.config, head, self._reply)
        elif head["op"] == "kill":
            self.nursery.kill(head["pid"], head["why"])
        elif head["op"] == "client-gone":
            self.nursery.kill_owned(head["client"], "client gone")
        elif head["op"] == "advance":
            self._advance(head["revision"], frame.body)
        elif head["op"] == "take-over":
            self._take_over(head["revision"])
        elif head["op"] == "retire":
            self.retiring = True

    def _reply(self, head: Head, descriptors: tuple[int, ...]) -> None:
        self.channel.send(head, descriptors=descriptors)

    def _bury(self) -> None:
        for death in self.nursery.reap():
            if death.owner:
                self.channel.send(death_head(death))

    def _tick(self) -> None:
        self._prepare()
        if self.retiring and not self.nursery.children:
            self.loop.stop()


def fork_worker(nursery: Nursery, store: Store, config: EngineConfig, head: Head, reply: Reply) -> None:
    """Fork a worker (or a sandbox for one job) and answer with its id and socket."""
    job = bool(head["job"])

    def main(sock: socket.socket) -> NoReturn:
        worker = Worker(sock, store, config.max_memory_bytes)
        if job:
            worker.run_job()
        worker.run()

    try:
        pid, sock = nursery.fork("kizuna-sandbox" if job else "kizuna-worker", head["client"], main)
    except OSError as error:
        reply(
            {
                "op": "fork-failed",
                "request": head["request"],
                "client": head["client"],
                "message": str(error),
            },
            (),
        )
        return
    told = {"op": "forked", "request": head["request"], "client": head["client"], "pid": pid}
    told["serial"] = nursery.children[pid].serial
    reply(told, (sock.detach(),))


def death_head(death: Death) -> Head:
    """A child's death as the wire carries it."""
    return {
        "op": "died",
        "pid": death.pid,
        "serial": death.serial,
        "client": death.owner,
        "signal": death.signal,
        "status": death.status,
        "why": death.why,
        "words": death.words,
    }
