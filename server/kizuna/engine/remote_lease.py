"""Holds the place of the one writer of a store, and lets nobody else take it while its holder lives. Talks to that store.

A store knows no locks, but an update request that looks before it writes is one step to it. Who wants the place and finds it
taken puts a question into the store; the holder looks once a second, and answers. Only a holder that does not answer has lost
its place. So a store is written to only when somebody asks, no clocks are compared, and a writer that was killed is followed
by the next start without anybody's help (docs/decisions/0160).
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from pyoxigraph import Literal

from kizuna.engine import remote_client
from kizuna.engine.remote_client import Store
from kizuna.engine.remote_publish import MARKER, WRITER
from kizuna.engine.types import EngineError
from kizuna.workspace.names import NS

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 20.0
"""How long a holder has for its answer: longer than a large request keeps a store busy."""

_ALL: Final = f"SELECT ?p ?o WHERE {{ GRAPH <{WRITER}> {{ <{MARKER}> ?p ?o }} }}"


class WriterTakenError(EngineError):
    """Another server that lives writes to the store."""


@dataclass(slots=True)
class Lease:
    """The place of a store's writer, as one process sees it.

    Args:
        store: whose.
        name: of this server, for people: said to who finds the place taken.
        look_seconds: how often the holder looks for questions.
        answer_seconds: how long it has to answer one.
        ask_seconds: how long the store has to answer a query.
    """

    store: Store
    name: str = field(default_factory=lambda: f"{socket.gethostname()} (process {os.getpid()})")
    look_seconds: float = LOOK_SECONDS
    answer_seconds: float = ANSWER_SECONDS
    ask_seconds: float = ANSWER_SECONDS
    me: str = field(default_factory=lambda: secrets.token_hex(8), init=False)
    _ended: threading.Event = field(default_factory=threading.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def claim(self) -> None:
        """Take the place; when it is taken, only from a holder that does not answer.

        Raises:
            WriterTakenError: its holder lives.
            EngineError: the store cannot be asked or written to.
        """
        said = self._said_when_taken()
        holder = said["writer"][0] if said["writer"] else ""
        if holder == self.me:
            return
        name, since = (" ".join(said[key][:1]) or "?" for key in ("writerName", "writerSince"))
        if self._answers():
            raise WriterTakenError(
                f"This store has a writer already: {name}, since {since}. A store has one writer. Stop that server"
                " to write from here (the next start takes its place), or start this one with --read-only."
            )
        log.warning("The writer %s does not answer any more: this server takes its place.", name)
        old = f"GRAPH <{WRITER}> {{ <{MARKER}> <{NS}writer> {Literal(holder)} . ?s ?p ?o }}"
        self._update(
            f"DELETE {{ GRAPH <{WRITER}> {{ ?s ?p ?o }} }} INSERT {{ {self._mine()} }} WHERE {{ {old} }}"
        )
        if not self.held():
            raise WriterTakenError(
                "This store was given another writer at this moment: start again to see which."
            )

    def held(self) -> bool:
        """Whether this process has the place; in a store that was emptied meanwhile, it takes it again.

        Raises:
            EngineError: the store cannot be asked or written to.
        """
        return self._said_when_taken()["writer"][:1] == [self.me]

    def look(self) -> bool:
        """Answer who asks; False when the place is somebody else's.

        Raises:
            EngineError: the store cannot be asked or written to.
        """
        said = self._said_when_taken()
        if said["writer"][:1] != [self.me]:
            return False
        for question in said["writerAsked"]:
            asked, answered = _exchange(question)
            self._update(f"DELETE DATA {{ {asked} }} ; INSERT DATA {{ {answered} }}")
        return True

    def keep(self, lost: Callable[[], object]) -> None:
        """Answer from now on, in a thread of its own, until `release`.

        Args:
            lost: called once, when somebody else has the place.
        """

        def body() -> None:
            while not self._ended.wait(self.look_seconds):
                try:
                    if not self.look():
                        log.error("Another server writes to %s now: this one ends.", self.store.query_url)
                        lost()
                        return
                except EngineError as error:
                    log.debug("The store's writer cannot be looked up: %s", error)

        self._thread = threading.Thread(target=body, name="kizuna-writer", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Give the place up, if it is held. A store that cannot be reached keeps it, until the next start asks."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(self.answer_seconds)
        mine = f"GRAPH <{WRITER}> {{ <{MARKER}> <{NS}writer> {Literal(self.me)} . ?s ?p ?o }}"
        try:
            self._update(f"DELETE {{ GRAPH <{WRITER}> {{ ?s ?p ?o }} }} WHERE {{ {mine} }}")
        except EngineError as error:
            log.warning("The place of the store's writer could not be given up: %s", error)

    def _answers(self) -> bool:
        """Whether the holder answers a question."""
        question = secrets.token_hex(8)
        asked, answered = _exchange(question)
        self._update(f"INSERT DATA {{ {asked} }}")
        until = time.monotonic() + self.answer_seconds
        while time.monotonic() < until:
            time.sleep(min(self.look_seconds, self.answer_seconds) / 4)
            body, _ = remote_client.query(self.store, f"ASK {{ {answered} }}", self.ask_seconds)
            if json.loads(body)["boolean"]:
                self._update(f"DELETE DATA {{ {answered} }}")
                return True
        return False

    def _said_when_taken(self) -> defaultdict[str, list[str]]:
        """What the store says of its writer, after this process has taken the place if it was free."""
        said = self._said()
        if said["writer"]:
            return said
        free = f"FILTER NOT EXISTS {{ GRAPH <{WRITER}> {{ <{MARKER}> <{NS}writer> ?any }} }}"
        self._update(f"INSERT {{ {self._mine()} }} WHERE {{ {free} }}")
        return self._said()

    def _said(self) -> defaultdict[str, list[str]]:
        """What the store says of its writer, sorted: should it name two, all who read agree on the first."""
        body, _ = remote_client.query(self.store, _ALL, self.ask_seconds)
        found: defaultdict[str, list[str]] = defaultdict(list)
        for row in sorted(json.loads(body)["results"]["bindings"], key=lambda row: row["o"]["value"]):
            found[row["p"]["value"].removeprefix(NS)].append(row["o"]["value"])
        return found

    def _mine(self) -> str:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        return (
            f"GRAPH <{WRITER}> {{ <{MARKER}> <{NS}writer> {Literal(self.me)} ;"
            f" <{NS}writerName> {Literal(self.name)} ; <{NS}writerSince> {Literal(since)} }}"
        )

    def _update(self, text: str) -> None:
        remote_client.update(self.store, text)


def _exchange(question: str) -> tuple[str, str]:
    """The statements that ask a holder something, and that answer it."""
    asked, answered = (
        f"GRAPH <{WRITER}> {{ <{MARKER}> <{NS}{name}> {Literal(question)} }}"
        for name in ("writerAsked", "writerAnswered")
    )
    return asked, answered
