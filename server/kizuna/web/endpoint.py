"""What the endpoint's addresses share: who asks, the one Endpoint of the application, CORS, and a reply as a response.

Reads Flask's globals; writes only the temporary files that hold large answers;
asks only the other endpoints that the operator allows.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from typing import BinaryIO, cast

from flask import Flask, Response, current_app, g, request
from flask_babel import gettext
from SPARQLWrapper import JSON, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from kizuna.engine.types import Limits, View
from kizuna.settings import Settings
from kizuna.sparql.admission import EndpointFull, TooManyQueries
from kizuna.sparql.endpoint import Ask, Endpoint, NotAcceptable, Reply, Rules
from kizuna.sparql.federation import ServiceError
from kizuna.sparql.guard import Policy, Refusal
from kizuna.web import sparql_problems as problems
from kizuna.web import whatif
from kizuna.web.coding import coded_stream, coding_for
from kizuna.web.current import Desk, engine, view
from kizuna.web.errors import ProblemError
from kizuna.web.replies import MET, OPEN, coded, fields, visitor
from kizuna.web.spreadsheets import without_formulas
from kizuna.web.state import parse_date

SERVICE_SECONDS = 10
SERVICE_BYTES = 20_000_000
BLOCK = 131_072
_QUERY_ID = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?\Z")


def install(app: Flask) -> None:
    """Give an application its endpoint."""
    desk = cast(Desk, app.extensions["kizuna"])
    app.extensions["kizuna-sparql"] = Endpoint(desk.engine, rules_of(desk.settings), spool, fetch)


def fetch(iri: str, query: str) -> bytes:
    """Ask another endpoint, for SERVICE.

    Raises:
        ServiceError: it does not answer in time, with success, or within the size.
    """
    client = SPARQLWrapper(iri, returnFormat=JSON)
    client.setQuery(query)
    client.setMethod(POST)
    client.setTimeout(SERVICE_SECONDS)
    try:
        with client.query().response as response:
            body = response.read(SERVICE_BYTES + 1)
    except (SPARQLWrapperException, OSError, HTTPException, ValueError) as error:
        raise ServiceError(f"{iri}: {type(error).__name__}") from error
    if len(body) > SERVICE_BYTES:
        raise ServiceError(f"{iri}: more than {SERVICE_BYTES} bytes")
    return body


def spool() -> BinaryIO:
    """A temporary file without a name: gone when it is closed, however this process ends."""
    return cast(BinaryIO, tempfile.TemporaryFile())


def blocks_of(file: BinaryIO) -> Iterator[bytes]:
    """A spooled body in blocks; closes it at the end."""
    with file:
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


def endpoint() -> Endpoint:
    """The application's endpoint."""
    return cast(Endpoint, current_app.extensions["kizuna-sparql"])


def rules_of(settings: Settings) -> Rules:
    """The rules that the operator's settings amount to."""
    services = frozenset(settings.services.replace(",", " ").split())
    return Rules(
        policy=Policy(services, settings.query_characters, settings.query_depth),
        limits=Limits(
            seconds=settings.query_seconds,
            rows=settings.query_rows or None,
            memory_bytes=settings.query_memory_bytes,
            result_bytes=settings.query_result_bytes or None,
        ),
        cache_bytes=settings.cache_bytes,
        client_queries=settings.client_queries,
        total_queries=settings.endpoint_queries or max(1, settings.web_threads - 2),
        wait_seconds=settings.query_wait_seconds,
        only_known_graphs=not settings.no_gate,
        updates=settings.no_gate,
        union_default=not settings.no_gate,
    )


def client() -> str:
    """Who asks, for limits and for cancelling.

    An account where there is one; else the address, told apart by the random `Kizuna-Client` field where a client sends
    it (the workbench does), so that people behind one address neither see nor cancel each other's queries.
    """
    if account := g.get("account_name"):
        return f"account:{account}"
    return visitor(request.remote_addr, request.headers.get("Kizuna-Client", ""))


def asked_view(body: whatif.Given | None = None) -> View:
    """The view of a request; what chooses it may stand in the body, unless it stands in the address.

    Args:
        body: gives the body's parameters by name; None where there is no body.

    Raises:
        ProblemError: `bad-date`, `bad-parameter`, `view-not-available` and what scenarios may raise.
    """
    if body is not None:
        asof = body("asof")
        if asof and not request.args.get("asof"):
            g.asof = parse_date(asof)
        whatif.choose(lambda name: None if request.args.get(name) else body(name))
        g.pop("view", None)
    return view()


def number(name: str, given: str | None) -> float | None:
    """A limit that a request asks for.

    Raises:
        ProblemError: `bad-limit`.
    """
    if given is None or given == "":
        return None
    if not _NUMBER.match(given) or float(given) <= 0:
        raise ProblemError("bad-limit", f"{name}={given[:40]}")
    return float(given)


def query_id(given: str | None) -> str | None:
    """The name a client gives to its query, to cancel it by.

    Raises:
        ProblemError: `bad-parameter`.
    """
    if not given:
        return None
    if not _QUERY_ID.match(given):
        raise ProblemError("bad-parameter", gettext("query-id takes 8 to 64 letters, digits, - and _."))
    return given


def answer(ask: Ask, download: str | None = None) -> Response:
    """Answer a query, with the protocol's headers and the product's own.

    Args:
        ask: the query.
        download: name of the file to offer, without its ending; None shows the answer.

    Raises:
        ProblemError: any of the endpoint's problems.
        EngineError: the engine says no, or cannot.
    """
    g.query_text = ask.text
    met = request.environ.pop(MET, None)
    try:
        if isinstance(met, Exception):
            raise met
        reply = met if isinstance(met, Reply) else endpoint().answer(ask)
    except Refusal as error:
        raise problems.from_refusal(error) from error
    except NotAcceptable as error:
        raise problems.from_format(error) from error
    except (TooManyQueries, EndpointFull) as error:
        raise problems.from_places(error) from error
    except ServiceError as error:
        raise ProblemError("service-failed", str(error)) from error
    return respond(reply, ask, download)


@contextmanager
def place() -> Iterator[None]:
    """Hold a place of this client while the block runs.

    Raises:
        ProblemError: `too-many-queries` or `endpoint-full`.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(endpoint().admission.place(client()))
        except (TooManyQueries, EndpointFull) as error:
            raise problems.from_places(error) from error
        yield


def respond(reply: Reply, ask: Ask, download: str | None = None) -> Response:
    """A reply as a response."""
    excel = ask.format == "excel"
    response = Response(status=304) if reply.answer is None else _body(reply, excel)
    response.headers.update(fields(reply, ask.view))
    if reply.etag and excel:
        response.headers["ETag"] = reply.etag[:-1] + '-bom"'
    if ask.query_id:
        response.headers["Kizuna-Query-Id"] = ask.query_id
    if download:
        response.headers["Content-Disposition"] = f'attachment; filename="{download}.{reply.format.name}"'
    return response


def _body(reply: Reply, excel: bool) -> Response:
    accepted = request.headers.get("Accept-Encoding")
    if reply.spooled is None:
        body = reply.answer.body if reply.answer else b""
        body, coding = coded(b"".join(without_formulas([body])) if excel else body, accepted)
        response = Response(body)
    else:
        coding = coding_for(accepted)
        size = reply.spooled.tell()
        blocks = without_formulas(blocks_of(reply.spooled)) if excel else blocks_of(reply.spooled)
        response = Response(coded_stream(coding, blocks) if coding else blocks)
        response.call_on_close(reply.spooled.close)
        if coding is None and not excel:
            response.headers["Content-Length"] = str(size)
    if coding is not None:
        response.headers["Content-Encoding"] = coding
    return response


def open_to_all(response: Response) -> Response:
    """Let scripts of any origin read the endpoint (W3C Fetch, CORS protocol): no cookie or token is involved."""
    response.headers.update(OPEN)
    if request.method == "OPTIONS":
        allowed = response.headers.get("Allow", "GET, HEAD, OPTIONS, POST")
        response.headers["Access-Control-Allow-Methods"] = allowed
        response.headers["Access-Control-Allow-Headers"] = (
            "Accept, Accept-Language, Authorization, Content-Type, If-Match, If-None-Match, Kizuna-Client"
        )
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


def revision_of(asked: View) -> str:
    """The token of a view, for headers."""
    return engine().revision(asked)
