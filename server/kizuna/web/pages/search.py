"""Search by any name: the page of results, and suggestions while a name is typed."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext

from kizuna.atlas.search import (
    GROUPS,
    LONGEST_QUERY,
    MOST_LISTED,
    OTHER,
    PER_GROUP,
    Result,
    search,
    suggest,
)
from kizuna.web.current import as_of, language, principal, reader, words
from kizuna.web.errors import ProblemError
from kizuna.web.formats import in_scenario, plain, show
from kizuna.web.links import page_of
from kizuna.web.marks import marked
from kizuna.workspace.names import OWL

room = Blueprint("search", __name__)
SUGGESTIONS = 8


@room.get("/search", endpoint="search")
@room.get("/search.<form:form>", endpoint="search_data")
def results(form: str | None = None) -> Response:
    """What `?q=` finds, by kind; `?kind=` one kind at length; `?most=` results of each kind."""
    group = request.args.get("kind", "")
    if group and group not in {*GROUPS, OTHER}:
        raise ProblemError("bad-filter", gettext("“%(given)s” is no kind of result.", given=group[:40]))
    page = search(reader(), words(), principal(), query(), group, most())
    if form == "json":
        return jsonify(
            as_of=as_of().isoformat(),
            revision=reader().token,
            suggestions=suggestions(),
            **in_scenario(),
            page=plain(marked(page, "json") if page.groups else page),
        )
    found = {"thing": page.best.thing.iri} if page.best else {"class": OWL + "Nothing"}
    return show(
        "search.html",
        page,
        table=page.results,
        graph=("describe" if page.best else "list", found),
        form=form,
        group_names=group_names(),
    )


def suggestions() -> list[dict[str, str | None]]:
    """The best results whatever their kind, ready to be shown under the search box."""
    found = suggest(reader(), words(), principal(), query(), SUGGESTIONS)
    return [suggestion(result) for result in found]


def most() -> int:
    """How many results of each kind are wanted: `?most=`, 0 to 100."""
    given = request.args.get("most", "")
    if not given:
        return PER_GROUP
    if not given.isascii() or not given.isdigit() or int(given[:9]) > MOST_LISTED:
        raise ProblemError("bad-filter", gettext("“most” is a number from 0 to 100."))
    return int(given)


def query() -> str:
    """What was asked for, without blanks at its ends."""
    return request.args.get("q", "").strip()[:LONGEST_QUERY]


def suggestion(result: Result) -> dict[str, str | None]:
    """A result in the language of the request."""
    thing = result.thing
    return {
        "iri": thing.iri,
        "address": page_of(thing.iri),
        "label": thing.label(language()),
        "language": thing.language(language()),
        "kind": result.kind.label(language()) if result.kind else None,
        "matched": result.matched,
        "fit": result.fit,
    }


def group_names() -> dict[str, str]:
    """The headings of the groups of results."""
    return {
        "state": gettext("States"),
        "economy": gettext("Economies"),
        "framework": gettext("Frameworks"),
        "organisation": gettext("International organisations"),
        "domain": gettext("Domains"),
        "agreement": gettext("Agreements"),
        "negotiation": gettext("Negotiations"),
        "activity": gettext("Activities"),
        "instrument": gettext("Instruments"),
        "recommendation": gettext("Recommendations"),
        "body": gettext("Bodies and companies"),
        "source": gettext("Sources"),
        "other": gettext("Others"),
    }
