"""/sparql: queries and updates by the SPARQL 1.1 Protocol, the list of running queries, and cancelling. No logic of its own.

A browser that asks for HTML gets the workbench; a GET that asks nothing gets the service description.
"""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, request
from flask_babel import gettext

from kizuna.sparql import negotiation
from kizuna.sparql.endpoint import Ask
from kizuna.sparql.formats import media_types_for
from kizuna.sparql.protocol import HttpRequest, Operation, ProtocolError, read_request
from kizuna.web import dataset, endpoint, gated, sparql_problems, ungated, workbench
from kizuna.web.current import engine, settings
from kizuna.web.errors import ProblemError

OFFERED = (*media_types_for("solutions"), *media_types_for("graph"), "text/html")
room = Blueprint("sparql", __name__)
room.after_request(endpoint.open_to_all)


@room.record_once
def install(state: object) -> None:
    """Give the application its endpoint."""
    endpoint.install(state.app)  # type: ignore[attr-defined]


def wants_page() -> bool:
    """A browser: HTML weighs more than every result format."""
    if request.method not in ("GET", "HEAD") or request.args.get("format"):
        return False
    return negotiation.choose(request.headers.get("Accept"), OFFERED) == "text/html"


@room.route("/sparql", methods=["GET", "POST"], strict_slashes=False)
@room.route("/sparql", methods=["GET"], endpoint="editor")
def sparql() -> Response:
    """The endpoint."""
    g.machine = not wants_page()
    try:
        operation = read_request(
            HttpRequest(
                "GET" if request.method == "HEAD" else request.method,
                request.query_string,
                request.headers.get("Content-Type", ""),
                request.get_data(cache=True) if request.method == "POST" else b"",
            )
        )
    except ProtocolError as error:
        raise sparql_problems.from_protocol(error) from error
    if not g.machine:
        return workbench.page(operation.text if operation.kind == "query" else None)
    if operation.kind == "update":
        return ungated.update(operation) if settings().no_gate else gated.update(operation)
    if operation.kind == "nothing":
        return dataset.service()
    return query(operation)


def query(operation: Operation) -> Response:
    """Answer a query."""
    rows = endpoint.number("rows", operation.parameter("rows"))
    ask = Ask(
        view=endpoint.asked_view(operation.parameter),
        text=operation.text,
        client=endpoint.client(),
        accept=request.headers.get("Accept"),
        format=operation.parameter("format"),
        default_graphs=operation.default_graphs,
        named_graphs=operation.named_graphs,
        seconds=endpoint.number("timeout", operation.parameter("timeout")),
        rows=None if rows is None else max(1, int(rows)),
        query_id=endpoint.query_id(operation.parameter("query-id")),
        if_none_match=request.headers.get("If-None-Match"),
        base=request.base_url,
    )
    return endpoint.answer(ask, "kizuna" if operation.parameter("download") is not None else None)


@room.get("/sparql/running")
def running() -> Response:
    """The queries of this client that are being answered now."""
    g.machine = True
    mine = [one for one in engine().running() if one.owner == endpoint.client()]
    response = jsonify(
        running=[{"id": one.query_id, "seconds": round(one.seconds, 3), "query": one.text} for one in mine]
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@room.delete("/sparql/running/<name>")
def cancel(name: str) -> Response:
    """Cancel one of this client's running queries."""
    g.machine = True
    if not engine().cancel(name, endpoint.client()):
        raise ProblemError("unknown-running", gettext("Asked for: %(path)s", path=name[:80]))
    return Response(status=204)


room.get("/sparql/words.json")(workbench.words)
room.get("/sparql/library/<path:name>")(workbench.library_text)
room.post("/sparql/explain")(workbench.explain)
