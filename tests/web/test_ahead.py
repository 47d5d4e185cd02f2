"""What a reader will need is made before it is asked for: the record's view beside a scenario's, the rules that proofs rest on."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from kizuna.engine.types import Answer, Question, View
from kizuna.settings import Settings
from kizuna.views import backward
from kizuna.web.app import create_app
from kizuna.web.current import Desk
from kizuna.web.warming import Warmer
from tests.support.world import WatchedEngine

IN_SCENARIO = "/frameworks/cptpp?scenario=eu-in-cptpp&asof={}"


@pytest.fixture
def record_asked(engine: WatchedEngine, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once the record's view is asked something; until then a scenario's view gives no answer."""
    asked = threading.Event()
    ask, query = engine.inner.ask, engine.inner.query

    def note(view: View, text: str, *values: object) -> bool:
        if not view.scenario:
            asked.set()
        return ask(view, text, *values)  # type: ignore[arg-type]

    def wait(view: View, question: Question) -> Answer:
        if view.scenario:
            assert asked.wait(30), "nobody asks for the record's view while the scenario's is read"
        return query(view, question)

    monkeypatch.setattr(engine.inner, "ask", note)
    monkeypatch.setattr(engine.inner, "query", wait)
    return asked


def test_the_records_view_is_made_while_the_scenarios_is_read(
    engine: WatchedEngine, record_asked: threading.Event
) -> None:
    client = create_app(engine, Settings()).test_client()
    assert client.get(IN_SCENARIO.format("2028-07-02")).status_code == 200
    assert record_asked.is_set()


def test_a_view_that_was_read_is_not_asked_for_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    class Watched(threading.Thread):
        def start(self) -> None:
            started.append(self.name)
            super().start()

    client = app.test_client()
    client.get(IN_SCENARIO.format("2028-07-03"))
    monkeypatch.setattr("kizuna.web.current.threading.Thread", Watched)
    client.get(IN_SCENARIO.format("2028-07-03"))
    client.get("/frameworks/cptpp")
    assert started == []


def test_no_reader_of_a_proof_waits_for_rules_to_be_read(
    engine: WatchedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(engine, Settings())
    desk: Desk = app.extensions["kizuna"]
    backward.shape_of.cache_clear()
    Warmer(desk, lambda _: None).look()

    def read_now(*_: object) -> None:
        raise AssertionError("a rule is read while a reader waits")

    monkeypatch.setattr(backward, "parseQuery", read_now)
    client = app.test_client()
    answer = client.get("/why?s=state:JPN&p=k:hasAgreementWith&o=state:AUS")
    assert answer.status_code == 200
