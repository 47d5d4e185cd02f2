"""From IRIs to addresses of pages and back. Language and as-of date are kept."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote as quote_anew
from urllib.parse import urlencode

from kizuna.atlas.terms import kind_and_slug
from kizuna.web.current import speaker
from kizuna.workspace.names import BASE, GRAPH, ID, NS

ACTOR_KINDS = ("state", "economy", "international-organisation", "public-body", "company", "ngo")
ROOMS = {
    **{kind: f"/actors/{kind}/" for kind in ACTOR_KINDS},
    "framework": "/frameworks/",
    "agreement": "/agreements/",
    "negotiation": "/negotiations/",
    "domain": "/domains/",
    "activity": "/activities/",
    "source": "/sources/",
    "instrument": "/instruments/",
    "recommendation": "/recommendations/",
}
"""Kind (in the IRI) to the place of its pages; every other kind has the page of any thing.

Written out, since a page may hold a thousand links and `url_for` costs twenty microseconds each; a test
compares them with the routes.
"""


@lru_cache(maxsize=16_384)
def quote(text: str) -> str:
    """Text as a part of a path (RFC 3986, 2.1); pages name the same things over and over."""
    return quote_anew(text)


def page_of(iri: str, **changes: str | None) -> str:
    """The address of the page about a thing; an IRI outside the product is its own address if it is http(s).

    Args:
        changes: state that differs from this page's (`asof=None` leaves the date out).

    Returns:
        An address, or an empty string when there is nothing to link to.
    """
    parts = kind_and_slug(iri)
    if parts is None:
        if iri.startswith(NS):
            return f"{speaker().root}/ns{_state(changes)}#{quote(iri[len(NS) :])}"
        if iri.startswith(GRAPH):
            return f"{speaker().root}/graph/{quote(iri[len(GRAPH) :])}{_state(changes)}"
        return iri if iri.startswith(("https://", "http://")) else ""
    kind, slug = parts
    room = ROOMS.get(kind) if "/" not in slug and "." not in slug else None
    return f"{speaker().root}{room or f'/things/{quote(kind)}/'}{quote(slug)}{_state(changes)}"


def _state(changes: Mapping[str, str | None]) -> str:
    """The query string that keeps language and as-of date."""
    kept = speaker().kept
    if not kept and not changes:
        return ""
    text = urlencode({key: value for key, value in {**kept, **changes}.items() if value is not None})
    return f"?{text}" if text else ""


def thing_iri(kind: str, slug: str) -> str:
    """The IRI of a thing."""
    return f"{ID}{kind}/{slug}"


def path_of(iri: str) -> str:
    """The path under which the running server resolves one of the product's IRIs."""
    return "/" + iri[len(BASE) :] if iri.startswith(BASE) else iri
