"""All rooms of the web application, in one place. A new room is one import and one entry."""

from __future__ import annotations

from flask import Blueprint

from kizuna.web import (
    accounts,
    dataset,
    desk,
    desk_forms,
    desk_jobs,
    desk_uploads,
    graphstore,
    health,
    library,
    metrics,
    sparql,
)
from kizuna.web.pages import (
    activities,
    actors,
    agreements,
    briefing,
    calendar,
    changes,
    differences,
    domains,
    frameworks,
    graph,
    home,
    identifiers,
    instruments,
    map,
    matrix,
    pair,
    paths,
    recommendations,
    scenarios,
    search,
    sources,
    things,
    timeline,
    why,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    accounts.room,
    desk.room,
    home.room,
    actors.room,
    frameworks.room,
    agreements.room,
    domains.room,
    activities.room,
    instruments.room,
    recommendations.room,
    sources.room,
    graph.room,
    map.room,
    matrix.room,
    pair.room,
    timeline.room,
    calendar.room,
    search.room,
    briefing.room,
    paths.room,
    changes.room,
    things.room,
    why.room,
    differences.room,
    scenarios.room,
    identifiers.room,
    sparql.room,
    graphstore.room,
    library.room,
    dataset.room,
    health.room,
    metrics.room,
)

JOINED = (desk_forms, desk_jobs, desk_uploads)
"""Modules that only add routes to a room of another module."""
