"""Ways through the product that a person takes: by keyboard, by date, through the graph, without scripts, on paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser


def test_the_keyboard_alone_reaches_the_content_and_the_evidence(watched: Watched) -> None:
    page = watched.open("/actors/state/PHL?lang=en")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'content'")
    summary = page.locator("table.wide details.ev summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("table.wide details.ev[open] a").first).to_be_visible()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus must be seen"


def test_the_date_in_the_header_governs_page_and_links(watched: Watched) -> None:
    page = watched.open("/agreements/jp-ph-raa?lang=en")
    expect(page.locator(".keys .chip")).to_have_text("●in force")
    page.locator("#asof summary").click()
    page.locator("#asof input[type=date]").fill("2025-01-01")
    page.locator("#asof button").first.click()
    page.wait_for_url("**asof=2025-01-01**")
    expect(page.locator(".keys .chip")).to_contain_text("signed")
    page.locator(".list a", has_text="Philippines").first.click()
    expect(page).to_have_url(re.compile("/actors/state/PHL"))
    expect(page).to_have_url(re.compile("asof=2025-01-01"))
    expect(page).to_have_url(re.compile("lang=en"))
    page.locator("p.past a").click()
    expect(page).not_to_have_url(re.compile("asof"))


def test_the_date_panel_closes_on_escape(watched: Watched) -> None:
    page = watched.open("/?lang=en")
    page.locator("#asof summary").click()
    assert page.locator("#asof").get_attribute("open") is not None
    page.keyboard.press("Escape")
    assert page.locator("#asof").get_attribute("open") is None


def test_a_link_to_a_query_unfolds_it(watched: Watched) -> None:
    page = watched.open("/actors/state/PHL?lang=en")
    page.locator("h2 .tool").first.click()
    expect(page.locator("#q-pair-events")).to_be_visible()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_labels_of_the_timeline_do_not_cover_each_other(watched: Watched, language: str) -> None:
    page = watched.open(f"/actors/state/PHL?lang={language}")
    overlaps = page.evaluate(
        """() => {
        const boxes = [...document.querySelectorAll('.timeline text:not(.year)')].map(t => t.getBoundingClientRect());
        return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b =>
            a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom)).length; }"""
    )
    assert overlaps == 0


def test_the_graph_opens_neighbours_filters_and_goes_back(watched: Watched) -> None:
    page = watched.open("/graph-view?thing=id/state/PHL&lang=en")
    expect(page.locator("#graph canvas")).to_be_visible()
    count = "kizunaGraph.nodes.length"
    before = page.evaluate(count)
    assert before > 5
    still = "JSON.stringify(kizunaGraph.network.getPositions())"
    assert page.evaluate("kizunaGraph.network.physics.physicsEnabled") is False
    first = page.evaluate(still)
    page.wait_for_timeout(200)
    assert page.evaluate(still) == first, "the layout is computed, nothing settles"

    quad = "https://w3id.org/kizuna/id/framework/cptpp"
    where = page.evaluate(
        """id => { const p = kizunaGraph.network.canvasToDOM(kizunaGraph.network.getPosition(id));
        const box = document.getElementById('graph-canvas').getBoundingClientRect();
        return [p.x + box.left, p.y + box.top]; }""",
        quad,
    )
    page.mouse.click(*where)
    page.wait_for_url("**framework/cptpp**")
    page.wait_for_function(f"() => {count} > {before}")
    expect(page.locator("#graph-panel a")).to_have_attribute("href", "/frameworks/cptpp?lang=en")
    expect(page.locator(".opened li")).to_have_count(2)
    expect(page.locator("#graph-twin")).to_contain_text("Viet Nam")

    opened = page.evaluate(count)
    page.locator("#graph-filter input[value=agreement]").check()
    page.wait_for_function(f"() => {count} < {opened}")
    expect(page).to_have_url(re.compile("hide=agreement"))

    page.go_back()
    page.wait_for_function(f"() => {count} === {opened}")
    page.go_back()
    page.wait_for_function(f"() => {count} === {before}")
    assert watched.faults == []


def test_reading_needs_no_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/actors/state/PHL?lang=en")
    page.locator("table.wide details.ev summary").first.click()
    expect(page.locator("table.wide details.ev[open] a").first).to_be_visible()
    page.goto(f"{site}/graph-view?thing=id/state/PHL&lang=en")
    page.locator("#graph-twin a", has_text="open").first.click()
    expect(page.locator(".opened li")).to_have_count(2)
    page.locator("#graph-filter input[value=framework]").check()
    page.locator("#graph-filter button").click()
    expect(page).to_have_url(re.compile("hide=framework"))
    context.close()


def test_paper_shows_the_content_and_not_the_frame(watched: Watched) -> None:
    page = watched.open("/actors/state/PHL?lang=en")
    page.emulate_media(media="print")
    expect(page.locator("header.bar")).to_be_hidden()
    expect(page.locator(".queries")).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("footer")).to_contain_text("State as of")
    assert len(page.pdf(format="A4")) > 10_000


@pytest.mark.parametrize("width", [1920, 3840])
def test_large_screens_use_their_room_without_endless_lines(watched: Watched, width: int) -> None:
    watched.page.set_viewport_size({"width": width, "height": 1200})
    page = watched.open("/actors/state/PHL?lang=ja")
    main = page.evaluate("document.querySelector('main').getBoundingClientRect().width")
    assert 0.5 < main / width < 0.9


def test_a_first_view_is_light(watched: Watched) -> None:
    """Under 200 kB for a page that is not a graph, even before compression."""
    sizes: list[int] = []
    watched.page.on("response", lambda r: sizes.append(len(r.body())))
    watched.open("/actors/state/PHL?lang=ja")
    assert sum(sizes) < 200_000


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("width", [1280, 1100, 900, 390, 360])
def test_the_head_stands_on_its_lines_and_its_menu_on_the_screen(
    watched: Watched, width: int, language: str
) -> None:
    """One line on a desk, two on a phone (the second for the search box); the menu holds every section."""
    watched.page.set_viewport_size({"width": width, "height": 900})
    page = watched.open(f"/sources?lang={language}")
    assert page.locator("header.bar").bounding_box()["height"] < (70 if width > 760 else 140)  # type: ignore[index]
    for menu in ("asof", "menu"):
        page.locator(f"#{menu} summary").click()
        panel = page.locator(f"#{menu} .panel").bounding_box()
        assert panel is not None
        assert panel["x"] >= 0
        assert panel["x"] + panel["width"] <= width
    assert page.locator("#menu .panel a").count() >= 18
    expect(page.locator('#menu .panel a[aria-current="page"]')).to_have_attribute(
        "href", f"/sources?lang={language}"
    )
    page.keyboard.press("Escape")
    expect(page.locator("#menu .panel")).to_be_hidden()


def test_the_menu_opens_by_keyboard_and_without_a_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/?lang=en")
    page.locator("#menu summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Actors"
    page.keyboard.press("Enter")
    page.wait_for_url("**/actors?lang=en")
    context.close()
