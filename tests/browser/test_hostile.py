"""Every kind of page over hostile content: nothing runs, nothing breaks the layout, an actor with 3,000 ties can be read."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from kizuna.settings import Settings
from kizuna.web.app import create_app
from kizuna.web.filters import manifest
from tests.browser.conftest import Watched
from tests.support.hostile import start_hostile

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/actors",
    *(f"/actors/state/{slug}" for slug in ("HUB", "MARK", "LONG", "RTLX", "LINE", "LONE", "MUTE")),
    "/frameworks",
    "/frameworks/f0",
    "/frameworks/f2",
    "/agreements",
    "/agreements/a0",
    "/agreements/a2",
    "/negotiations/x",
    "/domains",
    "/domains/security",
    "/activities",
    "/activities/x",
    "/instruments",
    "/instruments/x",
    "/recommendations",
    "/recommendations/x",
    "/sources",
    "/sources/x",
    "/things/participation/f0-hub-member",
    "/graph-view?thing=id/state/HUB",
    "/graph-view?thing=id/state/MARK&most=1000",
    "/map",
    "/matrix",
    "/pairs/HUB/MARK",
    "/pairs/LONE/MUTE",
    "/timeline",
    "/calendar",
    "/search?q=Unbreakable",
    "/search?q=%3Cscript%3E",
    "/briefing/actors/state/HUB",
    "/briefing/actors/state/RTLX",
    "/briefing/actors/state/MUTE",
    "/briefing/pairs/HUB/LONG",
    "/briefing/frameworks/f0",
    "/changes?from=1950-01-01",
    "/paths/HUB/MARK",
    "/paths/MARK/LONG",
    "/paths/LONE/MUTE",
    "/graph/data/hostile",
    "/why?s=id/state/HUB&p=ns%23partyTo&o=id/agreement/a1",
    "/why-not?thing=id/state/MARK",
    "/differences?from=1990-01-01&to=2000-01-01&about=state/HUB",
    "/agreements?party=state/HUB&kind=TaxTreaty",
    "/timeline?actor=state/HUB&actor=state/LONG",
    "/pairs/HUB/RTLX?of=LONG&with=MARK",
    "/matrix?by=domain&everyone=1",
    "/map?by=domain/security&layout=tiles&at=state/RTLX",
]
HEAVY = ("/map", "/graph-view")
MOST_BYTES = 200_000


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    engine = start_hostile(tmp_path_factory.mktemp("hostile"))
    server = make_server("127.0.0.1", 0, create_app(engine, Settings()), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    engine.close()


@pytest.fixture(scope="module")
def phone(browser: Browser, hostile: str) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield Watched(context.new_page(), hostile)
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_hostile_content_is_content(phone: Watched, path: str) -> None:
    phone.faults.clear()
    language = "en" if len(path) % 2 else "ja"
    answer = phone.page.goto(
        f"{phone.site}{path}{'&' if '?' in path else '?'}lang={language}", wait_until="load"
    )
    assert answer is not None
    assert answer.status == 200
    assert phone.page.evaluate("window.pwned") is None
    assert phone.page.evaluate("document.querySelectorAll('img[src=x], a[href^=javascript]').length") == 0
    assert phone.faults == []
    assert phone.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, "scrolls sideways"
    assert "Undefined" not in phone.page.title()


@pytest.mark.parametrize("path", [path for path in PAGES if not path.startswith(HEAVY)])
def test_a_page_of_three_thousand_ties_stays_light(phone: Watched, path: str) -> None:
    """Under 200 kB compressed with its scripts and styles, lists cut into pages or led to."""
    answer = phone.page.request.get(phone.site + path)
    assert len(gzip.compress(answer.body(), 6)) + frame(phone) < MOST_BYTES


def frame(phone: Watched) -> int:
    """Compressed bytes of the script and the style of every page."""
    files = [name for name in manifest().values() if name.startswith(("main-", "style-"))]
    return sum(
        len(gzip.compress(phone.page.request.get(f"{phone.site}/static/build/{f}").body(), 6)) for f in files
    )


def test_the_atom_feed_stays_well_formed(phone: Watched) -> None:
    answer = phone.page.request.get(f"{phone.site}/changes.atom?lang=en")
    assert answer.status == 200
    wrong = phone.page.evaluate(
        "text => new DOMParser().parseFromString(text, 'application/xml').querySelectorAll('parsererror').length",
        answer.text(),
    )
    assert wrong == 0


def test_suggestions_show_markup_as_text(phone: Watched) -> None:
    phone.page.goto(f"{phone.site}/?lang=en")
    phone.page.keyboard.press("/")
    phone.page.keyboard.insert_text("img src")
    phone.page.get_by_role("option").first.wait_for()
    assert "<img" in (phone.page.get_by_role("option").first.text_content() or "")
    assert phone.page.evaluate("window.pwned") is None
