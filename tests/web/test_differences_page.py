"""What changed between two views, as a page, as data, as a patch that leads from one to the other, and as a feed."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from kizuna.views.patch import read_patch
from kizuna.workspace.names import NS

PAIR = "from=2020-01-01&to=2026-01-01&about=state/JPN&about=state/PHL"


def test_the_changes_of_a_pair_are_told(client: FlaskClient) -> None:
    html = client.get(f"/differences?{PAIR}&lang=en").text
    assert "Changes from 2020-01-01 to 2026-01-01" in html
    assert "Japan–Philippines Reciprocal Access Agreement" in html
    assert "2025-09-11" in html
    assert "Japan–Australia" not in html


def test_a_change_says_what_it_is_and_which_way_it_goes(client: FlaskClient) -> None:
    there = client.get(f"/differences.json?{PAIR}").get_json()["page"]["changes"]
    back = client.get("/differences.json?from=2026-01-01&to=2020-01-01&about=state/JPN,state/PHL").get_json()
    ties = {(c["subject"]["iri"], c["object"]["iri"]) for c in there if c["kind"] == "tie" and c["gained"]}
    lost = {
        (c["subject"]["iri"], c["object"]["iri"])
        for c in back["page"]["changes"]
        if c["kind"] == "tie" and not c["gained"]
    }
    assert ties
    assert ties <= lost


def test_every_tie_gained_is_explained_in_its_view(client: FlaskClient) -> None:
    html = client.get(f"/differences?{PAIR}&lang=en").text
    links = re.findall(r'<a class="why" href="([^"]+)"', html)
    assert links
    assert {client.get(unescape(link)).status_code for link in links} == {200}


def test_the_patch_reads_as_a_patch_of_all_graphs_but_is_no_proposal(client: FlaskClient) -> None:
    answer = client.get("/differences.patch?from=2024-01-01&to=2026-01-01")
    assert answer.content_type.startswith("application/rdf-patch")
    stated = b"\n".join(
        line
        for line in answer.data.split(b"\n")
        if b"graph/derived>" not in line and b"graph/inferred>" not in line
    )
    assert read_patch(stated)


def test_the_feed_is_atom(client: FlaskClient) -> None:
    answer = client.get(f"/differences.atom?{PAIR}&lang=ja")
    feed = ElementTree.fromstring(answer.data)  # noqa: S314 (our own output)
    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    assert entries
    assert len({entry.findtext("{http://www.w3.org/2005/Atom}id") for entry in entries}) == len(entries)


def test_a_view_does_not_differ_from_itself(client: FlaskClient) -> None:
    page = client.get("/differences.json?from=2024-01-01&to=2024-01-01").get_json()["page"]
    assert page["changes"] == []
    assert set(page["figures"].values()) == {0}


def test_kinds_gained_are_told(client: FlaskClient) -> None:
    page = client.get("/differences.json?from=2020-01-01&to=2026-01-01&about=state/PHL").get_json()["page"]
    classes = {c["object"]["iri"] for c in page["changes"] if c["kind"] == "definition" and c["gained"]}
    assert NS + "JapanAccessPartner" in classes


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday9",
        "from=2020-13-01",
        "from=2020-01-01&about=<script>",
        "to=0001-01-01",
        "from=r1x,2020-01-01",
    ],
)
def test_what_cannot_be_read_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/differences?{query}")
    assert answer.status_code in (400, 404)
    assert "<script>" not in answer.text.split("<body")[1].replace('<script type="module"', "")
