"""The front page."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from kizuna.atlas.home import read_home
from kizuna.web.current import principal, reader, words
from kizuna.web.formats import show
from kizuna.workspace.names import NS

room = Blueprint("home", __name__)
MOST_FRAMEWORKS = 6
"""Frameworks of a kind on the front page; the page of all frameworks holds the others."""


@room.get("/")
@room.get("/home.<form:form>", endpoint="home_data")
def home(form: str | None = None) -> Response:
    """What there is, where to start, what happened last."""
    page = read_home(reader(), words(), principal())
    have = [(word, key, url_for(end)) for key, word, end in entries()]
    return show(
        "home.html",
        page,
        table=page.changes,
        graph=("list", {"class": NS + "Framework"}),
        form=form,
        counts=have,
        most=MOST_FRAMEWORKS,
    )


def entries() -> list[tuple[str, str, str]]:
    """Where to start: class, words, endpoint."""
    known = (
        ("State", gettext("states"), "actors.actors"),
        ("Framework", gettext("frameworks"), "frameworks.frameworks"),
        ("Agreement", gettext("agreements"), "agreements.agreements"),
        ("Participation", gettext("participations"), "frameworks.frameworks"),
        ("Domain", gettext("domains"), "domains.domains"),
        ("Activity", gettext("activities"), "activities.activities"),
        ("PolicyInstrument", gettext("instruments"), "instruments.instruments"),
        ("Recommendation", gettext("recommendations"), "recommendations.recommendations"),
        ("Source", gettext("sources"), "sources.sources"),
    )
    return [entry for entry in known if entry[2] in current_app.view_functions]


@room.get("/favicon.ico")
def favicon() -> BaseResponse:
    """The icon, for browsers that ask for it by its old name."""
    return redirect(url_for("static", filename="build/icon.svg"), 301)
