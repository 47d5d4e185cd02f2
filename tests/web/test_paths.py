"""Ways between two actors, told as sentences."""

from __future__ import annotations

import itertools
import re

import pytest
from flask.testing import FlaskClient


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_direct_ties_are_sentences_in_both_languages_narrow_ones_first(client: FlaskClient) -> None:
    text = words(client.get("/paths/JPN/PHL?lang=en").text)
    assert "Japan and Philippines are parties to Japan–Philippines Reciprocal Access Agreement." in text
    assert "Japan provides Coastal radars for the Philippines; Philippines receives" in text
    japanese = words(client.get("/paths/JPN/PHL?lang=ja").text)
    assert "日本とフィリピンは、ともに日・フィリピン部隊間協力円滑化協定の当事者である。" in japanese


def test_a_way_over_others_is_found_and_counted(client: FlaskClient) -> None:
    page = client.get("/paths/PHL/AUS.json").get_json()["page"]
    shortest = page["ways"][0]["steps"]
    assert next(s["actor"]["iri"].rsplit("/", 1)[1] for s in shortest) == "PHL"
    assert shortest[-1]["other"]["iri"].endswith("/AUS")
    assert all(a["other"]["iri"] == b["actor"]["iri"] for a, b in itertools.pairwise(shortest))


def test_a_way_there_is_the_way_back(client: FlaskClient) -> None:
    def lengths(address: str) -> tuple[list[int], int]:
        page = client.get(address).get_json()["page"]
        return [len(w["steps"]) for w in page["ways"]], page["total"]

    assert lengths("/paths/PHL/USA.json") == lengths("/paths/USA/PHL.json")


def test_it_may_go_over_some_sorts_only(client: FlaskClient) -> None:
    page = client.get("/paths/JPN/PHL.json?via=framework").get_json()["page"]
    steps = [s for way in page["direct"] + page["ways"] for s in way["steps"]]
    assert steps
    assert {s["sort"] for s in steps} == {"framework"}


def test_the_day_decides(client: FlaskClient) -> None:
    assert "part to" not in words(client.get("/paths/JPN/PHL?lang=en&asof=2010-01-01").text)
    assert (
        "Reciprocal Access"
        not in client.get("/paths/JPN/PHL?lang=en&asof=2010-01-01").text.split('id="queries"')[0]
    )


def test_strangers_are_told_so_and_nonsense_is_refused(client: FlaskClient) -> None:
    assert "Nothing ties them directly" in client.get("/paths/NRU/TWN?lang=en").text
    assert client.get("/paths/JPN/JPN").status_code == 400
    assert client.get("/paths/JPN/XXX").status_code == 404
    assert client.get("/paths/JPN/PHL?via=dreams").status_code == 400


@pytest.mark.parametrize("language", ["ja", "en"])
def test_markup_in_a_name_stays_text(client: FlaskClient, language: str) -> None:
    html = client.get(f"/paths/JPN/company:long-name?lang={language}").text
    assert "<b>Bold" not in html
    assert "<b>太字" not in html
