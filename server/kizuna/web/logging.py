"""What a web process writes to its log: one line a message, with the request's id and without secrets.

Lines go to standard error, where systemd or a container's engine collects them. Neither the reader's address nor the
query string of a page is written: who reads what is nobody's business. Reads Flask's globals.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
from datetime import UTC, datetime
from typing import Final, TextIO

from flask import Flask, Response, g, has_request_context, request

from kizuna.settings import HIDDEN, Settings, masked
from kizuna.web.replies import BEGUN

SHOWN_QUERY: Final = 2_000
"""Characters of a slow query that are written."""
_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
_SECRETS: Final = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}|\bkzn_[A-Za-z0-9_-]{6,}")
_SPACE: Final = re.compile(r"\s+")
FIELDS: Final = ("method", "route", "status", "milliseconds", "outcome", "form", "rows", "query")

log = logging.getLogger("kizuna.requests")
slow_log = logging.getLogger("kizuna.slow")


class Line(logging.Formatter):
    """Writes a record as JSON or as text.

    Args:
        as_json: one JSON object a line, else a line for people.
        hidden: texts that must never be written, such as the administrator's token.
    """

    def __init__(self, as_json: bool, hidden: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.as_json = as_json
        self.hidden = tuple(text for text in hidden if text)

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if identifier := vars(record).get("request_id") or request_id():
            fields["request_id"] = identifier
        fields.update({name: vars(record)[name] for name in FIELDS if name in vars(record)})
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        clean = {name: self._clean(value) for name, value in fields.items()}
        if self.as_json:
            return json.dumps(clean, ensure_ascii=False)
        head = f"{clean.pop('time')} {clean.pop('level')} {clean.pop('logger')}: {clean.pop('message')}"
        error = clean.pop("error", None)
        tail = " ".join(f"{name}={_one_line(value)}" for name, value in clean.items())
        return f"{_one_line(head)} {tail}".rstrip() + (f"\n{error}" if error else "")

    def _clean(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        for text in self.hidden:
            value = value.replace(text, HIDDEN)
        return _SECRETS.sub(HIDDEN, masked(value))


def _one_line(value: object) -> str:
    """A value that cannot forge a line of its own."""
    return _SPACE.sub(" ", str(value))


def start(settings: Settings, stream: TextIO | None = None) -> logging.Handler:
    """Write this process's log as the settings say. Called once, by the process, not by the application.

    Args:
        settings: the operator's choices.
        stream: where to; None for standard error.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    secret = (settings.admin_token, settings.endpoint_password, settings.oidc_client_secret)
    handler.setFormatter(Line(settings.log_format == "json", secret))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return handler


def request_id() -> str | None:
    """The present request's id, if there is a request."""
    return g.get("request_id") if has_request_context() else None


def install(app: Flask, settings: Settings) -> None:
    """Give every request an id, answer it, and write requests and slow queries as the settings say."""

    def begin() -> None:
        g.request_id = given_id(request.headers.get("X-Request-Id", ""))
        g.begun = request.environ.get(BEGUN) or time.perf_counter()

    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        took = time.perf_counter() - g.begun
        text = g.get("query_text")
        if text is not None and is_slow(settings, took):
            tell_slow(text, _facts(response, took))
        if settings.log_requests:
            log.info("request", extra=_facts(response, took))
        return response

    app.before_request(begin)
    app.after_request(end)


def given_id(given: str) -> str:
    """The id of a request: the one that a proxy gave, if it is one, else a new one."""
    return given if _ID.match(given) else secrets.token_hex(8)


def is_slow(settings: Settings, took: float) -> bool:
    """Whether a query that took so many seconds goes to the log."""
    return bool(settings.slow_query_seconds) and took >= settings.slow_query_seconds


def tell_slow(query: str, facts: dict[str, object]) -> None:
    """Write a slow query to the log.

    Args:
        query: its text.
        facts: of its request, as `facts_of` gives them.
    """
    slow_log.warning("slow query", extra=facts | {"query": _shown(query)})


def facts_of(method: str, route: str, status: int, took: float) -> dict[str, object]:
    """What a line says of every request."""
    return {"method": method, "route": route, "status": status, "milliseconds": round(took * 1000, 1)}


def _shown(text: str) -> str:
    return _SPACE.sub(" ", text).strip()[:SHOWN_QUERY]


def _facts(response: Response, took: float) -> dict[str, object]:
    route = request.url_rule.rule if request.url_rule else "(none)"
    facts = facts_of(request.method, route, response.status_code, took)
    if problem := g.get("problem_code"):
        facts["outcome"] = problem
    if rows := response.headers.get("Kizuna-Rows"):
        facts["rows"] = int(rows)
    return facts
