"""Every kind of page in a real browser: nothing fails, nothing comes from elsewhere, anybody can use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "server" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

PAGES = {
    "home": "/",
    "actors": "/actors",
    "actor": "/actors/state/PHL",
    "principal": "/actors/state/JPN",
    "actor with a hostile name": "/actors/company/long-name",
    "actor with no ties": "/actors/state/NRU",
    "frameworks": "/frameworks",
    "framework": "/frameworks/cptpp",
    "agreements": "/agreements",
    "agreement": "/agreements/cptpp",
    "negotiation": "/negotiations/jp-ph-isa-talks",
    "domains": "/domains",
    "domain": "/domains/security",
    "activities": "/activities",
    "activity": "/activities/osa-ph-radar",
    "instruments": "/instruments",
    "instrument": "/instruments/transfer-principles",
    "agenda": "/recommendations",
    "recommendation": "/recommendations/r1",
    "sources": "/sources",
    "source": "/sources/ministry-raa",
    "graph of relations": "/graph-view?thing=id/state/PHL&thing=id/state/AUS",
    "any thing": "/things/participation/quad-jpn-member",
    "ontology": "/ns",
    "graphs": "/graph/",
    "graph": "/graph/data/agreements",
    "search": "/search?q=acsa",
    "briefing sheet of an actor": "/briefing/actors/state/PHL",
    "briefing sheet of a pair": "/briefing/pairs/PHL/AUS",
    "briefing sheet of a framework": "/briefing/frameworks/cptpp",
    "changes": "/changes?from=2000-01-01",
    "changes of an actor": "/changes?from=2000-01-01&about=state/PHL",
    "ways between two actors": "/paths/JPN/PHL",
    "past": "/actors/state/PHL?asof=2025-01-01",
    "why": "/why?s=id/state/PHL&p=ns%23partyTo&o=id/agreement/jp-ph-raa",
    "why, the start": "/why",
    "why not": "/why-not?class=ns%23FullSecuritySetPartner&thing=id/state/PHL",
    "definitions": "/why-not?thing=id/state/PHL",
    "differences": "/differences?from=2015-01-01&to=2026-01-01",
    "scenarios": "/scenarios",
    "what-if": "/frameworks/cptpp?scenario=eu-in-cptpp,raa-with-france&asof=2028-07-01",
    "error": "/actors/state/PHI",
}


def address(path: str, language: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


@pytest.fixture(scope="module", params=[(1280, 900), (360, 740)], ids=["wide", "phone"])
def sized(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Watched]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height})
    yield Watched(context.new_page(), site)
    context.close()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_sound(sized: Watched, name: str, language: str) -> None:
    """No console error, no request to another origin, no sideways scroll, no accessibility finding."""
    sized.faults.clear()
    page = sized.open(address(PAGES[name], language))
    expected = ["Failed to load resource"] if name == "error" else []
    assert [f for f in sized.faults if not any(e in f for e in expected)] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (
        "the page scrolls sideways"
    )
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("tags => axe.run({runOnly: tags})", RULES)
    assert [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found["violations"]] == []
