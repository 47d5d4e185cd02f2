"""A page that was made is remembered for its view, address and language, and for nobody's eyes alone."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kizuna.settings import Settings
from kizuna.web.app import create_app
from kizuna.web.remembered import PageMemory
from tests.support.world import WatchedEngine


@pytest.fixture
def fresh(engine: WatchedEngine) -> Flask:
    return create_app(engine, Settings())


def count(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made: list[str] = []
    inner = app.view_functions["actors.actor"]

    def counting(**given: object) -> object:
        made.append(str(given))
        return inner(**given)

    monkeypatch.setitem(app.view_functions, "actors.actor", counting)
    return made


def test_a_page_is_made_once(fresh: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    made = count(fresh, monkeypatch)
    client = fresh.test_client()
    first = client.get("/actors/state/PHL?lang=en")
    again = client.get("/actors/state/PHL?lang=en")
    assert again.data == first.data
    assert again.headers["Vary"] == first.headers["Vary"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert again.headers["Content-Language"] == "en"
    assert len(made) == 1
    assert (
        client.get("/actors/state/PHL?lang=en", headers={"If-None-Match": first.headers["ETag"]}).status_code
        == 304
    )


def test_language_day_and_form_make_another_page(fresh: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    made = count(fresh, monkeypatch)
    client = fresh.test_client()
    ja = client.get("/actors/state/PHL", headers={"Accept-Language": "ja"}).text
    en = client.get("/actors/state/PHL", headers={"Accept-Language": "en"}).text
    past = client.get("/actors/state/PHL?asof=2020-01-01&lang=en").text
    data = client.get("/actors/state/PHL", headers={"Accept": "application/json"})
    assert len({ja, en, past}) == 3
    assert data.mimetype == "application/json"
    assert len(made) == 4


def test_who_carries_a_cookie_or_credentials_gets_a_page_of_their_own(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = count(fresh, monkeypatch)
    client = fresh.test_client()
    for _ in range(2):
        client.get("/actors/state/PHL", headers={"Authorization": "Basic eDp5"})
    client.set_cookie("session", "x")
    for _ in range(2):
        client.get("/actors/state/PHL")
    assert len(made) == 4


def test_an_error_is_not_remembered(client: FlaskClient) -> None:
    assert client.get("/actors/state/XXX").status_code == 404
    assert client.get("/actors/state/XXX").status_code == 404


def test_the_memory_is_bounded_by_bytes() -> None:
    memory = PageMemory(most_bytes=1600, most_views=100)
    for number in range(100):
        memory.put((str(number),), b"x" * 90)
    held = [n for n in range(100) if memory.get((str(n),)) is not None]
    assert held == list(range(83, 100))
    memory.put(("large",), b"x" * 101)
    assert memory.get(("large",)) is None


def test_the_pages_of_views_that_nobody_asks_for_are_forgotten() -> None:
    memory = PageMemory(most_views=2)
    for token in "abc":
        memory.put((token, "/"), b"x" * 100)
        memory.put((token, "/map"), b"x" * 100)
        memory.get(("a", "/"))  # the first view is still in use
    assert {token for token in "abc" if memory.get((token, "/map"))} == {"a", "c"}
    assert memory.held == 400
