"""A what-if page marks in place what differs from the record: added, changed, gone; by sign and words, never by colour alone."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.support.world import start_world

GRAPH = "<https://w3id.org/kizuna/graph/data/agreements>"
NS = "https://w3id.org/kizuna/ns#"
ID = "https://w3id.org/kizuna/id/"
IN_FORCE = f"<{ID}event/agreement-jp-ph-raa-in-force-2025-09-11>"
DATE = "<http://www.w3.org/2001/XMLSchema#date>"
SCENARIOS = {
    # the agreement with the Philippines entered into force later
    "late": f"""D {IN_FORCE} <{NS}date> "2025-09-11"^^{DATE} {GRAPH} .
A {IN_FORCE} <{NS}date> "2026-01-05"^^{DATE} {GRAPH} .
""",
    # … and that with Australia was never concluded
    "without": f"""D <{ID}agreement/jp-au-raa> <{NS}party> <{ID}state/AUS> {GRAPH} .
D <{ID}agreement/jp-au-raa> <{NS}party> <{ID}state/JPN> {GRAPH} .
""",
    # Viet Nam joins CPTPP's agreement-like tie: a new agreement with Japan
    "more": "".join(
        f"A <{ID}{subject}> <{predicate}> {value} <https://w3id.org/kizuna/graph/data/scenario/more> .\n"
        for subject, predicate, value in (
            (
                "agreement/jp-vn-raa",
                "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
                f"<{NS}ReciprocalAccessAgreement>",
            ),
            (
                "agreement/jp-vn-raa",
                "http://www.w3.org/2004/02/skos/core#prefLabel",
                '"Japan–Viet Nam access"@en',
            ),
            ("agreement/jp-vn-raa", NS + "party", f"<{ID}state/JPN>"),
            ("agreement/jp-vn-raa", NS + "party", f"<{ID}state/VNM>"),
            ("agreement/jp-vn-raa", NS + "legalWeight", f"<{ID}legal-weight/treaty>"),
            ("event/jp-vn-raa", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", f"<{NS}LifeCycleEvent>"),
            ("event/jp-vn-raa", NS + "eventOf", f"<{ID}agreement/jp-vn-raa>"),
            ("event/jp-vn-raa", NS + "eventKind", f"<{ID}event-kind/in-force>"),
            ("event/jp-vn-raa", NS + "date", f'"2026-02-02"^^{DATE}'),
        )
    ),
}
STATE = "asof=2026-06-01&lang=en"
PAGES = (
    "/", "/actors", "/actors/state/PHL", "/frameworks", "/frameworks/cptpp", "/agreements", "/agreements/jp-ph-raa",
    "/domains", "/domains/security", "/activities", "/activities/osa-ph-radar", "/instruments",
    "/instruments/transfer-principles", "/recommendations", "/recommendations/r1", "/sources", "/sources/ministry-raa",
    "/map", "/map?layout=tiles", "/matrix", "/pairs/JPN/PHL", "/timeline", "/calendar", "/changes?from=2020-01-01",
    "/graph-view?thing=id/state/JPN", "/search?q=access", "/briefing/actors/state/PHL", "/briefing/pairs/JPN/PHL",
    "/things/participation/quad-jpn-member", "/paths/JPN/PHL",
)  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder: Path = tmp_path_factory.mktemp("marks")
    engine = start_world(folder)
    for name, patch in SCENARIOS.items():
        (folder / "scenarios" / f"{name}.patch").write_text(f"# title@en: {name}\n{patch}", "utf-8")
    yield create_app(engine, Settings(workspace=folder)).test_client()
    engine.close()


def main_of(client: FlaskClient, page: str, scenario: str, more: str = "") -> str:
    answer = client.get(f"{page}{'&' if '?' in page else '?'}{STATE}&scenario={scenario}{more}")
    assert answer.status_code == 200, answer.text
    return answer.text.split("<main")[1].split('<section class="queries"')[0]


def rows(html: str) -> list[str]:
    return [part.split("</tr>")[0] for part in html.split("<tr")[1:]]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("only", ["", "&only=differences"])
def test_every_page_says_whether_it_differs_and_can_show_only_that(
    client: FlaskClient, page: str, only: str
) -> None:
    html = main_of(client, page, "late,more,without", only)
    assert "delta-switch" in html
    nothing, legend = (
        "Nothing on this page differs" in html,
        "</span> only in the record</span><span>" in html,
    )
    assert nothing != legend
    assert not nothing or 'class="delta ' not in html


def test_an_added_line_is_marked_and_no_other(client: FlaskClient) -> None:
    found = [row for row in rows(main_of(client, "/agreements", "more")) if 'class="delta' in row]
    assert len(found) == 1
    assert "＋</span> only in the scenario" in found[0]
    assert "jp-vn-raa" in found[0]


def test_a_changed_date_is_marked_with_what_the_record_says(client: FlaskClient) -> None:
    html = main_of(client, "/agreements/jp-ph-raa", "late")
    assert "△</span> changed; in the record: in force 2025-09-11" in html
    assert [
        row for row in rows(html) if "changed; in the record: date 2025-09-11" in row and "2026-01-05" in row
    ]


def test_a_vanished_line_stays_and_is_marked(client: FlaskClient) -> None:
    found = [row for row in rows(main_of(client, "/actors/state/AUS", "without")) if "jp-au-raa" in row]
    assert any("－</span> only in the record" in row for row in found)


def test_only_what_differs_leaves_the_rest_out_and_every_link_keeps_it(client: FlaskClient) -> None:
    whole, only = (main_of(client, "/agreements", "more", more) for more in ("", "&only=differences"))
    assert "jp-ph-raa" in whole
    assert "jp-ph-raa" not in only.split('class="scroll"')[1]
    assert "jp-vn-raa" in only
    assert (
        "only=differences"
        in client.get(f"/agreements?{STATE}&scenario=more&only=differences").text.split("</header>")[0]
    )


def test_map_tiles_matrix_pair_and_graph_mark_what_differs(client: FlaskClient) -> None:
    for page in ("/map", "/map?layout=tiles"):
        html = main_of(client, page, "more")
        assert "changed; in the record: state 1, number 1" in html
        assert "data-delta" in html
    matrix = main_of(client, "/matrix", "late,more")
    assert 'delta-changed" title="changed; in the record: since 2025-09-11"' in matrix
    assert [row for row in rows(matrix) if "delta-added" in row and "Viet Nam" in row]
    assert "only in the scenario</span> <a" in main_of(client, "/pairs/JPN/VNM", "more")
    graph = main_of(client, "/graph-view?thing=id/state/JPN", "more")
    assert '"dashes": true' in graph
    assert "only in the scenario" in graph


def test_what_exists_in_one_of_both_only_is_said_in_so_many_words(client: FlaskClient) -> None:
    assert "The record has no such page" in main_of(client, "/agreements/jp-vn-raa", "more")


def test_data_and_pages_outside_scenarios_bear_no_marks(client: FlaskClient) -> None:
    assert "differs" not in client.get("/agreements.csv?only=differences").text
    assert "differs" not in client.get("/agreements.json?only=differences").text
    assert "delta" not in client.get("/agreements?only=differences").text.split("<main")[1]


def test_sums_say_by_how_much_they_differ(client: FlaskClient) -> None:
    front = main_of(client, "/", "more")
    assert re.search(r'(\d+) <span class="delta-more" title="in the record: (\d+)">\(\+1\)', front)
    pair = main_of(client, "/pairs/JPN/AUS", "without")
    strip = pair.split('<dl class="strip">')[1].split("</dl>")[0]
    assert "(−1)" in strip
    only = main_of(client, "/pairs/JPN/AUS", "without", "&only=differences")
    assert strip == only.split('<dl class="strip">')[1].split("</dl>")[0]
    assert "(+2)" in main_of(client, "/timeline", "more,late") or "(+1)" in main_of(
        client, "/timeline", "more,late"
    )


def test_events_and_bars_of_a_drawing_are_marked(client: FlaskClient) -> None:
    strip = main_of(client, "/timeline?actor=state/VNM", "more")
    assert '<g class="differs"><title>＋' in strip
    assert "only in the scenario" in strip.split('<g class="differs">')[1].split("</title>")[0]
    assert re.search(r"<title>2026: entered into force \d+ \(\+1; in the record: \d+\)</title>", strip)
    gone = main_of(client, "/timeline?actor=state/AUS&actor=state/JPN", "without")
    assert "differs nought" in gone
    assert "－ " in gone.split("<svg")[2]
    assert '<g class="differs">' in main_of(client, "/actors/state/VNM", "more")


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_exports_of_the_graph_bear_the_marks_and_say_what_they_mean(client: FlaskClient, lang: str) -> None:
    state = f"thing=id/state/JPN&asof=2026-06-01&scenario=more,without&lang={lang}"
    svg, html = (client.get(f"/graph-view.{form}?{state}").text for form in ("svg", "html"))
    words = ("What-if: more ＋ without", "only in the scenario", "only in the record")
    if lang == "ja":
        words = ("仮定：more ＋ without", "シナリオのみ", "記録のみ")
    for said in words:
        assert said in svg
        assert said in html
    assert "stroke-dasharray" in svg
    assert '"dashes": true' in html
    assert svg.count(">＋<") == 1
    plain = client.get(f"/graph-view.svg?thing=id/state/JPN&asof=2026-06-01&lang={lang}").text
    assert "stroke-dasharray" not in plain


def test_the_bound_on_nodes_makes_nothing_new_or_gone(client: FlaskClient) -> None:
    html = main_of(client, "/graph-view?thing=id/state/JPN&most=4", "more")
    assert "only in the scenario" in html.split('id="graph-twin"')[1]
    assert "only in the record" not in html.split('id="graph-twin"')[1]


def lines_of(client: FlaskClient, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).text.removeprefix("\ufeff"))))


def test_data_of_a_scenario_say_in_a_column_what_differs(client: FlaskClient) -> None:
    state = "asof=2026-06-01&scenario=more,late,without"
    whole, only = (lines_of(client, f"/agreements.csv?{state}{more}") for more in ("", "&only=differences"))
    differs = {row["line_agreement"].rsplit("/", 1)[-1]: row["differs"] for row in whole}
    assert differs["jp-vn-raa"] == "added"
    assert differs["jp-ph-raa"] == "changed"
    assert "" in differs.values()
    assert {row["differs"] for row in only} == {"added", "changed"}
    [late] = [row for row in only if row["line_agreement"].endswith("jp-ph-raa")]
    assert "in_force=2025-09-11" in late["record"]
    gone = lines_of(client, f"/actors/state/AUS.csv?{state}&only=differences")
    assert [row["differs"] for row in gone if row["agreement"].endswith("jp-au-raa")] == ["gone"]
    kept = lines_of(client, f"/actors/state/AUS.csv?{state}")
    assert not [row for row in kept if row["agreement"].endswith("jp-au-raa")]
    matrix = lines_of(client, f"/matrix.csv?{state}&only=differences")
    assert {"changed"} <= {row["differs"] for row in matrix} <= {"added", "changed", "gone"}


def test_json_of_a_scenario_marks_its_lines(client: FlaskClient) -> None:
    state = "asof=2026-06-01&scenario=late,without"
    body = client.get(f"/agreements/jp-ph-raa.json?{state}").get_json()
    assert body["scenario"] == ["late", "without"]
    assert "differs" in json.dumps(body["page"])
    assert '"record": {"date": {"date": "2025-09-11"' in json.dumps(body)
    australia = client.get(f"/actors/state/AUS.json?{state}").get_json()
    assert '"gone"' not in json.dumps(australia)
    only = client.get(f"/actors/state/AUS.json?{state}&only=differences").get_json()
    assert '"gone"' in json.dumps(only)
    found = client.get(f"/search.json?q=Viet&{state.replace('late', 'more')}").get_json()
    assert found["scenario"] == ["more", "without"]


def test_feeds_of_a_scenario_are_marked(client: FlaskClient) -> None:
    feed = client.get(f"/calendar.ics?{STATE}&scenario=more,without").text
    assert "What-if: more ＋ without" in feed.replace("\r\n ", "")
    atom = client.get(f"/changes.atom?{STATE}&scenario=more").text
    assert "<title>＋ Japan–Viet Nam access: entered into force" in atom
    assert "only in the record" not in atom


def test_a_scenario_that_begins_later_says_when_with_the_way_there(client: FlaskClient) -> None:
    early = client.get("/actors?asof=2026-01-01&lang=en&scenario=more").text
    assert "The scenario begins on 2026-02-02:" in early
    assert "asof=2026-02-02" in early.split("The scenario begins on")[1].split(">show that day</a>")[0]
    missing = client.get("/agreements/jp-vn-raa?asof=2026-01-01&lang=ja&scenario=more")
    assert missing.status_code == 404
    assert "このシナリオは2026-02-02に始まる" in missing.text
    later = client.get("/frameworks?asof=2025-10-01&lang=en&scenario=late,more").text
    assert "The next day on which the scenario changes something is 2026-01-05:" in later
    assert "Further days:" in later
    assert "begins on" not in client.get("/actors?asof=2026-06-01&lang=en&scenario=more").text


def test_the_second_look_at_the_record_changes_nothing_of_the_page(client: FlaskClient) -> None:
    html = main_of(client, "/agreements", "more")
    assert f"State as of {STATE[5:15]}" in html
    assert (
        client.get(f"/agreements.json?{STATE}&scenario=more").get_json()["page"]["total"]
        == 1 + (client.get(f"/agreements.json?{STATE}").get_json()["page"]["total"])
    )


def test_legend_and_marks_are_told_in_japanese_too(client: FlaskClient) -> None:
    html = client.get("/agreements?asof=2026-06-01&lang=ja&scenario=more").text
    assert "シナリオのみ" in html
    assert "違うものだけ" in html
