"""SPARQL Update at /sparql and writes to /graphs, behind the gate: each becomes a proposal. Needs a token; cookies do not count."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Response, g, request

from kizuna.changes.documents import DocumentError
from kizuna.changes.patch import Patch, PatchError, patch_of
from kizuna.engine.types import Limits, Question
from kizuna.sparql import graphstore
from kizuna.sparql.protocol import ProtocolError
from kizuna.web import desk_ways, sparql_problems
from kizuna.web.accounts_session import actor, ledger
from kizuna.web.current import engine, settings, view
from kizuna.web.desk_words import from_code
from kizuna.web.errors import ProblemError
from kizuna.web.whatif import require_record

GRAPH_WRITES = frozenset({"PUT", "POST", "DELETE", "PATCH"})


def intercept() -> Response | None:
    """Take over writes of those who have a token; everything else goes on its way."""
    if settings().no_gate or ledger() is None:
        return None
    who = actor()
    if who is None or who.scope is None:
        return None
    path = request.path.rstrip("/")
    if request.method in GRAPH_WRITES and (path == "/graphs" or path.startswith("/graphs/")):
        return _graph(path.removeprefix("/graphs").lstrip("/") or None)
    if request.method == "POST" and path == "/sparql":
        if request.mimetype == desk_ways.UPDATE:
            return _update(request.get_data())
        if request.mimetype == "application/x-www-form-urlencoded" and request.form.get("update"):
            return _update(request.form["update"].encode())
    return None


def _accept(patch: Patch, title: str, way: str) -> Response:
    from kizuna.web.desk import accepted

    return accepted(patch, request.args.get("title", title)[:200], way)


def _update(body: bytes) -> Response:
    g.machine = True
    return _accept(desk_ways.to_patch(body, desk_ways.UPDATE, "", "add"), "SPARQL Update", "update")


def _graph(path: str | None) -> Response:
    """PUT, POST and DELETE of one graph (SPARQL 1.1 Graph Store HTTP Protocol, section 5)."""
    g.machine = True
    parameters = parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True)
    try:
        name = graphstore.named_by(parameters, path)
    except ProtocolError as error:
        raise sparql_problems.from_protocol(error) from error
    if name is None or name.iri is None:
        raise from_code(
            "patch-graph", "変更するグラフを指定してください。", "Name the graph that is changed."
        )
    require_record()
    if request.method == "DELETE":
        return _accept(_emptied(name.iri), f"DELETE {name.iri}", "graph-store")
    if request.method == "PATCH":
        raise ProblemError("method-not-allowed", "PATCH", headers={"Allow": "GET, PUT, POST, DELETE"})
    mode = "replace-graphs" if request.method == "PUT" else "add"
    patch = desk_ways.to_patch(request.get_data(), request.mimetype, name.iri, mode)
    return _accept(patch, f"{request.method} {name.iri}", "graph-store")


def _emptied(iri: str) -> Patch:
    from pyoxigraph import NamedNode, Quad, RdfFormat, parse

    question = Question(
        graphstore.READ_GRAPH, "application/n-triples", {"graph": NamedNode(iri)}, limits=Limits(rows=None)
    )
    answer = engine().query(view(), question)
    graph = NamedNode(iri)
    triples = parse(answer.body, format=RdfFormat.N_TRIPLES)
    try:
        return patch_of([Quad(t.subject, t.predicate, t.object, graph) for t in triples], [])
    except (PatchError, DocumentError) as error:
        raise from_code("patch-graph", str(error), str(error)) from error
