"""The endpoint's kinds of error, added to the product's one list; and the way from its exceptions to them."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext

from kizuna.sparql.admission import EndpointFull, TooManyQueries
from kizuna.sparql.endpoint import NotAcceptable
from kizuna.sparql.guard import Refusal
from kizuna.sparql.protocol import ProtocolError
from kizuna.web.current import language
from kizuna.web.errors import PROBLEMS, Problem, ProblemError

_ = lazy_gettext

_PROTOCOL = _("Read docs/sparql.md, “The protocol”, for the ways to send a query or an update.")

SPARQL_PROBLEMS: dict[str, Problem] = {
    "not-unicode": Problem(400, _("The request is not UTF-8"), _("Send the text encoded as UTF-8.")),
    "wrong-parameter": Problem(400, _("A parameter does not belong here"), _PROTOCOL),
    "several-queries": Problem(400, _("There is more than one query"), _PROTOCOL),
    "several-updates": Problem(400, _("There is more than one update"), _PROTOCOL),
    "query-and-update": Problem(400, _("Two things are asked at once"), _PROTOCOL),
    "update-needs-post": Problem(400, _("An update cannot be sent this way"), _PROTOCOL),
    "no-query": Problem(400, _("Nothing is asked"), _PROTOCOL),
    "query-in-address": Problem(400, _("The query stands in the wrong place"), _PROTOCOL),
    "body-type": Problem(415, _("This kind of body cannot be read"), _PROTOCOL),
    "dataset-twice": Problem(
        400,
        _("The update names its graphs twice"),
        _("Name them either in the text (USING, WITH) or by using-graph-uri, not both."),
    ),
    "query-too-long": Problem(
        413, _("The query is too long"), _("Shorten it; the limit is a setting of the operator.")
    ),
    "query-too-deep": Problem(
        400, _("The query is nested too deeply"), _("Write it with fewer brackets inside brackets.")
    ),
    "update-as-query": Problem(400, _("This is an update, not a query"), _PROTOCOL),
    "query-as-update": Problem(400, _("This is a query, not an update"), _PROTOCOL),
    "service-not-allowed": Problem(
        400,
        _("This endpoint may not be asked"),
        _("Ask the other endpoint yourself, or ask the operator to put it on the list."),
    ),
    "service-failed": Problem(
        502, _("Another endpoint did not answer"), _("Try again later, or use SERVICE SILENT.")
    ),
    "load-not-allowed": Problem(
        403, _("Documents are not fetched"), _("Fetch the document yourself and send it to the graph store.")
    ),
    "graph-not-here": Problem(
        400, _("The dataset names a graph that is not here"), _("Choose among the graphs listed at /graphs.")
    ),
    "too-many-queries": Problem(
        429,
        _("Too many queries of yours are under way"),
        _("Wait until one has been answered, or cancel one at /sparql/running."),
    ),
    "endpoint-full": Problem(
        503, _("The endpoint is full"), _("Try again after the time in the Retry-After header.")
    ),
    "bad-limit": Problem(
        400,
        _("This limit cannot be used"),
        _("Give a number greater than zero; it can lower the operator's limit."),
    ),
    "bad-parameter": Problem(
        400, _("A value does not fit its parameter"), _("Correct the named value; the form shows what fits.")
    ),
    "unknown-query": Problem(
        404, _("The library has no such query"), _("Look up the names of all queries at /queries.")
    ),
    "unknown-running": Problem(
        404, _("No such query of yours is running"), _("Look up your running queries at /sparql/running.")
    ),
    "write-needs-proposal": Problem(
        403,
        _("Nothing is written here directly"),
        _("Send the change as a proposal; it is checked and reviewed before it is published."),
    ),
    "token-needed": Problem(
        401, _("A token is needed to write"), _("Send the header Authorization: Bearer TOKEN.")
    ),
    "bad-document": Problem(
        400, _("The document cannot be read"), _("Correct it at the named place and send it again.")
    ),
    "document-type": Problem(
        415,
        _("This kind of document cannot be read"),
        _("Send Turtle, N-Triples, RDF/XML, JSON-LD, TriG or N-Quads."),
    ),
    "no-graph-named": Problem(
        400, _("It is not said which graph"), _("Add ?default or ?graph=IRI, or use the graph's own address.")
    ),
    "update-failed": Problem(
        400, _("The update cannot be carried out"), _("Correct what is named and send it again.")
    ),
}
PROBLEMS.update(SPARQL_PROBLEMS)


def say(ja: str, en: str) -> str:
    """The sentence in the request's language."""
    return ja if language() == "ja" else en


def from_protocol(error: ProtocolError) -> ProblemError:
    """The problem of a broken protocol."""
    return ProblemError(error.code, say(error.ja, error.en))


def from_refusal(error: Refusal) -> ProblemError:
    """The problem of a refused query; its place is said when it is known."""
    detail = say(error.ja, error.en)
    if error.line is not None:
        place = gettext("Line %(line)s, column %(column)s:", line=error.line, column=error.column or 1)
        detail = f"{place} {detail}"
    return ProblemError(error.code, detail)


def from_format(error: NotAcceptable) -> ProblemError:
    """The problem of a format that does not fit."""
    offered = ", ".join(error.offered)
    return ProblemError(
        "format-not-available",
        gettext(
            "“%(asked)s” cannot carry this answer. Offered: %(offered)s",
            asked=error.asked[:200],
            offered=offered,
        ),
    )


def from_places(error: TooManyQueries | EndpointFull) -> ProblemError:
    """The problem of a missing place, with the time to wait."""
    headers = {"Retry-After": str(error.retry_after)}
    if isinstance(error, TooManyQueries):
        detail = gettext("At most %(number)s queries of one client run at once.", number=error.allowed)
        return ProblemError("too-many-queries", detail, headers=headers)
    return ProblemError("endpoint-full", gettext("All places are taken at the moment."), headers=headers)
