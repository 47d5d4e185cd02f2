"""The embedded engine as a web process sees it. Talks to the keeper and to its workers over Unix sockets.

    engine = start_embedded(EngineConfig(workspace=Path(".")))
    engine.select(engine.today(), "SELECT ?s WHERE { ?s a k:State }")

Safe to use from many threads. Another process joins with `connect_embedded(engine.socket_path)`; a process that was forked
from a connected one must do the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, parse_query_results

from kizuna.engine import formats
from kizuna.engine.asking import Asking
from kizuna.engine.config import EngineConfig
from kizuna.engine.connection import Connection
from kizuna.engine.figures import proportional_bytes
from kizuna.engine.identity import view_token
from kizuna.engine.leases import Leases
from kizuna.engine.link import Link
from kizuna.engine.process import KeeperProcess
from kizuna.engine.sandbox import Job, Sandboxes
from kizuna.engine.stream import AnswerStream
from kizuna.engine.types import (
    Answer,
    Applied,
    EngineBusyError,
    EngineState,
    EngineUnavailableError,
    Gone,
    Limits,
    PatchRefusedError,
    QueryRefusedError,
    Question,
    Row,
    RunningQuery,
    Term,
    View,
    ViewError,
)
from kizuna.engine.viewkeeper import view_head, view_of
from kizuna.engine.wire import Head

_RESIDENT_FOR: Final = 5.0


class EmbeddedEngine:
    """An engine whose keeper runs beside this process.

    Args:
        socket_path: where the keeper listens.
        process: the keeper, when this process has started it; `close` ends it then.
    """

    def __init__(self, socket_path: Path, process: KeeperProcess | None = None) -> None:
        self.socket_path = socket_path
        self._process = process
        self._failed: dict[View, str] = {}
        self._resident = (0.0, 0)
        self._day = (0, View(date.min))
        self._seed = ""
        self._when_gone: list[Callable[[Gone], None]] = []
        self._connection = Connection(socket_path, self._hear, self._lost, self._welcomed)
        first = self._connection.link
        self.config: EngineConfig = first.config
        config = self.config
        self._leases = Leases(self._connection, config.view_seconds, config.workers)
        self._sandboxes = Sandboxes(self._leases, config.wait_seconds, config.transfer_seconds)
        self._asking = Asking(config, self._leases, self.today)
        self._registry = self._asking.registry
        self._welcomed(first)
        first.start()

    # Events of the keeper, in the link's thread.

    def _hear(self, head: Head) -> None:
        event = head["event"]
        if event == "died":
            self._leases.died(head)
        elif event == "published":
            used = self._leases.in_use
            self._leases.published_is(head["published"])
            if used:
                self._leases.warm(self._asking.resolve(self.today()), self.config.workers)
        elif event == "retired":
            self._leases.retired(head)
            gone = view_of(head["view"])
            token = view_token(self._seed, gone.revision or 0, gone.as_of, gone)
            self._tell_gone(Gone(token, gone.revision != self._leases.published))
        elif event == "failed":
            with self._leases.news:
                self._failed[view_of(head["view"])] = head["message"]
                self._leases.news.notify_all()
        elif event == "asked":
            reports = self._report(head)
            self._connection.link.tell({"op": "report", "question": head["question"], "reports": reports})

    def _welcomed(self, link: Link) -> None:
        """Connected: to the first keeper, or to one that was started after the first had died."""
        former, self._seed = self._seed, str(link.welcome["seed"])
        if former not in ("", self._seed):
            self._tell_gone(Gone(None, True))
        self._leases.reset()
        self._leases.published_is(link.welcome["published"])

    def _lost(self) -> None:
        with self._leases.news:
            self._leases.news.notify_all()

    def when_gone(self, hear: Callable[[Gone], None]) -> None:
        """Have a function called, in the link's thread, whenever a view is given up."""
        self._when_gone.append(hear)

    def _tell_gone(self, gone: Gone) -> None:
        for hear in self._when_gone:
            hear(gone)

    def _report(self, head: Head) -> list[Any]:
        if head["op"] == "running":
            return self._registry.reports()
        return [True] if self._registry.cancel(head["query_id"], head["owner"]) else []

    # Views.

    def today(self) -> View:
        """The published view as of today, in the configured time zone."""
        second, view = self._day
        now = int(time.time())
        # Looked up once a second: a time zone's rules cost more than the rest of a small question.
        if now != second:
            view = View(self.config.today())
            self._day = (now, view)
        return view

    def revision(self, view: View) -> str:
        """A short token that changes when the answers of this view can change."""
        resolved = self._asking.resolve(view)
        return view_token(self._seed, resolved.revision or 0, resolved.as_of, view)

    # Queries.

    def query(self, view: View, question: Question) -> Answer:
        """Answer a query in the asked media type.

        Raises: any EngineError.
        """
        stream = self.query_stream(view, question)
        with stream:
            body = b"".join(stream)
        end = stream.end
        assert end is not None  # noqa: S101 (for the type checker: the stream was read to its end)
        return Answer(stream.kind, stream.media_type, body, end.rows, end.truncated, end.seconds)

    def query_stream(self, view: View, question: Question) -> AnswerStream:
        """Answer a query piece by piece: memory stays bounded however long the answer is.

        Raises: any EngineError; those that come later are raised by the iteration.
        """
        return self._asking.ask(view, question, product=False)

    def select(self, view: View, text: str, bindings: Mapping[str, Term] | None = None) -> list[Row]:
        """Answer one of the product's own SELECT queries as terms."""
        body = self._own(view, text, bindings, formats.TSV)
        solutions = parse_query_results(body, format=QueryResultsFormat.TSV)
        if not isinstance(solutions, QuerySolutions):
            raise QueryRefusedError("The query is no SELECT.")
        names = [variable.value for variable in solutions.variables]
        return [
            {name: term for name, term in zip(names, solution, strict=True) if term is not None}
            for solution in solutions
        ]

    def ask(self, view: View, text: str, bindings: Mapping[str, Term] | None = None) -> bool:
        """Answer one of the product's own ASK queries."""
        result = parse_query_results(
            self._own(view, text, bindings, formats.JSON), format=QueryResultsFormat.JSON
        )
        if not isinstance(result, QueryBoolean):
            raise QueryRefusedError("The query is no ASK.")
        return bool(result)

    def _own(self, view: View, text: str, bindings: Mapping[str, Term] | None, media_type: str) -> bytes:
        question = Question(text, media_type, bindings or {}, limits=self.config.own_limits)
        with self._asking.ask(view, question, product=True) as stream:
            body = b"".join(stream)
        if stream.end is not None and stream.end.truncated:
            raise QueryRefusedError("The answer is longer than the product's own queries may have.")
        return body

    # Running queries.

    def running(self) -> list[RunningQuery]:
        """Queries being answered now, by every process that is connected."""
        reports = self._connection().request({"op": "running"}).head["reports"]
        return [RunningQuery(*report) for report in reports]

    def cancel(self, query_id: str, owner: str | None = None) -> bool:
        """Kill a running query (only its owner's when `owner` is given). False if not running."""
        if self._registry.cancel(query_id, owner):
            return True
        frame = self._connection().request({"op": "cancel", "query_id": query_id, "owner": owner})
        return bool(frame.head["reports"])

    # The record.

    def apply(
        self, removed: bytes, added: bytes, revision: int | None = None, wait_seconds: float | None = 60.0
    ) -> Applied:
        """Apply a patch to the stated store; its view is built in the background and then published.

        Queries go on being answered from the view before, until the new one is ready.

        Args:
            removed: N-Quads that go.
            added: N-Quads that come.
            revision: the record's revision after it, newer than the present one; None for the next.
            wait_seconds: how long to wait until it is published; None: return once it is applied.

        Raises:
            PatchRefusedError: it does not parse or the revision is not newer; nothing was changed.
            ViewError: it is applied, but today's view cannot be built from it; the view before stays published.
            EngineBusyError: it is applied, but not yet published within the time.
        """
        head = {"op": "apply", "removed": len(removed), "revision": revision}
        answer = self._connection().request(head, removed + added, seconds=300.0).head
        if "error" in answer:
            raise PatchRefusedError(answer["message"])
        applied = Applied(answer["revision"], answer["removed"], answer["added"])
        if wait_seconds is not None:
            self._wait_published(applied.revision, wait_seconds)
        return applied

    def _wait_published(self, revision: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        with self._leases.news:
            while self._leases.published < revision:
                message = self._failed.get(replace(self.today(), revision=revision))
                if message is not None:
                    raise ViewError(message)
                left = deadline - time.monotonic()
                if left <= 0:
                    raise EngineBusyError(f"Revision {revision} is recorded, but not published yet.", 5.0)
                if not self._connection.link.alive:
                    raise EngineUnavailableError("The keeper is gone.")
                self._leases.news.wait(min(left, 0.5))

    def run_in_fork(
        self,
        view: View | None,
        function: str,
        arguments: Sequence[Any] = (),
        *,
        patch: tuple[bytes, bytes] | None = None,
        limits: Limits | None = None,
        modules: Sequence[str] = (),
        descriptors: int = 0,
        file_bytes: int = 0,
    ) -> bytes:
        """Run `module:function` on a private copy of a view's store, under limits, and return its bytes.

        The function is called as `function(store, *arguments)` and must return bytes. Whatever it does to the store is gone with
        the process.

        Args:
            view: whose store; None for the stated one.
            function: dotted name; its module is imported before the process is sealed.
            arguments: byte strings and JSON values.
            patch: (removed, added) N-Quads applied to the copy first.
            limits: seconds, memory and result size; None for the configured ones.
            modules: more modules to import before the process is sealed.
            descriptors: how many descriptors may be open beyond which none can be opened. 0 for anything that reads what
                somebody sent; trusted code that opens files names a number such as 64.
            file_bytes: the size to which it may write a file; 0 for anything but trusted code.

        Raises:
            JobFailedError: the function raised something.
            EngineError: time, memory, a crash, or no sandbox.
        """
        job = Job(
            function,
            tuple(arguments),
            patch,
            limits or self.config.limits,
            tuple(modules),
            descriptors,
            file_bytes,
        )
        return self._sandboxes.run(None if view is None else self._asking.resolve(view), job)

    # Figures and end.

    def published(self) -> int:
        """The published revision, as this process has heard last: `state` without asking anybody for figures."""
        self._connection()
        return max(self._leases.published, 0)

    def state(self) -> EngineState:
        """Figures for health and metrics. An engine whose keeper is gone says so instead of raising."""
        try:
            head = self._connection().request({"op": "state"}, seconds=5.0).head
            busy = len(self.running())
        except (EngineUnavailableError, EngineBusyError):
            return EngineState(False, max(self._leases.published, 0), 0, 0, 0, 0, 0)
        return EngineState(
            ready=head["ready"],
            revision=head["published"],
            quads=head["quads"],
            workers=head["workers"],
            busy=busy,
            killed=head["killed"],
            resident_bytes=self._resident_bytes(head["pids"]),
            built=head["built"],
            advanced=head["advanced"],
        )

    def views(self) -> list[View]:
        """The views that are ready now, the longest unused first."""
        return [view_of(head) for head in self._connection().request({"op": "state"}).head["views"]]

    def touch(self, view: View) -> None:
        """Say that a view is in use, so that others are given up before it."""
        self._connection().tell({"op": "touch", "view": view_head(self._asking.resolve(view))})

    def resident_by_process(self) -> dict[int, int]:
        """Bytes of memory of the keepers and workers, by process id; shared pages count in parts."""
        pids = self._connection().request({"op": "state"}).head["pids"]
        return {pid: proportional_bytes(pid) for pid in pids}

    def _resident_bytes(self, pids: list[int]) -> int:
        at, size = self._resident
        if time.monotonic() - at > _RESIDENT_FOR:
            size = sum(proportional_bytes(pid) for pid in pids)
            self._resident = (time.monotonic(), size)
        return size

    def close(self) -> None:
        """Let all workers go; end the keeper if this process has started it."""
        self._connection.close()
        self._leases.close()
        if self._process is not None:
            self._process.end()

    def __enter__(self) -> EmbeddedEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start_embedded(config: EngineConfig) -> EmbeddedEngine:
    """Start a keeper for a workspace and connect to it.

    Returns once the workspace is loaded; today's view is built meanwhile, and the first query waits for it.

    Raises:
        EngineUnavailableError: the workspace cannot be loaded (the message says which file and where), or the
            keeper does not start.
    """
    process = KeeperProcess(config)
    try:
        return EmbeddedEngine(process.socket_path, process)
    except BaseException:
        process.end()
        raise


def connect_embedded(socket_path: Path) -> EmbeddedEngine:
    """Connect to a running keeper. Several processes can; each has workers of its own.

    Raises:
        EngineUnavailableError: no keeper listens there.
    """
    return EmbeddedEngine(socket_path)
