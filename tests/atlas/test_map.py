"""The map: its film says what the views say, its tiles are one each, its emptiness is honest."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.atlas.map_life import read_lives
from kizuna.atlas.map_tiles import Place, assign, lay_tiles
from kizuna.atlas.reader import Reader
from kizuna.engine.types import View
from tests.support.world import WatchedEngine

JPN = "https://w3id.org/kizuna/id/state/JPN"
PHL = "https://w3id.org/kizuna/id/state/PHL"
STANDINGS = """
PREFIX k: <https://w3id.org/kizuna/ns#>
SELECT DISTINCT ?actor ?standing ?thing WHERE {
  VALUES ?standing { k:partyTo k:provisionalPartyTo k:signatoryTo k:adherentTo k:formerPartyTo k:suspendedPartyTo }
  ?actor ?standing ?thing .
}"""
WORDS = {
    "partyTo": "in-force",
    "provisionalPartyTo": "provisional",
    "signatoryTo": "signed",
    "adherentTo": "adopted",
    "formerPartyTo": "ended",
    "suspendedPartyTo": "suspended",
}


@pytest.mark.parametrize("year", [2011, 2012, 2018, 2019, 2023, 2024, 2026])
def test_what_events_tell_of_a_day_is_what_the_rules_derive_for_it(engine: WatchedEngine, year: int) -> None:
    today = engine.today()
    day = min(date(year, 12, 31), today.as_of)
    derived = {
        (row["actor"].value, row["thing"].value): WORDS[row["standing"].value.split("#")[1]]  # type: ignore[union-attr]
        for row in engine.select(View(day, today.revision), STANDINGS)
    }
    lives = read_lives(Reader(engine, today), JPN)
    for life in lives.by_thing.values():
        for party in () if life.talks else life.parties:
            assert lives.standing(life, party, day) == derived.get((party, life.thing.iri)), life.thing.iri


def state(client: FlaskClient, address: str, code: str) -> str:
    lines = client.get(address).get_json()["page"]["lines"]
    return str(next(line["state"] for line in lines if line["code"] == code))


def test_the_slider_and_the_as_of_date_say_the_same(client: FlaskClient) -> None:
    for year in (2012, 2023, 2024, 2025):
        for by in ("kind/ReciprocalAccessAgreement", "framework/cptpp", "ties"):
            for code in ("PHL", "AUS", "VNM", "USA"):
                if by.startswith("framework") and year < 2018:
                    continue  # the framework did not exist yet
                played = state(client, f"/map.json?by={by}&year={year}", code)
                assert played == state(client, f"/map.json?by={by}&asof={year}-12-31", code), (by, year, code)


def test_the_film_holds_every_year(client: FlaskClient) -> None:
    film = client.get("/map/years.json?by=kind/ReciprocalAccessAgreement&lang=en").get_json()

    def word(code: str, year: int) -> str:
        state = film["before"][f"state/{code}"]
        for since, to in film["changes"].get(f"state/{code}", ()):
            state = to if since <= year else state
        return str(film["words"][state])

    assert [word("AUS", y) for y in (2021, 2022, 2023)] == [
        "none (confirmed)",
        "signed, not in force",
        "in force",
    ]
    assert [word("PHL", y) for y in (2023, 2024, 2025)] == [
        "none (confirmed)",
        "signed, not in force",
        "in force",
    ]


def test_none_and_not_researched_are_two_answers(client: FlaskClient) -> None:
    assert state(client, "/map.json?by=kind/ReciprocalAccessAgreement", "VNM") == "none"
    assert state(client, "/map.json?by=kind/InformationSecurityAgreement", "VNM") == "not-researched"
    assert state(client, "/map.json?by=framework/cptpp", "NRU") == "none"


def test_the_map_can_be_read_without_a_script_in_both_languages(client: FlaskClient) -> None:
    english = client.get("/map?layout=tiles&lang=en").text
    assert 'aria-label="PHL Philippines: 1"' in english
    assert "As a table" in english
    japanese = client.get("/map?layout=tiles&lang=ja&by=kind/ReciprocalAccessAgreement&at=state/PHL").text
    assert "日本との部隊間協力円滑化協定" in japanese
    assert "日・フィリピン部隊間協力円滑化協定" in japanese
    assert "style=" not in japanese


@pytest.mark.parametrize(
    "bad", ["by=nothing", "by=kind/Nothing", "by=framework/%3Cb%3E", "year=x", "year=99999", "by=ties/x"]
)
def test_what_cannot_be_shown_is_refused(client: FlaskClient, bad: str) -> None:
    answer = client.get(f"/map?{bad}&lang=en")
    assert answer.status_code == 400
    assert "bad-filter" in answer.text
    assert "<b>" not in answer.text.split("<main")[1].split("bad-filter")[0].replace("<b>State as of", "")


def test_a_choice_that_is_no_country_chooses_nothing(client: FlaskClient) -> None:
    answer = client.get("/map?at=state/%22%3E%3Cscript%3E&lang=en")
    assert answer.status_code == 200
    assert "Choose a country" in answer.text
    assert "<script>" not in answer.text


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=60), st.sampled_from([0.0, 150.0])
)
def test_every_actor_has_a_tile_of_its_own(points: list[tuple[float, float]], centre: float) -> None:
    tiles = lay_tiles({str(i): Place(*p) for i, p in enumerate(points)}, centre)
    assert len(set(tiles.values())) == len(points)


def test_the_assignment_is_the_cheapest_there_is() -> None:
    cost = np.array([[4.0, 1.0, 3.0, 9.0], [2.0, 0.0, 5.0, 9.0], [3.0, 2.0, 2.0, 9.0]])
    assert assign(cost) == [1, 0, 2]
