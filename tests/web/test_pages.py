"""What the pages say, in both languages, and in all their forms."""

from __future__ import annotations

import csv
import io
import json
import re
from math import inf
from statistics import median

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from kizuna.atlas.terms import local_name
from kizuna.web.current import words
from kizuna.web.filters import SIGNS


def test_an_actor_page_shows_its_tie_with_the_principal(client: FlaskClient) -> None:
    html = client.get("/actors/state/PHL?lang=en").text
    assert "Japan–Philippines Reciprocal Access Agreement" in html
    assert "2024-07-08" in html
    assert "2025-09-11" in html
    assert "Agreements with Japan" in html
    assert "under negotiation" in html
    assert "s-in-force" in html
    assert "s-signed" in html


def test_the_evidence_is_one_click_away(client: FlaskClient) -> None:
    html = client.get("/actors/state/PHL?lang=en").text
    assert "日・フィリピン部隊間協力円滑化協定の効力発生" in html
    assert "Ministry of Foreign Affairs" in html
    assert "consulted 2026-11-24" in html
    assert 'href="https://ministry.example/press/raa"' in html


def test_a_debt_is_shown_as_a_debt(client: FlaskClient) -> None:
    assert "general knowledge, not yet sourced" in client.get("/agreements/jp-au-isa?lang=en").text
    assert "一般的知識" in client.get("/agreements/jp-au-isa?lang=ja").text


def test_dates_are_as_precise_as_they_are_known(client: FlaskClient) -> None:
    html = client.get("/agreements/jp-au-isa?lang=en").text
    assert '<time datetime="2012-05">2012-05</time>' in html
    assert '<time datetime="2013">2013</time>' in html
    assert "2012-05-01" not in html.split('id="queries"')[0]


def test_the_three_kinds_of_empty_are_told_apart(client: FlaskClient) -> None:
    page = client.get("/actors/state/VNM.json").get_json()["page"]
    cells = {c["kind"]["iri"].split("#")[1]: c["status"] for c in page["comparison"]["rows"][0][1]}
    assert cells["ReciprocalAccessAgreement"] == "none", "a complete list says that there is none"
    assert cells["InformationSecurityAgreement"] == "not-researched"


def test_a_party_has_its_own_dates_and_standing(client: FlaskClient) -> None:
    page = client.get("/agreements/cptpp.json").get_json()["page"]
    parties = {p["actor"]["iri"].rsplit("/", 1)[1]: p for p in page["parties"]}
    assert parties["VNM"]["in_force"] == {"date": "2019-01-14", "precision": "day"}
    assert parties["USA"]["status"]["iri"].endswith("/signed")
    assert parties["USA"]["in_force"] is None


def test_a_framework_page_groups_by_role_and_says_where_the_list_is_complete(client: FlaskClient) -> None:
    html = client.get("/frameworks/cptpp?lang=en").text
    assert "the list is complete as of 2026-06-01" in html
    assert "Former participants" in html
    assert html.index("Viet Nam") < html.index('id="former"')


def test_hostile_labels_are_text(client: FlaskClient) -> None:
    html = client.get("/actors/company/long-name?lang=en").text
    assert "<b>Bold</b>" not in html
    assert "&lt;b&gt;Bold&lt;/b&gt;" in html


def test_a_missing_translation_is_shown_as_missing(client: FlaskClient) -> None:
    html = client.get("/actors/state/NRU?lang=ja").text
    assert "日本語訳がまだありません" in html
    assert '<span lang="en" class="other-language">Nauru</span>' in html


def test_filters_of_the_agreements_list(client: FlaskClient) -> None:
    def names(query: str) -> set[str]:
        lines = client.get(f"/agreements.json?{query}").get_json()["page"]["lines"]
        return {item["line"]["agreement"]["iri"].rsplit("/", 1)[1] for item in lines}

    assert names("kind=ReciprocalAccessAgreement") == {"jp-ph-raa", "jp-au-raa"}
    assert names("status=signed") == {"jp-ph-acsa"}
    assert names("party=state/VNM") == {"jp-vn-statement", "cptpp"}
    assert {"jp-ph-raa", "jp-ph-acsa", "jp-au-isa"} <= names("domain=security")
    assert names("q=acsa") == {"jp-ph-acsa"}
    assert names("q=zzz") == set()


@pytest.mark.parametrize(
    "page",
    [
        "/home",
        "/actors",
        "/actors/state/PHL",
        "/frameworks",
        "/frameworks/quad",
        "/agreements",
        "/agreements/cptpp",
    ],
)
def test_every_page_is_data_as_well(client: FlaskClient, page: str) -> None:
    body = client.get(f"{page}.json").get_json()
    assert set(body) == {"as_of", "revision", "page"}
    table = client.get(f"{page}.csv")
    assert table.data.startswith(b"\xef\xbb\xbf"), "Excel needs the mark to read Japanese"
    rows = list(csv.DictReader(io.StringIO(table.data.decode("utf-8-sig"))))
    assert rows
    turtle = client.get(f"{page}.ttl")
    assert turtle.mimetype == "text/turtle"
    assert list(parse(turtle.data, RdfFormat.TURTLE))


def test_the_accept_header_chooses_the_form_as_the_suffix_does(client: FlaskClient) -> None:
    page = "/actors/state/PHL"
    accepted = client.get(page, headers={"Accept": "application/json; charset=utf-8"})
    assert json.loads(accepted.data) == json.loads(client.get(f"{page}.json").data)
    assert client.get(page, headers={"Accept": "text/turtle;q=0.9, */*;q=0.1"}).mimetype == "text/turtle"
    assert client.get(page, headers={"Accept": "*/*"}).mimetype == "text/html"
    assert "Accept" in client.get(page).headers["Vary"]


def test_the_page_carries_the_queries_behind_it(client: FlaskClient) -> None:
    html = client.get("/actors/state/PHL?lang=en").text
    assert 'id="q-actor-agreements"' in html
    assert "VALUES (?actor ?principal)" in html
    assert "/sparql?query=" in html


def test_an_unchanged_page_is_not_sent_twice(client: FlaskClient) -> None:
    first = client.get("/actors/state/PHL")
    again = client.get("/actors/state/PHL", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_a_domain_holds_what_lies_below_it(client: FlaskClient) -> None:
    page = client.get("/domains/security.json").get_json()["page"]
    agreements = {a["agreement"]["iri"].rsplit("/", 1)[1] for a in page["agreements"]}
    assert {"jp-ph-raa", "jp-ph-acsa", "jp-au-isa"} <= agreements
    assert "cptpp" not in agreements
    partners = {p["actor"]["iri"].rsplit("/", 1)[1]: p["agreements"] for p in page["partners"]}
    assert partners["AUS"] == 2


def test_an_activity_says_who_does_what_with_which_means(client: FlaskClient) -> None:
    html = client.get("/activities/osa-ph-radar?lang=en").text
    for text in ("coastal surveillance radar × 5", "600,000,000", "JPY", "2023-11-03", "Philippines"):
        assert text in html


def test_a_source_shows_what_rests_on_it(client: FlaskClient) -> None:
    page = client.get("/sources/depositary-cptpp.json").get_json()["page"]
    things = {s["thing"]["iri"].rsplit("/", 1)[1] for s in page["statements"]}
    assert {"cptpp", "VNM"} <= things


def test_the_agenda_shows_what_bears_on_it_and_what_moved(client: FlaskClient) -> None:
    html = client.get("/recommendations/r1?lang=en").text
    assert "The third reciprocal access agreement." in html
    assert "What has moved" in html
    bearings = client.get("/recommendations/r1.json").get_json()["page"]["bearings"]
    dated = [b["latest"]["date"] for b in bearings if b["latest"]]
    assert dated
    assert dated == sorted(dated, reverse=True), "what happened last is first"
    assert [b["latest"] is None for b in bearings] == sorted(b["latest"] is None for b in bearings)


def test_a_page_that_lies_in_the_future_of_the_as_of_day_says_so(client: FlaskClient) -> None:
    answer = client.get("/agreements/jp-ph-raa?lang=en&asof=2010-01-01")
    assert answer.status_code == 404
    assert "is not in the graph as of 2010-01-01" in answer.text
    assert 'href="/agreements/jp-ph-raa?lang=en"' in answer.text, "the way to where it is known"


def test_the_view_decides_what_a_page_says(client: FlaskClient) -> None:
    def status(query: str) -> str:
        return str(client.get(f"/agreements/jp-ph-raa.json{query}").get_json()["page"]["status"]["iri"])

    assert status("?asof=2025-01-01").endswith("/signed")
    assert status("").endswith("/in-force")


@pytest.mark.parametrize("bad", ["x", "-1", "1.5", "９"])
def test_a_bad_start_of_a_list_is_refused(client: FlaskClient, bad: str) -> None:
    answer = client.get(f"/sources?start={bad}")
    assert answer.status_code == 400
    assert "bad-filter" in answer.text


def test_every_status_has_a_shape_of_its_own(app: Flask, client: FlaskClient) -> None:
    client.get("/")
    with app.test_request_context("/"):
        app.preprocess_request()
        statuses = [local_name(s.iri) for s in words().members("status")]
    assert len(statuses) > 8
    assert [s for s in statuses if s not in SIGNS] == []
    assert len(set(SIGNS.values())) >= len(SIGNS) - 1


def test_the_principals_page_stays_short(client: FlaskClient) -> None:
    """Hundreds of agreements are told by kind; the whole list is one click away, and whole in the data."""
    page = client.get("/actors/state/JPN.json").get_json()["page"]
    assert page["principal"] is None
    assert len(page["agreements"]) == 6
    assert page["figures"]["talks"] == 1


def test_the_reader_chooses_whom_to_compare_with(client: FlaskClient) -> None:
    html = client.get("/actors/state/PHL?lang=en&peer=state/AUS&peer=state/VNM").text
    table = html.split('class="matrix"')[1].split("</table>")[0]
    assert [name in table for name in ("Philippines", "Australia", "Viet Nam")] == [True, True, True]
    assert 'value="state/AUS" checked' in html
    links = client.get("/actors/state/PHL?peer=state/AUS&lang=en&asof=2026-02-01").text
    assert 'name="asof" value="2026-02-01"' in links, "the form keeps the state"


def test_the_front_page_leads_to_the_frameworks_of_the_principal_closest_kinds_first(
    client: FlaskClient,
) -> None:
    groups = client.get("/home.json?lang=en").get_json()["page"]["frameworks"]
    shown = {f["framework"]["iri"].rsplit("/", 1)[1] for g in groups for f in g["frameworks"]}
    html = client.get("/?lang=en").text
    assert shown
    assert all(f'href="/frameworks/{slug}?lang=en"' in html for slug in shown)
    sizes = [median([f["members"] for f in g["frameworks"] if f["members"]] or [inf]) for g in groups]
    assert sizes == sorted(sizes), "a circle of a few binds closer than one of many"


def test_the_front_page_leads_to_every_kind_of_agreement_that_stands(client: FlaskClient) -> None:
    groups = client.get("/home.json").get_json()["page"]["kinds"]
    counts = {local_name(k["kind"]["iri"]): k["standing"] for g in groups for k in g["kinds"]}
    assert counts["ReciprocalAccessAgreement"] > 0
    html = client.get("/?lang=en").text
    address = "/agreements?kind=ReciprocalAccessAgreement&amp;party=state/JPN&amp;lang=en"
    assert f'href="{address}">reciprocal access agreement</a>' in html
    listed = client.get(address.replace("&amp;", "&").replace("/agreements", "/agreements.json")).get_json()
    standing = [x for x in listed["page"]["lines"] if x["line"]["status"]["en"] == "in force"]
    assert len(standing) == counts["ReciprocalAccessAgreement"]


def test_regions_stand_by_continent_and_not_by_the_alphabet(client: FlaskClient) -> None:
    groups = client.get("/actors.json").get_json()["page"]["groups"]
    headings = [local_name(g["heading"]["iri"]) for g in groups if g["heading"]]
    assert (
        headings.index("eastern-asia")
        < headings.index("south-eastern-asia")
        < headings.index("northern-america")
    )


def test_who_is_known_not_to_take_part_is_said_on_the_page_of_the_framework(client: FlaskClient) -> None:
    """Silence in a list of members answers nothing; a known absence does."""
    page = client.get("/frameworks/cptpp.json").get_json()["page"]
    assert [a["actor"]["en"] for a in page["absent"]] == ["Nauru"]
    html = client.get("/frameworks/cptpp?lang=en").text
    assert 'id="absent">Known not to take part' in html
    assert 'href="#absent"' in html


def test_the_agenda_tells_what_moved_and_when(client: FlaskClient) -> None:
    line = client.get("/recommendations.json").get_json()["page"][0]
    page = client.get(f"/recommendations/{local_name(line['recommendation']['iri'])}.json").get_json()["page"]
    assert line["events"] == len(page["moved"])
    assert line["latest"]["date"] == page["moved"][0]["date"]["date"]


def test_a_source_says_once_what_it_says_of_several_things(client: FlaskClient) -> None:
    html = client.get("/sources/ministry-raa?lang=en").text
    table = html.split('id="statements"')[1].split("</table>")[0]
    statements = re.findall(r'<td[^>]*><a href="([^"]+)"', table)
    assert len(statements) == len(set(statements)) > 0
