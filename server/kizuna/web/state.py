"""State in the address: language and as-of date (and, by whatif.py, revision and scenarios), kept in every internal link.

`?lang=` wins over Accept-Language, which wins over the setting; no cookie is set. `?asof=YYYY-MM-DD` chooses the
view. What was given explicitly is added to every address made by `url_for`, so that what I see, I can send.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import gettext

from kizuna.settings import LANGUAGES
from kizuna.web.current import Speaker, settings, speak, speaker
from kizuna.web.errors import ProblemError
from kizuna.web.negotiation import choose_language

FIRST_YEAR, LAST_YEAR = 1800, 2200
UNTOUCHED = {"static"}
KEPT = ("lang", "asof", "revision", "scenario", "only")


def install(app: Flask) -> None:
    """Read the state before each request and keep it in every address the application makes."""
    app.before_request(read_state)
    app.teardown_request(lambda _error: speak(None))
    app.url_defaults(keep_state)


def read_state() -> None:
    """Read `lang` and `asof` of this request.

    Raises:
        ProblemError: a language or date that cannot be used (codes `bad-language`, `bad-date`).
    """
    wanted = request.args.get("lang")
    accepted = request.headers.get("Accept-Language", "")
    here = Speaker(choose_language(accepted, LANGUAGES, settings().language), request.script_root)
    speak(here)
    if wanted is not None:
        if wanted not in LANGUAGES:
            raise ProblemError(
                "bad-language", gettext("There is no language “%(given)s” here.", given=wanted[:40])
            )
        here.language = here.kept["lang"] = wanted
    given = request.args.get("asof")
    if given:
        g.asof = parse_date(given)
        here.kept["asof"] = given


def parse_date(given: str) -> date:
    """The date of `?asof=`: a day as YYYY-MM-DD between the years 1800 and 2200.

    Raises:
        ProblemError: `bad-date`.
    """
    try:
        found = date.fromisoformat(given) if len(given) == 10 else None
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ProblemError(
            "bad-date", gettext("“%(given)s” is not a date that can be shown.", given=given[:40])
        )
    return found


def keep_state(endpoint: str, values: dict[str, Any]) -> None:
    """Add the explicit state to the values of an address unless the caller says otherwise."""
    if endpoint in UNTOUCHED:
        return
    for key, value in speaker().kept.items():
        values.setdefault(key, value)


def page_parameters(*without: str) -> dict[str, Any]:
    """The parameters of this page's address, as values for `url_for`.

    Those that `url_for` itself understands (`_scheme`, `_external` …) are left out: an address must not steer it.
    """
    given = request.args.to_dict(flat=False)
    steering = {key for key in given if key.startswith("_")} | {"endpoint", *without}
    kept = {key: value for key, value in given.items() if key not in steering}
    return {**kept, **(request.view_args or {})}


def this_page(**changes: str | None) -> str:
    """The address of this very page with some of its query parameters changed (None removes one)."""
    values = page_parameters()
    own = request.view_args or {}
    for key, value in changes.items():
        if key not in own:  # the page of publication 3 has a revision of its own, which is no parameter
            values[key] = value
    if request.endpoint is None:
        kept: dict[str, Any] = {**speaker().kept, **{k: v for k, v in changes.items() if k in KEPT}}
        return url_for("home.home", **kept)
    return url_for(request.endpoint, **values)


def other_parameters(*without: str) -> list[tuple[str, str]]:
    """The query parameters of this page except some, for the hidden fields of a GET form."""
    return [(k, v) for k, v in request.args.items(multi=True) if k not in without]
