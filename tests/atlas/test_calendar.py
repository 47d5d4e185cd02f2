"""The calendar: what comes, as a page and as iCalendar that any program reads."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar, Component

TODAY = "asof=2026-04-01"


def events(client: FlaskClient, query: str) -> list[Component]:
    answer = client.get(f"/calendar.ics?{query}")
    assert answer.mimetype == "text/calendar"
    return list(Calendar.from_ical(answer.data).walk("VEVENT"))


def test_round_anniversaries_come_with_their_day(client: FlaskClient) -> None:
    found = {str(e["UID"]): e for e in events(client, f"{TODAY}&actor=state/AUS&lang=en")}
    raa = found["w3id.org/kizuna/id/agreement/jp-au-raa/signed/2027-01-06"]
    assert raa.decoded("DTSTART") == date(2027, 1, 6)
    assert raa.decoded("DTEND") == date(2027, 1, 7)
    assert "5 years since" in str(raa["SUMMARY"])
    assert str(raa["URL"]).endswith("/agreements/jp-au-raa?lang=en&asof=2026-04-01")


def test_the_filter_holds_for_the_feed(client: FlaskClient) -> None:
    every = {str(e["UID"]) for e in events(client, TODAY)}
    some = {str(e["UID"]) for e in events(client, f"{TODAY}&kind=ReciprocalAccessAgreement")}
    assert some
    assert some < every
    assert all("raa" in uid for uid in some)


def test_the_same_view_gives_the_same_bytes(client: FlaskClient) -> None:
    assert (
        client.get(f"/calendar.ics?{TODAY}&lang=ja").data == client.get(f"/calendar.ics?{TODAY}&lang=ja").data
    )


def test_lines_are_folded_and_end_as_the_standard_says(client: FlaskClient) -> None:
    body = client.get(f"/calendar.ics?{TODAY}&lang=ja").data
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert b"\n" not in body.replace(b"\r\n", b"")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_page_says_the_same_as_the_feed(client: FlaskClient, lang: str) -> None:
    html = client.get(f"/calendar?{TODAY}&lang={lang}").text
    assert "/calendar.ics?" in html
    assert "2027-01-06" in html
    page = client.get(f"/calendar.json?{TODAY}").get_json()["page"]
    assert len(page["entries"]) == len(events(client, TODAY))


def test_ends_stand_before_anniversaries(client: FlaskClient) -> None:
    """Who asks what expires must not look for it among two years of anniversaries."""
    html = client.get("/calendar?lang=en").text
    ends, anniversaries = html.index('id="entries"'), html.index('id="anniversaries"')
    assert ends < anniversaries
    assert "years since" not in html[ends:anniversaries]
    assert "scheduled end" not in html[anniversaries:]
    assert "target date" not in html[anniversaries:]
