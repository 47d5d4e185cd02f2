"""The workbench in a real browser: under the content security policy, in ja and en, at 1280 and 360 px."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from kizuna.engine.embedded import EmbeddedEngine
from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.support.chromium import chromium
from tests.support.serving import serving
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parents[2] / "server/frontend/node_modules/axe-core/axe.min.js").read_text("utf-8")
PLACES = (
    "SELECT ?state ?where (COUNT(?a) AS ?n) WHERE { ?state a k:State ; k:capital ?c . ?a k:party ?state "
    'BIND("POINT(139.69 35.69)" AS ?where) } GROUP BY ?state ?where ORDER BY DESC(?n)'
)


@pytest.fixture(scope="module")
def site(app: Flask) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def run(page: Page, query: str) -> None:
    page.evaluate("query => { kizunaWorkbench.editor.text = query; }", query)
    page.click("#wb-run")
    page.wait_for_selector("#wb-cancel[disabled]")
    page.wait_for_selector("#wb-results:not([hidden]), #wb-problem:not([hidden])")


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ja", 360)])
def test_a_query_is_written_run_shown_and_explained(
    browser: Browser, site: str, language: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: None if r.url.startswith(site) else faults.append(r.url))
    page.goto(f"{site}/sparql?lang={language}")
    page.wait_for_selector(".wb-editor")
    run(page, PLACES)
    name = "フィリピン" if language == "ja" else "Philippines"
    assert name in page.inner_text("#wb-table")
    for view in ("chart", "map"):
        page.click(f"#wb-show-{view}")
        page.wait_for_selector(f"#wb-{view} svg")
    assert page.locator("#wb-map circle").count() > 0
    run(page, "SELECT ?a ?b WHERE { ?a k:party ?b }")
    page.click("#wb-show-graph")
    page.wait_for_selector("#wb-graph canvas")
    page.locator("details:has(#wb-explanation)").evaluate("one => { one.open = true; }")
    page.click("#wb-explain-run")
    page.wait_for_selector("#wb-explanation table")
    page.locator("details:has(#wb-snippets)").evaluate("one => { one.open = true; }")
    page.wait_for_selector("#wb-snippets pre")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults == []
    page.context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
    page.evaluate(AXE)
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
    run(page, "SELECT * { ?s nope:p ?o }")
    mark = "document.querySelector('.wb-editor').shadowRoot.querySelector('.cm-lintRange-error')"
    assert "wavy" in page.evaluate(f"getComputedStyle({mark}).textDecoration")
    page.close()


def test_names_are_completed_in_either_language(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/sparql?lang=en")
    page.wait_for_selector(".wb-editor")
    for typed, offered in (("k:Recip", "k:ReciprocalAccessAgreement"), ("フィリピ", "state:PHL")):
        page.evaluate("kizunaWorkbench.editor.text = ''")
        page.locator(".wb-editor").click()
        page.keyboard.type("SELECT * { ?s ?p " + typed)
        expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text(offered)
    page.close()


def test_a_shared_address_runs_and_an_error_is_marked(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/sparql?lang=en&query=SELECT%20%3Fs%20%7B%20%3Fs%20a%20k%3AState%20%7D")
    page.wait_for_selector("#wb-table tbody tr")
    expect(page.locator("#wb-status")).to_contain_text("rows")
    run(page, "SELECT *\nWHERE { ?s ?p }")
    assert page.inner_text("#wb-problem").startswith("The query cannot be read Line 2")
    page.wait_for_selector(".cm-lintRange-error, .cm-lintPoint-error", state="attached")
    page.close()


def test_a_long_query_is_cancelled_even_before_it_has_begun(
    browser: Browser, engine: EmbeddedEngine, workspace: Path
) -> None:
    app = create_app(engine, Settings(workspace=workspace, language="en", query_seconds=2 * PATIENCE))
    with serving(app) as site:
        _cancel_in(browser, site)


def _cancel_in(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/sparql?lang=en")
    page.wait_for_selector(".wb-editor")
    page.evaluate(
        "kizunaWorkbench.editor.text = 'SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }'"
    )
    page.click("#wb-run")
    page.click("#wb-cancel")
    expect(page.locator("#wb-problem")).to_contain_text("cancelled")
    page.close()
