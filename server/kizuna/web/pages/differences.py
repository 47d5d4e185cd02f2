"""What changed between two views: days, revisions, scenarios; as a page, as data, as RDF Patch and as a feed."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from kizuna.atlas.differences import KINDS, Change, DifferencePage, read_differences
from kizuna.atlas.differences_views import ViewTextError, scenario_names, view_of, year_before
from kizuna.atlas.terms import kind_and_slug, short
from kizuna.atlas.why_terms import TermError, iri_of
from kizuna.engine.types import View
from kizuna.web.current import desk, engine, language, speaker, view
from kizuna.web.errors import ProblemError
from kizuna.web.formats import no_turtle, show
from kizuna.web.links import page_of
from kizuna.web.whatif import engine_name

room = Blueprint("differences", __name__)
MOST_ABOUT = 4
MOST_SHOWN = 200
NO_QUERY = ("describe", {"thing": ""})


@room.get("/differences")
@room.get("/differences.<form:form>", endpoint="differences_data")
def differences(form: str | None = None) -> Response:
    """What changed from `?from=` to `?to=`, of all things or of what concerns all of `?about=`."""
    before, after = _views()
    page = _page(before, after)
    return show(
        "differences.html",
        page,
        table=page.changes,
        graph=NO_QUERY,
        form=no_turtle(form),
        sections=[(kind, kinds_of_change()[kind], page.of(kind)) for kind in KINDS],
        most=MOST_SHOWN,
        given=_given(),
        forms=_forms(before[0], after[0]),
        states={True: _state(*after), False: _state(*before)},
    )


@room.get("/differences.patch", endpoint="patch")
def patch() -> Response:
    """The difference as RDF Patch: applied to the earlier view, it gives the later one."""
    before, after = _views()
    compared = desk().comparisons.of(engine(), before[1], after[1])
    return Response(compared.difference.patch(), content_type="application/rdf-patch; charset=utf-8")


@room.get("/differences.atom", endpoint="feed")
def feed() -> Response:
    """The changes as an Atom feed (RFC 4287), the newest first."""
    before, after = _views()
    page = _page(before, after)
    return Response(_atom(page, after[1]), content_type="application/atom+xml; charset=utf-8")


def _views() -> tuple[tuple[str, View], tuple[str, View]]:
    """The two views with how they are written; a year apart, and up to the view of the request, by default."""
    here, newest = view(), [] if view().revision is None else [f"r{view().revision}"]
    after = request.args.get("to") or ",".join([here.as_of.isoformat(), *newest, *_scenarios()])
    before = request.args.get("from") or ",".join([year_before(here.as_of).isoformat(), *newest])
    plain = View(here.as_of, engine().today().revision)
    try:
        return (before, view_of(before, plain, engine_name)), (after, view_of(after, plain, engine_name))
    except ViewTextError as error:
        raise ProblemError(
            "bad-date", gettext("“%(given)s” is not a date that can be shown.", given=str(error))
        ) from error


def _scenarios() -> list[str]:
    return [name for name in speaker().kept.get("scenario", "").split(",") if name]


def _page(before: tuple[str, View], after: tuple[str, View]) -> DifferencePage:
    return read_differences(desk().comparisons, engine(), before, after, _about())


def _forms(before: str, after: str) -> list[tuple[str, str]]:
    """The addresses of the patch and the feed of these very views."""
    values: dict[str, Any] = {"from": before, "to": after, "about": _given() or None}
    return [(name, url_for(f"differences.{name}", **values)) for name in ("patch", "feed")]


def _given() -> str:
    return " ".join(short(iri) for iri in _about())


def _about() -> list[str]:
    words = [word for given in request.args.getlist("about") for word in given.replace(",", " ").split()]
    found = []
    for word in words[:MOST_ABOUT]:
        word = f"id/{word}" if word.count("/") == 1 and not word.startswith("id/") else word
        try:
            iri = iri_of(word).value
        except TermError as error:
            raise _no_thing(str(error)) from error
        if kind_and_slug(iri) is None:
            raise _no_thing(word[:80])
        found.append(iri)
    return list(dict.fromkeys(found))


def _no_thing(given: str) -> ProblemError:
    return ProblemError("bad-filter", gettext("“%(given)s” is not the name of a thing.", given=given))


def _state(text: str, of: View) -> dict[str, str | None]:
    """What an address needs to show one of the two views."""
    revision = None if of.revision is None else str(of.revision)
    scenario = ",".join(scenario_names(text)) or None
    return {"asof": of.as_of.isoformat(), "revision": revision, "scenario": scenario}


def kinds_of_change() -> dict[str, str]:
    """What each kind of change is called."""
    return {
        "status": gettext("What stands differently"),
        "tie": gettext("Ties gained and lost"),
        "definition": gettext("Kinds that apply, or no longer"),
        "participation": gettext("Participations begun and ended"),
        "event": gettext("What happened"),
        "thing": gettext("Things that appeared or disappeared"),
    }


def _atom(page: DifferencePage, after: View) -> str:
    title = gettext("Changes from %(before)s to %(after)s", before=page.before, after=page.after)
    stamp = f"{after.as_of.isoformat()}T00:00:00Z"
    dated = sorted(page.changes, key=lambda c: c.day.value.isoformat() if c.day else "", reverse=True)
    here = escape(request.base_url)
    address = quoteattr(request.url)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language()}">',
        f"<title>{escape(title)}</title><id>{escape(request.url)}</id><updated>{stamp}</updated>",
        f'<link rel="self" href={address}/><author><name>Kizuna</name></author>',
    ]
    for number, change in enumerate(dated[:MOST_SHOWN]):
        when = f"{change.day.value.isoformat()}T00:00:00Z" if change.day else stamp
        link = quoteattr(request.host_url.rstrip("/") + page_of(change.subject.iri))
        lines.append(
            f"<entry><title>{escape(_words(change))}</title><id>{here}#{_key(change, number)}</id>"
            f"<updated>{when}</updated><link href={link}/><summary>{escape(kinds_of_change()[change.kind])}</summary></entry>"
        )
    return "\n".join([*lines, "</feed>", ""])


def _key(change: Change, number: int) -> str:
    parts = (
        change.kind,
        change.subject.iri,
        change.predicate and change.predicate.iri,
        change.object and change.object.iri,
    )
    return escape("|".join(short(part) if part else "" for part in parts)) + f"|{number}"


def _words(change: Change) -> str:
    here = language()
    names = [name.label(here) for name in (change.subject, change.predicate, change.object) if name]
    sign = "+" if change.gained else "−"
    return f"{sign} {' – '.join(names)}"
