"""Every page has its line in the documentation, and no line is without its page."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

DOCS = Path(__file__).parents[2] / "docs" / "pages.md"
ROOMS = {
    "home", "actors", "frameworks", "agreements", "domains", "activities", "instruments", "recommendations",
    "sources", "graph", "things", "identifiers", "health", "why", "differences", "scenarios",
}  # fmt: skip


def plain(rule: str) -> str:
    return re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda m: m.group(1).upper(), rule)


def test_every_page_is_documented(app: Flask) -> None:
    documented = set(re.findall(r"^\| `(/[^`]*)` \|", DOCS.read_text("utf-8"), re.MULTILINE))
    real = {
        plain(rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in ROOMS and "form" not in rule.arguments
    } - {"/favicon.ico"}
    assert real - documented == set()


def test_every_documented_page_answers(app: Flask) -> None:
    documented = set(re.findall(r"^\| `(/[^`A-Z]*)` \|", DOCS.read_text("utf-8"), re.MULTILINE))
    client = app.test_client()
    assert {page: client.get(page).status_code for page in documented} == dict.fromkeys(documented, 200)
