"""Briefing sheets: the same view gives the same bytes; what they say; what they leave out is counted."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.support.world import WatchedEngine

SHEETS = [
    "/briefing/actors/state/PHL",
    "/briefing/actors/state/JPN",
    "/briefing/pairs/PHL/AUS",
    "/briefing/frameworks/cptpp",
]


@pytest.mark.parametrize("address", SHEETS)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_same_view_gives_the_same_bytes(engine: WatchedEngine, address: str, language: str) -> None:
    """Two applications that share nothing but the engine make one sheet, and so does one that has it remembered."""
    first, second = (create_app(engine, Settings()).test_client() for _ in range(2))
    query = f"{address}?lang={language}&asof=2026-06-01"
    sheet = first.get(query).data
    assert b"2026-06-01" in sheet
    assert second.get(query).data == sheet
    first.get(address + "?asof=2020-01-01")
    assert first.get(query).data == sheet


def test_a_sheet_says_what_stands_what_waits_and_what_is_negotiated(client: FlaskClient) -> None:
    html = client.get("/briefing/actors/state/PHL?lang=en").text
    order = [
        "In force",
        "Reciprocal Access",
        "Signed, not in force",
        "Philippines ACSA",
        "Under negotiation",
        "ISA talks",
    ]
    places = [html.index(words, html.index('class="sheet"')) for words in order]
    assert places == sorted(places)
    assert "State as of" in html


def test_sources_are_numbered_in_the_order_in_which_they_are_cited(client: FlaskClient) -> None:
    html = client.get("/briefing/actors/state/PHL?lang=en").text
    cited = list(dict.fromkeys(int(n) for n in re.findall(r'href="#source-(\d+)"', html)))
    assert cited == list(range(1, len(cited) + 1))
    listed = [int(n) for n in re.findall(r'id="source-(\d+)"', html)]
    assert listed == cited


def test_general_knowledge_is_marked(client: FlaskClient) -> None:
    assert "◌" in client.get("/briefing/actors/state/AUS?lang=en").text


def test_a_framework_names_its_participants_and_an_empty_actor_has_a_sheet(client: FlaskClient) -> None:
    html = client.get("/briefing/frameworks/cptpp?lang=en").text
    assert "Viet Nam" in html
    assert "complete list" in html
    assert "does not prove that there is none" in client.get("/briefing/actors/state/NRU?lang=en").text


def test_a_pair_reads_from_its_first_side_and_needs_two(client: FlaskClient) -> None:
    assert "Agreements between Australia and Japan" in client.get("/briefing/pairs/AUS/JPN?lang=en").text
    assert client.get("/briefing/pairs/AUS/AUS").status_code == 400
    assert client.get("/briefing/pairs/AUS/XXX").status_code == 404
    assert client.get("/briefing/frameworks/none").status_code == 404


def test_the_sheet_is_one_click_from_the_page(client: FlaskClient) -> None:
    assert 'href="/briefing/actors/state/PHL?lang=en"' in client.get("/actors/state/PHL?lang=en").text
    assert 'href="/briefing/frameworks/cptpp?lang=en"' in client.get("/frameworks/cptpp?lang=en").text
