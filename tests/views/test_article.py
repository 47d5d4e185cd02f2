"""English sentences put the article before a name as it is spoken; no sentence holds the address of a graph."""

from __future__ import annotations

import pytest

from kizuna.views.rl.words import article, reason


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("access partner of Japan", "an"),
        ("equipment transfer agreement", "an"),
        ("EU member state", "an"),
        ("ASEAN member state", "an"),
        ("FTA", "an"),
        ("international organisation", "an"),
        ("unincorporated territory", "an"),
        ("NATO ally", "a"),
        ("G7 member", "a"),
        ("European bloc", "a"),
        ("UN agency", "a"),
        ("union", "a"),
        ("state", "a"),
        ("", "a"),
    ],
)
def test_the_article_is_that_of_the_spoken_word(word: str, wanted: str) -> None:
    assert article(word) == wanted


def test_a_reason_takes_the_article_of_what_is_filled_in() -> None:
    assert reason("cax-sco", ("NATO ally", "EU partner"), "en") == "Every NATO ally is an EU partner."
    assert (
        reason("prp-dom", ("has party", "agreement"), "en")
        == "Whatever “has party” is said of is an agreement."
    )
    assert reason("cax-sco", ("NATO加盟国", "国家"), "ja") == "NATO加盟国はすべて国家である。"
