"""One shape for every error: a code, what happened, where, and what to do; as a page or as problem details.

The JSON form follows RFC 9457 with the members `code` and `what_to_do` added. Codes are stable and stand in
docs/errors.md; a test compares both.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

from flask import (
    Flask,
    Response,
    current_app,
    g,
    has_request_context,
    make_response,
    render_template,
    request,
)
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from werkzeug.exceptions import HTTPException

from kizuna.engine.types import EngineBusyError, EngineError, QuerySyntaxError
from kizuna.engine.words import words_of
from kizuna.web.current import language
from kizuna.web.negotiation import choose

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of error: HTTP status, title and advice."""

    status: int
    title: LazyString
    what_to_do: LazyString


_ = lazy_gettext

PROBLEMS: dict[str, Problem] = {
    "bad-request": Problem(400, _("The request cannot be understood"), _("Check the address and try again.")),
    "bad-date": Problem(
        400,
        _("This date cannot be used"),
        _("Give a day as YYYY-MM-DD between 1800 and 2200, such as 2010-01-01."),
    ),
    "bad-language": Problem(400, _("This language is not available"), _("Use lang=ja or lang=en.")),
    "bad-filter": Problem(
        400, _("This filter cannot be used"), _("Choose one of the values that the page offers.")
    ),
    "not-found": Problem(
        404, _("There is no such page"), _("Check the address, or start from the front page.")
    ),
    "unknown-thing": Problem(
        404,
        _("Nothing is known under this name"),
        _("Check the spelling, choose another as-of date, or look in the lists."),
    ),
    "unknown-graph": Problem(
        404, _("There is no such graph"), _("Look up the names of all graphs at /graph/.")
    ),
    "unknown-format": Problem(
        404, _("This format is not available"), _("Use one of the endings the page names at its foot.")
    ),
    "method-not-allowed": Problem(
        405, _("This address cannot be asked that way"), _("Use one of the methods in the Allow header.")
    ),
    "not-acceptable": Problem(
        406,
        _("No offered format is acceptable"),
        _("Ask for one of the formats named here in the Accept header."),
    ),
    "too-large": Problem(
        413, _("The request is too large"), _("Send less at once; the limit is a setting of the operator.")
    ),
    "internal-error": Problem(
        500,
        _("Something went wrong here"),
        _("Try again; if it stays, tell the operator the time and the address."),
    ),
    "query-syntax": Problem(
        400, _("The query cannot be read"), _("Correct the query at the named place and run it again.")
    ),
    "query-refused": Problem(
        400,
        _("This query is not allowed here"),
        _("Leave out what is named: queries may only read this graph."),
    ),
    "format-not-available": Problem(
        406, _("This answer has no such format"), _("Ask for a format that fits the form of the query.")
    ),
    "query-timeout": Problem(
        503, _("The query took too long"), _("Narrow the query, or add a LIMIT, and run it again.")
    ),
    "query-memory": Problem(
        503,
        _("The query needed too much memory"),
        _("Narrow the query, or sort and join less, and run it again."),
    ),
    "query-cancelled": Problem(503, _("The query was cancelled"), _("Run it again if you still need it.")),
    "query-crashed": Problem(
        500, _("The query broke its worker"), _("Nobody else is affected. Write the query in another way.")
    ),
    "engine-busy": Problem(503, _("All workers are busy"), _("Try again in a moment.")),
    "engine-unavailable": Problem(
        503, _("The graph is not ready"), _("It may still be loading: try again in a moment.")
    ),
    "view-not-available": Problem(
        404, _("This state of the graph cannot be shown"), _("Choose another date, revision or scenario.")
    ),
    "patch-refused": Problem(
        400,
        _("The change does not fit the graph"),
        _("Read the graph again and base the change on what it holds now."),
    ),
    "job-failed": Problem(
        500,
        _("A job on the graph failed"),
        _("Try again; if it stays, tell the operator the time and the address."),
    ),
    "engine-error": Problem(500, _("The graph could not answer"), _("Try again in a moment.")),
}

BY_STATUS = {404: "not-found", 405: "method-not-allowed", 406: "not-acceptable", 413: "too-large"}


class ProblemError(Exception):
    """An error to be shown to whoever asked.

    Args:
        code: a key of PROBLEMS.
        detail: one sentence, in the request's language: what is wrong and where.
        suggestions: (label, address) pairs that may be what was meant.
        headers: further response headers.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        suggestions: tuple[tuple[str, str], ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.suggestions = suggestions
        self.headers = headers or {}


def install(app: Flask) -> None:
    """Answer every error in the one shape."""
    app.register_error_handler(ProblemError, _answer_problem)
    app.register_error_handler(EngineError, _answer_engine)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_unexpected)


def from_engine(error: EngineError) -> ProblemError:
    """The problem that an engine's error amounts to."""
    code = error.code if error.code in PROBLEMS else "engine-error"
    detail = words_of(error, language()) or str(PROBLEMS[code].title)
    if isinstance(error, QuerySyntaxError) and error.line is not None:
        place = gettext("Line %(line)s, column %(column)s:", line=error.line, column=error.column or 1)
        detail = f"{place} {detail}"
    headers = (
        {"Retry-After": str(max(1, round(error.retry_after)))} if isinstance(error, EngineBusyError) else {}
    )
    return ProblemError(code, detail, headers=headers)


def _answer_problem(error: ProblemError) -> Response:
    return respond(error)


def _answer_engine(error: EngineError) -> Response:
    problem = from_engine(error)
    if PROBLEMS[problem.code].status >= 500:
        log.warning("%s: %s", problem.code, error)
    return respond(problem)


def _answer_http(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    if status == 404 and (suffix := _unknown_suffix(request.path)):
        g.machine = True
        detail = gettext("This page has no form “.%(suffix)s”; it has .json, .csv and .ttl.", suffix=suffix)
        return respond(ProblemError("unknown-format", detail))
    code = BY_STATUS.get(status, "bad-request" if status < 500 else "internal-error")
    headers = {k: v for k, v in error.get_headers() if k == "Allow"}
    detail = gettext("Asked for: %(path)s", path=request.path[:200])
    return respond(ProblemError(code, detail, headers=headers), status)


def _unknown_suffix(path: str) -> str | None:
    """The suffix of a path whose stem is a page that exists in other forms, or None."""
    stem, dot, suffix = path.rpartition(".")
    if not dot or not suffix.isalnum() or len(suffix) > 8:
        return None
    pages = current_app.url_map.bind("")
    return suffix if pages.test(stem, "GET") and pages.test(f"{stem}.json", "GET") else None


def _answer_unexpected(error: Exception) -> Response:
    log.error("unexpected error at %s", request.path if has_request_context() else "?", exc_info=error)
    return respond(ProblemError("internal-error", gettext("Asked for: %(path)s", path=request.path[:200])))


def respond(error: ProblemError, status: int | None = None) -> Response:
    """The response for a problem: a page for people, problem details for programs."""
    problem = PROBLEMS[error.code]
    code = status or problem.status
    g.problem_code = error.code
    if wants_json():
        body = {
            "type": f"https://w3id.org/kizuna/error/{error.code}",
            "code": error.code,
            "status": code,
            "title": str(problem.title),
            "detail": error.detail,
            "what_to_do": str(problem.what_to_do),
        }
        response = make_response(json.dumps(body, ensure_ascii=False, indent=1) + "\n", code)
        response.content_type = "application/problem+json; charset=utf-8"
    else:
        page = render_template("error.html", error=error, problem=problem, status=code)
        response = make_response(page, code)
    response.headers.update(error.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def wants_json() -> bool:
    """True when whoever asks is a program: it asked for data by suffix, route or Accept header."""
    if g.get("machine") or (request.view_args or {}).get("form"):
        return True
    best = choose(
        request.headers.get("Accept", ""), ["text/html", "application/json", "application/problem+json"]
    )
    return best != "text/html"
