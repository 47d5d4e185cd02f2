"""An engine that asks another SPARQL 1.1 store for today, and the embedded one for every other view.

The record, the gate and the builder of views stay embedded (docs/decisions/0100). Today's view is published into
the store's named graphs, and questions put to it are answered there. Whenever the store does not hold exactly
the view that is asked for (before the first publication, during a change, at midnight), the embedded engine answers.
"""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from pyoxigraph import (
    QueryResultsFormat,
    QuerySolutions,
    parse_query_results,
)

from kizuna.engine import formats, remote_client, remote_told
from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import EmbeddedEngine
from kizuna.engine.remote_answers import WholeStream, written
from kizuna.engine.remote_client import Call, Store
from kizuna.engine.remote_follow import Follower
from kizuna.engine.remote_lease import Lease
from kizuna.engine.remote_publish import Marker, Publisher, read_marker
from kizuna.engine.stream import AnswerStream
from kizuna.engine.text import UPDATE_WORDS, BindingError, bind, first_word, has_dataset, tokens, unescape
from kizuna.engine.types import (
    Answer,
    AnswerKind,
    Applied,
    EngineBusyError,
    EngineError,
    EngineState,
    PatchRefusedError,
    QueryRefusedError,
    Question,
    Row,
    RunningQuery,
    Term,
    View,
)

log = logging.getLogger(__name__)

KINDS: Final[dict[str, AnswerKind]] = {"SELECT": "solutions", "ASK": "boolean"}
LOOK_SECONDS: Final = 0.5
"""How long what the marker said is believed."""
ALLOWANCE: Final = 8
"""JSON from the store may be longer than the answer's own format by this factor (and `SPARE`) before reading stops."""
SPARE: Final = 4_000_000


@dataclass(slots=True)
class _Running:
    query_id: str
    owner: str | None
    text: str
    since: float
    call: Call = field(default_factory=Call)


class RemoteEngine:
    """See the module.

    Args:
        inner: holds the record and builds the views; closed with this engine.
        store: answers questions about today.
        writes: this process publishes. Exactly one must, of all machines.
        follows: this machine has no record but what the store says (`remote_follow`): the store's word is believed, and
            with `writes` False and `start`, this process brings the embedded engine to it.
        lease: the place of the store's writer, when this process has claimed it: nothing is published without it.
    """

    def __init__(
        self,
        inner: EmbeddedEngine,
        store: Store,
        writes: bool,
        follows: bool = False,
        lease: Lease | None = None,
    ) -> None:
        self.inner = inner
        self.store = store
        self.publisher = Publisher(store) if writes else None
        self.lease = lease
        self.follows = follows
        self.follower = Follower(inner, store) if follows and not writes else None
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._running: dict[str, _Running] = {}
        self._places = threading.BoundedSemaphore(inner.config.workers * 4)
        self._marker = (float("-inf"), Marker())
        self._published = ""
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    # Publishing.

    def start(self) -> None:
        """Publish what is to be published (or follow what is), and go on doing so whenever the record or the day changes.

        Raises:
            EngineError: the store cannot be written (or read) now, or holds nothing to follow.
        """
        if self.follower is not None and not self.follower.follow(wait_seconds=300.0):
            raise EngineError("The store holds nothing whole: start the server that writes to it first.")
        self._step()
        self._thread = threading.Thread(target=self._keep, name="kizuna-publisher", daemon=True)
        self._thread.start()

    def _step(self) -> bool:
        return self.publish() if self.follower is None else self.follower.follow()

    def _keep(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            try:
                self._step()
            except EngineError as error:
                doing = "brought up to date" if self.follower is None else "followed"
                log.warning("The store could not be %s: %s", doing, error)
                self._ended.wait(5.0)

    def publish(self) -> bool:
        """Bring today's view into the store; False when it is there."""
        if self.publisher is None:
            return False
        with self._writing:
            state = self.inner.state()
            view = View(self.inner.today().as_of, state.revision)
            token = self.inner.revision(view)
            if not state.ready or token == self._published:
                return False
            if self.lease is not None and not self.lease.held():
                raise EngineError("Another server writes to the store now.")
            day = view.as_of.isoformat()
            if not self._advance(view, token, state.revision, day):
                told = remote_told.whole(self.inner, view)
                send = self.publisher.publish if self._published else self.publisher.start
                send(token, state.revision, told.new, day)
                self.publisher.place = told.place
            self._published = token
            self._marker = (float("-inf"), Marker())
            return True

    def _advance(self, view: View, token: str, revision: int, day: str) -> bool:
        """Send what has changed alone, if the view's process knows it; False: the whole view has to be compared."""
        publisher = self.publisher
        if publisher is None or not publisher.place or not self._published:
            return False
        told = remote_told.since(self.inner, view, publisher.place)
        if told is None or not publisher.advance(token, revision, told.gone, told.new, day):
            return False
        publisher.place = told.place
        return True

    def current(self) -> Marker:
        """What the store says it holds; remembered for a moment. Nothing, while it cannot be asked."""
        at, marker = self._marker
        if time.monotonic() - at > LOOK_SECONDS:
            try:
                marker = read_marker(self.store)
            except EngineError as error:
                log.warning("The store cannot be asked, the embedded engine answers: %s", error)
                marker = Marker()
            self._marker = (time.monotonic(), marker)
        return marker

    def _holds(self, view: View) -> Marker | None:
        """The marker when the store holds exactly this view."""
        if view.scenario or view.as_of != self.inner.today().as_of:
            return None
        marker = self.current()
        if marker.pending or not marker.token:
            return None
        if self.follows:
            fits = marker.day == view.as_of.isoformat() and view.revision in (None, marker.revision)
        else:
            fits = marker.token == self.inner.revision(view)
        return marker if fits else None

    # Questions.

    def query(self, view: View, question: Question) -> Answer:
        """Answer a query in the asked media type.

        Raises: any EngineError.
        """
        marker = self._holds(view) if question.union else None
        if marker is None:
            return self.inner.query(view, question)
        return self._asked(marker, question)

    def query_stream(self, view: View, question: Question) -> AnswerStream | WholeStream:
        """Answer a query piece by piece.

        Raises: any EngineError.
        """
        marker = self._holds(view) if question.union else None
        if marker is None:
            return self.inner.query_stream(view, question)
        return WholeStream(self._asked(marker, question))

    def select(self, view: View, text: str, bindings: Mapping[str, Term] | None = None) -> list[Row]:
        """Answer one of the product's own SELECT queries as terms."""
        marker = self._holds(view)
        if marker is None:
            return self.inner.select(view, text, bindings)
        question = Question(text, formats.JSON, bindings or {}, limits=self.config.own_limits)
        answer = self._asked(marker, question)
        if answer.kind != "solutions":
            raise QueryRefusedError("The query is no SELECT.")
        if answer.truncated:
            raise QueryRefusedError("The answer is longer than the product's own queries may have.")
        solutions = parse_query_results(answer.body, format=QueryResultsFormat.JSON)
        assert isinstance(solutions, QuerySolutions)  # noqa: S101 (for the type checker)
        names = [variable.value for variable in solutions.variables]
        return [
            {name: term for name, term in zip(names, solution, strict=True) if term is not None}
            for solution in solutions
        ]

    def ask(self, view: View, text: str, bindings: Mapping[str, Term] | None = None) -> bool:
        """Answer one of the product's own ASK queries."""
        marker = self._holds(view)
        if marker is None:
            return self.inner.ask(view, text, bindings)
        answer = self._asked(
            marker, Question(text, formats.JSON, bindings or {}, limits=self.config.own_limits)
        )
        if answer.kind != "boolean":
            raise QueryRefusedError("The query is no ASK.")
        return bool(json.loads(answer.body)["boolean"])

    def _asked(self, marker: Marker, question: Question) -> Answer:
        text = self._text(question)
        form = first_word(text)
        if form in UPDATE_WORDS:
            raise QueryRefusedError("Only queries can be asked here, no updates.")
        kind = KINDS.get(form, "graph")
        media_type = formats.choose(question.media_type, kind)
        running = _Running(
            question.query_id or secrets.token_hex(8), question.owner, question.text, time.monotonic()
        )
        with self._place(running):
            body, cut = self._send(marker, question, text, running)
            return written(kind, media_type, body, cut, question.limits, running.since)

    def _send(self, marker: Marker, question: Question, text: str, running: _Running) -> tuple[bytes, bool]:
        default, named = question.default_graphs, question.named_graphs
        if default is None and named is None and not has_dataset(text):
            # The union of the view's graphs, and not the marker's.
            default = named = marker.graphs
        most = (
            None if question.limits.result_bytes is None else question.limits.result_bytes * ALLOWANCE + SPARE
        )
        return remote_client.query(
            self.store, text, question.limits.seconds, running.call, default, named, most
        )

    def _text(self, question: Question) -> str:
        if len(question.text.encode()) > self.config.max_query_bytes:
            raise QueryRefusedError(f"The query is longer than {self.config.max_query_bytes} bytes.")
        words = {t.text.upper() for t in tokens(unescape(question.text)) if t.kind == "word"}
        if words & {"SERVICE", "LOAD"}:
            raise QueryRefusedError("SERVICE and LOAD are not available here.")
        try:
            return bind(question.text, question.bindings)
        except BindingError as error:
            raise QueryRefusedError(str(error)) from error

    @contextlib.contextmanager
    def _place(self, running: _Running) -> Iterator[None]:
        if not self._places.acquire(timeout=self.config.wait_seconds):
            raise EngineBusyError("The store is busy. Please try again.", 1.0)
        try:
            with self._lock:
                if running.query_id in self._running:
                    raise QueryRefusedError(f"A query with the id {running.query_id} is running already.")
                self._running[running.query_id] = running
            try:
                yield
            finally:
                with self._lock:
                    self._running.pop(running.query_id, None)
        finally:
            self._places.release()

    # What the embedded engine does.

    @property
    def config(self) -> EngineConfig:
        """The embedded engine's settings."""
        return self.inner.config

    def today(self) -> View:
        """The published view as of today."""
        return self.inner.today()

    def revision(self, view: View) -> str:
        """A short token that changes when the answers of this view can change."""
        token = self.inner.revision(view)
        return f"{token}-{self.current().token}" if self.follows else token

    def running(self) -> list[RunningQuery]:
        """Queries being answered now: those of this process at the store, and all embedded ones."""
        now = time.monotonic()
        with self._lock:
            here = [RunningQuery(q.query_id, q.owner, q.text, now - q.since) for q in self._running.values()]
        return [*here, *self.inner.running()]

    def cancel(self, query_id: str, owner: str | None = None) -> bool:
        """Give up a running query (only its owner's when `owner` is given). False if not running."""
        with self._lock:
            found = self._running.get(query_id)
        if found is None:
            return self.inner.cancel(query_id, owner)
        if owner is not None and found.owner != owner:
            return False
        found.call.cancel()
        return True

    def apply(
        self, removed: bytes, added: bytes, revision: int | None = None, wait_seconds: float | None = 60.0
    ) -> Applied:
        """Apply a patch to the record; see `EmbeddedEngine.apply`. Its view goes to the store next.

        Raises:
            PatchRefusedError: this machine follows another one's record (and what `EmbeddedEngine.apply` raises).
        """
        if self.follows:
            raise PatchRefusedError("This server only reads.")
        applied = self.inner.apply(removed, added, revision, wait_seconds)
        if wait_seconds is not None:
            try:
                self.publish()
            except EngineError as error:  # the record has it; the publisher goes on trying
                log.warning("The store could not be brought up to date: %s", error)
        return applied

    def run_in_fork(
        self, view: View | None, function: str, arguments: Sequence[Any] = (), **options: Any
    ) -> bytes:
        """Run a function in a sandbox; see `EmbeddedEngine.run_in_fork`."""
        return self.inner.run_in_fork(view, function, arguments, **options)

    def views(self) -> list[View]:
        """The views that are ready in the embedded engine."""
        return self.inner.views()

    def touch(self, view: View) -> None:
        """Say that a view is in use."""
        self.inner.touch(view)

    def published(self) -> int:
        """The published revision of the embedded engine, as this process has heard last."""
        return self.inner.published()

    def state(self) -> EngineState:
        """Figures for health and metrics."""
        return self.inner.state()

    def close(self) -> None:
        """Stop publishing; end the embedded engine."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(self.store.update_seconds)
        self.inner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
