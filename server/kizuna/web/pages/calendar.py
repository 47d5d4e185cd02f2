"""The calendar of what comes: a page, and the same as iCalendar for any calendar program."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext
from icalendar import Calendar, Event, vText

from kizuna.atlas.calendar import CalendarPage, Entry, read_calendar
from kizuna.web.current import as_of, language, reader, words
from kizuna.web.formats import show
from kizuna.web.links import page_of
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
    body = reader().kept(key, lambda: to_ical(read_calendar(reader(), words(), wanted)))
    return Response(body, content_type="text/calendar; charset=utf-8")


def to_ical(page: CalendarPage) -> bytes:
    """The entries as one iCalendar object; the same view gives the same bytes."""
    whole = Calendar()
    whole.add("prodid", "-//Kizuna//Calendar//EN")
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add("x-wr-calname", gettext("Kizuna: what comes"))
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
    event.add("summary", summary(entry))
    event.add("transp", "TRANSPARENT")
    if entry.kind:
        event.add("categories", [vText(entry.kind.label(language()))])
    if entry.precision != "day":
        event.add("description", gettext("Known no more precisely than %(day)s.", day=entry.day.text))
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
