"""Writes to the graph store (SPARQL 1.1 Graph Store HTTP Protocol §5.3–5.7), for a server without a gate."""

from __future__ import annotations

import uuid

from flask import Response, request
from flask_babel import gettext
from pyoxigraph import NamedNode

from kizuna.sparql.formats import rdf_format_of
from kizuna.sparql.graphstore import GRAPH_HOLDS, GraphName, address_of
from kizuna.sparql.guard import Refusal, examine_update
from kizuna.sparql.protocol import UPDATE_TYPE, media_type_of
from kizuna.web import endpoint, sparql_problems, ungated
from kizuna.web.current import engine, view
from kizuna.web.errors import ProblemError
from kizuna.workspace.names import GRAPH


def write(name: GraphName | None) -> Response:
    """Carry a write out.

    Raises:
        ProblemError: no token, no graph named, or a document that cannot be read.
    """
    ungated.authorize()
    if name is None:
        if request.method != "POST":
            raise ProblemError("no-graph-named", gettext("This address stands for all graphs."))
        return _new_graph()
    if request.method == "PATCH":
        return _patch(name)
    if request.method == "DELETE":
        return _delete(name)
    return _put_or_post(name, replace=request.method == "PUT")


def held(name: GraphName) -> bool:
    """Does the graph hold a triple?"""
    if name.iri is None:
        return True
    return engine().ask(view(), GRAPH_HOLDS, {"graph": NamedNode(name.iri)})


def documents() -> list[tuple[str, bytes]]:
    """The documents that came: the body, or each file of a form. Each with its RDF media type.

    Raises:
        ProblemError: `document-type`.
    """
    found = []
    if request.mimetype == "multipart/form-data":
        sent = [(file.content_type or "", file.read()) for file in request.files.values()]
    else:
        sent = [(request.headers.get("Content-Type", ""), request.get_data())]
    for content_type, body in sent:
        media_type, _charset = media_type_of(content_type)
        form = rdf_format_of(media_type)
        if form is None:
            raise ProblemError(
                "document-type", media_type or gettext("The type of the document is not said.")
            )
        found.append((form.media_type, body))
    return found


def _put_or_post(name: GraphName, *, replace: bool) -> Response:
    new = not held(name)
    iri = name.iri or ""
    applied = None
    for number, (media_type, body) in enumerate(documents()):
        first = replace and number == 0

        def put(media_type: str = media_type, body: bytes = body, first: bool = first) -> object:
            return ungated.writer().write(
                "put_document", iri, media_type, body, iri or request.base_url, first
            )

        applied = ungated.attempt(put, document=True)  # type: ignore[arg-type]
    if applied is None:
        raise ProblemError("document-type", gettext("The form holds no document."))
    return ungated.written(applied, 201 if new else 204)


def _new_graph() -> Response:
    """POST to the store itself: a graph with a name of our choice (§5.5)."""
    name = GraphName(f"{GRAPH}new/{uuid.uuid4()}")
    response = _put_or_post(name, replace=False)
    response.headers["Location"] = address_of(request.root_url, name.iri or "")
    return response


def _delete(name: GraphName) -> Response:
    if name.iri is not None and not held(name):
        raise ProblemError("unknown-graph", gettext("Asked for: %(path)s", path=name.iri[:200]))
    applied = ungated.attempt(lambda: ungated.writer().write("drop_graph", name.iri or ""), document=False)
    return ungated.written(applied, 204)


def _patch(name: GraphName) -> Response:
    """PATCH with an update (§5.7): its dataset is the one graph."""
    media_type, _charset = media_type_of(request.headers.get("Content-Type", ""))
    if media_type != UPDATE_TYPE:
        raise ProblemError("document-type", media_type or gettext("The type of the document is not said."))
    try:
        text = request.get_data().decode("utf-8")
    except UnicodeDecodeError:
        raise ProblemError("not-unicode", gettext("The update is not UTF-8.")) from None
    try:
        examine_update(text, endpoint.endpoint().rules.policy)
    except Refusal as error:
        raise sparql_problems.from_refusal(error) from error
    iri = name.iri or ""
    applied = ungated.attempt(
        lambda: ungated.writer().write("patch_graph", iri, text, iri or request.base_url), document=False
    )
    return ungated.written(applied, 204)
