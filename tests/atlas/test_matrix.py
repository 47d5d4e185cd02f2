"""The matrix: the strongest instrument of each cell, three kinds of empty, gaps against like states."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from kizuna.atlas.matrix_peers import find_peers


def cell(
    client: FlaskClient, partner: str, column: str, query: str = "group=all&everyone=1"
) -> dict[str, Any]:
    page = client.get(f"/matrix.json?{query}").get_json()["page"]
    index = next(i for i, c in enumerate(page["columns"]) if c["iri"].endswith(column))
    row = next(r for r in page["rows"] if r["actor"]["iri"].endswith("/" + partner))
    found: dict[str, Any] = row["cells"][index]
    return found


def test_a_cell_is_the_strongest_instrument_and_its_age(client: FlaskClient) -> None:
    found = cell(client, "PHL", "#ReciprocalAccessAgreement", "group=all&everyone=1&asof=2026-11-24")
    assert found["status"] == "in-force"
    assert found["since"] == {"date": "2025-09-11", "precision": "day"}
    assert found["years"] == 1
    assert cell(client, "PHL", "#AcquisitionAndCrossServicingAgreement")["status"] == "signed"
    assert cell(client, "PHL", "#InformationSecurityAgreement")["status"] == "negotiating"


def test_the_three_kinds_of_empty_are_told_apart(client: FlaskClient) -> None:
    assert cell(client, "VNM", "#ReciprocalAccessAgreement")["status"] == "none", "a complete list"
    assert cell(client, "VNM", "#AcquisitionAndCrossServicingAgreement")["status"] == "none", "an absence"
    assert cell(client, "VNM", "#InformationSecurityAgreement")["status"] == "not-researched"
    assert cell(client, "TWN", "#ReciprocalAccessAgreement")["status"] == "not-applicable", "only states"


def test_a_domain_is_empty_for_certain_only_where_every_kind_in_it_is(client: FlaskClient) -> None:
    query = "by=domain&everyone=1"
    assert cell(client, "AUS", "/security", query)["status"] == "in-force"
    assert cell(client, "VNM", "/security", query)["status"] == "not-researched"


def test_rows_are_filtered_and_sorted(client: FlaskClient) -> None:
    def names(query: str) -> list[str]:
        page = client.get(f"/matrix.json?{query}").get_json()["page"]
        return [r["actor"]["iri"].rsplit("/", 1)[1] for r in page["rows"]]

    assert "NRU" not in names("group=all")
    assert "NRU" in names("group=all&everyone=1")
    assert set(names("group=all&region=south-eastern-asia")) == {"PHL", "VNM"}
    assert "PHL" not in names("group=all&framework=cptpp")
    assert names("group=all&sort=ReciprocalAccessAgreement")[:2] == ["AUS", "PHL"], "the older comes first"
    assert names("region=nowhere") == []


def test_the_table_says_every_cell(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/matrix.csv?group=all").data.decode("utf-8-sig"))))
    line = next(r for r in rows if r["partner_en"] == "Philippines" and "ReciprocalAccess" in r["column"])
    assert (line["status"], line["since"]) == ("in-force", "2025-09-11")


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("by", ["kind", "domain"])
def test_the_page_stands_in_both_languages(client: FlaskClient, lang: str, by: str) -> None:
    html = client.get(f"/matrix?lang={lang}&by={by}&everyone=1&group=%22%3E%3Cscript%3E").text
    assert "<script>" not in html
    assert "style=" not in html
    html = client.get(f"/matrix?lang={lang}&by={by}").text
    assert '<table class="matrix big">' in html


def test_peers_share_small_frameworks() -> None:
    pairs = [(a, "world") for a in "abcd"] + [
        ("a", "trio"),
        ("b", "trio"),
        ("c", "few"),
        ("d", "few"),
        ("a", "few"),
    ]
    peers = find_peers(pairs, frozenset("abcd"))
    assert peers["a"][0] == "b"
    assert peers["d"][:2] == ("a", "c")


def test_the_usual_columns_are_headed_by_groups_in_the_order_of_the_ontology(client: FlaskClient) -> None:
    page = client.get("/matrix.json").get_json()["page"]
    assert sum(group["columns"] for group in page["over"]) == len(page["columns"])
    assert page["over"][0]["group"]["iri"].endswith("#SecurityAgreement")
    first = page["over"][0]["columns"]
    assert {"ReciprocalAccessAgreement", "AcquisitionAndCrossServicingAgreement"} <= {
        c["iri"].rsplit("#", 1)[1] for c in page["columns"][:first]
    }
    assert client.get("/matrix.json?group=all").get_json()["page"]["over"] == []


def test_the_legend_explains_every_sign_of_the_table(client: FlaskClient) -> None:
    html = client.get("/matrix?lang=en&group=all&everyone=1").text
    legend = html.split('<p class="legend">', 1)[1].split("</p>", 1)[0]
    statuses = {
        c["status"]
        for r in client.get("/matrix.json?group=all&everyone=1").get_json()["page"]["rows"]
        for c in r["cells"]
    }
    assert {s for s in statuses if f"s-{s}" not in legend} == set()
