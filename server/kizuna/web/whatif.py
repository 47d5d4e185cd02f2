"""Which world a request reads: scenarios laid over the record, and the revision of the record. Reads the request and the ledger.

`?scenario=NAME,…` (or the parameter repeated) lays patches over the record; `?revision=N` goes back to what the record said at
that commit. Both are kept in every address the application makes. Nothing is ever written in such a world.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from flask import g, request, url_for
from flask_babel import gettext

from kizuna.atlas import scenarios_meeting
from kizuna.atlas.scenarios import (
    ScenarioError,
    UnreadableScenarioError,
    days_of,
    load,
    read_scenario,
    split_names,
)
from kizuna.atlas.terms import Name
from kizuna.engine.types import EngineError, ForkingEngine, Limits
from kizuna.web import desk_names
from kizuna.web.accounts_session import needed_actor
from kizuna.web.current import desk, engine, language, settings, speaker, view
from kizuna.web.errors import ProblemError
from kizuna.web.state import this_page

Given = Callable[[str], "str | None"]
_PROPOSAL = re.compile(r"proposal-([0-9]{1,9})\Z")
_REVISION = re.compile(r"r?([0-9]{1,9})\Z")
MOST_AHEAD = 6
MOST_TOUCHED = 3
MOST_REMEMBERED = 64
DESK = "desk"
READING = ("asof", "revision", "scenario")
"""The parameters that choose a view."""


def switch() -> None:
    """Before each request: read the revision and the scenarios of its address. The desk, where the record is changed, reads no scenario.

    Raises:
        ProblemError: `bad-parameter`, `view-not-available`; for proposals `unknown-proposal`, `sign-in-needed`.
    """
    choose(lambda name: ",".join(request.args.getlist(name)))
    if request.blueprint == DESK and g.get("scenario"):
        g.view = replace(view(), scenario=())


def choose(given: Given) -> None:
    """Read the revision and the scenarios that are given by name, keep them in addresses and let the request read them.

    Raises:
        ProblemError: as `switch`.
    """
    if asked := given("revision"):
        g.revision = read_revision(asked)
        speaker().kept["revision"] = str(g.revision)
    if asked := given("scenario"):
        names = stacked(asked)
        found = [find_scenario(name) for name in names]
        g.scenario = tuple(pinned for pinned, _ in found)
        g.what_if = tuple(title for _, title in found)
        speaker().kept["scenario"] = ",".join(names)


def read_revision(given: str) -> int:
    """The revision that a text names (`12` or `r12`).

    Raises:
        ProblemError: `bad-parameter`: no number; `view-not-available`: the record has no such revision.
    """
    match = _REVISION.match(given)
    if match is None:
        raise ProblemError(
            "bad-parameter", gettext("“%(given)s” is not the number of a revision.", given=given[:40])
        )
    number, newest = int(match[1]), engine().state().revision
    if number > newest:
        raise ProblemError(
            "view-not-available",
            gettext(
                "There is no revision %(number)s; the newest is %(newest)s.", number=number, newest=newest
            ),
        )
    return number


def stacked(given: str) -> tuple[str, ...]:
    """The names of scenarios between commas, each once, in order.

    Raises:
        ProblemError: `view-not-available`: they are too many.
    """
    try:
        return split_names(given)
    except ScenarioError as error:
        raise ProblemError("view-not-available", str(error)) from error


def engine_name(name: str) -> str:
    """The engine's name of a scenario that the person may see.

    Raises:
        ProblemError: as `switch`.
    """
    return find_scenario(name)[0]


def find_scenario(name: str) -> tuple[str, Name]:
    """The engine's name of a scenario that the person may see, and its title.

    Raises:
        ProblemError: as `switch`.
    """
    number = _PROPOSAL.match(name)
    if number is not None:
        from kizuna.web.desk import proposal  # the desk's rooms import this module

        needed_actor()
        one = proposal(int(number[1]))
        return one.scenario, Name(name, one.title, one.title)
    try:
        found = read_scenario(settings().workspace, name.removeprefix("file:"))
    except ScenarioError as error:
        raise ProblemError(
            "view-not-available",
            gettext("The scenario “%(name)s” cannot be read: %(error)s", name=name[:64], error=error)
            if isinstance(error, UnreadableScenarioError)
            else gettext("There is no scenario “%(name)s”.", name=name[:64]),
            ((gettext("All scenarios"), url_for("scenarios.scenarios", scenario=None)),),
        ) from error
    return found.pinned, found.title


@dataclass(frozen=True, slots=True)
class Ahead:
    """The days after the one that is shown from which this request's scenarios make a difference, with their addresses.

    `begun` is True where they make one on an earlier day, too.
    """

    begun: bool
    days: tuple[tuple[str, str], ...]


def days_ahead() -> Ahead:
    """What of this request's scenarios is still to come on the day that is shown.

    Safe on the page of an error, which may be that the thing is not there yet.
    """
    try:
        shown = g.get("asof") or engine().today().as_of
        days = {day for name in g.get("scenario") or () for day in days_of(settings().workspace, name)}
    except (EngineError, LookupError):  # away, or changed since the request began
        return Ahead(False, ())
    later = sorted(day for day in days if day > shown)[:MOST_AHEAD]
    return Ahead(
        any(day <= shown for day in days),
        tuple((day.isoformat(), this_page(asof=day.isoformat())) for day in later),
    )


@dataclass(frozen=True, slots=True)
class Met:
    """Two scenarios of a stack that speak of the same facts: their titles, the IRIs of some of the things, and whether there are more."""

    earlier: Name
    later: Name
    things: tuple[str, ...]
    more: bool


def meetings_told(names: Sequence[str], titles: Sequence[Name]) -> tuple[Met, ...]:
    """Which scenarios of a stack speak of the same facts; the later one is laid over the earlier one.

    Args:
        names: the engine's, in the order of the stack.
        titles: theirs.
    """
    try:
        meetings = scenarios_meeting.meetings(settings().workspace, tuple(names))
    except LookupError:  # changed since the request began
        return ()
    desk_names.learn((), {thing for meeting in meetings for thing in meeting.things[:MOST_TOUCHED]})
    return tuple(
        Met(
            titles[meeting.earlier],
            titles[meeting.later],
            meeting.things[:MOST_TOUCHED],
            len(meeting.things) > MOST_TOUCHED,
        )
        for meeting in meetings
    )


def idle_told() -> list[str]:
    """What of this request's scenarios changes nothing in the record of today's revision, because the record has moved on."""
    if g.get("revision") is not None or not g.get("scenario"):
        return []
    told, newest = [], engine().today().revision
    for name, title in zip(g.scenario, g.what_if, strict=True):
        try:
            found = _idle(name, newest)
        except (EngineError, LookupError):  # away, or changed since the request began
            continue
        words = {"title": title.label(language()), "removed": found.removed, "gone": found.gone}
        if found.gone:
            told.append(
                gettext(
                    "Of %(removed)s statements that “%(title)s” takes away, %(gone)s are not in the record now: it was written for another state of the record.",
                    **words,
                )
            )
        elif found.added and found.known == found.added and not found.removed:
            told.append(gettext("All that “%(title)s” adds is in the record now.", title=words["title"]))
    return told


def _idle(name: str, revision: int | None) -> scenarios_meeting.Idle:
    remembered = desk().idle
    found = remembered.get((name, revision))
    if found is None:
        patch, found = load(settings().workspace, name), scenarios_meeting.Idle(0, 0, 0, 0)
        if scenarios_meeting.worth_asking(patch):
            limits = Limits(seconds=settings().write_seconds)
            answer = cast(ForkingEngine, engine()).run_in_fork(
                None, scenarios_meeting.JOB, (patch,), limits=limits
            )
            found = scenarios_meeting.read_idle(answer)
        remembered[name, revision] = found
        while len(remembered) > MOST_REMEMBERED:
            remembered.popitem(last=False)
    return found


def differences_from_record() -> str:
    """The address of what differs between this view and the record of the same revision and day."""
    kept = speaker().kept
    here = [_day(), f"r{kept['revision']}" if "revision" in kept else ""]
    return _differences(here, [*here, kept.get("scenario", "")])


def differences_from_revision() -> str:
    """The address of what differs between the record at this revision and the newest one, on the same day."""
    return _differences([_day(), f"r{speaker().kept.get('revision', '')}"], [_day()])


def _day() -> str:
    return str((g.get("asof") or engine().today().as_of).isoformat())


def _differences(before: list[str], after: list[str]) -> str:
    values = {"from": ",".join(filter(None, before)), "to": ",".join(filter(None, after))}
    return url_for("differences.differences", **values, scenario=None, revision=None, asof=None)  # type: ignore[arg-type]


def require_record(given_by: Given | None = None) -> None:
    """Refuse to write into another view than today's of the record: a change is made to the record alone.

    Args:
        given_by: gives the request's parameters by name; None: those of the address.

    Raises:
        ProblemError: `bad-parameter`.
    """
    given = [name for name in READING if (given_by or request.args.get)(name)]
    if given:
        raise ProblemError(
            "bad-parameter",
            gettext(
                "A change is made to the record, not to another view of it: leave out %(names)s.",
                names=", ".join(given),
            ),
        )
