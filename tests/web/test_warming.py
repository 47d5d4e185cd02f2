"""A process reads what all pages of a new view share before its readers ask: then they wait for their own page alone."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from kizuna.atlas.reader import AnswerMemory, Reader
from kizuna.engine.types import EngineUnavailableError, View
from kizuna.settings import Settings
from kizuna.web.app import create_app
from kizuna.web.current import Desk
from kizuna.web.warming import Warmer, get_ready
from tests.support.world import WatchedEngine

PAGES = (
    "/",
    "/actors",
    "/map",
    "/matrix",
    "/timeline",
    "/sources",
    "/agreements",
    "/search?q=phil",
    "/recommendations",
)


def waits(_: float) -> None:
    """Nobody needs to be let in between."""


def test_pages_of_the_whole_view_ask_nothing_after_it(engine: WatchedEngine) -> None:
    app = create_app(engine, Settings())
    desk: Desk = app.extensions["kizuna"]
    Warmer(desk, waits).look()
    engine.asked.clear()
    client = app.test_client()
    assert {client.get(page).status_code for page in PAGES} == {200}
    assert engine.asked == []


def test_no_reader_waits_for_a_template_to_be_compiled(
    engine: WatchedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(engine, Settings())
    get_ready(app, waits)

    def compile_now(*_: object, **__: object) -> None:
        raise AssertionError("a template is compiled while a reader waits")

    monkeypatch.setattr(app.jinja_env, "compile", compile_now)
    client = app.test_client()
    assert {client.get(page).status_code for page in (*PAGES, "/calendar", "/changes")} == {200}


def test_a_view_is_read_once_and_a_new_one_again(
    engine: WatchedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(engine, Settings())
    warmer = Warmer(desk, waits)
    assert warmer.look() > 0
    assert warmer.look() == 0
    before = Reader(engine, engine.today(), desk.memory)
    monkeypatch.setattr(engine, "today", lambda: View(date(2025, 1, 1)))
    assert warmer.look() > 0
    engine.asked.clear()
    before.rows("actors")
    assert engine.asked, "of the view before, nothing is kept"


def test_it_outlives_an_engine_that_is_away(engine: WatchedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    class EndedError(Exception):
        pass

    def today() -> View:
        looks.append("look")
        raise EngineUnavailableError("away")

    def sleep(_: float) -> None:
        if len(looks) == 3:
            raise EndedError

    monkeypatch.setattr(engine, "today", today)
    with pytest.raises(EndedError):
        Warmer(Desk(engine, Settings()), sleep).run()
    assert len(looks) == 3


def test_what_two_readers_need_at_once_is_made_once(engine: WatchedEngine) -> None:
    memory, made, begun = AnswerMemory(), [], threading.Barrier(2, timeout=90)

    def make() -> str:
        made.append(threading.get_ident())
        return "made"

    def read() -> None:
        begun.wait()
        assert Reader(engine, engine.today(), memory).kept("a table", make) == "made"

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(made) == 1


def test_a_maker_that_fails_lets_the_next_one_try(engine: WatchedEngine) -> None:
    reader = Reader(engine, engine.today(), AnswerMemory())

    def fail() -> str:
        raise ValueError

    with pytest.raises(ValueError):
        reader.kept("a table", fail)
    assert reader.kept("a table", lambda: "made") == "made"
