"""What-if: the scenarios there are, and the switch that lets every page stand in some of them."""

from __future__ import annotations

import re

from flask import Blueprint, Flask, Response, g, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext

from kizuna.atlas.scenarios import ScenarioError, read_scenario, scenarios_of, split_names
from kizuna.atlas.terms import Name
from kizuna.web.accounts_session import needed_actor
from kizuna.web.current import engine, settings, speaker
from kizuna.web.desk import proposal
from kizuna.web.errors import ProblemError
from kizuna.web.formats import no_turtle, show

room = Blueprint("scenarios", __name__)
_PROPOSAL = re.compile(r"proposal-([0-9]{1,9})\Z")
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


room.record_once(_setup)


@room.app_context_processor
def shared() -> dict[str, object]:
    """What the banner of every page needs."""
    return {"what_if": g.get("what_if", ()), "differences_from_record": differences_from_record}


def switch() -> None:
    """`?scenario=NAME,…`: every page reads the view in which these patches are laid over the record, in order.

    Raises:
        ProblemError: `view-not-available`; for proposals `unknown-proposal`, `sign-in-needed`.
    """
    given = request.args.get("scenario")
    if not given:
        return
    try:
        names = split_names(given)
    except ScenarioError as error:
        raise ProblemError("view-not-available", str(error)) from error
    found = [_find(name) for name in names]
    g.scenario = tuple(pinned for pinned, _ in found)
    g.what_if = tuple(title for _, title in found)
    speaker().kept["scenario"] = ",".join(names)


def engine_name(name: str) -> str:
    """The engine's name of a scenario that the person may see.

    Raises:
        ProblemError: as `switch`.
    """
    return _find(name)[0]


def _find(name: str) -> tuple[str, Name]:
    number = _PROPOSAL.match(name)
    if number is not None:
        needed_actor()
        one = proposal(int(number[1]))
        return one.scenario, Name(name, one.title, one.title)
    try:
        found = read_scenario(settings().workspace, name.removeprefix("file:"))
    except ScenarioError as error:
        raise ProblemError(
            "view-not-available",
            gettext("There is no scenario “%(name)s”.", name=name[:64]),
            ((gettext("All scenarios"), url_for("scenarios.scenarios", scenario=None)),),
        ) from error
    return found.pinned, found.title


def differences_from_record() -> str:
    """The address of what differs between this view and the record on the same day."""
    day = (g.get("asof") or engine().today().as_of).isoformat()
    names = speaker().kept.get("scenario", "")
    values = {"from": day, "to": f"{day},{names}", "scenario": None}
    return url_for("differences.differences", **values)  # type: ignore[arg-type]
