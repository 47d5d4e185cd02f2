"""The page of any thing that has no page of its own kind: a participation, an event, a role, a place …"""

from __future__ import annotations

from flask import Blueprint, Response

from kizuna.atlas.thing import read_thing
from kizuna.web.current import reader, words
from kizuna.web.formats import show
from kizuna.web.unknown import thing_at, unknown_thing

room = Blueprint("things", __name__)


@room.get("/things/<slug:kind>/<path:slug>")
def thing(kind: str, slug: str) -> Response:
    """Everything stated about a thing, and what points to it."""
    iri = thing_at(kind, slug)
    page = read_thing(reader(), words(), iri)
    if page is None:
        raise unknown_thing(kind, slug)
    return show("thing.html", page, table=page.about.values, graph=("describe", {"thing": iri}))
