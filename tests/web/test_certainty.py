"""A date known by its year or month only counts from its first day, and is marked while the shown day falls into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from kizuna.cli import main
from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.support.world import start_world

YEAR = """@prefix k: <https://w3id.org/kizuna/ns#> . @prefix ek: <https://w3id.org/kizuna/id/event-kind/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://w3id.org/kizuna/id/agreement/x> a k:ReciprocalAccessAgreement ; skos:prefLabel "年"@ja , "Year"@en ;
  k:party <https://w3id.org/kizuna/id/state/JPN> , <https://w3id.org/kizuna/id/state/VNM> ;
  k:legalWeight <https://w3id.org/kizuna/id/legal-weight/treaty> .
<https://w3id.org/kizuna/id/event/x> a k:LifeCycleEvent ; k:eventOf <https://w3id.org/kizuna/id/agreement/x> ;
  k:eventKind ek:in-force ; k:date "2016-01-01"^^xsd:date ; k:precision <https://w3id.org/kizuna/id/precision/year> .
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, Path]]:
    folder = tmp_path_factory.mktemp("certainty")
    engine = start_world(folder / "w", {"year.ttl": YEAR})
    yield create_app(engine, Settings(workspace=folder / "w")).test_client(), folder / "w"
    engine.close()


@pytest.mark.parametrize(
    ("day", "there", "marked"),
    [
        ("2015-12-31", False, False),
        ("2016-01-01", True, True),
        ("2016-12-30", True, True),
        ("2016-12-31", True, False),
    ],
)
@pytest.mark.parametrize(
    "page", ["/agreements/x", "/agreements", "/actors/state/VNM", "/pairs/JPN/VNM", "/timeline"]
)
def test_a_year_is_shown_and_marked_within_itself(
    world: tuple[FlaskClient, Path], page: str, day: str, there: bool, marked: bool
) -> None:
    answer = world[0].get(f"{page}?asof={day}&lang=en")
    if not there and page == "/agreements/x":
        assert answer.status_code == 404
        return
    html = answer.text.split("<main")[1]
    assert ('<time datetime="2016">' in html) == there
    assert ('class="unsure"' in html) == marked
    assert ("≈ known by its year or month only" in html) == marked  # the foot says what the mark means


def test_the_same_page_is_marked_on_one_day_and_not_on_another(world: tuple[FlaskClient, Path]) -> None:
    pages = [
        world[0].get(f"/agreements/x?asof={day}").text for day in ("2016-06-01", "2020-06-01", "2016-06-01")
    ]
    assert ['class="unsure"' in page for page in pages] == [True, False, True]


@pytest.mark.parametrize(("day", "unsure"), [("2016-06-01", True), ("2017-01-01", False)])
def test_a_proof_says_on_which_uncertain_date_it_rests(
    world: tuple[FlaskClient, Path], day: str, unsure: bool
) -> None:
    asked = f"s=state:VNM&p=k:partyTo&o=agreement:x&asof={day}"
    html = world[0].get(f"/why?{asked}&lang=en").text
    assert ("It rests on a date that is known by its year or month only" in html) == unsure
    assert re.search(r"<span>2016</span>|→ 2016\b", html)
    steps = world[0].get(f"/why.json?{asked}").get_json()["page"]["steps"]
    assert [step["uncertain"] for step in steps if step["statement"]["object"]["label"] == "2016年"] == [
        unsure
    ]
    command = ["why", "state:VNM", "k:partyTo", "agreement:x", "--asof", day, "-w", str(world[1]), "-l", "en"]
    assert ("≈" in CliRunner().invoke(main, command).output) == unsure
