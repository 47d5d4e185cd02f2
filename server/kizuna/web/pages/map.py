"""The world map: every country coloured by its ties or its place in a framework, in any year."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from kizuna.atlas.map import (
    Choices,
    Country,
    MapLine,
    MapPage,
    read_atlas,
    read_choices,
    read_map,
    read_years,
)
from kizuna.atlas.map_colour import Colouring
from kizuna.atlas.terms import Name, local_name
from kizuna.web.current import as_of, language, principal, reader, words
from kizuna.web.errors import ProblemError
from kizuna.web.formats import asked_form, show
from kizuna.web.marks import marked, told
from kizuna.web.state import this_page
from kizuna.workspace.names import ID, NS

room = Blueprint("map", __name__)
STEP = 40
SMALL = 10
SORTS = ("framework", "kind", "domain")
ALWAYS = ("in-force", "signed", "negotiating", "member", "none", "not-researched", "n0")
"""States the legend shows even when no country has them."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A country with all its template needs; the place of its tile is in units of the picture."""

    key: str
    line: MapLine
    name: str
    word: str
    code: str
    numeric: str
    point: str
    swatch: Markup
    x: int
    y: int
    differs: str
    """How it differs from the record, in words."""

    @property
    def state(self) -> str:
        """What its colour stands for."""
        return self.line.state


@dataclass(frozen=True, slots=True)
class Dot:
    """A tile of the map in small."""

    state: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The map in small, `width` by `height`."""

    tiles: tuple[Dot, ...]
    width: int
    height: int


@room.get("/map")
@room.get("/map.<form:form>", endpoint="map_data")
def map(form: str | None = None) -> Response:
    """The world map in one colouring."""
    choices = read_choices(reader(), words(), principal())
    colouring = asked_colouring(choices)
    at = request.args.get("at", "")
    page = read_map(reader(), words(), principal(), colouring, asked_year(), ID + at if at else None)
    page = marked(page, asked_form(form))
    thing = colouring.iri
    described = ("describe", {"thing": thing}) if thing and colouring.sort != "kind" else None
    listed = ("list", {"class": thing or NS + "Agreement"})
    extra = _extra(page, colouring, choices) if form is None else {}
    return show(
        "map.html",
        page,
        table=page.lines,
        graph=described or listed,
        form=form,
        **extra,
    )


@room.app_context_processor
def front() -> dict[str, object]:
    """What the front page needs to show the map in small."""
    return {"map_preview": preview}


def preview() -> Preview:
    """The map in small: by ties, or by nothing where the workspace is seen from nobody."""
    atlas = read_atlas(reader(), words(), principal())
    states: dict[str, str] = {}
    if principal():
        page = read_map(reader(), words(), principal(), Colouring("ties"))
        states = {line.actor.iri: line.state for line in page.lines}
    tiles = tuple(
        Dot(states.get(c.actor.iri, "n1"), c.tile.column * SMALL, c.tile.row * SMALL) for c in atlas.countries
    )
    width, height = (max((getattr(t, axis) for t in tiles), default=0) + SMALL for axis in "xy")
    return Preview(tiles, width, height)


@room.get("/map/years.json")
def years() -> Response:
    """The states of all countries at the end of every year, as changes, with the words for them."""
    colouring = asked_colouring(read_choices(reader(), words(), principal()))
    film = read_years(reader(), words(), principal(), colouring)
    say = _words(film.states, read_map(reader(), words(), principal(), colouring))
    body = {
        "first": film.first,
        "last": film.last,
        "states": film.states,
        "words": [say[state] for state in film.states],
        "before": film.before,
        "changes": film.changes,
    }
    return Response(json.dumps(body, ensure_ascii=False, separators=(",", ":")), mimetype="application/json")


def asked_colouring(choices: Choices) -> Colouring:
    """The colouring in `?by=`: ties, depth, or SORT/SLUG of something the map can be coloured by.

    Raises:
        ProblemError: `bad-filter`, when there is no such thing in this view.
    """
    given = request.args.get("by", "")
    if not given:
        if principal():
            return Colouring("ties")
        return Colouring("framework", local_name(choices.frameworks[0][0].iri) if choices.frameworks else "")
    sort, _, slug = given.partition("/")
    plain = given in ("ties", "depth") and principal() is not None
    known = {
        "framework": lambda: any(local_name(name.iri) == slug for name, _ in choices.frameworks),
        "kind": lambda: principal() is not None and words().is_a(NS + slug, NS + "Agreement"),
        "domain": lambda: principal() is not None and f"{ID}domain/{slug}" in words().concepts,
    }
    if not plain and not known.get(sort, lambda: False)():
        raise ProblemError(
            "bad-filter", gettext("The map cannot be coloured by “%(given)s”.", given=given[:80])
        )
    return Colouring(sort, slug)


def asked_year() -> int | None:
    """The year in `?year=`, or None.

    Raises:
        ProblemError: `bad-filter`, when it is no year between 1800 and 2200.
    """
    given = request.args.get("year", "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) == 4 and 1800 <= int(given) <= 2200):
        raise ProblemError("bad-filter", gettext("“%(given)s” is not a year.", given=given[:40]))
    return int(given)


def _words(states: tuple[str, ...], page: MapPage) -> dict[str, str]:
    macros = render_template("map-words.txt", states=states, principal=page.principal)
    return dict(zip(states, macros.strip().split("\n"), strict=True))


def _extra(page: MapPage, colouring: Colouring, choices: Choices) -> dict[str, object]:
    atlas = read_atlas(reader(), words(), principal())
    countries = {c.actor.iri: c for c in atlas.countries}
    say = _words(colouring.order, page)
    swatches = {
        state: Markup(
            '<svg class="swatch" viewBox="0 0 26 16" aria-hidden="true">'
            '<rect width="26" height="16" fill="url(#p-{})"/></svg>'
        ).format(state)
        for state in colouring.order
    }
    shown = [line for line in page.lines if line.actor.iri in countries]
    rows = [_shape(line, countries[line.actor.iri], say, swatches) for line in shown]
    base = this_page(at=None)
    return {
        "states": colouring.order,
        "always": ALWAYS,
        "heading": _heading(page, colouring),
        "explanation": _explanation(colouring),
        "choices": choices,
        "beyond": _beyond(page, choices),
        "principal_known": principal() is not None,
        "layout": "tiles" if request.args.get("layout") == "tiles" else "map",
        "centre": atlas.centre,
        "rows": rows,
        "tiles": sorted(rows, key=lambda r: (r.y, r.x)),
        "tiles_width": max((r.x for r in rows), default=0) + STEP,
        "tiles_height": max((r.y for r in rows), default=0) + STEP,
        "select_base": f"{base}{'&' if '?' in base else '?'}at=",
        "selected_key": request.args.get("at", ""),
        "years_address": _years_address(),
        "counted": colouring.sort in ("ties", "depth", "domain"),
        "framework": colouring.sort == "framework",
        "behind_name": "framework-participants" if colouring.sort == "framework" else "map-events",
    }


def _beyond(page: MapPage, choices: Choices) -> Name | None:
    """The subject of the map where the choices do not hold it, as nothing of it is known as of this day."""
    offered = {
        name for options in (choices.frameworks, choices.kinds, choices.domains) for name, _ in options
    }
    return page.subject if page.subject not in offered else None


def _years_address() -> str:
    return url_for("map.years", by=request.args.get("by"), lang=language(), asof=as_of().isoformat())


def _shape(line: MapLine, country: Country, say: dict[str, str], swatches: dict[str, Markup]) -> Shape:
    place = country.place
    return Shape(
        key=line.actor.iri.removeprefix(ID),
        line=line,
        name=line.actor.label(language()),
        word=say[line.state],
        code=line.code,
        numeric=country.numeric or "",
        point=f"{place.longitude} {place.latitude}" if place else "",
        swatch=swatches[line.state],
        x=country.tile.column * STEP + 1,
        y=country.tile.row * STEP + 1,
        differs=told(line),
    )


def _heading(page: MapPage, colouring: Colouring) -> str:
    who = page.principal.label(language()) if page.principal else ""
    what = page.subject.label(language()) if page.subject else ""
    if colouring.sort == "framework":
        return str(gettext("Who takes part in %(framework)s", framework=what))
    if colouring.sort == "kind":
        return str(gettext("Who has what with %(principal)s: %(kind)s", principal=who, kind=what))
    if colouring.sort == "domain":
        return str(gettext("Agreements with %(principal)s on %(domain)s", principal=who, domain=what))
    if colouring.sort == "depth":
        return str(gettext("Kinds of agreement standing with %(principal)s", principal=who))
    return str(gettext("Agreements of at most three parties standing with %(principal)s", principal=who))


def _explanation(colouring: Colouring) -> str:
    if colouring.sort == "framework":
        return str(gettext("“None” is said only where the list of members is known to be complete."))
    if colouring.sort == "kind":
        return str(
            gettext(
                "The strongest tie of this kind, multilateral agreements included. “None” is said only where a "
                "complete list or a source says so."
            )
        )
    return str(gettext("Agreements of at most three parties that stand: in force, provisional, or adopted."))
