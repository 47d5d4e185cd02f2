"""The timeline of what was signed, entered into force, ended or is going to end."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask_babel import gettext

from kizuna.atlas.lines import EventLine
from kizuna.atlas.map import read_atlas, read_choices
from kizuna.atlas.strip import lay_out
from kizuna.atlas.terms import local_name
from kizuna.atlas.timeline import WHATS, TimelineFilter, TimelinePage, read_timeline
from kizuna.atlas.timeline_bars import Bars, compared_bars
from kizuna.web.current import as_of, language, principal, reader, words
from kizuna.web.errors import ProblemError
from kizuna.web.formats import asked_form, show
from kizuna.web.marks import also, marked, record_page, sign_of
from kizuna.web.options import Options, write_options
from kizuna.web.pages.paging import start_of
from kizuna.web.state import this_page
from kizuna.workspace.names import ID, NS

room = Blueprint("timeline", __name__)
MOST_ACTORS = 6


@room.get("/timeline")
@room.get("/timeline.<form:form>", endpoint="timeline_data")
def timeline(form: str | None = None) -> Response:
    """What happened when, by actor, framework, domain and kind."""
    wanted = asked_filter()
    page = read_timeline(reader(), words(), wanted, whole=form is not None)
    kinds = {m.thing.iri: m.kind for m in page.moments if m.kind}
    moments = page.moments + page.coming
    drawn = bool(page.labelled)
    page = marked(page, asked_form(form))
    labelled = _labelled(page) if drawn else ()
    return show(
        "timeline.html",
        page,
        table=moments,
        graph=("list", {"class": NS + (wanted.kind or "Agreement")}),
        form=form,
        strip=lay_out(labelled, as_of(), language(), kinds, sign_of) if labelled else None,
        history=labelled,
        bars=_bars(page),
        bar_base=_bar_base(),
        **filter_choices(),
    )


def _labelled(page: TimelinePage) -> tuple[EventLine, ...]:
    """The moments as events to be drawn one by one, oldest first, each marked as its moment is."""
    events = []
    for moment in reversed(page.moments):
        if moment.event:
            events.append(EventLine(moment.id, moment.event, moment.date, moment.thing, moment.party))
            also(events[-1], moment)
    return tuple(events)


def _bars(page: TimelinePage) -> Bars:
    """The bars of the page, beside those of the record where the page is compared with it."""
    record = record_page()
    if not isinstance(record, TimelinePage):
        return page.bars
    first, last = min(page.first, record.first), max(page.last, record.last)
    return compared_bars(page.bars, record.bars, first, last, WHATS, as_of().year)


def _bar_base() -> str:
    """The address of this page up to the year and the sort of event that a bar adds."""
    base = this_page(**{"from": None, "to": None, "what": None, "start": None})
    return f"{base}{'&' if '?' in base else '?'}"


def asked_filter() -> TimelineFilter:
    """The filter in the address, shared by the timeline and the calendar.

    Raises:
        ProblemError: `bad-filter`, when a year is no year or a kind no class of this graph.
    """
    given = request.args
    kind = given.get("kind", "")
    if kind and NS + kind not in words().classes:
        raise ProblemError("bad-filter", gettext("“%(given)s” is no kind of thing.", given=kind[:80]))
    return TimelineFilter(
        actors=tuple(dict.fromkeys(a for a in given.getlist("actor") if a.count("/") == 1))[:MOST_ACTORS],
        framework=given.get("framework", ""),
        domain=given.get("domain", ""),
        kind=kind,
        what=given.get("what", ""),
        first=_year(given.get("from", "")),
        last=_year(given.get("to", "")),
        start=start_of(given.get("start")),
    )


def _year(given: str) -> int | None:
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) == 4 and 1800 <= int(given) <= 2200):
        raise ProblemError("bad-filter", gettext("“%(given)s” is not a year.", given=given[:40]))
    return int(given)


def filter_choices() -> dict[str, object]:
    """What the filters of the timeline and the calendar offer, written once a view for each language."""
    code = language()
    return {"offers": reader().kept(("timeline offers", code, principal()), lambda: _offers(code))}


def _offers(code: str) -> dict[str, Options]:
    choices = read_choices(reader(), words(), principal())
    countries = read_atlas(reader(), words(), principal()).countries
    kinds = (n for n in words().below(NS + "Agreement") if n.label(code) != local_name(n.iri))
    return {
        "actor": write_options((c.actor for c in countries), lambda iri: iri.removeprefix(ID), code),
        "framework": write_options((n for n, _ in choices.frameworks), local_name, code),
        "domain": write_options(words().members("domain"), local_name, code),
        "kind": write_options(kinds, local_name, code),
    }
