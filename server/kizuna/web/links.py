"""From IRIs to addresses of pages and back. Pure but for `url_for`, which keeps language and as-of date."""

from __future__ import annotations

from flask import current_app, url_for

from kizuna.atlas.terms import kind_and_slug
from kizuna.workspace.names import BASE, GRAPH, ID, NS

ACTOR_KINDS = ("state", "economy", "international-organisation", "public-body", "company", "ngo")
ROOMS = {
    "framework": "frameworks.framework",
    "agreement": "agreements.agreement",
    "negotiation": "agreements.negotiation",
    "domain": "domains.domain",
    "activity": "activities.activity",
    "source": "sources.source",
    "instrument": "instruments.instrument",
    "recommendation": "recommendations.recommendation",
}
"""Kind (in the IRI) to the endpoint of its page; every other kind has the page of any thing."""


def page_of(iri: str) -> str:
    """The address of the page about a thing; an IRI outside the product is its own address if it is http(s).

    Returns:
        An address, or an empty string when there is nothing to link to.
    """
    parts = kind_and_slug(iri)
    if parts is None:
        if iri.startswith(NS):
            return url_for("identifiers.ontology", _anchor=iri[len(NS) :])
        if iri.startswith(GRAPH):
            return url_for("identifiers.graph", path=iri[len(GRAPH) :])
        return iri if iri.startswith(("https://", "http://")) else ""
    kind, slug = parts
    if "/" in slug:
        return url_for("things.thing", kind=kind, slug=slug)
    if kind in ACTOR_KINDS:
        return url_for("actors.actor", kind=kind, slug=slug)
    if ROOMS.get(kind) in current_app.view_functions:
        return url_for(ROOMS[kind], slug=slug)
    return url_for("things.thing", kind=kind, slug=slug)


def thing_iri(kind: str, slug: str) -> str:
    """The IRI of a thing."""
    return f"{ID}{kind}/{slug}"


def path_of(iri: str) -> str:
    """The path under which the running server resolves one of the product's IRIs."""
    return "/" + iri[len(BASE) :] if iri.startswith(BASE) else iri
