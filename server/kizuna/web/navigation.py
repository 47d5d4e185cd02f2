"""The sections of the site, as the head of every page lists them. Reads which endpoints the application has."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext

FIRST = (
    "map.map",
    "matrix.matrix",
    "actors.actors",
    "frameworks.frameworks",
    "agreements.agreements",
    "domains.domains",
)
"""What stands in the bar itself where there is room, in this order; everything stands in the menu beside it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A section: the endpoint to go to, its blueprint, and what it is called."""

    endpoint: str
    room: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Sections that belong together under a word."""

    text: str
    entries: tuple[Entry, ...]


def groups() -> tuple[Group, ...]:
    """All sections that this application has, in the page's language."""
    wanted = (
        (
            gettext("Who and what"),
            (
                ("actors.actors", gettext("Actors")),
                ("frameworks.frameworks", gettext("Frameworks")),
                ("agreements.agreements", gettext("Agreements")),
                ("domains.domains", gettext("Domains")),
                ("activities.activities", gettext("Activities")),
                ("instruments.instruments", gettext("Instruments")),
                ("recommendations.recommendations", gettext("Agenda")),
                ("sources.sources", gettext("Sources")),
            ),
        ),
        (
            gettext("At a glance"),
            (
                ("map.map", gettext("Map")),
                ("matrix.matrix", gettext("Matrix")),
                ("graph.view", gettext("Relations")),
                ("timeline.timeline", gettext("Timeline")),
            ),
        ),
        (
            gettext("Over time"),
            (
                ("calendar.calendar", gettext("What comes")),
                ("changes.changes", gettext("Recent changes")),
                ("differences.differences", gettext("Compare two states")),
                ("scenarios.scenarios", gettext("Scenarios")),
            ),
        ),
        (
            gettext("The graph itself"),
            (
                ("sparql.editor", gettext("SPARQL")),
                ("library.queries", gettext("Query library")),
                ("identifiers.ontology", gettext("Ontology")),
                ("identifiers.graphs", gettext("Named graphs")),
            ),
        ),
    )
    return tuple(
        Group(
            word,
            tuple(Entry(e, e.partition(".")[0], t) for e, t in entries if e in current_app.view_functions),
        )
        for word, entries in wanted
    )


def first(all_groups: tuple[Group, ...]) -> tuple[Entry, ...]:
    """The entries of the bar itself."""
    known = {entry.endpoint: entry for group in all_groups for entry in group.entries}
    return tuple(known[endpoint] for endpoint in FIRST if endpoint in known)
