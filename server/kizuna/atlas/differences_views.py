"""How a view is written in one word of an address: `DATE`, `DATE,rREVISION`, `DATE,SCENARIO,…`. Pure; no I/O."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from kizuna.engine.types import View

_REVISION = re.compile(r"r([0-9]{1,9})\Z")


class ViewTextError(ValueError):
    """A text names no view; the message is the part that cannot be read, cut."""


def view_of(text: str, today: View, resolve: Callable[[str], str]) -> View:
    """The view that a text names.

    Args:
        text: parts between commas, in any order: a day (`YYYY-MM-DD`, or `YYYY` for its first day), a revision (`r12`), scenarios.
        today: gives what is left out: day and revision.
        resolve: turns a scenario's name into the engine's, or raises what the caller wants to see.

    Raises:
        ViewTextError: a part cannot be read.
    """
    day, revision, scenarios = today.as_of, today.revision, []
    for part in filter(None, (each.strip() for each in text.split(","))):
        found = _REVISION.match(part)
        if found:
            revision = int(found[1])
        elif part[:1].isdigit():
            day = _day(part)
        else:
            scenarios.append(resolve(part))
    return View(day, revision, tuple(scenarios))


def scenario_names(text: str) -> tuple[str, ...]:
    """The scenarios that a text names."""
    parts = [part.strip() for part in text.split(",")]
    return tuple(part for part in parts if part and not part[:1].isdigit() and not _REVISION.match(part))


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(f"{text}-01-01" if len(text) == 4 else text)
    except ValueError as error:
        raise ViewTextError(text[:40]) from error
    if not 1800 <= found.year <= 2200:
        raise ViewTextError(text[:40])
    return found


def year_before(day: date) -> date:
    """The day a year before, for where no earlier view is named."""
    return day - timedelta(days=365)
