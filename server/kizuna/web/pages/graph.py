"""The graph page: any things and what they are tied to, drawn and as a table. State lives in the address."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, g, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup, escape

from kizuna.atlas.neighbourhood import (
    GROUPS,
    MOST_OPEN,
    OTHER,
    PLAIN,
    Edge,
    Filter,
    Neighbourhood,
    read_neighbourhood,
    read_plain,
)
from kizuna.atlas.picture import Picture, draw, plain_picture
from kizuna.atlas.picture_svg import drawing
from kizuna.atlas.terms import Name, kind_and_slug, short
from kizuna.web.current import as_of, language, principal, reader, words
from kizuna.web.errors import ProblemError
from kizuna.web.filters import bundled, called
from kizuna.web.formats import asked_form, show
from kizuna.web.links import page_of
from kizuna.web.marks import also, marked, sign_of, what_if_told
from kizuna.web.state import page_parameters, parse_date
from kizuna.web.unknown import unknown_thing
from kizuna.workspace.names import BASE

room = Blueprint("graph", __name__)
DEFAULT_MOST = 100
LIMIT_MOST = 1000
EVERY = 1_000_000
MOST_PINNED = 60
FARTHEST = 100_000.0
STATE = ("hide", "without", "since", "until", "most", "at")
"""Parameters that a graph keeps when a thing is opened or closed."""


@room.get("/graph-view", endpoint="view")
@room.get("/graph-view.<form:form>", endpoint="view_data")
def view(form: str | None = None) -> Response:
    """The neighbourhood of `?thing=id/KIND/SLUG` (repeatable), without the groups in `?hide=`."""
    page = _compared(asked_form(form))
    return show(
        "graph_view.html",
        page,
        table=page.edges,
        graph=("describe", {"thing": page.opened[0].iri}),
        form=form,
        picture=_picture(page) if form is None else None,
        address=_address,
        group_names=_group_names(),
        lines=_lines(page) if form is None else (),
        pages={n.thing.iri: page_of(n.thing.iri) for n in page.nodes} if form is None else {},
        opened=[n.iri for n in page.opened],
        most_open=MOST_OPEN,
        ways=_ways(page),
        this_page_as=_this_page_as,
    )


def _compared(form: str = "html") -> Neighbourhood:
    """The neighbourhood, in a scenario with what differs from the record marked.

    Both are compared whole, so that nothing counts as new or gone that has only found room or
    lost it. Then what differs is drawn, whatever the bound on nodes, and of the rest what would be drawn anyway; data hold all.
    """
    if not g.get("what_if"):
        return _read(_most())
    page: Neighbourhood = marked(_read(EVERY), form)
    if form != "html":
        return page
    ends = {end for edge in page.edges for end in (edge.source, edge.target)}
    wanted = {node.thing.iri for node in _read(_most()).nodes if node.thing.iri in ends}
    for edge in page.edges:
        if sign_of(edge):
            wanted |= {edge.source, edge.target}
    nodes = tuple(node for node in page.nodes if node.open or node.thing.iri in wanted)
    drawn = {node.thing.iri for node in nodes}
    edges = tuple(edge for edge in page.edges if edge.source in drawn and edge.target in drawn)
    left_out = 0 if g.get("only_differences") else len(page.nodes) - len(nodes)
    shown = replace(page, nodes=nodes, edges=edges, cut=page.cut + left_out)
    also(shown, page)
    return shown


@room.get("/graph-view.svg", endpoint="svg")
def svg() -> Response:
    """The same graph as a picture."""
    page = _compared()
    banner = what_if_told() if g.get("what_if") else []
    text = render_template(
        "graph_picture.svg",
        d=drawing(draw(page, language(), _pinned(), sign_of), above=20 * len(banner)),
        title=_title(page),
        banner=banner,
    )
    return _file(text, "image/svg+xml", "svg")


@room.get("/graph-view.html", endpoint="offline")
def offline() -> Response:
    """The same graph as one file with everything in it, which fetches nothing."""
    page = _compared()
    text = render_template(
        "graph_offline.html",
        page=page,
        title=_title(page),
        banner=what_if_told(),
        picture=draw(page, language(), _pinned(), sign_of),
        nodes={n.thing.iri: n for n in page.nodes},
        script=Markup(bundled("offline.js")),  # noqa: S704 - our own bundle, in which "</script" is escaped
    )
    return _file(text, "text/html", "html")


def _this_page_as(endpoint: str) -> str:
    """The address of this graph in another form."""
    return url_for(endpoint, **page_parameters("form"))


def _file(text: str, media_type: str, suffix: str) -> Response:
    answer = Response(text, content_type=f"{media_type}; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="kizuna-graph.{suffix}"'
    return answer


def _title(page: Neighbourhood) -> str:
    names = gettext(", ").join(n.label(language()) for n in page.opened)
    return f"{names} – Kizuna, {as_of().isoformat()}"


def _read(most: int) -> Neighbourhood:
    """The neighbourhood that the address asks for."""
    things = _things()
    hidden = [group for group in request.args.getlist("hide") if group]
    if not set(hidden) <= {*GROUPS, OTHER}:
        raise ProblemError("bad-filter", gettext("“%(given)s” is no kind of node.", given=hidden[-1][:40]))
    asked = Filter(
        without=tuple(sorted({w for w in request.args.getlist("without") if w})),
        since=parse_date(given) if (given := request.args.get("since")) else None,
        until=parse_date(given) if (given := request.args.get("until")) else None,
    )
    page = (
        read_plain(reader(), words(), things[0], most)
        if _plain(things, most)
        else read_neighbourhood(reader(), words(), things, hidden, most, asked)
    )
    if page is None:
        kind, slug = kind_and_slug(things[0]) or ("", "")
        raise unknown_thing(kind, slug)
    return page


def _plain(things: list[str], most: int) -> bool:
    """Whether the address asks for one thing, as everybody first sees it: no filter, no node put elsewhere."""
    changed = ("hide", "without", "since", "until", "at")
    return len(things) == 1 and most in PLAIN and not any(any(request.args.getlist(k)) for k in changed)


def _picture(page: Neighbourhood) -> Picture | None:
    """The drawing of the page."""
    things, most = _things(), _most()
    if not g.get("what_if") and _plain(things, most):
        return plain_picture(reader(), words(), things[0], most, language())
    return draw(page, language(), _pinned(), sign_of)


def _pinned() -> dict[str, tuple[float, float]]:
    """Where nodes were put: `?at=id/KIND/SLUG@X,Y`, repeatable."""
    pinned = {}
    for given in request.args.getlist("at")[:MOST_PINNED]:
        thing, _, place = given.rpartition("@")
        x, _, y = place.partition(",")
        try:
            point = (float(x), float(y))
        except ValueError:
            point = (math.inf, 0.0)
        if not thing or not all(abs(v) <= FARTHEST for v in point):
            raise ProblemError(
                "bad-filter", gettext("“%(given)s” is not the name of a thing.", given=given[:80])
            )
        pinned[BASE + thing] = point
    return pinned


def _ways(page: Neighbourhood) -> list[str]:
    """The two open actors, as the addresses of ways between them name them; empty when it is not two actors."""
    groups = {node.thing.iri: node.group for node in page.nodes}
    found = []
    for thing in page.opened:
        parts = kind_and_slug(thing.iri)
        if parts and (groups[thing.iri] == "actor" or parts[0] == "framework"):
            found.append(":".join(parts))
    return found if len(found) == 2 == len(page.opened) else []


def _things() -> list[str]:
    given = request.args.getlist("thing")[:MOST_OPEN]
    things = [BASE + t if not t.startswith(BASE) else t for t in dict.fromkeys(given) if t]
    bad = [t for t in things if kind_and_slug(t) is None]
    if bad:
        raise ProblemError(
            "bad-filter", gettext("“%(given)s” is not the name of a thing.", given=bad[0][:80])
        )
    if not things:
        start = principal()
        if start is None:
            raise ProblemError("bad-filter", gettext("It is not said which thing to draw."))
        things = [start]
    return things


def _most() -> int:
    given = request.args.get("most", "")
    if not given:
        return DEFAULT_MOST
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= LIMIT_MOST:
        raise ProblemError("bad-filter", gettext("“most” is a number from 1 to 1000."))
    return int(given)


def _address(page: Neighbourhood, drop: str = "") -> str:
    """The address of this graph, or of it with one thing less open."""
    things = [short(n.iri) for n in page.opened if n.iri != drop]
    rest: dict[str, Any] = {key: values for key, values in request.args.lists() if key in STATE}
    return url_for("graph.view", thing=things, **rest)


@dataclass(frozen=True, slots=True)
class Line:
    """An edge as a line of the table.

    Args:
        relations: its words, as markup.
        far: the end that is not open yet, and `address` that of this graph with it open; None where both are open.
    """

    edge: Edge
    source: Name
    target: Name
    relations: Markup
    far: Name | None
    address: str


def _lines(page: Neighbourhood) -> list[Line]:
    """The table of the edges. What many of them share is made once, for there may be a thousand."""
    nodes = {n.thing.iri: n for n in page.nodes}
    base = _address(page)
    base = f"{base}{'&' if '?' in base else '?'}thing="
    comma = gettext(", ")
    words: dict[tuple[Name, ...], Markup] = {}
    lines = []
    for edge in page.edges:
        source, target = nodes[edge.source], nodes[edge.target]
        far = source if not source.open else target
        relations = words.get(edge.relations)
        if relations is None:
            relations = words[edge.relations] = escape(comma).join(called(r) for r in edge.relations)
        open_it = None if far.open else far.thing
        address = base + quote(short(far.thing.iri)) if open_it else ""
        lines.append(Line(edge, source.thing, target.thing, relations, open_it, address))
    return lines


def _group_names() -> dict[str, str]:
    return {
        "actor": gettext("Actors"),
        "framework": gettext("Frameworks"),
        "agreement": gettext("Agreements"),
        "negotiation": gettext("Negotiations"),
        "activity": gettext("Activities"),
        "domain": gettext("Domains"),
        "instrument": gettext("Instruments"),
        "recommendation": gettext("Recommendations"),
        "other": gettext("Others"),
    }
