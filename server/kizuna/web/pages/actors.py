"""Actors: the list by region, and the page of one."""

from __future__ import annotations

from flask import Blueprint, Response, request

from kizuna.atlas.actor import read_actor
from kizuna.atlas.actors import read_actors
from kizuna.atlas.home import actor_name
from kizuna.atlas.strip import lay_out
from kizuna.web.current import as_of, language, principal, reader, words
from kizuna.web.formats import asked_form, show
from kizuna.web.links import ACTOR_KINDS, thing_iri
from kizuna.web.marks import marked, sign_of
from kizuna.web.unknown import unknown_thing
from kizuna.workspace.names import ID, NS

room = Blueprint("actors", __name__)
MOST_PEERS = 12


@room.get("/actors")
@room.get("/actors.<form:form>", endpoint="actors_data")
def actors(form: str | None = None) -> Response:
    """All actors by region."""
    page = read_actors(
        reader(), words(), principal(), kind=request.args.get("kind", ""), text=request.args.get("q", "")
    )
    return show(
        "actors.html",
        page,
        table=page.lines,
        graph=("list", {"class": NS + "Actor"}),
        form=form,
        principal_name=actor_name(reader(), principal()),
    )


@room.get("/actors/<slug:kind>/<slug:slug>")
@room.get("/actors/<slug:kind>/<slug:slug>.<form:form>", endpoint="actor_data")
def actor(kind: str, slug: str, form: str | None = None) -> Response:
    """One actor, seen from the principal."""
    thing = thing_iri(kind, slug)
    peers = [ID + p for p in request.args.getlist("peer") if p.count("/") == 1][:MOST_PEERS]
    page = read_actor(reader(), words(), thing, principal(), peers) if kind in ACTOR_KINDS else None
    if page is None:
        raise unknown_thing(kind, slug)
    table = page.lines
    kinds = {a.agreement.iri: a.kind for a in page.agreements + page.talks if a.kind}
    page = marked(page, asked_form(form))
    strip = lay_out(page.history, as_of(), language(), kinds, sign_of)
    return show(
        "actor.html",
        page,
        table=table,
        graph=("describe", {"thing": thing}),
        form=form,
        strip=strip,
    )
