"""The graph explorer: what is dragged stays, what is filtered goes, and what is taken along needs nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

PLACE = """id => { const p = kizunaGraph.network.canvasToDOM(kizunaGraph.network.getPosition(id));
const box = document.getElementById('graph-canvas').getBoundingClientRect();
return [p.x + box.left, p.y + box.top]; }"""
AUS = "https://w3id.org/kizuna/id/state/AUS"
CPTPP = "https://w3id.org/kizuna/id/framework/cptpp"


def test_a_dragged_node_stays_in_the_address_and_in_every_copy(watched: Watched) -> None:
    page = watched.open("/graph-view?thing=id/state/AUS&lang=en")
    x, y = page.evaluate(PLACE, CPTPP)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=6)
    page.mouse.up()
    page.wait_for_function("location.search.includes('at=')")
    where = page.evaluate("id => kizunaGraph.network.getPosition(id)", CPTPP)
    page.reload()
    again = page.evaluate("id => kizunaGraph.network.getPosition(id)", CPTPP)
    assert abs(where["x"] - again["x"]) < 1
    assert abs(where["y"] - again["y"]) < 1
    assert "at=" in (page.locator("a[data-state]").first.get_attribute("href") or "")
    page.locator("[data-unpin]").click()
    page.wait_for_function("!location.search.includes('at=')")
    assert watched.faults == []


def test_a_click_opens_a_node_and_keeps_all_state(watched: Watched) -> None:
    page = watched.open("/graph-view?thing=id/state/PHL&hide=activity&lang=en&asof=2026-02-01")
    asean = "https://w3id.org/kizuna/id/framework/asean"
    page.mouse.click(*page.evaluate(PLACE, asean))
    page.wait_for_function("() => new URLSearchParams(location.search).getAll('thing').length === 2")
    state = page.evaluate("[...new URLSearchParams(location.search)].map(pair => pair.join('='))")
    assert set(state) == {
        "thing=id/state/PHL",
        "thing=id/framework/asean",
        "hide=activity",
        "lang=en",
        "asof=2026-02-01",
    }
    page.wait_for_load_state("networkidle")  # a reload cuts off what is still on its way
    page.reload()
    page.wait_for_load_state("networkidle")
    pages = page.evaluate("JSON.parse(document.getElementById('graph-data').textContent).pages")
    assert pages[asean] == "/frameworks/asean?lang=en&asof=2026-02-01"
    assert watched.faults == []


def test_names_do_not_lie_on_each_other_and_more_appear_on_zooming_in(watched: Watched) -> None:
    page = watched.open("/graph-view?thing=id/state/JPN&most=1000&lang=en")
    shown = "kizunaGraph.labels.shown().map(({ box }) => box)"
    page.wait_for_function(f"{shown}.length > 0")
    overlaps = f"""() => {{ const all = {shown};
      return all.flatMap((a, i) => all.slice(i + 1).filter(b =>
        Math.abs(a.x - b.x) < a.w + b.w - 0.01 && Math.abs(a.y - b.y) < a.h + b.h - 0.01)).length; }}"""
    assert page.evaluate(overlaps) == 0
    before = page.evaluate(f"{shown}.length")
    assert page.evaluate("kizunaGraph.labels.shown().some(one => one.open)")
    page.evaluate("kizunaGraph.network.moveTo({ scale: 2, animation: false })")
    page.wait_for_function(f"kizunaGraph.nodes.length < 3 || {shown}.length >= {before}")
    assert page.evaluate(overlaps) == 0
    assert watched.faults == []


def test_relations_and_dates_narrow_it(watched: Watched) -> None:
    page = watched.open("/graph-view?thing=id/state/PHL&lang=en")
    count = "kizunaGraph.nodes.length"
    before = page.evaluate(count)
    page.locator("details.more summary").click()
    page.locator("input[name=without][value=party]").check()
    page.wait_for_function(f"() => {count} < {before}")
    page.wait_for_url("**without=party**")
    page = watched.open("/graph-view?thing=id/state/PHL&since=2024-01-01&until=2024-12-31&lang=en")
    expect(page.locator("#graph-twin")).to_contain_text("Reciprocal Access")
    expect(page.locator("#graph-twin")).not_to_contain_text("Association of Southeast")


def test_two_actors_lead_to_the_ways_between_them(watched: Watched) -> None:
    page = watched.open("/graph-view?thing=id/state/PHL&thing=id/state/AUS&lang=en")
    page.get_by_role("link", name="Ties between the two").click()
    expect(page.locator("h1")).to_have_text("Ties between Philippines and Australia")


def test_the_picture_can_be_saved(watched: Watched) -> None:
    page = watched.open("/graph-view?thing=id/state/PHL&lang=en")
    with page.expect_download() as png:
        page.get_by_role("button", name="Save as PNG").click()
    assert Path(png.value.path()).read_bytes().startswith(b"\x89PNG")
    with page.expect_download() as svg:
        page.get_by_role("link", name="Save as SVG").click()
    text = Path(svg.value.path()).read_text("utf-8")
    wrong = page.evaluate(
        "text => new DOMParser().parseFromString(text, 'image/svg+xml').querySelectorAll('parsererror').length",
        text,
    )
    assert wrong == 0
    assert "Reciprocal" in text


def test_the_stand_alone_file_opens_offline_and_fetches_nothing(
    browser: Browser, watched: Watched, tmp_path: Path
) -> None:
    page = watched.open("/graph-view?thing=id/state/AUS&lang=ja")
    with page.expect_download() as saved:
        page.get_by_role("link", name="接続の要らないHTML").click()
    file = tmp_path / "graph.html"
    saved.value.save_as(file)
    context = browser.new_context(offline=True)
    alone = context.new_page()
    asked: list[str] = []
    faults: list[str] = []
    alone.on("request", lambda r: asked.append(r.url))
    alone.on("pageerror", lambda e: faults.append(str(e)))
    alone.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    alone.goto(file.as_uri())
    expect(alone.locator("#canvas canvas")).to_be_visible()
    expect(alone.locator("table")).to_contain_text("日米豪印")
    assert asked == [file.as_uri()]
    assert faults == []
    context.close()
