"""Content negotiation by RFC 9110 section 12.5, as real clients use it."""

from __future__ import annotations

import pytest

from kizuna.web.negotiation import choose, choose_language

OFFERED = ["text/html", "text/turtle", "application/json"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        ("text/turtle", "text/turtle"),
        ("text/turtle; charset=utf-8", "text/turtle"),
        ("TEXT/Turtle", "text/turtle"),
        ("application/json;q=0.5, text/turtle;q=0.9", "text/turtle"),
        ("text/*;q=0.3, application/json;q=0.9", "application/json"),
        ("text/html;q=0, */*", "text/turtle"),
        ("application/xml, */*;q=0.1", "text/html"),
        ("image/png", None),
        ("text/turtle;q=broken, application/json;q=0.1", "application/json"),
        (",,;;q=1,", "text/html"),
    ],
)
def test_choice(accept: str, chosen: str | None) -> None:
    assert choose(accept, OFFERED) == chosen


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("en-US,en;q=0.9", "en"),
        ("ja-JP", "ja"),
        ("fr", "ja"),
        ("*", "ja"),
        ("en;q=0,ja;q=0.1", "ja"),
        ("", "ja"),
    ],
)
def test_language(accept: str, chosen: str) -> None:
    assert choose_language(accept, ("ja", "en"), "ja") == chosen
