"""The timeline: what happened when, by actor, framework, domain and kind, drawn on the server."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient

from kizuna.atlas.timeline_bars import lay_bars


def things(client: FlaskClient, query: str) -> set[tuple[str, str, str]]:
    page = client.get(f"/timeline.json?{query}").get_json()["page"]
    return {
        (m["thing"]["iri"].rsplit("/", 1)[1], m["what"], m["date"]["date"])
        for m in page["moments"] + page["coming"]
    }


def test_filters_choose_what_is_told(client: FlaskClient) -> None:
    raa = things(client, "kind=ReciprocalAccessAgreement&actor=state/PHL")
    assert raa == {("jp-ph-raa", "signed", "2024-07-08"), ("jp-ph-raa", "in-force", "2025-09-11")}
    both = {t for t, _, _ in things(client, "actor=state/JPN&actor=state/AUS")}
    assert {"jp-au-raa", "jp-au-isa", "cptpp"} <= both
    assert "jp-ph-raa" not in both
    assert {d for _, _, d in things(client, "from=2018&to=2018")} >= {"2018-03-08", "2018-12-30"}
    assert all(w == "in-force" for _, w, _ in things(client, "what=in-force"))
    security = {t for t, _, _ in things(client, "domain=security")}
    assert "jp-au-isa" in security
    assert "cptpp" not in security


def test_what_happened_to_one_party_is_told_of_it_only(client: FlaskClient) -> None:
    dates = {d for t, w, d in things(client, "actor=state/VNM") if t == "cptpp" and w == "in-force"}
    assert dates == {"2019-01-14"}


def test_the_picture_has_no_inline_style_and_a_table_beside_it(client: FlaskClient) -> None:
    for lang in ("ja", "en"):
        html = client.get(f"/timeline?lang={lang}").text
        assert '<svg class="bars"' in html
        assert "style=" not in html
        assert 'id="table"' in html
    assert "2013" in client.get("/timeline?kind=InformationSecurityAgreement&lang=en").text


def test_the_timeline_is_data_as_well(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/timeline.csv").data.decode("utf-8-sig"))))
    assert {"id", "thing", "thing_ja", "what", "date"} <= set(rows[0])


@pytest.mark.parametrize("bad", ["from=x", "to=99999", "kind=%3Cscript%3E", "start=-1"])
def test_a_filter_that_makes_no_sense_is_refused(client: FlaskClient, bad: str) -> None:
    answer = client.get(f"/timeline?{bad}")
    assert answer.status_code == 400
    assert "<script>" not in answer.text


def test_bars_stand_on_their_lines_and_within_the_picture() -> None:
    bars = lay_bars([(2000, "signed")] * 7 + [(2003, "ended")], 1990, 2010, ("signed", "ended"), 2005)
    assert [lane.what for lane in bars.lanes] == ["signed", "ended"]
    for lane in bars.lanes:
        for bar in lane.bars:
            assert bar.y + bar.height == pytest.approx(lane.base, abs=0.2)
            assert bar.x >= 0
            assert bar.x + bar.width <= bars.width
    assert lay_bars([], 2000, 2000, ("signed",), 2005).lanes == ()
