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
    assert set(data["pages"]) == {n["id"] for n in data["nodes"]}


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


def test_relations_dates_and_places_narrow_and_move_the_graph(client: FlaskClient) -> None:
    def names(query: str) -> set[str]:
        edges = client.get(f"/graph-view.json?thing=id/state/PHL{query}").get_json()["page"]["nodes"]
        return {node["thing"]["iri"].rsplit("/", 1)[1] for node in edges}

    assert "jp-ph-raa" in names("")
    assert "jp-ph-raa" not in names("&without=party")
    assert "jp-ph-raa" in names("&since=2024-01-01&until=2024-12-31")
    assert "asean" not in names("&since=2024-01-01&until=2024-12-31")
    moved = drawing(client.get("/graph-view?thing=id/state/PHL&at=id/framework/asean@12,-34").text)
    place = next(n for n in moved["nodes"] if n["id"].endswith("framework/asean"))
    assert (place["x"], place["y"]) == (12, -34)


@pytest.mark.parametrize("bad", ["at=x", "at=x@1", "at=x@nan,1", "at=x@1e9,0", "since=x", "until=20-1-1"])
def test_nonsense_about_places_and_dates_is_refused(client: FlaskClient, bad: str) -> None:
    assert client.get(f"/graph-view?thing=id/state/PHL&{bad}").status_code == 400


def test_the_graph_can_be_taken_along(client: FlaskClient) -> None:
    for suffix, start in (("svg", b"<?xml"), ("html", b"<!doctype html>")):
        answer = client.get(f"/graph-view.{suffix}?thing=id/company/long-name&lang=en")
        assert answer.data.lstrip().startswith(start)
        assert "attachment" in answer.headers["Content-Disposition"]
        assert b"<b>Bold" not in answer.data
        again = client.get(f"/graph-view.{suffix}?thing=id/company/long-name&lang=en")
        assert again.headers["Content-Disposition"] == answer.headers["Content-Disposition"]
        assert again.data == answer.data
