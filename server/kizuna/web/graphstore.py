"""/graphs: the SPARQL 1.1 Graph Store HTTP Protocol. No logic of its own."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Blueprint, Response, g, request
from flask_babel import gettext
from pyoxigraph import Literal, NamedNode, Triple

from kizuna.engine.types import Limits, Question
from kizuna.sparql import graphstore as store
from kizuna.sparql.cache import Key
from kizuna.sparql.description import RDF_FORMATS, SD, write
from kizuna.sparql.endpoint import matches
from kizuna.sparql.formats import media_types_for, named_format
from kizuna.sparql.negotiation import choose
from kizuna.sparql.protocol import ProtocolError
from kizuna.web import endpoint, gated, graphwrites, sparql_problems
from kizuna.web.current import engine, settings
from kizuna.web.errors import ProblemError
from kizuna.web.replies import coded
from kizuna.workspace.names import RDF, VOID, XSD

room = Blueprint("graphstore", __name__)
room.after_request(endpoint.open_to_all)

WRITES = ("PUT", "POST", "DELETE", "PATCH")
NO_LIMITS = Limits(rows=None)


@room.route("/graphs", methods=["GET", *WRITES], defaults={"path": None}, strict_slashes=False)
@room.route("/graphs/<path:path>", methods=["GET", *WRITES])
def graphs(path: str | None) -> Response:
    """Read or write one graph; without a name, list all."""
    g.machine = True
    parameters = parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True)
    try:
        name = store.named_by(parameters, path)
    except ProtocolError as error:
        raise sparql_problems.from_protocol(error) from error
    if request.method in WRITES:
        return graphwrites.write(name) if settings().no_gate else gated.write(name)
    return listing() if name is None else read(name)


def rdf_type() -> str:
    """The media type to answer with.

    Raises:
        ProblemError: `not-acceptable`.
    """
    wanted = request.args.get("format")
    if wanted:
        form = named_format(wanted, "graph")
        chosen = form.media_type if form else None
    else:
        chosen = choose(request.headers.get("Accept"), media_types_for("graph"))
    if chosen is None:
        raise ProblemError("not-acceptable", gettext("Offered: %(offered)s", offered=", ".join(RDF_FORMATS)))
    return chosen


def read(name: store.GraphName) -> Response:
    """One graph, whole: no row limit applies."""
    media_type = rdf_type()
    view = endpoint.asked_view()
    form = named_format(media_type, "graph")
    if not exists(name):
        raise ProblemError("unknown-graph", gettext("Asked for: %(path)s", path=(name.iri or "")[:200]))
    text = store.READ_DEFAULT if name.iri is None else store.READ_GRAPH
    bindings = {} if name.iri is None else {"graph": NamedNode(name.iri)}
    asked = form.media_type if form else media_type
    key = Key.of(engine().revision(view), text, asked, NO_LIMITS, bindings)
    etag = key.etag(media_type)
    if matches(etag, request.headers.get("If-None-Match")):
        return plain(Response(status=304), media_type, etag)
    with endpoint.place():
        union = endpoint.endpoint().rules.union_default
        question = Question(text, asked, bindings, limits=NO_LIMITS, owner=endpoint.client(), union=union)
        answer = engine().query(view, question)
    if answer.truncated:
        raise ProblemError("query-memory", gettext("The graph is too large to be sent at once."))
    return plain(Response(answer.body), media_type, etag)


def exists(name: store.GraphName) -> bool:
    """Is there such a graph? The default graph always is; without a gate a graph is there when it holds a triple."""
    if name.iri is None:
        return True
    try:
        if endpoint.endpoint().rules.updates:
            return engine().ask(endpoint.asked_view(), store.GRAPH_HOLDS, {"graph": NamedNode(name.iri)})
        return name.iri in endpoint.endpoint().graphs(endpoint.asked_view())
    except ValueError as error:
        raise ProblemError("no-graph-named", str(error)) from error


def plain(response: Response, media_type: str, etag: str) -> Response:
    """The headers of an RDF document."""
    body, coding = coded(response.get_data(), request.headers.get("Accept-Encoding"))
    if coding is not None:
        response.set_data(body)
        response.headers["Content-Encoding"] = coding
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    response.headers["Content-Type"] = media_type + charset
    response.headers["ETag"] = etag
    response.headers["Vary"] = "Accept, Accept-Encoding"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Kizuna-As-Of"] = endpoint.asked_view().as_of.isoformat()
    return response


def listing() -> Response:
    """All graphs, as a service description's graph collection."""
    media_type = rdf_type()
    view = endpoint.asked_view()
    base = request.root_url
    collection = NamedNode(base + "graphs")
    triples = [Triple(collection, NamedNode(RDF + "type"), NamedNode(SD + "GraphCollection"))]
    for iri in sorted(endpoint.endpoint().graphs(view)):
        graph = NamedNode(iri)
        triples += [
            Triple(collection, NamedNode(SD + "namedGraph"), graph),
            Triple(graph, NamedNode(RDF + "type"), NamedNode(SD + "NamedGraph")),
            Triple(graph, NamedNode(SD + "name"), graph),
            Triple(
                graph,
                NamedNode(VOID + "dataDump"),
                Literal(store.address_of(base, iri), datatype=NamedNode(XSD + "anyURI")),
            ),
        ]
    form = named_format(media_type, "graph")
    body = write(triples, form.media_type if form else media_type)
    key = Key.of(engine().revision(view), store.ALL_GRAPHS, media_type, NO_LIMITS)
    return plain(Response(body), media_type, key.etag(media_type))
