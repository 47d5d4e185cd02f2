"""The desk in a real browser: accessible by axe's rules (WCAG 2.2 AA) in both languages, and usable without a script error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from kizuna.engine.types import Engine
from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.changes.conftest import Bench
from tests.changes.test_web import ALIAS, NAMELESS, PASSWORD, SUBJECT
from tests.changes.worlds import ROOT
from tests.support.chromium import chromium
from tests.support.serving import serving

AXE = ROOT / "server/frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def site(bench: Bench) -> Iterator[str]:
    bench.ledger.accounts.set_password("admin", PASSWORD, by="test")
    with serving(create_app(cast(Engine, bench.engine), Settings(workspace=bench.workspace))) as address:
        yield address


def faults(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("tags => axe.run({runOnly: tags})", RULES)
    return [f"{page.url} {v['id']}: {v['nodes'][0]['html'][:120]}" for v in found["violations"]]


def press(page: Page, button: str) -> None:
    """Send a form, and wait for the page that it leads to."""
    with page.expect_navigation():
        page.click(button)


def sign_in(page: Page, site: str, query: str = "") -> None:
    page.goto(f"{site}/account/sign-in{query}")
    page.fill("#name", "admin")
    page.fill("#password", PASSWORD)
    press(page, "main form button")


@pytest.mark.browser
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_desk_is_accessible_from_sign_in_to_history(site: str, browser: Browser, language: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    lang = f"lang={language}"
    page.goto(f"{site}/account/sign-in?{lang}")
    found = faults(page)
    page.fill("#name", "admin")
    page.fill("#password", PASSWORD)
    press(page, "main form button")
    for text in (NAMELESS, ALIAS):
        page.goto(f"{site}/desk/new?{lang}")
        found += faults(page)
        page.fill("input[name=title]", "a change")
        page.fill("#text", text)
        page.fill("input[name=graph]", "data/facts")
        press(page, "main form[method=post] button")
        found += faults(page)
    page.goto(f"{page.url.partition('?')[0]}?{lang}&consequences=1")
    found += faults(page)
    thing = quote(SUBJECT, safe="")
    for path in (
        f"/desk?{lang}",
        f"/account/?{lang}",
        f"/desk/edit?{lang}&class=https%3A%2F%2Fw3id.org%2Fkizuna%2Fns%23Agreement&thing={thing}",
        f"/desk/history?{lang}&thing={thing}",
    ):
        page.goto(site + path)
        found += faults(page)
    page.goto(f"{site}/desk?{lang}")
    press(page, "form[action*='/desk/validation'] button")
    assert "/desk/jobs/" in page.url
    page.wait_for_selector("main:not(:has([data-job]))", timeout=300_000)
    page.goto(f"{page.url.partition('?')[0]}?{lang}")
    found += faults(page)
    context.close()
    assert found == []
    assert errors == []


@pytest.mark.browser
def test_the_page_of_a_job_follows_it_without_being_loaded_again(
    bench: Bench, site: str, browser: Browser
) -> None:
    jobs = bench.ledger.jobs
    job = jobs.create("validation", "everything", "admin", 5)
    jobs.heard(job.id, "validation", 20, 100)
    context = browser.new_context()
    context.add_init_script(
        "performance.now = () => 0"
    )  # else a slow machine reads the numbers out, as it should
    page = context.new_page()
    sign_in(page, site)
    page.goto(f"{site}/desk/jobs/{job.id}?lang=en")
    bar, words, live = (
        page.locator(f"[data-job] {one}") for one in ("progress", "[data-words]", "[role=status]")
    )
    assert words.inner_text() == "validating everything (constraints) · 20 / 100"
    page.evaluate("window.stayed = true")
    jobs.heard(job.id, "validation", 60, 100)
    expect(words).to_have_text("validating everything (constraints) · 60 / 100")
    expect(bar).to_have_attribute("value", "60")
    assert live.inner_text() == "", "numbers alone are not read out every second"
    jobs.heard(job.id, "consistency", 0, 0)
    expect(live).to_have_text("looking for contradictions")
    expect(bar).not_to_have_attribute("value", "60")
    assert page.evaluate("window.stayed") is True
    jobs.end(job.id, "cancelled")
    expect(page.locator("main")).to_contain_text("It was cancelled.")
    context.close()


@pytest.mark.browser
def test_without_scripts_the_page_of_a_job_loads_itself_again(
    bench: Bench, site: str, browser: Browser
) -> None:
    job = bench.ledger.jobs.create("validation", "everything", "admin", 5)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site)
    page.goto(f"{site}/desk/jobs/{job.id}?lang=en")
    bench.ledger.jobs.end(job.id, "cancelled")
    expect(page.locator("main")).to_contain_text("It was cancelled.")
    context.close()
