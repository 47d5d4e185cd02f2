"""The root keeper: holds the stated store, keeps views, serves web processes on a Unix socket.

`python -m kizuna.engine.keeper` reads its configuration as one line of JSON from standard input, which it then watches: when
it closes, or when the parent process is gone, the keeper ends and everything below it. It says on standard
output, in one line of JSON, where it listens or why it cannot. It never starts a thread.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn

from pyoxigraph import Store

from kizuna.engine import viewkeeper
from kizuna.engine.advancing import advancer
from kizuna.engine.config import EngineConfig
from kizuna.engine.identity import workspace_digest
from kizuna.engine.kernel import end_with_writer, threads
from kizuna.engine.loop import Loop
from kizuna.engine.nursery import Nursery
from kizuna.engine.record import PatchError, Record
from kizuna.engine.views import ViewHandle, Views
from kizuna.engine.wire import Channel, Frame, Head
from kizuna.engine.worker import resolve

ROOT_OWNER: Final = 0
"""Owner of view keepers in the nursery; web processes are numbered from 1."""
_REPORT_SECONDS: Final = 3.0
"""Seconds that web processes have for saying what they run: one that is held up that long is passed over."""


class Keeper:
    """The root keeper's state and what it does with each message."""

    def __init__(self, config: EngineConfig, record: Record, seed: str, listener: socket.socket) -> None:
        self.config = config
        self.record = record
        self.seed = seed
        self.listener = listener
        self.nursery = Nursery()
        self.clients: dict[int, Channel] = {}
        self.next_client = 1
        self.killed = 0
        self.questions: dict[int, _Question] = {}
        self.next_question = 1
        self.parent = os.getppid()
        self.loop = Loop(self._bury, self._tick)
        self.views = Views(config, record, self)
        self.handlers: dict[str, Callable[[int, Frame], None]] = {
            "worker": self._worker,
            "touch": self._touch,
            "kill": self._kill,
            "apply": self._apply,
            "state": self._state,
            "running": self._ask_all,
            "cancel": self._ask_all,
            "report": self._report,
        }

    # What views need of the keeper.

    def fork_view(self, main: Callable[[socket.socket], NoReturn]) -> tuple[int, Channel]:
        """Fork a view keeper and serve its channel."""
        pid, sock = self.nursery.fork("kizuna-view", ROOT_OWNER, main)
        channel = Channel(sock)
        return pid, channel

    def tell(self, client: int, head: Head, descriptors: tuple[int, ...] = ()) -> None:
        """Send a frame to one web process, if it is still there."""
        channel = self.clients.get(client)
        if channel is None:
            for one in descriptors:
                os.close(one)
        else:
            channel.send(head, descriptors=descriptors)

    def tell_all(self, head: Head) -> None:
        """Send a frame to every web process."""
        for channel in list(self.clients.values()):
            channel.send(head)

    # Life.

    def run(self) -> None:
        """Serve until the parent is gone."""
        self.loop.watch(self.listener, self._accept)
        self._tick()
        try:
            self.loop.run()
        finally:
            self.nursery.end()

    def _tick(self) -> None:
        if os.getppid() != self.parent:
            self.loop.stop()
        self.views.tick()
        now = time.monotonic()
        for number, question in list(self.questions.items()):
            if now > question.deadline:
                self._settle(number)

    def _bury(self) -> None:
        for death in self.nursery.reap():
            if death.owner == ROOT_OWNER:
                self.views.died(death)
            else:
                self.note_death(viewkeeper.death_head(death))

    def note_death(self, head: Head) -> None:
        """A worker has died: count it, tell the web process that leased it."""
        self.killed += bool(head["signal"])
        self.tell(head["client"], {**head, "event": "died"})

    def _accept(self) -> None:
        try:
            sock, _address = self.listener.accept()
        except OSError:
            return
        _pid, uid, _gid = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if uid != os.getuid():
            sock.close()
            return
        number = self.next_client
        self.next_client += 1
        channel = Channel(sock)
        self.clients[number] = channel

        def hear(frame: Frame) -> None:
            handler = self.handlers.get(str(frame.head.get("op")))
            if handler is None:
                return
            try:
                handler(number, frame)
            except (KeyError, TypeError, ValueError) as error:
                # Only a web process of another version says what we don't understand: hang up on it, serve the others.
                print(f"keeper: message not understood: {error!r}", file=sys.stderr)
                channel.close()

        def closed() -> None:
            del self.clients[number]
            self.nursery.kill_owned(number, "client gone")
            self.views.client_gone(number)

        self.loop.add(channel, hear, closed)
        channel.send({"event": "welcome", "client": number, "seed": self.seed, **self.views.published_head()})
        channel.send({"event": "config"}, self.config.to_json().encode())

    # Messages of web processes.

    def _worker(self, client: int, frame: Frame) -> None:
        head = {**frame.head, "client": client}
        if head["view"] is None:

            def reply(answer: Head, descriptors: tuple[int, ...]) -> None:
                self.tell(client, {**answer, "reply": answer["request"]}, descriptors)

            viewkeeper.fork_worker(self.nursery, self.record.store, self.config, head, reply)
        else:
            self.views.worker(head)

    def _touch(self, _client: int, frame: Frame) -> None:
        self.views.touch(viewkeeper.view_of(frame.head["view"]))

    def _kill(self, client: int, frame: Frame) -> None:
        pid, why = frame.head["pid"], frame.head["why"]
        child = self.nursery.children.get(pid)
        if child is not None and child.owner == client:
            self.nursery.kill(pid, why)
        else:
            self.views.kill(client, pid, why)

    def _apply(self, client: int, frame: Frame) -> None:
        head, body = frame.head, frame.body
        split = head["removed"]
        try:
            done = self.record.apply(body[:split], body[split:], head["revision"])
        except PatchError as error:
            self.tell(client, {"reply": head["request"], "error": "patch", "message": str(error)})
            return
        self.tell(
            client,
            {
                "reply": head["request"],
                "revision": done.revision,
                "removed": done.removed,
                "added": done.added,
            },
        )
        self.views.record_changed()

    def _state(self, client: int, frame: Frame) -> None:
        self.tell(
            client,
            {
                "reply": frame.head["request"],
                "killed": self.killed,
                "pids": [os.getpid(), *self.nursery.children, *self.views.worker_pids()],
                **self.views.figures(),
            },
        )

    def _ask_all(self, client: int, frame: Frame) -> None:
        """Put a question to all web processes and answer with what they report."""
        number = self.next_question
        self.next_question += 1
        asked = set(self.clients)
        self.questions[number] = _Question(
            client, frame.head["request"], asked, time.monotonic() + _REPORT_SECONDS
        )
        for one in asked:
            self.tell(one, {**frame.head, "event": "asked", "question": number})

    def _report(self, client: int, frame: Frame) -> None:
        question = self.questions.get(frame.head["question"])
        if question is not None:
            question.asked.discard(client)
            question.reports += frame.head["reports"]
            if not question.asked:
                self._settle(frame.head["question"])

    def _settle(self, number: int) -> None:
        question = self.questions.pop(number)
        self.tell(question.client, {"reply": question.request, "reports": question.reports})


class _Question:
    def __init__(self, client: int, request: int, asked: set[int], deadline: float) -> None:
        self.client = client
        self.request = request
        self.asked = asked
        self.deadline = deadline
        self.reports: list[Any] = []


def listen(path: Path) -> socket.socket:
    """Bind the keeper's socket in a folder that only this user can enter.

    Raises:
        OSError: the folder is not ours, or the path is too long for a socket (107 bytes).
    """
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    folder.chmod(0o700)
    path.unlink(missing_ok=True)  # of a keeper before this one, which was killed
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(64)
    listener.setblocking(False)
    return listener


def main() -> int:
    """The keeper's process; returns its exit status."""
    config_line = sys.stdin.buffer.readline()
    if not config_line:  # who started this keeper has ended before it said what to do
        return 0
    lifeline = os.dup(0)
    end_with_writer(lifeline, True)
    speech = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    order = json.loads(config_line)
    sys.path[:] = order["path"]
    config = EngineConfig.from_json(order["config"])

    def say(**words: object) -> None:
        with contextlib.suppress(BrokenPipeError):  # nobody listens any more: the lifeline says so next
            os.write(speech, json.dumps(words).encode() + b"\n")
        os.close(speech)

    path = Path(order["socket"])
    try:
        for module in config.preload:
            importlib.import_module(module)
        resolve(config.view_builder)  # imported once here, not in every view
        advancer(config)
        loaded = resolve(config.loader)(config.workspace)
        store: Store = loaded.store
        record = Record(store, int(loaded.revision))
        seed = workspace_digest(config.workspace)
        if threads() > 1:
            raise RuntimeError(
                "The loader or a preloaded module has started a thread; a keeper must have one only."
            )
        listener = listen(path)
    except Exception as error:  # told to the process that starts the engine, which shows it to a person
        say(error=str(error), type=type(error).__name__)
        return 1
    gc.collect()
    gc.freeze()
    end_with_writer(lifeline, False)
    say(ready=True)
    keeper = Keeper(config, record, seed, listener)
    keeper.loop.watch(lifeline, lambda: _listen_to_life(keeper, lifeline))
    try:
        keeper.run()
    finally:
        path.unlink(missing_ok=True)
    return 0


def _listen_to_life(keeper: Keeper, lifeline: int) -> None:
    if not os.read(lifeline, 64):
        keeper.loop.stop()


__all__ = ["Keeper", "ViewHandle", "main"]

if __name__ == "__main__":
    sys.exit(main())
