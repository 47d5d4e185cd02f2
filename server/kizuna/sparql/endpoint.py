"""Answers one query of the endpoint: guard, format, dataset, cache, a place, the engine. Asks the engine; no other I/O.

The web hands in a plain `Ask` and gets a plain `Reply`; the query library's API goes the same way.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Protocol, cast

from kizuna.engine.types import (
    Answer,
    AnswerEnd,
    AnswerKind,
    Engine,
    Gone,
    Limits,
    QuerySyntaxError,
    Question,
    Term,
    View,
)
from kizuna.sparql.admission import Admission
from kizuna.sparql.cache import Key, ResultCache
from kizuna.sparql.federation import Fetch, federate
from kizuna.sparql.formats import FORM_KINDS, Format, formats_for, media_types_for, named_format
from kizuna.sparql.guard import Examined, Policy, check_graphs, examine_query
from kizuna.sparql.negotiation import choose
from kizuna.sparql.tokens import SHORT

HELD_IN_MEMORY = 2_000_000
"""Bytes of an answer beyond which it is put aside rather than held in memory."""
GRAPHS_QUERY = "SELECT ?g WHERE { GRAPH ?g {} }"
REMEMBERED_VIEWS = 16


class NotAcceptable(Exception):  # noqa: N818 - it is an answer, not a fault
    """No format that the client accepts can carry this kind of answer (406)."""

    def __init__(self, kind: AnswerKind, asked: str) -> None:
        self.kind = kind
        self.asked = asked
        self.offered = tuple(f.media_type for f in formats_for(kind))
        super().__init__(f"{asked} cannot carry this answer; it can be had as {', '.join(self.offered)}")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator set.

    Args:
        policy: what may be asked.
        limits: bounds of a query; a request can lower them, never raise them.
        cache_bytes: size of the result cache.
        client_queries: queries of one client under way at once.
        total_queries: queries under way or waiting in all.
        wait_seconds: how long a query waits for a place.
        only_known_graphs: refuse datasets with a graph that is not there, rather than take it as empty.
        updates: SPARQL Update and graph store writes are available here (no gate).
        union_default: without a dataset, the default graph is the union of all graphs.
    """

    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)
    cache_bytes: int = 64_000_000
    client_queries: int = 4
    total_queries: int = 16
    wait_seconds: float = 5.0
    only_known_graphs: bool = True
    updates: bool = False
    union_default: bool = True


@dataclass(frozen=True, slots=True)
class Ask:
    """One query as it came.

    Args:
        view: the state of the graph to ask.
        text: the query.
        client: who asks, for limits and for cancelling.
        accept: the Accept field.
        format: short name or media type that wins over `accept`.
        bindings: values by variable.
        default_graphs: the protocol's dataset, None when none is said.
        named_graphs: the same for named graphs.
        seconds: a lower time limit.
        rows: a lower row limit.
        query_id: name under which it can be cancelled.
        if_none_match: the tags the client has an answer for.
        base: what relative IRIs are resolved against when the text says no BASE (RFC 3986 §5.1.3), "" for none.
    """

    view: View
    text: str
    client: str
    accept: str | None = None
    format: str | None = None
    bindings: Mapping[str, Term] = field(default_factory=dict)
    default_graphs: Sequence[str] | None = None
    named_graphs: Sequence[str] | None = None
    seconds: float | None = None
    rows: int | None = None
    query_id: str | None = None
    if_none_match: str | None = None
    base: str = ""


class Stream(Protocol):
    """An answer that comes in blocks, as an engine that can stream gives it."""

    kind: AnswerKind
    media_type: str
    end: AnswerEnd | None

    def __iter__(self) -> Iterator[bytes]:
        """The blocks."""


class StreamingEngine(Protocol):
    """An engine that can stream."""

    def query_stream(self, view: View, question: Question) -> AbstractContextManager[Stream]:
        """Answer a query block by block."""


class TellingEngine(Protocol):
    """An engine that tells when a view is given up."""

    def when_gone(self, hear: Callable[[Gone], None]) -> None:
        """Have a function called whenever that happens."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer.

    Args:
        spooled: the body when it was too large for memory (then `answer.body` is empty); the caller closes it.
        answer: the engine's answer; None when the client has it already (304).
        media_type: what the body is to be called.
        format: the format of the body.
        etag: its entity tag, None when the same text may have another answer the next time.
        cached: True when it was remembered.
        limits: the bounds that were in force.
    """

    answer: Answer | None
    media_type: str
    format: Format
    etag: str | None
    cached: bool
    limits: Limits
    spooled: BinaryIO | None = None


class Endpoint:
    """The endpoint of one application.

    Args:
        engine: whom to ask.
        rules: what the operator set.
        spool: opens a new place for a body that is too large for memory.
        fetch: asks another endpoint, for SERVICE; None where there is none to ask.
    """

    def __init__(
        self, engine: Engine, rules: Rules, spool: Callable[[], BinaryIO], fetch: Fetch | None = None
    ) -> None:
        self.fetch = fetch
        self.engine = engine
        self.spool = spool
        self.rules = rules
        self.cache = ResultCache(rules.cache_bytes)
        self.admission = Admission(rules.client_queries, rules.total_queries, rules.wait_seconds)
        self._graphs: OrderedDict[str, frozenset[str]] = OrderedDict()
        self._lock = threading.Lock()
        self._examining = threading.Lock()
        if hasattr(engine, "when_gone"):
            cast(TellingEngine, engine).when_gone(self._forget)

    def _forget(self, gone: Gone) -> None:
        """A view was given up: its answers go, or are the first to."""
        if gone.past or gone.token is None:
            self.cache.drop(gone.token)
        else:
            self.cache.last(gone.token)

    def graphs(self, view: View) -> frozenset[str]:
        """IRIs of all named graphs of a view, remembered by its token."""
        token = self.engine.revision(view)
        with self._lock:
            known = self._graphs.get(token)
        if known is None:
            rows = self.engine.select(view, GRAPHS_QUERY)
            known = frozenset(str(getattr(row["g"], "value", row["g"])) for row in rows if "g" in row)
            with self._lock:
                self._graphs[token] = known
                while len(self._graphs) > REMEMBERED_VIEWS:
                    self._graphs.popitem(last=False)
        return known

    def answer(self, ask: Ask, examined: Examined | None = None) -> Reply:
        """Answer a query.

        Args:
            ask: the query.
            examined: what the guard has seen in it already, by these rules; None: it has not looked.

        Raises:
            Refusal: the guard says no.
            NotAcceptable: no acceptable format can carry the answer.
            TooManyQueries, EndpointFull: no place.
            EngineError: the engine says no, or cannot.
        """
        seen = examined or self._examine(ask)
        if ask.base and seen.relative:
            return self._with_base(ask)
        kind = FORM_KINDS.get(seen.form or "", "solutions")
        form, media_type = self._format(ask, kind)
        self._check_dataset(ask, seen)
        limits = self._limits(ask)
        key = Key.of(
            self.engine.revision(ask.view),
            ask.text,
            form.media_type,
            limits,
            ask.bindings,
            ask.default_graphs,
            ask.named_graphs,
        )
        etag = None if seen.volatile else key.etag(media_type)
        if etag and matches(etag, ask.if_none_match):
            return Reply(None, media_type, form, etag, True, limits)
        if etag and (known := self.cache.get(key)) is not None:
            return Reply(known, media_type, form, etag, True, limits)
        with self.admission.place(ask.client):
            if seen.services and self.fetch is not None:
                ask = replace(ask, text=federate(ask.text, self.fetch))
            answer, spooled = self._fetch(ask.view, self._question(ask, form, limits))
        # What was published meanwhile may have answered: then it is no answer of the view that the key names.
        if etag and spooled is None and self.engine.revision(ask.view) == key.token:
            self.cache.put(key, answer)
        return Reply(answer, media_type, form, etag, False, limits, spooled)

    def _examine(self, ask: Ask) -> Examined:
        """What the guard sees. Long texts are looked at one at a time, and hold a place of their client meanwhile: they take
        this process's own time, of which there is one thread's worth (decision 0113).
        """
        if len(ask.text) <= SHORT or len(ask.text) > self.rules.policy.max_characters:
            return examine_query(ask.text, self.rules.policy)
        with self.admission.place(ask.client), self._examining:
            return examine_query(ask.text, self.rules.policy)

    def _with_base(self, ask: Ask) -> Reply:
        """Answer a query that rests on the address it was sent to."""
        head = f"BASE <{ask.base}> "
        try:
            return self.answer(replace(ask, text=head + ask.text, base=""))
        except QuerySyntaxError as error:
            if error.line == 1 and error.column is not None:
                error.column = max(1, error.column - len(head))
            raise

    def _fetch(self, view: View, question: Question) -> tuple[Answer, BinaryIO | None]:
        """The whole answer, before a byte of it leaves: its figures go into the header, an error gets its own
        status, and no slow reader holds a worker.
        """
        if not hasattr(self.engine, "query_stream"):
            return self.engine.query(view, question), None
        with cast(StreamingEngine, self.engine).query_stream(view, question) as stream:
            blocks: list[bytes] = []
            held = 0
            spooled: BinaryIO | None = None
            try:
                for block in stream:
                    if spooled is not None:
                        spooled.write(block)
                        continue
                    blocks.append(block)
                    held += len(block)
                    if held > HELD_IN_MEMORY:
                        spooled = self.spool()
                        spooled.writelines(blocks)
                        blocks = []
            except BaseException:
                if spooled is not None:
                    spooled.close()
                raise
            end = stream.end or AnswerEnd(None, False, 0.0)
            body = b"".join(blocks)
            answer = Answer(stream.kind, stream.media_type, body, end.rows, end.truncated, end.seconds)
        return answer, spooled

    def _format(self, ask: Ask, kind: AnswerKind) -> tuple[Format, str]:
        if ask.format:
            named = named_format(ask.format, kind)
            if named is None:
                raise NotAcceptable(kind, ask.format)
            return named, named.media_type
        chosen = choose(ask.accept, media_types_for(kind))
        form = named_format(chosen, kind) if chosen else None
        if chosen is None or form is None:
            raise NotAcceptable(kind, ask.accept or "")
        return form, chosen

    def _check_dataset(self, ask: Ask, seen: Examined) -> None:
        if not self.rules.only_known_graphs:
            return
        if ask.default_graphs is None and ask.named_graphs is None:
            wanted = [*seen.from_graphs, *seen.from_named_graphs]
        else:
            wanted = [*(ask.default_graphs or ()), *(ask.named_graphs or ())]
        if wanted:
            check_graphs(wanted, self.graphs(ask.view))

    def _limits(self, ask: Ask) -> Limits:
        limits = self.rules.limits
        if ask.seconds is not None:
            limits = replace(limits, seconds=min(limits.seconds, ask.seconds))
        if ask.rows is not None:
            limits = replace(limits, rows=ask.rows if limits.rows is None else min(limits.rows, ask.rows))
        return limits

    def _question(self, ask: Ask, form: Format, limits: Limits) -> Question:
        return Question(
            ask.text,
            form.media_type,
            ask.bindings,
            ask.default_graphs,
            ask.named_graphs,
            limits,
            ask.query_id,
            ask.client,
            self.rules.union_default,
        )


def matches(etag: str, if_none_match: str | None) -> bool:
    """Does an If-None-Match field hold this tag, by the weak comparison of RFC 9110 §8.8.3.2?"""
    if not if_none_match:
        return False
    if if_none_match.strip() == "*":
        return True
    wanted = etag.removeprefix("W/")
    return any(tag.strip().removeprefix("W/") == wanted for tag in if_none_match.split(","))
