"""Language and as-of date live in the address, and no internal link loses them."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.support.world import WatchedEngine

PAGES = [
    "/",
    "/actors",
    "/actors/state/PHL",
    "/actors/state/JPN",
    "/frameworks",
    "/frameworks/cptpp",
    "/agreements",
    "/agreements/jp-ph-raa",
    "/negotiations/jp-ph-isa-talks",
    "/things/participation/quad-jpn-member",
    "/domains",
    "/domains/security",
    "/activities",
    "/activities/osa-ph-radar",
    "/sources",
    "/sources/ministry-raa",
    "/instruments",
    "/instruments/transfer-principles",
    "/recommendations",
    "/recommendations/r1",
    "/ns",
    "/graph/",
]


def internal_links(html: str) -> list[str]:
    hrefs = re.findall(r'<a\b[^>]*\bhref="([^"]+)"', html)
    return [h.replace("&amp;", "&") for h in hrefs if h.startswith("/")]


@pytest.mark.parametrize("page", PAGES)
def test_every_internal_link_keeps_language_and_date(client: FlaskClient, page: str) -> None:
    html = client.get(f"{page}?lang=en&asof=2026-02-01").text
    links = [h for h in internal_links(html) if not h.startswith("/id/")]
    assert len(links) > 5
    changed = {h: parse_qs(urlsplit(h).query) for h in links}
    lost = [h for h, q in changed.items() if "lang" not in q]
    assert lost == []
    without_date = [h for h, q in changed.items() if q.get("asof") != ["2026-02-01"]]
    back_to_today = [h for h in without_date if urlsplit(h).path == page]
    assert without_date == back_to_today, "only the way back to today may drop the date"


def test_the_date_chooses_the_view(client: FlaskClient, engine: WatchedEngine) -> None:
    engine.asked.clear()
    client.get("/frameworks?asof=2001-02-03")
    assert {view.as_of for view in engine.asked} == {date(2001, 2, 3)}


def test_no_date_means_todays_view(client: FlaskClient, engine: WatchedEngine) -> None:
    html = client.get("/?lang=en").text
    assert engine.today().as_of.isoformat() in html
    assert "Back to today" not in html


@pytest.mark.parametrize(
    "bad", ["2010", "2010-13-01", "2010-02-30", "yesterday", "0001-01-01", "20100101", "9999-01-01"]
)
def test_a_date_that_is_none_is_refused_with_advice(client: FlaskClient, bad: str) -> None:
    answer = client.get(f"/?lang=en&asof={bad}")
    assert answer.status_code == 400
    assert "bad-date" in answer.text
    assert "YYYY-MM-DD" in answer.text
    assert bad in answer.text


def test_the_address_wins_over_the_browser_and_the_browser_over_the_setting(client: FlaskClient) -> None:
    def language(path: str, accept: str | None) -> str:
        headers = {"Accept-Language": accept} if accept else {}
        return client.get(path, headers=headers).headers["Content-Language"]

    assert language("/?lang=en", "ja") == "en"
    assert language("/", "en-GB,en;q=0.8,ja;q=0.5") == "en"
    assert language("/", "fr, ja;q=0.4, en;q=0.2") == "ja"
    assert language("/", "fr") == "ja"
    assert language("/", None) == "ja"


def test_an_unknown_language_is_an_error_not_a_guess(client: FlaskClient) -> None:
    answer = client.get("/?lang=fr", headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    assert "bad-language" in answer.text


def test_no_cookie_is_ever_set(client: FlaskClient) -> None:
    for page in PAGES:
        assert "Set-Cookie" not in client.get(page).headers


@pytest.mark.parametrize("name", ["_scheme", "_external", "_anchor", "_method", "endpoint", "form", "self"])
def test_no_parameter_steers_the_making_of_addresses(client: FlaskClient, name: str) -> None:
    for page in ("/actors", "/calendar", "/graph-view", "/differences", "/why"):
        answer = client.get(page, query_string={name: "javascript", "lang": "en"})
        assert answer.status_code == 200
        assert "javascript:" not in answer.text
