"""Marks dates that may have come after the shown day: those known by their year or month only, within which it falls. Reads the request."""

from __future__ import annotations

from collections.abc import Callable

from flask import g
from flask_babel import gettext
from markupsafe import Markup

from kizuna.atlas.terms import Day
from kizuna.views.asof import certainty
from kizuna.web.current import as_of

SIGN = "≈"


def unsure(day: Day | None) -> bool:
    """Whether the shown day falls into the period that a date is known by (docs/views.md, imprecise dates)."""
    if day is None or day.precision == "day":
        return False
    found = certainty(day.value, "year" if day.precision == "year" else "month", as_of()) == "uncertain"
    if found:
        g.unsure = True
    return found


def by_certainty(macro: Callable[..., Markup]) -> Callable[..., Markup]:
    """A macro over days that is also told of each whether it is unsure, so that it can be remembered by its values."""

    def call(*days: Day | None) -> Markup:
        return macro(*days, *(unsure(day) for day in days))

    return call


def meaning() -> str:
    """What the mark means."""
    return str(gettext("known by its year or month only: it may have come after the shown day"))


def shown() -> bool:
    """Whether a date with the mark stands on this page."""
    return bool(g.get("unsure"))
