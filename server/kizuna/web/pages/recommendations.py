"""The agenda: recommendations, what bears on each, what has moved since."""

from __future__ import annotations

from flask import Blueprint, Response

from kizuna.atlas.agenda import AgendaLine, read_agenda, read_recommendation
from kizuna.atlas.terms import Name
from kizuna.web.current import reader, words
from kizuna.web.formats import show
from kizuna.web.links import thing_iri
from kizuna.web.unknown import unknown_thing
from kizuna.workspace.names import NS

room = Blueprint("recommendations", __name__)


@room.get("/recommendations")
@room.get("/recommendations.<form:form>", endpoint="recommendations_data")
def recommendations(form: str | None = None) -> Response:
    """All recommendations."""
    page = read_agenda(reader(), words())
    return show(
        "recommendations.html",
        page,
        table=page,
        graph=("list", {"class": NS + "Recommendation"}),
        form=form,
        sections=_by_section(page),
    )


def _by_section(page: tuple[AgendaLine, ...]) -> list[tuple[Name | None, list[AgendaLine]]]:
    """The lines by section, sections in the order of their first lines."""
    sections: dict[Name | None, list[AgendaLine]] = {}
    for line in page:
        sections.setdefault(line.section, []).append(line)
    return list(sections.items())


@room.get("/recommendations/<slug:slug>")
@room.get("/recommendations/<slug:slug>.<form:form>", endpoint="recommendation_data")
def recommendation(slug: str, form: str | None = None) -> Response:
    """One recommendation: what bears on it and what has moved."""
    thing = thing_iri("recommendation", slug)
    page = read_recommendation(reader(), words(), thing)
    if page is None:
        raise unknown_thing("recommendation", slug)
    return show(
        "recommendation.html", page, table=page.bearings, graph=("describe", {"thing": thing}), form=form
    )
