"""The calendar of what comes: a page, and the same as iCalendar for any calendar program."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext
from icalendar import Calendar, Event, vText

from kizuna.atlas.calendar import CalendarPage, Entry, read_calendar
from kizuna.atlas.marks import GONE
from kizuna.web.current import as_of, language, reader, words
from kizuna.web.formats import show
from kizuna.web.links import page_of
from kizuna.web.marks import SIGNS, marked, sign_of, told, what_if_told
from kizuna.web.pages.timeline import asked_filter, filter_choices
from kizuna.web.state import page_parameters
from kizuna.workspace.names import NS

room = Blueprint("calendar", __name__)


@room.get("/calendar")
@room.get("/calendar.<form:form>", endpoint="calendar_data")
def calendar(form: str | None = None) -> Response:
    """What comes, by actor, framework, domain and kind."""
    page = read_calendar(reader(), words(), asked_filter())
    values: dict[str, Any] = {**page_parameters("form"), "lang": language()}
    return show(
        "calendar.html",
        page,
        table=page.entries,
        graph=("list", {"class": NS + "Agreement"}),
        form=form,
        feed=url_for("calendar.feed", **values),
        **filter_choices(),
    )


@room.get("/calendar.ics")
def feed() -> Response:
    """The same entries as iCalendar (RFC 5545)."""
    wanted = asked_filter()
    # The address decides the words and the links in it, so it is part of what is remembered.
    key = ("calendar.ics", language(), request.host_url, request.query_string)
    if g.get("what_if"):  # the record is looked at as well, which is not kept
        return _ical(to_ical(marked(read_calendar(reader(), words(), wanted))))
    return _ical(reader().kept(key, lambda: to_ical(read_calendar(reader(), words(), wanted))))


def _ical(body: bytes) -> Response:
    return Response(body, content_type="text/calendar; charset=utf-8")


def to_ical(page: CalendarPage) -> bytes:
    """The entries as one iCalendar object; the same view gives the same bytes."""
    whole = Calendar()
    whole.add("prodid", "-//Kizuna//Calendar//EN")
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    name = gettext("Kizuna: what comes")
    whole.add("x-wr-calname", f"{name} ({what_if_told()[0]})" if g.get("what_if") else name)
    stamp = datetime.combine(as_of(), time.min, UTC)
    for entry in page.entries:
        whole.add_component(_event(entry, stamp))
    return bytes(whole.to_ical())


def _event(entry: Entry, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", stamp)
    event.add("dtstart", entry.first)
    event.add("dtend", entry.after)
    event.add("summary", f"{sign_of(entry)} {summary(entry)}".strip())
    if sign_of(entry) == SIGNS[GONE]:
        event.add("status", "CANCELLED")
    event.add("transp", "TRANSPARENT")
    if entry.kind:
        event.add("categories", [vText(entry.kind.label(language()))])
    notes = [" ".join((*what_if_told()[:1], told(entry)))] if told(entry) else []
    if entry.precision != "day":
        notes.append(gettext("Known no more precisely than %(day)s.", day=entry.day.text))
    if notes:
        event.add("description", "\n".join(notes))
    address = page_of(entry.thing.iri)
    event.add("url", request.host_url.rstrip("/") + address if address.startswith("/") else address)
    return event


def summary(entry: Entry) -> str:
    """What an entry is about, in the language of the request."""
    thing = entry.thing.label(language())
    if entry.sort == "ends":
        return str(gettext("%(thing)s: scheduled end", thing=thing))
    if entry.sort == "aims":
        return str(gettext("%(thing)s: target date", thing=thing))
    event = entry.event.label(language()) if entry.event else ""
    return str(
        gettext("%(thing)s: %(years)s years since “%(event)s”", thing=thing, event=event, years=entry.years)
    )
