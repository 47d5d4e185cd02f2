"""A what-if page marks in place what differs from the record: added, changed, gone; by sign and words, never by colour alone."""

from __future__ import annotations

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
    nothing, legend = "Nothing on this page differs" in html, "</span> only in the record</span></p>" in html
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
    assert "delta" not in client.get(f"/agreements.csv?{STATE}&scenario=more").text
    assert "delta" not in client.get("/agreements?only=differences").text.split("<main")[1]


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
