"""The short way answers exactly what the application would, and leaves to it whatever is not plain."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from kizuna.engine.embedded import EmbeddedEngine
from kizuna.ledger.database import ledger_path
from kizuna.ledger.ledger import Ledger
from kizuna.settings import Settings
from kizuna.web import lane
from kizuna.web.app import create_app
from kizuna.web.lane import Lane
from kizuna.workspace.names import NS
from tests.sparql.conftest import ROOT

STATES = f"SELECT ?s ?o WHERE {{ ?s a ?o . ?s a <{NS}State> }} ORDER BY ?s"
MOVING = {"Kizuna-Seconds", "Server-Timing", "X-Request-Id", "Date", "Kizuna-Cache"}
"""Fields that differ between two answers to the same request."""
JSON = {"Accept": "application/sparql-results+json"}
PLAIN: list[dict[str, Any]] = [
    {"query_string": {"query": STATES}},
    {"query_string": {"query": STATES}, "headers": JSON},
    {"query_string": {"query": STATES}, "headers": {**JSON, "Accept-Encoding": "gzip, deflate"}},
    {"query_string": {"query": STATES}, "headers": {"Accept": "text/csv;q=0.9, image/png"}},
    {"query_string": {"query": STATES, "format": "xml"}},
    {"query_string": {"query": "ASK {}"}, "headers": {"X-Request-Id": "abcdefgh-1234", "Kizuna-Client": "abcdefgh"}},
    {"query_string": {"query": "CONSTRUCT WHERE { ?s a ?o }"}, "headers": {"Accept": "text/turtle"}},
    {"query_string": {"query": STATES, "default-graph-uri": "https://w3id.org/kizuna/graph/derived"}},
    {"method": "POST", "data": {"query": STATES}},
    {"method": "POST", "data": STATES, "headers": {"Content-Type": "application/sparql-query"}},
]  # fmt: skip
NOT_PLAIN: list[dict[str, Any]] = [
    {"query_string": {}},
    {"query_string": {"query": STATES}, "headers": {"Accept": "text/html"}},
    {"query_string": {"query": STATES}, "headers": {"Cookie": "kizuna-session=1"}},
    {"query_string": {"query": STATES}, "headers": {"If-None-Match": "*"}},
    {"query_string": {"query": STATES, "asof": "2010-01-01"}},
    {"query_string": {"query": STATES, "rows": "2"}},
    {"query_string": {"query": STATES, "lang": "xx"}},
    {"query_string": {"query": STATES, "format": "excel"}},
    {"query_string": {"query": STATES}, "method": "HEAD"},
    {"query_string": {"query": STATES}, "method": "OPTIONS"},
    {"query_string": {"query": "SELECT (BOUND(?x) AS ?n) { FILTER(NOW() > 0) }"}},
    {"query_string": {"query": "CONSTRUCT { <s> <p> <o> } WHERE {}"}},
    {"query_string": {"query": "ASK { SERVICE <a:b> {} }"}},
    {"query_string": [("query", "ASK {}"), ("query", "ASK {}")]},
    {"method": "POST", "data": {"update": "CLEAR ALL"}},
    {"method": "POST", "data": b"\xff", "headers": {"Content-Type": "application/sparql-query"}},
    {"method": "POST", "data": "ASK {}", "headers": {"Content-Type": "text/plain"}},
]
HERE = {"REMOTE_ADDR": "127.0.0.1"}
MET: list[dict[str, Any]] = [
    {"query_string": {"query": "SELECT * {"}},
    {"query_string": {"query": "DESCRIBE <a:b>"}, "headers": {"Accept": "text/csv"}},
    {"query_string": {"query": "SELECT * FROM <http://remote.example/> { ?s ?p ?o }"}},
    {"query_string": {"query": "INSERT DATA { <a:a> <a:b> <a:c> }"}},
]  # fmt: skip


class Watched:
    """The application behind the lane, and how often it was asked."""

    def __init__(self, app: Flask) -> None:
        outer = app.wsgi_app
        assert isinstance(outer, Lane)
        self.lane = outer
        self.inner = outer._inner
        self.asked = 0
        outer._inner = self

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        self.asked += 1
        return self.inner(environ, start)


@pytest.fixture
def watched(engine: EmbeddedEngine, workspace: Any) -> Watched:
    return Watched(create_app(engine, Settings(workspace=workspace, language="en", query_seconds=3.0)))


def both(watched: Watched, request: dict[str, Any]) -> tuple[TestResponse, TestResponse]:
    """The same request by the lane and by the application alone."""
    return (
        Client(watched.lane, use_cookies=False).open("/sparql", **request),
        Client(watched.inner, use_cookies=False).open("/sparql", **request),
    )


def settled(response: TestResponse) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name not in MOVING}


@pytest.mark.parametrize("request_", PLAIN)
def test_a_plain_query_is_answered_without_the_application_and_alike(
    watched: Watched, request_: dict[str, Any]
) -> None:
    short, long = both(watched, request_)
    assert watched.asked == 0
    assert short.status_code == long.status_code == 200
    assert settled(short) == settled(long)
    assert short.data == long.data
    assert set(short.headers.keys()) | {"Date"} == set(long.headers.keys()) | {"Date"}
    assert len(short.headers["X-Request-Id"]) >= 13


@pytest.mark.parametrize("request_", NOT_PLAIN + MET)
def test_everything_else_is_answered_by_the_application(watched: Watched, request_: dict[str, Any]) -> None:
    short, long = both(watched, request_)
    assert watched.asked == 1
    assert short.status == long.status
    assert settled(short) == settled(long)
    if short.is_json and short.data:
        assert json.loads(short.data) == json.loads(long.data)


def test_a_query_that_fails_runs_once_only_and_its_time_is_told(watched: Watched) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    response = Client(watched.lane, use_cookies=False).get("/sparql", query_string={"query": endless})
    assert json.loads(response.data)["code"] == "query-timeout"
    text = Client(watched.inner).get("/metrics", environ_base=HERE).text
    assert 'kizuna_queries_total{form="select",outcome="query-timeout"} 1.0' in text
    spent = next(x for x in text.splitlines() if x.startswith('kizuna_query_seconds_sum{form="select"}'))
    assert float(spent.split()[1]) > 2.5


def test_what_the_lane_answers_is_counted(watched: Watched) -> None:
    for _ in range(3):
        Client(watched.lane, use_cookies=False).get("/sparql", query_string={"query": STATES})
    text = Client(watched.inner).get("/metrics", environ_base=HERE).text
    assert 'kizuna_http_requests_total{route="/sparql",status="200"} 3.0' in text
    assert 'kizuna_queries_total{form="select",outcome="answered"} 3.0' in text
    assert 'kizuna_cache_total{outcome="hit"} 2.0' in text
    assert "kizuna_cache_answers 1.0" in text


def test_slow_queries_are_logged_with_their_request(
    engine: EmbeddedEngine, workspace: Any, caplog: pytest.LogCaptureFixture
) -> None:
    watched = Watched(create_app(engine, Settings(workspace=workspace, slow_query_seconds=0.000_001)))
    with caplog.at_level(logging.WARNING, logger="kizuna.slow"):
        Client(watched.lane, use_cookies=False).get(
            "/sparql", query_string={"query": STATES}, headers={"X-Request-Id": "abcdefgh"}
        )
    told = vars(caplog.records[-1])
    assert watched.asked == 0
    assert (told["route"], told["status"], told["request_id"]) == ("/sparql", 200, "abcdefgh")
    assert told["query"] == STATES


@pytest.mark.parametrize("setting", [{"anonymous": False}, {"log_requests": True}])
def test_servers_that_look_at_every_request_have_no_lane(
    engine: EmbeddedEngine, workspace: Any, setting: dict[str, bool]
) -> None:
    watched = Watched(create_app(engine, Settings(workspace=workspace, **setting)))  # type: ignore[arg-type]
    Client(watched.lane, use_cookies=False).get("/sparql", query_string={"query": STATES})
    assert watched.asked == 1


def test_with_a_ledger_the_application_looks_once_a_second_for_what_others_have_published(
    engine: EmbeddedEngine, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lane.LOOK_EVERY == 1.0
    folder = tmp_path / "workspace"
    (folder / "data").mkdir(parents=True)
    (folder / "ontology").symlink_to(ROOT / "ontology")
    watched = Watched(create_app(engine, Settings(workspace=folder)))
    client = Client(watched.lane, use_cookies=False)
    Ledger(ledger_path(folder)).revision()  # makes the file
    monkeypatch.setattr(lane, "LOOK_EVERY", 1e6)
    for asked in (1, 1):
        client.get("/sparql", query_string={"query": STATES})
        assert watched.asked == asked
    monkeypatch.setattr(lane, "LOOK_EVERY", 0.0)
    client.get("/sparql", query_string={"query": STATES})
    assert watched.asked == 2


def test_a_web_process_never_looks_for_garbage_in_what_it_started_with(
    engine: EmbeddedEngine, workspace: Any
) -> None:
    program = """
import gc, time
from kizuna.web.wsgi import make_app
app = make_app()
print(gc.get_freeze_count())
"""
    environment = {
        **os.environ,
        "KIZUNA_ENGINE_SOCKET": str(engine.socket_path),
        "KIZUNA_WORKSPACE": str(workspace),
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=300
    )
    assert int(done.stdout) > 50_000, done.stderr
