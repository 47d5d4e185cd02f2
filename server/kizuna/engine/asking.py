"""A query's way from its arrival to the beginning of its answer: its view, its turn, its worker. Talks to workers only.

Every small query takes this way, so nothing here asks the kernel for more than one message there and one back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Final

from kizuna.engine.config import EngineConfig
from kizuna.engine.figures import worked_seconds
from kizuna.engine.leases import SPARES, Lease, Leases, StaleViewError, WorkerGoneError
from kizuna.engine.running import Registry, Running
from kizuna.engine.stream import AnswerStream
from kizuna.engine.text import BindingError, bind
from kizuna.engine.turnstile import Ticket, Turnstile
from kizuna.engine.types import (
    EngineBusyError,
    EngineUnavailableError,
    QueryRefusedError,
    Question,
    View,
)
from kizuna.engine.wire import encode_head, pack_encoded

_ATTEMPTS: Final = 5
"""Tries of a query whose view changes; and beyond all idle workers, which may all have ended while nobody looked."""


class Asking:
    """Answers questions by workers. Safe to use from many threads.

    Args:
        config: limits and numbers.
        leases: where workers come from.
        today: gives today's view.
    """

    def __init__(self, config: EngineConfig, leases: Leases, today: Callable[[], View]) -> None:
        self._config = config
        self._leases = leases
        self._today = today
        self._gate = Turnstile(
            config.workers,
            config.reserved_workers,
            config.heavy_after_seconds,
            config.heavy_workers,
            config.owner_queries,
        )
        self.registry = Registry(self._gate, lambda pid: self._kill(pid, "cancelled"))
        self._resolved = (View(config.today()), -1, View(config.today()))

    def resolve(self, view: View) -> View:
        """The view with its revision: the published one where none is said."""
        if view.revision is not None:
            return view
        published = self._leases.published
        known, at, resolved = self._resolved
        if known is not view or at != published:
            resolved = replace(view, revision=published)
            self._resolved = (view, published, resolved)
        return resolved

    def ask(self, view: View, question: Question, product: bool) -> AnswerStream:
        """Ask; returns when the answer begins.

        Args:
            view: which state of the graph.
            question: what.
            product: it is one of the product's own.

        Raises: any EngineError.
        """
        text = self._text(question)
        running = self.registry.add(question.query_id, question.owner, question.text)
        try:
            stale = stillborn = 0
            while stale < _ATTEMPTS and stillborn < self._config.workers + SPARES + _ATTEMPTS:
                try:
                    return self._attempt(view, question, text, running, product)
                except (StaleViewError, _StillbornError) as error:
                    if isinstance(error, StaleViewError):
                        stale += 1
                    else:
                        stillborn += 1
                    if running.ticket is not None:
                        self._gate.leave(running.ticket)
                        running.ticket = None
                except EngineBusyError:
                    if running.ticket is None or not running.ticket.again:
                        raise
                running.lease = None
        except BaseException:
            self.registry.done(running)
            raise
        self.registry.done(running)
        raise EngineUnavailableError("The view changes faster than it can be asked.")

    def _text(self, question: Question) -> str:
        text = question.text
        most = self._config.max_query_bytes
        if len(text) > most or (len(text) * 4 > most and len(text.encode("utf-8", "surrogatepass")) > most):
            raise QueryRefusedError(f"The query is longer than {most} bytes.")
        try:
            return bind(text, question.bindings)
        except BindingError as error:
            raise QueryRefusedError(str(error)) from error

    def _attempt(
        self, view: View, question: Question, text: str, running: Running, product: bool
    ) -> AnswerStream:
        """Wait for the view, then for a turn, then give the query to a worker."""
        explicit = view.revision is not None
        resolved = self.resolve(view)
        if not self._leases.knows(resolved):
            spare = self._config.workers - 1 if view == self._today() else 0
            self._leases.ensure(resolved, explicit, spare)
        running.check()
        ticket = running.ticket
        if ticket is None:  # else it is to start anew, among the heavy ones
            ticket = running.ticket = self._gate.ticket(question.owner, product)
        ticket.work = _nothing  # before its worker has it, however long a worker takes to come
        self._gate.enter(ticket, self._config.wait_seconds)
        running.check()
        lease = self._leases.take(resolved, explicit)
        if ticket.heavy:
            lease.yield_to_others()
        ticket.on_heavy = lease.yield_to_others
        ticket.on_sent_away = lambda: self._kill(lease.pid, "busy")
        running.lease = lease
        if running.cancelled:
            self._leases.drop(lease)
            running.check()
        try:
            lease.send_bytes(pack_encoded(self._head(question), text.encode("utf-8", "surrogatepass")))
        except WorkerGoneError:  # it ended while it was idle: nothing of the query has run
            running.lease = None
            self._leases.drop(lease)
            raise _StillbornError from None
        before = lease.worked
        ticket.work = lambda: worked_seconds(lease.pid) - before
        self._gate.begin(ticket, None if ticket.demoted else lambda: self._kill(lease.pid, "busy"))
        return self._answer(question, running, ticket, lease)

    def _answer(self, question: Question, running: Running, ticket: Ticket, lease: Lease) -> AnswerStream:
        """Wait for the beginning of the answer."""

        def done() -> None:
            if not ticket.again:
                self.registry.done(running)

        try:
            stream = AnswerStream(lease, self._leases, question.limits.seconds, done)
        except EngineBusyError:
            if ticket.again or ticket.sent_away:
                raise
            raise _StillbornError from None  # meant for the query that the worker had before
        if self._gate.settle(ticket):
            return stream
        if stream.end is not None:  # the whole answer came in the moment in which it was to start anew
            ticket.again = False
            self.registry.done(running)
            return stream
        stream.close()
        raise EngineBusyError("The query starts anew.")

    def _head(self, question: Question) -> bytes:
        limits = question.limits
        return _request(
            question.media_type,
            limits.rows,
            limits.result_bytes,
            limits.seconds,
            limits.memory_bytes,
            self._config.transfer_seconds,
            None if question.default_graphs is None else tuple(question.default_graphs),
            None if question.named_graphs is None else tuple(question.named_graphs),
            question.union,
        )

    def _kill(self, pid: int, why: str) -> None:
        with contextlib.suppress(EngineUnavailableError):
            self._leases.kill(pid, why)


class _StillbornError(Exception):
    """The worker had ended before the query reached it."""


def _nothing() -> float:
    return 0.0


@lru_cache(maxsize=256)
def _request(
    media_type: str,
    rows: int | None,
    result_bytes: int | None,
    seconds: float,
    memory: int,
    patience: float,
    default_graphs: tuple[str, ...] | None,
    named_graphs: tuple[str, ...] | None,
    union: bool,
) -> bytes:
    """The head of a request, encoded: most queries differ in their text alone."""
    return encode_head(
        {
            "media_type": media_type,
            "rows": rows,
            "result_bytes": result_bytes,
            "seconds": seconds,
            "memory": memory,
            "patience": patience,
            "default_graphs": None if default_graphs is None else list(default_graphs),
            "named_graphs": None if named_graphs is None else list(named_graphs),
            "union": union,
        }
    )
