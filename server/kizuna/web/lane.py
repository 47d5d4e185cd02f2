"""The short way to the endpoint: answers plain queries at /sparql before Flask sees them. Asks the engine; no other I/O.

Most requests of programs are the same in all but their query: no account, no other view, no cookie. Flask and its hooks
take five times as long over one as the engine (docs/decisions/0115), so such a request is answered here, through the same
Endpoint, with the same header fields. Everything else goes on to the application untouched; so does every error and every
unusual reply that is met here (`MET`), so that there is one place that tells of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any, Final, cast

from flask import Flask

from kizuna.ledger.database import ledger_path
from kizuna.settings import Settings
from kizuna.sparql.endpoint import Ask, Endpoint, Reply
from kizuna.sparql.formats import media_types_for
from kizuna.sparql.guard import Examined, Refusal, examine_query
from kizuna.sparql.negotiation import choose
from kizuna.sparql.protocol import HttpRequest, Operation, ProtocolError, read_request
from kizuna.sparql.tokens import SHORT
from kizuna.web import metrics
from kizuna.web.accounts_session import LOOK_EVERY
from kizuna.web.logging import facts_of, given_id, is_slow, tell_slow
from kizuna.web.replies import BEGUN, MET, OPEN, coded, fields, visitor

Environment = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environment, Start], Iterable[bytes]]

PATH: Final = "/sparql"
OFFERED: Final = (*media_types_for("solutions"), *media_types_for("graph"), "text/html")
UNUSUAL: Final = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_IF_NONE_MATCH", "HTTP_TRANSFER_ENCODING")
"""Who sends one of these gets the whole application."""
PLAIN: Final = frozenset({"format"})
"""Parameters beside the query that the lane understands."""
LONGEST: Final = SHORT
"""Bytes of a body that is read here: what the guard has seen of a short text is remembered, so it looks only once."""


class Lane:
    """A WSGI application in front of another one.

    Args:
        app: the Flask application, for its endpoint and figures.
        inner: what answers everything else.
        headers: the fields that every answer of the application has.
    """

    def __init__(self, app: Flask, inner: Application, headers: dict[str, str]) -> None:
        self._app = app
        self._inner = inner
        self._settings: Settings = app.extensions["kizuna"].settings
        self._always = [*headers.items(), *OPEN.items()]
        self._ledger = None if self._settings.no_gate else ledger_path(self._settings.workspace)
        self._open = (self._settings.anonymous or self._settings.no_gate) and not self._settings.log_requests

    def __call__(self, environ: Environment, start: Start) -> Iterable[bytes]:
        """Answer a request."""
        if environ["PATH_INFO"] == PATH and self._open:
            begun = environ[BEGUN] = time.perf_counter()
            answered = self._answer(environ, begun)
            if answered is not None:
                start("200 OK", answered[0])
                return [answered[1]]
        return self._inner(environ, start)

    def _answer(self, environ: Environment, begun: float) -> tuple[list[tuple[str, str]], bytes] | None:
        """Header and body; None when the application is to answer."""
        endpoint = cast(Endpoint, self._app.extensions["kizuna-sparql"])
        operation = self._operation(environ)
        seen = None if operation is None else _plain(operation, endpoint)
        if operation is None or seen is None or self._must_look():
            return None
        ask = Ask(
            view=endpoint.engine.today(),
            text=operation.text,
            client=visitor(environ.get("REMOTE_ADDR"), environ.get("HTTP_KIZUNA_CLIENT", "")),
            accept=environ.get("HTTP_ACCEPT"),
            format=operation.parameter("format"),
            default_graphs=operation.default_graphs,
            named_graphs=operation.named_graphs,
        )
        try:
            reply = endpoint.answer(ask, seen)
        except Exception as error:  # told by the application, as every error is
            environ[MET] = error
            return None
        if reply.answer is None or reply.spooled is not None or reply.etag is None:
            environ[MET] = reply
            return None
        return self._finish(environ, ask, seen, reply, begun)

    def _operation(self, environ: Environment) -> Operation | None:
        """What a plain request asks; None when it is not plain, or wrong."""
        method = environ["REQUEST_METHOD"]
        if any(name in environ for name in UNUSUAL) or method not in ("GET", "POST"):
            return None
        address = environ.get("QUERY_STRING", "").encode("latin1")
        body, kind = b"", ""
        if method == "POST":
            length = environ.get("CONTENT_LENGTH") or ""
            if not length.isdigit() or int(length) > min(LONGEST, self._settings.max_request_bytes):
                return None
            kind = environ.get("CONTENT_TYPE", "")
            body = environ["wsgi.input"].read(int(length))
            environ["wsgi.input"] = BytesIO(body)
        try:
            operation = read_request(HttpRequest(method, address, kind, body))
        except ProtocolError:
            return None
        if operation.kind != "query" or any(name not in PLAIN for name, _ in operation.parameters):
            return None
        asks_page = method == "GET" and not operation.parameters
        if asks_page and choose(environ.get("HTTP_ACCEPT"), OFFERED) == "text/html":
            return None
        return None if operation.parameter("format") == "excel" else operation

    def _must_look(self) -> bool:
        """Is the application due to look for what other processes have published?"""
        if self._ledger is None or not self._ledger.exists():
            return False
        looked = self._app.extensions.get("kizuna-caught-up")
        return looked is None or time.monotonic() - looked["at"] >= LOOK_EVERY

    def _finish(
        self, environ: Environment, ask: Ask, seen: Examined, reply: Reply, begun: float
    ) -> tuple[list[tuple[str, str]], bytes]:
        told = fields(reply, ask.view)
        given = reply.answer
        assert given is not None  # noqa: S101 (for the type checker: the caller has looked)
        body, coding = coded(given.body, environ.get("HTTP_ACCEPT_ENCODING"))
        if coding is not None:
            told["Content-Encoding"] = coding
        told["Content-Length"] = str(len(body))
        identifier = told["X-Request-Id"] = given_id(environ.get("HTTP_X_REQUEST_ID", ""))
        took = time.perf_counter() - begun
        kept = cast(metrics.Figures, self._app.extensions["kizuna-metrics"])
        outcome = "truncated" if given.truncated else "answered"
        endpoint = self._app.extensions["kizuna-sparql"]
        kept.count_soon(PATH, seen.form or "", outcome, took, told["Kizuna-Cache"], endpoint)
        if is_slow(self._settings, took):
            facts = facts_of(environ["REQUEST_METHOD"], PATH, 200, took) | {"request_id": identifier}
            tell_slow(ask.text, facts | ({"rows": given.rows} if given.rows else {}))
        return [*told.items(), *self._always], body


def _plain(operation: Operation, endpoint: Endpoint) -> Examined | None:
    """What the guard sees in a query; None when it refuses it, or when the query rests on more than its text."""
    try:
        seen = examine_query(operation.text, endpoint.rules.policy)
    except Refusal:
        return None
    return None if seen.volatile or seen.relative or seen.form is None else seen
