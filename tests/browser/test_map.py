"""The figures in a real browser: drawn, walked by keyboard, played, and usable by anybody."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from tests.browser.test_pages import AXE, RULES, address, sized

pytestmark = pytest.mark.browser
__all__ = ["sized"]

FIGURES = {
    "map": "/map",
    "map by kind, chosen": "/map?by=kind/ReciprocalAccessAgreement&at=state/PHL",
    "map by framework, tiles": "/map?by=framework/cptpp&layout=tiles&year=2019",
    "matrix": "/matrix?everyone=1",
    "matrix by domain": "/matrix?by=domain",
    "pair": "/pairs/JPN/AUS",
    "pair without ties": "/pairs/NRU/TWN",
    "pair with a hostile name": "/pairs/JPN/company:long-name",
    "timeline": "/timeline",
    "timeline of a pair": "/timeline?actor=state/JPN&actor=state/PHL",
    "calendar": "/calendar?asof=2026-04-01",
}


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_sound(sized: Watched, name: str, language: str) -> None:
    """No console error, no request to another origin, no sideways scroll, no accessibility finding."""
    sized.faults.clear()
    page = sized.open(address(FIGURES[name], language))
    page.wait_for_load_state("networkidle")
    assert sized.faults == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("tags => axe.run({runOnly: tags})", RULES)
    assert [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found["violations"]] == []


def drawn(watched: Watched, path: str) -> Page:
    page = watched.open(path)
    page.wait_for_selector("#map [data-id]")
    return page


def test_a_click_chooses_a_country_and_the_address_follows(watched: Watched) -> None:
    page = drawn(watched, "/map?lang=en&by=kind/ReciprocalAccessAgreement")
    page.locator('#map [data-id="state/AUS"] path').first.click()
    expect(page.locator("#map-panel")).to_contain_text("Australia")
    expect(page.locator("#map-panel")).to_contain_text("since 2023-08-13")
    expect(page).to_have_url(re.compile("at=state%2FAUS"))
    page.locator("#map-panel a[data-close]").click()
    expect(page.locator("#map-panel")).to_contain_text("Choose a country")
    assert watched.faults == []


def test_arrow_keys_walk_and_enter_chooses(watched: Watched) -> None:
    page = drawn(watched, "/map?lang=en&layout=tiles")
    assert page.locator('#map [tabindex="0"][data-id]').count() == 1, "one stop for Tab"
    page.locator('#map [data-id="state/JPN"]').focus()
    start = page.evaluate("document.activeElement.dataset.id")
    seen = {start}
    for key in ("ArrowLeft", "ArrowDown", "ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
        seen.add(page.evaluate("document.activeElement.dataset.id"))
    assert len(seen) > 1
    page.locator('#map [data-id="state/PHL"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("#map-panel")).to_contain_text("Philippines")


def test_the_slider_plays_from_one_answer_and_stays_in_the_address(watched: Watched) -> None:
    asked: list[str] = []
    page = watched.page
    page.on("request", lambda r: asked.append(r.url) if "years.json" in r.url else None)
    drawn(watched, "/map?lang=en&by=kind/ReciprocalAccessAgreement&layout=tiles")
    australia = page.locator('#map [data-id="state/AUS"]')
    expect(australia).to_have_attribute("aria-label", "AUS Australia: in force")
    page.locator("#map-years input[type=range]").evaluate(
        "s => { s.value = 2022; s.dispatchEvent(new Event('input')); s.dispatchEvent(new Event('change')); }"
    )
    expect(australia).to_have_attribute("aria-label", re.compile("AUS Australia: signed"))
    expect(page.locator("#map-stamp")).to_contain_text("2022-12-31")
    expect(page).to_have_url(re.compile("year=2022"))
    page.locator("[data-play]").click()
    last = page.locator("#map-years input[type=range]").get_attribute("max") or ""
    expect(page.locator("#map-years output")).to_have_text(last)
    expect(australia).to_have_attribute("aria-label", "AUS Australia: in force")
    assert len(asked) == 1


def test_a_number_of_another_year_does_not_stand_beside_the_difference_of_this_one(watched: Watched) -> None:
    page = drawn(watched, "/map?lang=en&by=kind/ReciprocalAccessAgreement")
    # As a scenario's legend has it; no state of this small world joins anything in one.
    page.locator("#map-legend [data-count]").first.evaluate(
        "b => b.insertAdjacentHTML('afterend', '<span class=\"delta-more\">(+1)</span>')"
    )
    standing = page.locator("#map-legend .delta-more")
    expect(standing).to_be_visible()
    page.locator("#map-years input[type=range]").evaluate(
        "s => { s.value = 2022; s.dispatchEvent(new Event('input')); }"
    )
    expect(standing).to_be_hidden()


def test_the_map_is_magnified_by_buttons(watched: Watched) -> None:
    page = drawn(watched, "/map?lang=en")
    page.locator('[data-zoom="in"]').click()
    expect(page.locator("#map svg > g")).to_have_attribute("data-scale", re.compile(r"1\.6"))
    page.locator('[data-zoom="reset"]').click()
    expect(page.locator("#map svg > g")).to_have_attribute("data-scale", "1")


def test_the_figures_can_be_read_without_javascript(watched: Watched) -> None:
    context = watched.page.context.browser
    assert context is not None
    plain = context.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(watched.site + "/map?lang=en&layout=tiles&by=kind/ReciprocalAccessAgreement")
    page.locator('#map [data-id="state/PHL"]').click()
    expect(page.locator("#map-panel")).to_contain_text("since 2025-09-11")
    page.goto(watched.site + "/map?lang=en")
    expect(page.locator("#map-table")).to_contain_text("Philippines")
    plain.close()
