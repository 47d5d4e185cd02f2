"""Sources: the list, and the page of one with all that rests on it."""

from __future__ import annotations

from flask import Blueprint, Response, request

from kizuna.atlas.source import read_source, read_sources
from kizuna.web.current import reader, words
from kizuna.web.formats import show
from kizuna.web.links import thing_iri
from kizuna.web.pages.paging import start_of
from kizuna.web.unknown import unknown_thing
from kizuna.workspace.names import NS

room = Blueprint("sources", __name__)


@room.get("/sources")
@room.get("/sources.<form:form>", endpoint="sources_data")
def sources(form: str | None = None) -> Response:
    """All sources, by publisher."""
    page = read_sources(
        reader(),
        words(),
        kind=request.args.get("kind", ""),
        text=request.args.get("q", ""),
        start=start_of(request.args.get("start")),
        whole=form is not None,
    )
    return show("sources.html", page, table=page.lines, graph=("list", {"class": NS + "Source"}), form=form)


@room.get("/sources/<slug:slug>")
@room.get("/sources/<slug:slug>.<form:form>", endpoint="source_data")
def source(slug: str, form: str | None = None) -> Response:
    """One source: where to read it, and which statements rest on it."""
    thing = thing_iri("source", slug)
    page = read_source(reader(), words(), thing)
    if page is None:
        raise unknown_thing("source", slug)
    return show("source.html", page, table=page.statements, graph=("describe", {"thing": thing}), form=form)
