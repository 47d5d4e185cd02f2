"""docs/views.md names every rule and every event kind that as-of treats apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from kizuna.views.asof import CONTINUING_KINDS
from kizuna.views.build import bundled_rules

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "views.md").read_text("utf-8")


@pytest.mark.parametrize("name", [rule.id for rule in bundled_rules()])
def test_every_rule_is_documented(name: str) -> None:
    assert f"`{name}`" in TEXT


def test_every_event_that_continues_a_life_is_documented() -> None:
    for kind in CONTINUING_KINDS:
        assert kind.rsplit("/", 1)[-1] in TEXT
