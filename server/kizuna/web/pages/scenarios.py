"""What-if: the scenarios there are, and the switch that lets every page stand in some of them."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, g
from flask.blueprints import BlueprintSetupState

from kizuna.atlas.scenarios import scenarios_of
from kizuna.web import marks
from kizuna.web.current import settings
from kizuna.web.formats import no_turtle, show
from kizuna.web.whatif import differences_from_record, differences_from_revision, switch

room = Blueprint("scenarios", __name__)
NO_QUERY = ("describe", {"thing": ""})


@room.get("/scenarios")
@room.get("/scenarios.<form:form>", endpoint="scenarios_data")
def scenarios(form: str | None = None) -> Response:
    """The scenarios of the workspace: what each changes, and the way into it."""
    page = scenarios_of(settings().workspace)
    return show("scenarios.html", page, table=page, graph=NO_QUERY, form=no_turtle(form))


def _setup(state: BlueprintSetupState) -> None:
    app: Flask = state.app  # type: ignore[assignment]
    app.before_request(switch)
    app.before_request(marks.switch)


room.record_once(_setup)


@room.app_context_processor
def shared() -> dict[str, object]:
    """What the banner of every page needs."""
    return {
        "what_if": g.get("what_if", ()),
        "back_at": g.get("revision"),
        "differences_from_record": differences_from_record,
        "differences_from_revision": differences_from_revision,
        "delta": marks.delta,
        "page_told": marks.page_told,
        "delta_legend": marks.legend,
        "marks_made": lambda: g.get("marks") is not None,
        "page_differs": lambda: bool(g.get("marks")),
        "only_here": lambda: bool(g.get("only_here")),
        "only_differences": lambda: bool(g.get("only_differences")),
    }
