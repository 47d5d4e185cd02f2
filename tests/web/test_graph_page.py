"""The graph page: its state in the address, its data in the page, its table beside it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient


def drawing(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="graph-data">(.*?)</script>', html, re.DOTALL)
    assert found
    return dict(json.loads(found.group(1)))


def test_the_page_holds_drawing_and_table_of_the_same_graph(client: FlaskClient) -> None:
    html = client.get("/graph-view?thing=id/state/PHL&lang=en").text
    data = drawing(html)
    names = {n["title"] for n in data["nodes"]}
    assert "Japan–Philippines ACSA" in names
    table = html.split('id="graph-twin"')[1]
    for name in names - {"Philippines"}:
        assert (
            name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")
            in table
        )
    assert set(data["places"]) == {n["id"] for n in data["nodes"]}


def test_a_click_leads_to_an_address_that_keeps_all_state(client: FlaskClient) -> None:
    html = client.get("/graph-view?thing=id/state/PHL&hide=activity&lang=en&asof=2026-02-01").text
    place = drawing(html)["places"]["https://w3id.org/kizuna/id/framework/asean"]
    assert place["page"] == "/frameworks/asean?lang=en&asof=2026-02-01"
    for part in (
        "thing=id/state/PHL",
        "thing=id/framework/asean",
        "hide=activity",
        "lang=en",
        "asof=2026-02-01",
    ):
        assert part in place["open"].replace("%2F", "/")
    assert client.get(place["open"]).status_code == 200


def test_markup_in_names_cannot_leave_the_data_block(client: FlaskClient) -> None:
    html = client.get("/graph-view?thing=id/company/long-name&lang=en").text
    assert "<b>Bold" not in html
    assert any("<b>Bold</b>" in n["title"] for n in drawing(html)["nodes"])


def test_without_a_thing_the_principal_is_drawn(client: FlaskClient) -> None:
    page = client.get("/graph-view.json").get_json()["page"]
    assert page["opened"][0]["iri"].endswith("state/JPN")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("thing=nothing", 400, "bad-filter"),
        ("thing=id/state/XXX", 404, "unknown-thing"),
        ("thing=id/state/PHL&hide=x", 400, "bad-filter"),
        ("thing=id/state/PHL&most=0", 400, "bad-filter"),
        ("thing=id/state/PHL&most=1001", 400, "bad-filter"),
        ("thing=https://elsewhere.example/id/state/PHL", 400, "bad-filter"),
    ],
)
def test_what_cannot_be_drawn_is_said(client: FlaskClient, query: str, status: int, code: str) -> None:
    answer = client.get(f"/graph-view.json?{query}")
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
