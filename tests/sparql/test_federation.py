"""SERVICE asks only the endpoints on the list, by HTTP from here, and joins what they answer."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from kizuna.engine.embedded import EmbeddedEngine
from kizuna.settings import Settings
from kizuna.sparql.federation import ServiceError, federate, values_of
from kizuna.web.app import create_app


@pytest.fixture(scope="module")
def ally(app: Flask) -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/sparql"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def asking(engine: EmbeddedEngine, workspace: Path, ally: str) -> FlaskClient:
    settings = Settings(workspace=workspace, language="en")
    dead = "http://127.0.0.1:9/sparql"
    return create_app(engine, replace(settings, services=f"{ally} {dead}")).test_client()


def test_a_clause_is_answered_by_the_other_endpoint_and_joined(asking: FlaskClient, ally: str) -> None:
    query = (
        f"PREFIX k: <https://w3id.org/kizuna/ns#> PREFIX a: <{ally.rpartition('/')[0]}/>"
        "SELECT ?s ?iso WHERE { ?s a k:State . SERVICE a:sparql { ?s k:iso3 ?iso FILTER(?iso = 'PHL') } }"
    )
    answer = asking.get("/sparql", query_string={"query": query, "format": "csv"})
    assert answer.data == b"s,iso\r\nhttps://w3id.org/kizuna/id/state/PHL,PHL\r\n"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_dead_endpoint_is_said_or_passed_over_in_silence(asking: FlaskClient) -> None:
    query = "SELECT * { VALUES ?x { 1 } SERVICE %s <http://127.0.0.1:9/sparql> { ?s ?p ?o } }"
    answer = asking.get("/sparql", query_string={"query": query % ""})
    assert (answer.status_code, json.loads(answer.data)["code"]) == (502, "service-failed")
    silent = asking.get("/sparql", query_string={"query": query % "SILENT", "format": "csv"})
    assert silent.data.split() == [b"x,p,o,s", b"1,,,"] or silent.data.split()[-1].startswith(b"1")


def test_an_endpoint_that_is_not_listed_is_refused(asking: FlaskClient) -> None:
    answer = asking.get(
        "/sparql", query_string={"query": "ASK { SERVICE <http://127.0.0.1:7/> { ?s ?p ?o } }"}
    )
    assert json.loads(answer.data)["code"] == "service-not-allowed"


def test_every_kind_of_term_becomes_a_value() -> None:
    cells = {
        "a": {"type": "uri", "value": "http://x/a"},
        "b": {"type": "literal", "value": 'q"\\\n', "xml:lang": "ja"},
        "c": {"type": "literal", "value": "1", "datatype": "http://www.w3.org/2001/XMLSchema#integer"},
        "d": {"type": "bnode", "value": "b0"},
    }
    body = json.dumps(
        {"head": {"vars": ["a", "b", "c", "d", "e"]}, "results": {"bindings": [cells]}}
    ).encode()
    assert values_of(body) == (
        'VALUES (?a ?b ?c ?d ?e) { (<http://x/a> "q\\"\\\\\\n"@ja "1"^^<http://www.w3.org/2001/XMLSchema#integer> '
        "<urn:kizuna:blank:b0> UNDEF) }"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b'{"head": {"vars": ["a} DROP"]}, "results": {"bindings": []}}',
        b'{"head": {"vars": ["a"]}, "results": {"bindings": [{"a": {"type": "uri", "value": "x> } #"}}]}}',
    ],
)
def test_a_hostile_answer_is_refused(body: bytes) -> None:
    with pytest.raises(ServiceError):
        federate("SELECT * { SERVICE <http://x/> { ?s ?p ?o } }", lambda _iri, _query: body)


def test_only_the_clause_and_the_declarations_are_told() -> None:
    told: list[tuple[str, str]] = []

    def fetch(iri: str, query: str) -> bytes:
        told.append((iri, query))
        return b'{"head": {"vars": ["o"]}, "results": {"bindings": []}}'

    text = "PREFIX : <http://x/> SELECT * { ?s :secret ?o . SERVICE :e { ?o :p '}' { SELECT * { ?o :q 1 } } } FILTER(?o > 1) }"
    assert (
        federate(text, fetch)
        == "PREFIX : <http://x/> SELECT * { ?s :secret ?o . { VALUES (?o) {  } } FILTER(?o > 1) }"
    )
    assert told == [
        ("http://x/e", "PREFIX : <http://x/> SELECT * WHERE { ?o :p '}' { SELECT * { ?o :q 1 } } }")
    ]
