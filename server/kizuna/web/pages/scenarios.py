"""What-if: the scenarios there are, and the switch that lets every page stand in some of them."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, g, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext

from kizuna.atlas.differences import KINDS
from kizuna.atlas.scenarios import scenarios_of
from kizuna.atlas.scenarios_compare import MOST_COMPARED, compare_scenarios
from kizuna.atlas.terms import Name
from kizuna.engine.types import View
from kizuna.web import certainty, desk_names, marks
from kizuna.web.current import desk, engine, settings
from kizuna.web.errors import ProblemError
from kizuna.web.formats import no_turtle, show
from kizuna.web.pages.differences import MOST_SHOWN, kinds_of_change
from kizuna.web.whatif import (
    days_ahead,
    differences_from_record,
    differences_from_revision,
    find_scenario,
    idle_told,
    meetings_told,
    stacked,
    switch,
)

room = Blueprint("scenarios", __name__)
NO_QUERY = ("describe", {"thing": ""})


@room.get("/scenarios")
@room.get("/scenarios.<form:form>", endpoint="scenarios_data")
def scenarios(form: str | None = None) -> Response:
    """The scenarios of the workspace: what each changes, and the way into it."""
    page = scenarios_of(settings().workspace)
    return show("scenarios.html", page, table=page, graph=NO_QUERY, form=no_turtle(form))


@room.get("/scenarios/compare")
@room.get("/scenarios/compare.<form:form>", endpoint="compare_data")
def compare(form: str | None = None) -> Response:
    """The scenarios `?with=NAME` (repeated, two or three) side by side: each alone, all together; without any, the choice."""
    if not request.args.get("with"):
        return scenarios(form)
    names = stacked(",".join(request.args.getlist("with")))
    if not 2 <= len(names) <= MOST_COMPARED:
        raise ProblemError(
            "bad-filter",
            gettext("Two scenarios, or up to %(most)s, can stand side by side.", most=MOST_COMPARED),
            ((gettext("All scenarios"), url_for("scenarios.scenarios", scenario=None)),),
        )
    found = [find_scenario(name) for name in names]
    days = {each.name: each.day for each in scenarios_of(settings().workspace)}
    suggested = [day for name in names if (day := days.get(name))]
    today = engine().today()
    record = View(
        g.get("asof") or max(suggested, default=today.as_of),
        g.get("revision", today.revision),
        today.scenario,
    )
    named = [
        (Name(name, title.ja, title.en), pinned) for name, (pinned, title) in zip(names, found, strict=True)
    ]
    page = compare_scenarios(desk().comparisons, engine(), record, named)
    headings = kinds_of_change()
    return show(
        "scenarios_compare.html",
        page,
        table=page.effects,
        graph=NO_QUERY,
        form=no_turtle(form),
        day=record.as_of.isoformat(),
        sections=[(kind, headings[kind], page.of(kind)) for kind in KINDS],
        most=MOST_SHOWN,
        touching=meetings_told([pinned for pinned, _ in found], [title for _, title in found]),
    )


def _setup(state: BlueprintSetupState) -> None:
    app: Flask = state.app  # type: ignore[assignment]
    app.jinja_env.globals.update(
        by_certainty=certainty.by_certainty, unsure_sign=certainty.SIGN, unsure_means=certainty.meaning
    )
    app.before_request(switch)
    app.before_request(marks.switch)


room.record_once(_setup)


@room.app_context_processor
def shared() -> dict[str, object]:
    """What the banner of every page needs."""
    return {
        "what_if": g.get("what_if", ()),
        "back_at": g.get("revision"),
        "days_ahead": days_ahead,
        "idle_told": idle_told,
        "thing_term": lambda thing: desk_names.term_words(f"<{thing}>"),
        "meetings_told": lambda: meetings_told(g.get("scenario", ()), g.get("what_if", ())),
        "differences_from_record": differences_from_record,
        "differences_from_revision": differences_from_revision,
        "delta": marks.delta,
        "told": marks.told,
        "bar_told": marks.bar_told,
        "bar_sign": marks.signed,
        "sign_of": marks.sign_of,
        "page_told": marks.page_told,
        "delta_legend": marks.legend,
        "marks_made": lambda: g.get("marks") is not None,
        "unsure_shown": certainty.shown,
        "page_differs": marks.page_differs,
        "number_of": marks.number_of,
        "differing": marks.differing,
        "figure": marks.figure,
        "only_here": lambda: bool(g.get("only_here")),
        "only_differences": lambda: bool(g.get("only_differences")),
    }
