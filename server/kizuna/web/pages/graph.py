"""The graph page: any things and what they are tied to, drawn and as a table. State lives in the address."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from kizuna.atlas.neighbourhood import GROUPS, MOST_OPEN, OTHER, Neighbourhood, Node, read_neighbourhood
from kizuna.atlas.picture import draw
from kizuna.atlas.terms import kind_and_slug, short
from kizuna.web.current import language, principal, reader, words
from kizuna.web.errors import ProblemError
from kizuna.web.formats import show
from kizuna.web.links import page_of
from kizuna.web.unknown import unknown_thing
from kizuna.workspace.names import BASE

room = Blueprint("graph", __name__)
DEFAULT_MOST = 100
LIMIT_MOST = 1000


@room.get("/graph-view", endpoint="view")
@room.get("/graph-view.<form:form>", endpoint="view_data")
def view(form: str | None = None) -> Response:
    """The neighbourhood of `?thing=id/KIND/SLUG` (repeatable), without the groups in `?hide=`."""
    things = _things()
    hidden = [g for g in request.args.getlist("hide") if g]
    if not set(hidden) <= {*GROUPS, OTHER}:
        raise ProblemError("bad-filter", gettext("“%(given)s” is no kind of node.", given=hidden[-1][:40]))
    page = read_neighbourhood(reader(), words(), things, hidden, _most())
    if page is None:
        kind, slug = kind_and_slug(things[0]) or ("", "")
        raise unknown_thing(kind, slug)
    picture = draw(page, language()) if form is None else None
    return show(
        "graph_view.html",
        page,
        table=page.edges,
        graph=("describe", {"thing": page.opened[0].iri}),
        form=form,
        picture=picture,
        address=_address,
        group_names=_group_names(),
        nodes={n.thing.iri: n for n in page.nodes},
        places={n.thing.iri: _place(page, n) for n in page.nodes},
    )


def _place(page: Neighbourhood, node: Node) -> dict[str, str]:
    """Where a click on a node leads: its page, and this graph with it open (empty when it is open)."""
    room = "" if node.open or len(page.opened) >= MOST_OPEN else _address(page, add=node.thing.iri)
    return {"page": page_of(node.thing.iri), "open": room}


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


def _address(page: Neighbourhood, add: str = "", drop: str = "") -> str:
    """The address of this graph with one more thing open, or one less."""
    things = [short(n.iri) for n in page.opened if n.iri != drop] + ([short(add)] if add else [])
    most = request.args.get("most")
    return url_for("graph.view", thing=things, hide=list(page.hidden) or None, most=most)


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
