"""IRIs of the product, resolved: /id/KIND/SLUG, /ns and /graph/PATH, with content negotiation.

A thing is not a document, so its IRI answers 303 See Other (W3C "Cool URIs for the Semantic Web") with the page for
people or the data document for programs.
"""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel import gettext
from pyoxigraph import NamedNode
from werkzeug.wrappers import Response as BaseResponse

from kizuna.atlas.ontology import read_graphs, read_ontology
from kizuna.atlas.reader import query_text
from kizuna.engine.types import Question
from kizuna.web.current import engine, reader, view, words
from kizuna.web.errors import ProblemError
from kizuna.web.formats import show
from kizuna.web.links import page_of
from kizuna.web.negotiation import choose
from kizuna.web.unknown import thing_at, unknown_thing
from kizuna.workspace.names import GRAPH

room = Blueprint("identifiers", __name__)

RDF_FORMS = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
OFFERED = ["text/html", *RDF_FORMS.values()]


@room.get("/id/<slug:kind>/<path:slug>")
def thing(kind: str, slug: str) -> BaseResponse:
    """303 to the page or the data document of a thing, or the data document itself."""
    stem, _, suffix = slug.rpartition(".")
    if stem and suffix in RDF_FORMS:
        return _document(kind, stem, RDF_FORMS[suffix])
    iri = thing_at(kind, slug)
    if not reader().rows("about", thing=iri):
        raise unknown_thing(kind, slug)
    media_type = _negotiate()
    if media_type == "text/html":
        address = page_of(iri)
    else:
        form = next(f for f, m in RDF_FORMS.items() if m == media_type)
        address = url_for("identifiers.thing", kind=kind, slug=f"{slug}.{form}")
    answer = redirect(address, 303)
    answer.headers["Vary"] = "Accept"
    return answer


def _negotiate() -> str:
    found = choose(request.headers.get("Accept", ""), OFFERED)
    if found is None:
        raise ProblemError("not-acceptable", gettext("Offered: %(formats)s", formats=", ".join(OFFERED)))
    return found


def _document(kind: str, slug: str, media_type: str) -> Response:
    iri = thing_at(kind, slug)
    if not reader().rows("about", thing=iri):
        raise unknown_thing(kind, slug)
    return _graph("describe", media_type, thing=iri)


def _graph(query: str, media_type: str, **values: str) -> Response:
    bindings = {key: NamedNode(value) for key, value in values.items()}
    answer = engine().query(view(), Question(query_text(query), media_type, bindings))
    response = Response(answer.body, content_type=f"{media_type}; charset=utf-8")
    response.headers["Vary"] = "Accept"
    response.headers["Access-Control-Allow-Origin"] = "*"
    if answer.truncated:
        response.headers["Kizuna-Truncated"] = "true"
    return response


@room.get("/ns")
@room.get("/ns.<any(ttl,nt,jsonld,rdf):form>", endpoint="ontology_data")
def ontology(form: str | None = None) -> Response:
    """The ontology: every term with its names, definition and example."""
    media_type = RDF_FORMS[form] if form else _negotiate()
    if media_type != "text/html":
        return _graph("ontology", media_type)
    page = read_ontology(reader(), words())
    return show("ontology.html", page, table=page.terms, graph=("ontology", {}), form="html")


@room.get("/graph/")
def graphs() -> Response:
    """All graphs of the view with their sizes."""
    page = read_graphs(reader())
    return show("graphs.html", page, table=page, graph=("graphs-described", {}))


@room.get("/graph/<path:path>")
def graph(path: str) -> Response:
    """One graph as data; for people, what is in it."""
    stem, _, suffix = path.rpartition(".")
    wanted = stem if stem and suffix in RDF_FORMS else path
    name = GRAPH + wanted
    media_type = RDF_FORMS[suffix] if wanted != path else _negotiate()
    sizes = {g.graph: g for g in read_graphs(reader())}
    if name not in sizes:
        raise ProblemError("unknown-graph", gettext("Asked for: %(path)s", path=path[:200]))
    if media_type != "text/html":
        return _graph("graph", media_type, graph=name)
    return show("graph.html", sizes[name], table=[sizes[name]], graph=("graph", {"graph": name}), form="html")
