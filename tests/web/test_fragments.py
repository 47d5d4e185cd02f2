"""Pieces of pages that are remembered: the same page whether they were known or not, and never those of another state."""

from __future__ import annotations

from collections.abc import Hashable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup

from kizuna.web import fragments
from kizuna.web.fragments import MOST_PIECES, MOST_STATES, Fragments

PAGES = ("/actors/state/PHL", "/frameworks/cptpp", "/agreements/jp-ph-raa", "/agreements")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_the_same_with_and_without_remembered_pieces(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """A cookie keeps the memory of whole pages out of it."""
    client.set_cookie("any", "thing")
    states = ("?lang=en", "?lang=ja", "?lang=en&asof=2024-01-01", "?lang=ja&asof=2024-01-01")
    known = [client.get(path + state).data for state in states * 2]
    for state, page in zip(states * 2, known, strict=True):
        monkeypatch.setattr(fragments, "_fragments", Fragments())
        assert client.get(path + state).data == page


def test_links_in_remembered_pieces_keep_the_state_of_their_page(client: FlaskClient) -> None:
    client.set_cookie("any", "thing")
    client.get("/actors/state/PHL?lang=en&asof=2026-01-01")
    page = client.get("/actors/state/PHL?lang=en").text
    assert "asof=2026-01-01" not in page
    assert 'href="/agreements/jp-ph-raa?lang=en"' in page


def test_the_memory_is_bounded() -> None:
    memory = Fragments()
    first = memory.of(("ja", "", ()))
    first.update(dict.fromkeys(range(MOST_PIECES + 1), "piece"))
    assert memory.of(("ja", "", ())) == {}
    for day in range(MOST_STATES):
        memory.of(("ja", "", (("asof", str(day)),)))
    assert memory.of(("ja", "", ())) is not first


def test_the_frame_stands_when_the_engine_does_not_answer(app: Flask) -> None:
    """Words of a view are asked for when the first of them is shown, and not before."""
    with app.test_request_context("/nowhere"):
        app.preprocess_request()
        piece = fragments.once_a_view(_Fails())
        assert callable(piece)


class _Fails:
    name = "fails"

    def __call__(self, *given: Hashable) -> Markup:
        raise AssertionError
