"""The search box by keyboard alone, with and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Watched
from tests.browser.test_pages import AXE, RULES

pytestmark = pytest.mark.browser


def test_slash_arrows_and_enter_lead_to_a_thing(watched: Watched) -> None:
    page = watched.open("/?lang=en")
    page.keyboard.press("/")
    box = page.get_by_role("combobox")
    expect(box).to_be_focused()
    page.keyboard.insert_text("phillip")  # at once: what is asked is answered once
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("Philippines")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "search-option-0")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("tags => axe.run({runOnly: tags})", RULES)
    assert [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found["violations"]] == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/actors/state/PHL?lang=en")
    assert watched.faults == []


def test_escape_closes_and_enter_without_a_choice_searches(watched: Watched) -> None:
    page = watched.open("/?lang=ja")
    page.keyboard.press("/")
    page.keyboard.insert_text("acsa")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*q=acsa")
    expect(page.locator("main")).to_contain_text("物品役務相互提供協定")


def test_the_form_needs_no_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/?lang=en")
    page.locator("#search input[type=search]").fill("ｸｱｯﾄﾞ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    expect(page.locator("main .found a").first).to_have_text("Quad")
    context.close()
