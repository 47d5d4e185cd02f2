"""The dataset's descriptions: VoID at /.well-known/void, DCAT (and VoID) at /dataset; the service's own at /sparql.

Counting a large view takes a moment: the figures are remembered by the view's token. No logic of its own.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from flask import Blueprint, Response, g, request
from pyoxigraph import Triple

from kizuna.engine.types import Limits, View
from kizuna.sparql.cache import Key
from kizuna.sparql.description import (
    Figures,
    dcat_description,
    read_figures,
    service_description,
    void_description,
    write,
)
from kizuna.sparql.endpoint import matches
from kizuna.sparql.formats import named_format
from kizuna.web import endpoint
from kizuna.web.accounts_session import ledger
from kizuna.web.current import engine
from kizuna.web.graphstore import plain, rdf_type

room = Blueprint("dataset", __name__)
room.after_request(endpoint.open_to_all)


class _Memory:
    """Figures by token, bounded."""

    def __init__(self, views: int) -> None:
        self._views = views
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Figures] = OrderedDict()

    def figures(self, view: View) -> Figures:
        token = engine().revision(view)
        with self._lock:
            known = self._known.get(token)
        if known is None:
            with endpoint.place():
                known = read_figures(engine(), view)
            with self._lock:
                self._known[token] = known
                while len(self._known) > self._views:
                    self._known.popitem(last=False)
        return known


_memory = _Memory(8)


@room.get("/.well-known/void")
def void() -> Response:
    """The dataset by VoID."""
    view = endpoint.asked_view(None)
    return document(
        "void", lambda: void_description(request.root_url, _memory.figures(view), view.as_of.isoformat())
    )


@room.get("/dataset")
def dataset() -> Response:
    """The dataset by DCAT and VoID."""
    view = endpoint.asked_view(None)

    def both() -> list[Triple]:
        figures, day = _memory.figures(view), view.as_of.isoformat()
        base = request.root_url
        return [*dcat_description(base, figures, day), *void_description(base, figures, day)]

    return document("dataset", both)


def service() -> Response:
    """The service description, for /sparql without a query."""
    view = endpoint.asked_view(None)
    rules = endpoint.endpoint().rules
    return document(
        "service",
        lambda: service_description(
            request.root_url,
            _memory.figures(view),
            updates=rules.updates or ledger() is not None,
            union=rules.union_default,
            services=bool(rules.policy.services),
        ),
    )


def document(name: str, make: Callable[[], list[Triple]]) -> Response:
    """A description in the asked RDF format."""
    g.machine = True
    media_type = rdf_type()
    view = endpoint.asked_view(None)
    key = Key.of(engine().revision(view), f"{name} {request.root_url}", media_type, Limits())
    etag = key.etag(media_type)
    if matches(etag, request.headers.get("If-None-Match")):
        return plain(Response(status=304), media_type, etag)
    form = named_format(media_type, "graph")
    body = write(make(), form.media_type if form else media_type)
    return plain(Response(body), media_type, etag)
