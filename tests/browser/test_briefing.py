"""The sheet on paper: a real browser prints it, twice alike, on at most two pages, and without the frame."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched
from tests.support.chromium import CHROMIUM, FLAGS

pytestmark = pytest.mark.browser


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def content_of(pdf: bytes) -> bytes:
    """The file without what a printer stamps on it: dates, and the numbers it gives to nodes of the page."""
    pdf = re.sub(rb"/(CreationDate|ModDate|ID)\s*(\([^)]*\)|\[[^\]]*\])", b"", pdf)
    return re.sub(rb"node\d+", b"node", pdf)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    "path", ["/briefing/actors/state/PHL", "/briefing/pairs/PHL/AUS", "/briefing/frameworks/cptpp"]
)
def test_it_prints_on_two_pages_at_most_and_alike(watched: Watched, path: str, language: str) -> None:
    page = watched.open(f"{path}?lang={language}&asof=2026-06-01")
    first = page.pdf(prefer_css_page_size=True)
    assert 1 <= pages_of(first) <= 2
    assert content_of(page.pdf(prefer_css_page_size=True)) == content_of(first)
    assert watched.faults == []


def test_the_command_line_of_the_browser_prints_the_same_words_twice(site: str, tmp_path: Path) -> None:
    """`chromium --print-to-pdf` is how an office prints in bulk."""
    assert CHROMIUM is not None
    made = []
    for number in range(2):
        file = tmp_path / f"{number}.pdf"
        subprocess.run(
            [
                CHROMIUM,
                "--headless=new",
                *FLAGS,
                f"--user-data-dir={tmp_path / f'profile{number}'}",
                "--no-pdf-header-footer",
                f"--print-to-pdf={file}",
                f"{site}/briefing/actors/state/PHL?lang=ja&asof=2026-06-01",
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        made.append(file.read_bytes())
    assert content_of(made[0]) == content_of(made[1])
    assert pages_of(made[0]) <= 2
    if reader := shutil.which("pdftotext"):
        text = subprocess.run(
            [reader, str(tmp_path / "0.pdf"), "-"], check=True, capture_output=True, text=True
        )
        assert "部隊間協力円滑化協定" in re.sub(r"\s", "", text.stdout)
        assert "2026-06-01" in text.stdout


def test_paper_has_no_frame_and_the_button_prints(watched: Watched) -> None:
    page = watched.open("/briefing/actors/state/PHL?lang=en")
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="Print or save as PDF").click()
    assert page.evaluate("window.printed") is True
    page.emulate_media(media="print")
    for part in ("header.bar", ".onscreen", "footer.foot"):
        expect(page.locator(part)).to_be_hidden()
    expect(page.locator(".sheet-foot")).to_be_visible()
