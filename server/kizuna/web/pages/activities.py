"""Activities (projects, transfers, programmes …): the list by kind, and the page of one."""

from __future__ import annotations

from flask import Blueprint, Response, request

from kizuna.atlas.activity import read_activities, read_activity
from kizuna.web.current import reader, words
from kizuna.web.formats import show
from kizuna.web.links import thing_iri
from kizuna.web.unknown import unknown_thing
from kizuna.workspace.names import NS

room = Blueprint("activities", __name__)


@room.get("/activities")
@room.get("/activities.<form:form>", endpoint="activities_data")
def activities(form: str | None = None) -> Response:
    """All activities, the latest first."""
    page = read_activities(reader(), words(), request.args.get("kind", ""))
    return show(
        "activities.html", page, table=page.lines, graph=("list", {"class": NS + "Activity"}), form=form
    )


@room.get("/activities/<slug:slug>")
@room.get("/activities/<slug:slug>.<form:form>", endpoint="activity_data")
def activity(slug: str, form: str | None = None) -> Response:
    """One activity: who does what for whom, by which means, how far."""
    thing = thing_iri("activity", slug)
    page = read_activity(reader(), words(), thing)
    if page is None:
        raise unknown_thing("activity", slug)
    return show("activity.html", page, table=page.history, graph=("describe", {"thing": thing}), form=form)
