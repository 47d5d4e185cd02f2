"""Frameworks: the list by kind, and the page of one."""

from __future__ import annotations

from flask import Blueprint, Response

from kizuna.atlas.framework import read_framework
from kizuna.atlas.home import actor_name, by_kind, read_frameworks
from kizuna.web.current import principal, reader, words
from kizuna.web.formats import show
from kizuna.web.links import thing_iri
from kizuna.web.unknown import unknown_thing
from kizuna.workspace.names import NS

room = Blueprint("frameworks", __name__)


@room.get("/frameworks")
@room.get("/frameworks.<form:form>", endpoint="frameworks_data")
def frameworks(form: str | None = None) -> Response:
    """All frameworks by kind."""
    page = read_frameworks(reader(), words(), principal())
    return show(
        "frameworks.html",
        page,
        table=page,
        graph=("list", {"class": NS + "Framework"}),
        form=form,
        groups=by_kind(page),
        principal_name=actor_name(reader(), principal()),
    )


@room.get("/frameworks/<slug:slug>")
@room.get("/frameworks/<slug:slug>.<form:form>", endpoint="framework_data")
def framework(slug: str, form: str | None = None) -> Response:
    """One framework: who takes part, how, since when."""
    thing = thing_iri("framework", slug)
    page = read_framework(reader(), words(), thing)
    if page is None:
        raise unknown_thing("framework", slug)
    return show(
        "framework.html", page, table=page.participants, graph=("describe", {"thing": thing}), form=form
    )
