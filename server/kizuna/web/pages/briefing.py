"""Briefing sheets: an actor, a pair or a framework on one or two pages of A4, to be printed or saved as PDF."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask_babel import gettext

from kizuna.atlas.briefing import BriefSheet, brief_actor, brief_framework
from kizuna.atlas.pair import find_actor
from kizuna.web.current import principal, reader, words
from kizuna.web.errors import ProblemError
from kizuna.web.formats import show
from kizuna.web.links import ACTOR_KINDS, thing_iri
from kizuna.web.unknown import unknown_thing

room = Blueprint("briefing", __name__)


@room.get("/briefing/actors/<slug:kind>/<slug:slug>")
@room.get("/briefing/actors/<slug:kind>/<slug:slug>.<form:form>", endpoint="actor_data")
def actor(kind: str, slug: str, form: str | None = None) -> Response:
    """The sheet of an actor, seen from the principal."""
    thing = thing_iri(kind, slug)
    sheet = brief_actor(reader(), words(), thing, principal()) if kind in ACTOR_KINDS else None
    if sheet is None:
        raise unknown_thing(kind, slug)
    return _show(sheet, form, url_for("actors.actor", kind=kind, slug=slug))


@room.get("/briefing/pairs/<slug:one>/<slug:other>")
@room.get("/briefing/pairs/<slug:one>/<slug:other>.<form:form>", endpoint="pair_data")
def pair(one: str, other: str, form: str | None = None) -> Response:
    """The sheet of two actors; each is a slug, or KIND:SLUG."""
    first, second = (find_actor(reader(), given) for given in (one, other))
    if first is None or second is None:
        kind, _, slug = (one if first is None else other).rpartition(":")
        raise unknown_thing(kind or "state", slug)
    if first == second:
        raise ProblemError("bad-filter", gettext("A pair needs two different actors."))
    sheet = brief_actor(reader(), words(), first.iri, second.iri, "pair")
    if sheet is None:
        raise unknown_thing("state", one)
    return _show(sheet, form, url_for("pair.pair", one=one, other=other))


@room.get("/briefing/frameworks/<slug:slug>")
@room.get("/briefing/frameworks/<slug:slug>.<form:form>", endpoint="framework_data")
def framework(slug: str, form: str | None = None) -> Response:
    """The sheet of a framework."""
    sheet = brief_framework(reader(), words(), thing_iri("framework", slug))
    if sheet is None:
        raise unknown_thing("framework", slug)
    return _show(sheet, form, url_for("frameworks.framework", slug=slug))


def _show(sheet: BriefSheet, form: str | None, page: str) -> Response:
    return show(
        "briefing.html",
        sheet,
        table=sheet.agreements,
        graph=("describe", {"thing": sheet.about.thing.iri}),
        form=form,
        page_address=page,
    )
