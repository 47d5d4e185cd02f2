"""The page of two actors: what binds them, beside a comparable pair, and what is missing."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse


def test_what_binds_two_actors_stands_by_kind_with_its_evidence(client: FlaskClient) -> None:
    html = client.get("/pairs/JPN/PHL?lang=en").text
    for words in (
        "Japan–Philippines Reciprocal Access Agreement",
        "2025-09-11",
        "Ministry of Foreign Affairs",
        "Japan–Philippines ISA talks",
        'href="https://ministry.example/raa"',
        'id="k-ReciprocalAccessAgreement"',
        'id="q-pair-events"',
    ):
        assert words in html
    assert "2024-07-08" in html.split("Bound to each other")[1][:80]


def test_a_pair_is_the_same_from_both_ends(client: FlaskClient) -> None:
    one = client.get("/pairs/JPN/AUS.json").get_json()["page"]
    other = client.get("/pairs/AUS/JPN.json").get_json()["page"]
    for part in ("since", "groups", "wide", "activities", "history"):
        assert one[part] == other[part], part


def test_frameworks_are_shared_since_the_later_of_both_days(client: FlaskClient) -> None:
    page = client.get("/pairs/JPN/VNM.json").get_json()["page"]
    shared = {s["framework"]["iri"].rsplit("/", 1)[1]: s for s in page["frameworks"]}
    both = [s["date"] for s in (shared["cptpp"]["one_since"], shared["cptpp"]["other_since"])]
    assert shared["cptpp"]["since"]["date"] == max(both)


def test_what_a_comparable_pair_has_is_missing(client: FlaskClient) -> None:
    page = client.get("/pairs/JPN/VNM.json?with=AUS").get_json()["page"]
    lines = {x["kind"]["iri"].rsplit("#", 1)[1]: x for x in page["side"]["lines"]}
    raa = lines["ReciprocalAccessAgreement"]
    assert raa["this"]["status"] == "none"
    assert raa["other"]["status"] == "in-force"
    html = client.get("/pairs/JPN/VNM?with=AUS&lang=en").text
    assert "missing-line" in html


def test_peers_can_be_compared_with_by_one_click(client: FlaskClient) -> None:
    html = client.get("/pairs/JPN/VNM?with=AUS&lang=en").text
    assert re.search(r'href="/pairs/JPN/VNM[?][^"]*with=PHL[^"]*#side">Philippines</a>', html)
    assert '<b aria-current="true">Australia</b>' in html


def test_the_protocol_of_a_joining_is_not_missing_elsewhere(client: FlaskClient) -> None:
    """Each state joins by a protocol of its own: that others have theirs is no gap."""
    for pair in ("JPN/VNM", "JPN/PHL", "JPN/AUS"):
        lines = client.get(f"/pairs/{pair}.json").get_json()["page"]["side"]["lines"]
        assert not [x for x in lines if x["kind"]["iri"].endswith("#AccessionProtocol")]


def test_any_other_pair_can_stand_beside_it(client: FlaskClient) -> None:
    """Both actors of the comparable pair are a reader's choice; what is left out is taken over."""
    side = client.get("/pairs/JPN/VNM.json?of=AUS&with=PHL").get_json()["page"]["side"]
    assert (side["whose"]["en"], side["beside"]["en"], side["chosen"]) == ("Australia", "Philippines", True)
    theirs = client.get("/pairs/AUS/PHL.json").get_json()["page"]["groups"]
    kinds = {line["kind"]["iri"] for line in side["lines"] if line["other"]["things"]}
    assert {group["kind"]["iri"] for group in theirs} <= kinds
    kept = client.get("/pairs/JPN/VNM.json?of=AUS").get_json()["page"]["side"]
    assert (kept["whose"]["en"], kept["beside"]["en"]) == ("Australia", "Viet Nam")
    html = client.get("/pairs/JPN/VNM?of=AUS&with=PHL&lang=en").text
    assert '<option value="AUS" selected>' in html
    assert 'href="/pairs/state:AUS/state:PHL?lang=en"' in html
    assert client.get("/pairs/JPN/VNM?of=AUS&with=AUS").status_code == 400
    itself = client.get("/pairs/JPN/VNM.json?of=VNM&with=JPN").get_json()["page"]["side"]
    assert not itself["chosen"], "no pair stands beside itself"


def test_two_actors_without_any_tie_have_an_honest_page(client: FlaskClient) -> None:
    html = client.get("/pairs/NRU/TWN?lang=en").text
    assert "That does not prove that there is none" in html


@pytest.mark.parametrize("slugs", ["JPN/nobody", "nobody/JPN", "JPN/%3Cscript%3E"])
def test_an_unknown_actor_is_said_to_be_unknown(client: FlaskClient, slugs: str) -> None:
    answer = client.get(f"/pairs/{slugs}?lang=en")
    assert answer.status_code == 404
    assert "<script>" not in answer.text


def test_an_actor_is_no_pair(client: FlaskClient) -> None:
    assert client.get("/pairs/JPN/JPN").status_code == 400


def test_any_two_actors_can_be_a_pair_and_hostile_names_are_text(client: FlaskClient) -> None:
    html = client.get("/pairs/JPN/company:long-name?lang=en").text
    assert "<b>Bold</b>" not in html
    assert client.get("/pairs?one=JPN&other=PHL").headers["Location"] == "/pairs/JPN/PHL"


def test_a_pair_is_data_as_well(client: FlaskClient) -> None:
    triples = list(parse(client.get("/pairs/JPN/PHL.ttl").data, RdfFormat.TURTLE))
    assert {"https://w3id.org/kizuna/id/agreement/jp-ph-raa"} <= {
        getattr(t.subject, "value", "") for t in triples
    }
    rows = list(csv.DictReader(io.StringIO(client.get("/pairs/JPN/PHL.csv").data.decode("utf-8-sig"))))
    assert any("Reciprocal" in r["agreement_en"] for r in rows)
