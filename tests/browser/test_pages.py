"""Every kind of page in a real browser: nothing fails, nothing comes from elsewhere, anybody can use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
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
    "scenarios side by side": "/scenarios/compare?with=eu-in-cptpp&with=raa-with-france",
    "institution": "/actors/public-body/harbour-agency",
    "query library": "/queries",
    "query of the library": "/queries/agreement-parties",
    "query editor": "/sparql",
    "sign in": "/account/sign-in",
    "error": "/actors/state/PHI",
}
ELSEWHERE = {
    "map.map": "test_map.py",
    "matrix.matrix": "test_map.py",
    "pair.pair": "test_map.py",
    "timeline.timeline": "test_map.py",
    "calendar.calendar": "test_map.py",
    "accounts.account": "test_desk_browser.py",
    "desk.desk": "test_desk_browser.py",
    "desk.commit": "test_desk_browser.py",
    "desk.edit": "test_desk_browser.py",
    "desk.history": "test_desk_browser.py",
    "desk.job": "test_desk_browser.py",
    "desk.new": "test_desk_browser.py",
    "desk.show": "test_desk_browser.py",
}
"""Pages that another file looks at with the same rules."""
NO_PAGES = (
    *(
        "accounts_oidc.",
        "graphstore.",
        "health.",
        "metrics.",
        "static",
        "sparql.sparql",
        "sparql.running",
        "dataset.",
    ),
    *("sparql.words", "sparql.library_text", "library.api", "library.openapi", "home.favicon", "map.years"),
    *("calendar.feed", "changes.atom", "differences.feed", "differences.patch", "why.picture", "graph.svg"),
    *("graph.offline", "identifiers.thing", "pair.choose", "paths.choose"),
)
"""Beginnings of endpoints that answer with data, files or a way elsewhere."""


def test_every_kind_of_page_is_looked_at(app: Flask) -> None:
    router = app.url_map.bind("kizuna.example")
    seen = {router.match(path.partition("?")[0])[0] for path in PAGES.values()} | ELSEWHERE.keys()
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.endpoint.endswith("_data")
    }
    assert {page for page in pages - seen if not page.startswith(NO_PAGES)} == set()


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
    """No console error, no request to another origin, no sideways scroll, no accessibility finding (on a phone: in Japanese)."""
    sized.faults.clear()
    page = sized.open(address(PAGES[name], language))
    expected = ["Failed to load resource"] if name == "error" else []
    assert [f for f in sized.faults if not any(e in f for e in expected)] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (
        "the page scrolls sideways"
    )
    if page.viewport_size and page.viewport_size["width"] < 400 and language == "en":
        return  # the same elements as in Japanese: words alone change neither names nor contrast
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("tags => axe.run({runOnly: tags})", RULES)
    assert [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found["violations"]] == []


STOPS = """() => {
  const stops = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"], [contenteditable="true"]';
  return [...document.querySelectorAll(stops)].filter(e => !e.disabled && e.checkVisibility({visibilityProperty: true})); }"""
SEEN = """element => {
  const box = element.getBoundingClientRect(), style = getComputedStyle(element);
  const marked = style.outlineStyle !== 'none' || element.shadowRoot || element.closest('.skip');
  return box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && Boolean(marked); }"""

INSIDE = "document.activeElement.type === 'date' || Boolean(document.activeElement.shadowRoot)"
"""The parts of a date are stops as well, and those of the query editor."""


@pytest.mark.parametrize("name", [name for name in PAGES if name != "error"])
def test_the_keyboard_walks_through_every_kind_of_page(watched: Watched, name: str) -> None:
    """Tab goes from stop to stop in the order of the page, each is seen and marked, and nothing holds it."""
    page = watched.open(address(PAGES[name], "en"))
    page.wait_for_load_state("networkidle")
    assert (
        page.evaluate('document.querySelectorAll(\'[tabindex]:not([tabindex="0"], [tabindex="-1"])\').length')
        == 0
    )
    order = f"({STOPS})().indexOf(document.activeElement)"
    places = []
    for _ in range(16):
        page.keyboard.press("Tab")
        place = page.evaluate(order)
        inside = page.evaluate(INSIDE)
        if not (inside and places[-1:] == [place]) and place >= 0:
            places.append(place)
        assert page.evaluate(f"({SEEN})(document.activeElement)"), page.evaluate(
            "document.activeElement.outerHTML.slice(0, 200)"
        )
    assert places == sorted(set(places)), "not in the order of the page, or held"
    assert places[0] == 0
    assert len(places) > 8, "held"
    last = page.evaluate(f"() => {{ const all = ({STOPS})(); all.at(-1).focus(); return all.length - 1; }}")
    page.keyboard.press("Shift+Tab")
    assert 0 <= page.evaluate(order) < last
