"""One real server over a real engine, and one browser, for all browser tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Request

from tests.support.chromium import chromium
from tests.support.fixtures import app, engine
from tests.support.serving import serving

__all__ = ["app", "engine"]


@pytest.fixture(scope="session")
def site(app: Flask) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


READY = """() => (!document.getElementById('workbench') || document.querySelector('.wb-editor'))
    && (!document.getElementById('graph-canvas') || window.kizunaGraph)
    && (!document.querySelector('.map-world') || document.querySelector('#map [data-id], .map-failed:not([hidden])'))"""
"""Whether the scripts of a page that draw something after it was loaded have done so."""


class Watched:
    """A page that remembers what went wrong on it: console errors, script errors, requests to elsewhere."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.faults: list[str] = []
        page.on("console", lambda m: self.faults.append(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda e: self.faults.append(f"script: {e}"))
        page.on(
            "request", lambda r: None if r.url.startswith(site) else self.faults.append(f"request: {r.url}")
        )
        page.on("requestfailed", self._failed)

    def _failed(self, request: Request) -> None:
        # The browser itself gives up what it still fetches (the icon of the last page) when it is sent to the next
        # one, and tells so during that one; no answer and no policy of a server ends in this word.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.url} ({request.failure})")

    def open(self, path: str) -> Page:
        answer = self.page.goto(self.site + path, wait_until="load")
        assert answer is not None
        self.page.wait_for_function(READY)
        return self.page


@pytest.fixture
def watched(browser: Browser, site: str) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Watched(context.new_page(), site)
    context.close()
