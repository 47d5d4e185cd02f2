"""What an engine is asked and what it answers: plain frozen data, no I/O.

Every room of the product talks to RDF through the `Engine` protocol below. Today the engine is embedded
(a keeper process that forks workers); a remote SPARQL store can stand behind the same protocol.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from typing import Literal as TypingLiteral

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

Term = NamedNode | BlankNode | Literal | Triple
Row = dict[str, Term]
"""One solution: variable name (no question mark) to term; an unbound variable has no key."""


@dataclass(frozen=True, slots=True)
class View:
    """Which state of the graph a question is put to.

    `as_of` is valid time: what held on that day. `revision` is record time: what the record said at
    that commit; None means the newest. `scenario` names patches laid over the record, in order.
    """

    as_of: date
    revision: int | None = None
    scenario: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one query. A bound that is hit is said out loud, never hidden.

    Args:
        seconds: wall-clock time, after which the worker is killed.
        rows: solutions (or triples of a graph answer) returned at most; None means no bound.
        memory_bytes: address space a worker may add to what it was born with.
        result_bytes: size of the serialised answer; None means no bound.
    """

    seconds: float = 10.0
    rows: int | None = 100_000
    memory_bytes: int = 1_500_000_000
    result_bytes: int | None = 200_000_000


@dataclass(frozen=True, slots=True)
class Question:
    """A query with its values and its place.

    `media_type` may name several, separated by commas, best first: the first that fits the query's form is taken.
    `bindings` substitutes variables by terms in the engine (never by string formatting).
    `default_graphs`/`named_graphs` are the protocol's dataset (None: the view's own, in which the
    default graph is the union of all graphs). `union` False leaves the default graph as it is stored, as a
    plain SPARQL server does.
    """

    text: str
    media_type: str
    bindings: Mapping[str, Term] = field(default_factory=dict)
    default_graphs: Sequence[str] | None = None
    named_graphs: Sequence[str] | None = None
    limits: Limits = field(default_factory=Limits)
    query_id: str | None = None
    owner: str | None = None
    union: bool = True


AnswerKind = TypingLiteral["solutions", "boolean", "graph"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A serialised result.

    Args:
        kind: what form the query had.
        media_type: the format of `body` (one of `formats.formats_for(kind)`).
        body: the bytes, ready to be sent.
        rows: number of solutions or triples in `body`; None for a boolean.
        truncated: True when a bound cut the answer short.
        seconds: time the worker spent.
    """

    kind: AnswerKind
    media_type: str
    body: bytes
    rows: int | None
    truncated: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class AnswerEnd:
    """The figures of a streamed answer, known once it has ended. Fields as in `Answer`."""

    rows: int | None
    truncated: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Applied:
    """What a patch did to the record.

    Args:
        revision: the record's revision after it.
        removed: quads that were there and are gone.
        added: quads that are new.
    """

    revision: int
    removed: int
    added: int


class EngineError(Exception):
    """Base of everything an engine reports. `code` is stable and documented in docs/errors.md."""

    code = "engine-error"


class QuerySyntaxError(EngineError):
    """The query text is not SPARQL. `line` and `column` are 1-based when the parser knows them."""

    code = "query-syntax"

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class QueryRefusedError(EngineError):
    """The engine will not run this query (an outgoing request, an update sent as a query …)."""

    code = "query-refused"


class UnsupportedFormatError(EngineError):
    """The asked media type does not fit the query's form. `kind` says which form it had."""

    code = "format-not-available"

    def __init__(self, message: str, kind: AnswerKind) -> None:
        super().__init__(message)
        self.kind = kind


class QueryTimeoutError(EngineError):
    """The time limit was reached; the worker was killed and replaced."""

    code = "query-timeout"


class QueryMemoryError(EngineError):
    """The memory limit was reached; the worker was killed and replaced."""

    code = "query-memory"


class QueryCancelledError(EngineError):
    """Somebody entitled to it cancelled the query."""

    code = "query-cancelled"


class WorkerCrashedError(EngineError):
    """The worker died on this query (a crash of the native engine); others are unharmed."""

    code = "query-crashed"


class EngineBusyError(EngineError):
    """No worker came free within the waiting time. `retry_after` is in seconds."""

    code = "engine-busy"

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class EngineUnavailableError(EngineError):
    """The keeper is gone or not ready."""

    code = "engine-unavailable"


class PatchRefusedError(EngineError):
    """A patch cannot be applied to the record; nothing was changed."""

    code = "patch-refused"


class JobFailedError(EngineError):
    """A function run in a sandbox raised an error. `type` is the name of that error's class."""

    code = "job-failed"

    def __init__(self, message: str, type: str) -> None:
        super().__init__(message)
        self.type = type


class ViewError(EngineError):
    """The view cannot be built (unknown revision or scenario, bad date)."""

    code = "view-not-available"


@dataclass(frozen=True, slots=True)
class Gone:
    """A view was given up.

    Args:
        token: what `Engine.revision` gave for it; None for all that this engine has shown before.
        past: nobody comes upon it again without naming its revision. Else it only made room for others.
    """

    token: str | None
    past: bool


@dataclass(frozen=True, slots=True)
class RunningQuery:
    """A query that is being answered now."""

    query_id: str
    owner: str | None
    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class EngineState:
    """What /health and the metrics show. `quads` of today's view is 0 until they have been counted.

    `built` counts the views that were built since the keeper's start, `advanced` how often one was brought to a newer revision instead.
    """

    ready: bool
    revision: int
    quads: int
    workers: int
    busy: int
    killed: int
    resident_bytes: int
    built: int = 0
    advanced: int = 0


class ForkingEngine(Protocol):
    """An engine that runs a function on a private copy of a store, under limits."""

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
        """Run a function on a private copy; see `EmbeddedEngine.run_in_fork`."""


class Engine(Protocol):
    """The one interface the rest of the product asks."""

    def query(self, view: View, question: Question) -> Answer:
        """Answer a query (SELECT, ASK, CONSTRUCT, DESCRIBE) in the asked media type.

        Raises: any EngineError.
        """

    def select(self, view: View, text: str, bindings: Mapping[str, Term] | None = None) -> list[Row]:
        """Answer one of the product's own SELECT queries as Python terms (small results)."""

    def ask(self, view: View, text: str, bindings: Mapping[str, Term] | None = None) -> bool:
        """Answer one of the product's own ASK queries."""

    def today(self) -> View:
        """The published view as of today."""

    def revision(self, view: View) -> str:
        """A short token that changes when the answers of this view can change (for ETags)."""

    def running(self) -> list[RunningQuery]:
        """Queries being answered now."""

    def cancel(self, query_id: str, owner: str | None = None) -> bool:
        """Kill a running query (only its owner's when `owner` is given). False if not running."""

    def state(self) -> EngineState:
        """Figures for health and metrics."""

    def close(self) -> None:
        """End the keeper and all workers."""
