"""An operator sees how the server does, and the log gives nothing away."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from kizuna.engine.types import EngineState, EngineUnavailableError
from kizuna.settings import HIDDEN, Settings
from kizuna.web import logging as web_logging
from kizuna.web.app import create_app
from tests.support.waiting import PATIENCE, wait_until
from tests.support.world import ROOT, WatchedEngine

ASK = "ASK { ?thing a <https://w3id.org/kizuna/ns#State> }"


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_queries_are_counted_by_form_and_outcome(engine: WatchedEngine) -> None:
    client = create_app(engine, Settings()).test_client()
    client.get("/sparql", query_string={"query": ASK})
    client.get("/sparql", query_string={"query": ASK})
    client.get("/sparql", query_string={"query": "SELECT nonsense"})
    found = samples(client.get("/metrics").text)
    assert found["kizuna_queries_total", frozenset({("form", "ask"), ("outcome", "answered")})] == 2
    assert found["kizuna_queries_total", frozenset({("form", "select"), ("outcome", "query-syntax")})] == 1
    assert found["kizuna_cache_total", frozenset({("outcome", "hit")})] == 1
    assert found["kizuna_cache_answers", frozenset()] == 1
    assert found["kizuna_queries_waiting", frozenset()] == 0
    assert found["kizuna_ready", frozenset()] == 1
    assert found["kizuna_workers", frozenset()] >= 1
    assert found["kizuna_engine_resident_bytes", frozenset()] > 1_000_000
    assert ("kizuna_workers_killed_total", frozenset()) in found
    assert found["kizuna_views_built_total", frozenset()] >= 1
    assert ("kizuna_views_advanced_total", frozenset()) in found


def documented() -> set[str]:
    """Names of the metrics in docs/operation.md, without what their kind adds."""
    section = (ROOT / "docs" / "operation.md").read_text("utf-8").split("\n## Metrics\n")[1].split("\n## ")[0]
    table = "".join(line.split("|")[1] for line in section.splitlines() if line.startswith("| `"))
    return {name.removesuffix("_total") for name in re.findall(r"`(kizuna_\w+)", table)}


def test_every_documented_metric_moves_and_every_metric_is_documented(engine: WatchedEngine) -> None:
    client = create_app(engine, Settings()).test_client()
    wait_until(lambda: samples(client.get("/metrics").text)["kizuna_quads", frozenset()])
    before = samples(client.get("/metrics").text)
    client.get("/sparql", query_string={"query": ASK})
    client.get("/sparql", query_string={"query": ASK})
    client.get("/")
    hostile = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    assert client.get("/sparql", query_string={"query": hostile, "timeout": "0.2"}).status_code == 503
    apply = getattr(engine.inner, "apply")  # noqa: B009 (the contract of readers does not have it)
    apply(b"", b"<urn:a> <urn:b> <urn:c> <https://w3id.org/kizuna/graph/data/x> .\n")
    # The views of this world are built anew.
    standing = {"kizuna_build_info", "kizuna_ready", "kizuna_workers", "kizuna_workers_busy", "kizuna_queries_waiting",
                "kizuna_engine_resident_bytes", "kizuna_views_advanced"}  # fmt: skip
    still: set[str] = set()
    after: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}

    def all_moved() -> bool:
        """Quads are counted, and deaths told, beside the work."""
        text = client.get("/metrics").text
        after.clear()
        after.update(samples(text))
        families = {family.name for family in text_string_to_metric_families(text)}
        assert families == documented()
        moved = {name for (name, labels), value in after.items() if value > before.get((name, labels), 0.0)}
        still.clear()
        still.update(name for name in families - standing if not any(one.startswith(name) for one in moved))
        return not still and all(after[name, frozenset()] > 0 for name in ("kizuna_workers", "kizuna_ready"))

    wait_until(all_moved)


def test_what_is_under_way_and_waiting_is_counted(engine: WatchedEngine) -> None:
    settings = Settings(client_queries=1, query_wait_seconds=PATIENCE, query_seconds=2 * PATIENCE)
    app = create_app(engine, settings)
    hostile = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"

    def ask(number: int) -> int:
        query = {"query": f"{hostile} # {number}"}
        return app.test_client().get("/sparql", query_string=query).status_code

    def both() -> bool:
        found = samples(app.test_client().get("/metrics").text)
        names = ("kizuna_workers_busy", "kizuna_queries_waiting")
        return all(found[name, frozenset()] >= 1 for name in names)

    def ended() -> bool:
        for one in engine.running():
            engine.cancel(one.query_id)
        return all(one.done() for one in asked)

    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(ask, number) for number in range(2)]
        try:
            wait_until(both)
        finally:
            wait_until(ended)
    assert {one.result() for one in asked} == {503}


def test_labels_never_hold_what_a_reader_wrote(client: FlaskClient) -> None:
    client.get("/states/a-secret-of-the-reader")
    client.get("/states-that-are-not-there/a-secret-of-the-reader")
    assert "a-secret-of-the-reader" not in client.get("/metrics").text


@pytest.mark.parametrize(
    ("setting", "peer", "headers", "status"),
    [
        ("local", "127.0.0.1", {}, 200),
        ("local", "::1", {}, 200),
        ("local", "192.0.2.7", {}, 404),
        ("local", "127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 404),
        ("off", "127.0.0.1", {}, 404),
        ("all", "192.0.2.7", {}, 200),
    ],
)
def test_metrics_are_for_whom_the_setting_says(
    engine: WatchedEngine, setting: str, peer: str, headers: dict[str, str], status: int
) -> None:
    client = create_app(engine, replace(Settings(), metrics=setting)).test_client()
    answer = client.get("/metrics", environ_base={"REMOTE_ADDR": peer}, headers=headers)
    assert answer.status_code == status


def test_behind_a_trusted_proxy_the_reader_is_judged_not_the_proxy(engine: WatchedEngine) -> None:
    client = create_app(engine, replace(Settings(), proxy_hops=1)).test_client()
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404


class Gone(WatchedEngine):
    def state(self) -> EngineState:
        raise EngineUnavailableError("The keeper is gone.")


def test_a_server_whose_graph_is_gone_lives_and_is_not_ready(engine: WatchedEngine) -> None:
    client = create_app(Gone(engine.inner), Settings()).test_client()
    assert client.get("/health/live").status_code == 200
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json) == (503, {"ready": False, "code": "engine-unavailable"})
    assert samples(client.get("/metrics").text)["kizuna_ready", frozenset()] == 0


def test_a_ready_server_says_so(client: FlaskClient) -> None:
    assert client.get("/health/ready").json == {"ready": True}


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log of an application with secrets in its settings."""
    stream = io.StringIO()
    secret = Settings(
        log_format="json", admin_token="a-token-of-24-characters", oidc_client_secret="oidc-password"
    )
    handler = web_logging.start(secret, stream)
    yield stream
    logging.getLogger().removeHandler(handler)
    logging.getLogger().setLevel(logging.WARNING)


def lines(stream: io.StringIO, logger: str) -> list[dict[str, object]]:
    return [
        line
        for line in map(json.loads, stream.getvalue().splitlines())
        if line["logger"] == f"kizuna.{logger}"
    ]


def test_a_request_keeps_the_id_it_came_with_and_the_log_names_it(
    engine: WatchedEngine, written: io.StringIO
) -> None:
    client = create_app(engine, replace(Settings(), log_requests=True)).test_client()
    answer = client.get("/health/live?token=secret", headers={"X-Request-Id": "trace-0123456789"})
    assert answer.headers["X-Request-Id"] == "trace-0123456789"
    (line,) = lines(written, "requests")
    assert line["request_id"] == "trace-0123456789"
    assert (line["route"], line["status"], line["method"]) == ("/health/live", 200, "GET")
    assert "secret" not in written.getvalue()
    assert "127.0.0.1" not in written.getvalue()


@pytest.mark.parametrize("given", ["short", 'a"b,c{d}e f g h', "x" * 65])
def test_an_id_that_could_forge_a_log_is_replaced(client: FlaskClient, given: str) -> None:
    got = client.get("/health/live", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert got != given
    assert len(got) == 16


def test_slow_queries_are_written_with_their_text(engine: WatchedEngine, written: io.StringIO) -> None:
    client = create_app(engine, replace(Settings(), slow_query_seconds=1e-9)).test_client()
    client.get("/sparql", query_string={"query": ASK.replace(" {", "\n{")})
    (line,) = lines(written, "slow")
    assert line["query"] == ASK
    assert line["level"] == "warning"


def test_slow_queries_are_not_written_when_switched_off(engine: WatchedEngine, written: io.StringIO) -> None:
    create_app(engine, replace(Settings(), slow_query_seconds=0.0)).test_client().get(
        "/sparql", query_string={"query": ASK}
    )
    assert lines(written, "slow") == []


@pytest.mark.parametrize(
    "message",
    [
        "sent a-token-of-24-characters",
        "Authorization: Bearer abcdefgh.ijklmnop",
        "https://operator:password@store.example/",
        "https://password@store.example/",
        "token kzn_password-abcdefgh",
        "the provider wants oidc-password",
    ],
)
def test_secrets_are_hidden(written: io.StringIO, message: str) -> None:
    logging.getLogger("kizuna.test").warning(message)
    (line,) = lines(written, "test")
    assert HIDDEN in str(line["message"])
    assert not any(part in written.getvalue() for part in ("a-token", "abcdefgh", "password"))


def test_a_text_line_cannot_be_forged() -> None:
    record = logging.LogRecord("kizuna", logging.INFO, "", 0, "one\n2026-01-01 error two", (), None)
    assert "\n" not in web_logging.Line(as_json=False).format(record)


def test_web_processes_count_together(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "kizuna.cli",
            "serve",
            "-w",
            str(tmp_path),
            "--port",
            "0",
            "--web-processes",
            "2",
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
        for _ in range(12):
            fetch(port, "/health/live")
        counted = samples(fetch(port, "/metrics"))
    finally:
        server.terminate()
        server.communicate(timeout=PATIENCE)
    live = frozenset({("route", "/health/live"), ("status", "200")})
    assert counted["kizuna_http_requests_total", live] == 12


def fetch(port: int, path: str) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", path, headers={"Connection": "close"})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    assert answer.status == 200, body
    return body


def test_the_application_of_a_test_has_counts_of_its_own(app: Flask, engine: WatchedEngine) -> None:
    other = create_app(engine, Settings())
    assert other.extensions["kizuna-metrics"] is not app.extensions["kizuna-metrics"]
