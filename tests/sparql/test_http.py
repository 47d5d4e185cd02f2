"""The endpoint over HTTP: SPARQL 1.1 Protocol to the letter, negotiation, revalidation, limits, cancelling."""

from __future__ import annotations

import gzip
import json
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results
from werkzeug.test import TestResponse

from kizuna.engine.embedded import EmbeddedEngine
from kizuna.settings import Settings
from kizuna.sparql.endpoint import Endpoint
from kizuna.web.app import create_app
from kizuna.web.endpoint import endpoint, spool
from kizuna.workspace.names import GRAPH, NS
from tests.support.waiting import PATIENCE, PROMPT, wait_until

SELECT = f"SELECT ?s ?o WHERE {{ ?s a ?o . ?s a <{NS}State> }} ORDER BY ?s"
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def ask(client: FlaskClient, query: str, accept: str | None = None, **parameters: str) -> TestResponse:
    headers = {} if accept is None else {"Accept": accept}
    return client.get("/sparql", query_string={"query": query, **parameters}, headers=headers)


def code_of(response: TestResponse) -> str:
    assert response.content_type.startswith("application/problem+json"), response.get_data(as_text=True)
    return str(json.loads(response.data)["code"])


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("application/sparql-results+json", QueryResultsFormat.JSON),
        ("application/sparql-results+xml", QueryResultsFormat.XML),
        ("text/tab-separated-values", QueryResultsFormat.TSV),
    ],
)
def test_every_solution_format_holds_the_same_rows(
    client: FlaskClient, accept: str, form: QueryResultsFormat
) -> None:
    response = ask(client, SELECT, accept)
    assert response.status_code == 200
    assert response.mimetype == accept
    solutions = parse_query_results(response.data, format=form)
    assert isinstance(solutions, QuerySolutions)
    assert len(list(solutions)) == int(response.headers["Kizuna-Rows"])
    assert int(response.headers["Kizuna-Rows"]) > 6
    assert response.headers["Kizuna-Truncated"] == "false"
    csv = ask(client, SELECT, "text/csv")
    assert csv.content_type == "text/csv; charset=utf-8"
    assert len(csv.data.splitlines()) == int(response.headers["Kizuna-Rows"]) + 1


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("ttl", RdfFormat.TURTLE),
        ("nt", RdfFormat.N_TRIPLES),
        ("rdf", RdfFormat.RDF_XML),
        ("jsonld", RdfFormat.JSON_LD),
        ("trig", RdfFormat.TRIG),
        ("nq", RdfFormat.N_QUADS),
    ],
)
@pytest.mark.parametrize(
    "query", [f"CONSTRUCT WHERE {{ ?s a <{NS}State> }}", "DESCRIBE <https://w3id.org/kizuna/id/state/JPN>"]
)
def test_every_graph_format_holds_the_same_triples(
    client: FlaskClient, name: str, form: RdfFormat, query: str
) -> None:
    response = ask(client, query, format=name)
    assert response.status_code == 200
    triples = {quad.triple if hasattr(quad, "triple") else quad for quad in parse(response.data, format=form)}
    turtle = ask(client, query, "text/turtle; charset=utf-8")
    expected = {quad.triple for quad in parse(turtle.data, format=RdfFormat.TURTLE)}
    assert triples == expected
    assert expected


def test_boolean_answers(client: FlaskClient) -> None:
    assert json.loads(ask(client, "ASK {}").data)["boolean"] is True
    assert b"<boolean>true</boolean>" in ask(client, "ASK {}", "application/xml").data
    assert ask(client, "ASK {}", "text/plain").data == b"true"


def test_the_name_a_client_asked_for_is_the_name_it_gets(client: FlaskClient) -> None:
    assert ask(client, SELECT, "application/json").content_type == "application/json"
    assert ask(client, SELECT, "image/png, application/xml;q=0.1").content_type == "application/xml"


@pytest.mark.parametrize(
    ("query", "accept"), [(SELECT, "text/turtle"), ("DESCRIBE <a:b>", "text/csv"), ("ASK {}", "image/png")]
)
def test_nothing_acceptable_is_406_and_says_what_is_offered(
    client: FlaskClient, query: str, accept: str
) -> None:
    response = ask(client, query, accept)
    assert response.status_code == 406
    assert code_of(response) == "format-not-available"
    assert accept in json.loads(response.data)["detail"]


def test_post_both_ways_answers_as_get_does(client: FlaskClient) -> None:
    by_get = ask(client, SELECT)
    by_form = client.post("/sparql", data={"query": SELECT})
    direct = client.post("/sparql", data=SELECT, headers={"Content-Type": "application/sparql-query"})
    assert by_get.data == by_form.data == direct.data
    assert by_get.headers["ETag"] == direct.headers["ETag"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("SELECT * {", 400, "query-syntax"),
        ("nonsense", 400, "query-syntax"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", 400, "update-as-query"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 400, "service-not-allowed"),
        ("SELECT * FROM <http://remote.example/data.ttl> { ?s ?p ?o }", 400, "graph-not-here"),
        ("ASK " + "{" * 250 + "}" * 250, 400, "query-too-deep"),
        ("ASK {} #" + "x" * 200_000, 413, "query-too-long"),
    ],
)
def test_each_refusal_has_its_status_and_code(
    client: FlaskClient, query: str, status: int, code: str
) -> None:
    response = client.post("/sparql", data={"query": query})
    assert (response.status_code, code_of(response)) == (status, code)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(response.data)["what_to_do"]


def test_a_syntax_error_says_where(client: FlaskClient) -> None:
    detail = json.loads(ask(client, "SELECT *\nWHERE { ?s ?p }").data)["detail"]
    assert detail.startswith("Line 2, column ")


def test_a_relative_iri_rests_on_the_address(client: FlaskClient) -> None:
    response = ask(client, "CONSTRUCT { <s> <p> <o> } WHERE {}", format="nt")
    assert response.data == b"<http://localhost/s> <http://localhost/p> <http://localhost/o> .\n"
    assert json.loads(ask(client, "SELECT <s> * {").data)["detail"].startswith("Line 1, column ")


def test_errors_speak_japanese_too(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": "ASK { SERVICE <a:b> {} }", "lang": "ja"})
    assert "使えません" in json.loads(response.data)["detail"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_are_405(client: FlaskClient, method: str) -> None:
    response = client.open("/sparql", method=method, query_string={"query": "ASK {}"})
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_an_update_is_refused_with_the_reason(client: FlaskClient) -> None:
    for response in (
        client.post("/sparql", data={"update": "CLEAR ALL"}),
        client.post("/sparql", data="CLEAR ALL", headers={"Content-Type": "application/sparql-update"}),
    ):
        assert (response.status_code, code_of(response)) == (403, "write-needs-proposal")


def test_head_is_get_without_the_body(client: FlaskClient) -> None:
    by_get = ask(client, SELECT)
    head = client.head("/sparql", query_string={"query": SELECT})
    assert head.status_code == 200
    assert head.data == b""
    for name in ("Content-Type", "Content-Length", "ETag", "Kizuna-Rows"):
        assert head.headers[name] == by_get.headers[name]


def test_any_origin_may_ask(client: FlaskClient) -> None:
    response = client.options(
        "/sparql", headers={"Origin": "https://other.example", "Access-Control-Request-Method": "POST"}
    )
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
    assert "Kizuna-Truncated" in ask(client, "ASK {}").headers["Access-Control-Expose-Headers"]


def test_revalidation_costs_no_query(client: FlaskClient, app: Flask) -> None:
    first = ask(client, SELECT)
    tag = first.headers["ETag"]
    again = client.get("/sparql", query_string={"query": SELECT}, headers={"If-None-Match": f'"x", {tag}'})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == tag
    assert "Accept" in again.headers["Vary"]
    other = client.get(
        "/sparql", query_string={"query": SELECT}, headers={"If-None-Match": tag, "Accept": "text/csv"}
    )
    assert other.status_code == 200
    assert other.headers["ETag"] != tag
    yesterday = client.get(
        "/sparql", query_string={"query": SELECT, "asof": "2010-01-01"}, headers={"If-None-Match": tag}
    )
    assert yesterday.status_code == 200
    assert yesterday.headers["Kizuna-As-Of"] == "2010-01-01"


def test_the_second_answer_is_remembered_and_the_same(client: FlaskClient) -> None:
    query = SELECT + " # remembered"
    first = ask(client, query, "text/csv")
    second = ask(client, "  " + query, "text/csv")
    assert second.headers["Kizuna-Cache"] == "hit"
    assert first.data == second.data
    volatile = "SELECT (STRUUID() AS ?u) {}"
    assert ask(client, volatile).data != ask(client, volatile).data
    assert ask(client, volatile).headers["Cache-Control"] == "no-store"


def test_gzip_when_asked_and_worth_it(client: FlaskClient) -> None:
    query = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 100"
    plain = ask(client, query)
    packed = client.get("/sparql", query_string={"query": query}, headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    for field in ("gzip;q=0", "identity, gzip;q=0.5", "br"):
        response = client.get("/sparql", query_string={"query": query}, headers={"Accept-Encoding": field})
        assert "Content-Encoding" not in response.headers
    small = client.get("/sparql", query_string={"query": "ASK {}"}, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in small.headers


def test_the_dataset_of_the_protocol_wins_over_the_text(client: FlaskClient) -> None:
    actors, frameworks = GRAPH + "data/actors", GRAPH + "data/frameworks"
    count = "SELECT (COUNT(*) AS ?n) %s { ?s ?p ?o }"

    def number(query: str, **parameters: object) -> int:
        given = {"query": query, **{k.replace("_", "-"): v for k, v in parameters.items()}}
        response = client.get("/sparql", query_string={**given, "format": "csv"})
        assert response.status_code == 200, response.get_data(as_text=True)
        return int(response.data.split()[1])

    everything = number(count % "")
    one = number(count % "", default_graph_uri=actors)
    assert 0 < one < everything
    both = number(count % "", default_graph_uri=[actors, frameworks])
    assert one < both < everything
    assert number(count % f"FROM <{actors}>") == one
    assert number(count % f"FROM <{actors}>", default_graph_uri=frameworks) == both - one
    named = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert number(named, named_graph_uri=frameworks) == both - one
    assert number(count % "", named_graph_uri=frameworks) == 0
    refused = client.get(
        "/sparql", query_string={"query": count % "", "default-graph-uri": "http://remote.example/"}
    )
    assert code_of(refused) == "graph-not-here"


def test_a_cut_answer_says_so(client: FlaskClient) -> None:
    response = ask(client, "SELECT * { ?s ?p ?o }", rows="10")
    assert response.headers["Kizuna-Truncated"] == "true"
    assert response.headers["Kizuna-Rows"] == response.headers["Kizuna-Row-Limit"] == "10"
    assert len(json.loads(response.data)["results"]["bindings"]) == 10
    for wrong in ("0", "-1", "many", "1e9"):
        assert code_of(ask(client, "ASK {}", rows=wrong)) == "bad-limit"


@pytest.fixture
def patient(engine: EmbeddedEngine, workspace: Path) -> Flask:
    """The application with a limit of time that no test lives to see."""
    return create_app(engine, Settings(workspace=workspace, language="en", query_seconds=2 * PATIENCE))


def test_time_runs_out_and_the_client_may_ask_for_less(patient: Flask) -> None:
    start = time.monotonic()
    response = ask(patient.test_client(), ENDLESS, timeout="0.3")
    assert (response.status_code, code_of(response)) == (503, "query-timeout")
    assert time.monotonic() - start < PROMPT


def test_a_running_query_is_listed_and_cancelled_by_its_owner_only(patient: Flask) -> None:
    mine, other = {"Kizuna-Client": "mine-0123456789"}, {"Kizuna-Client": "other-0123456789"}
    got: list[TestResponse] = []

    def run() -> None:
        query = {"query": ENDLESS, "query-id": "to-be-cancelled"}
        got.append(patient.test_client().get("/sparql", query_string=query, headers=mine))

    thread = threading.Thread(target=run)
    thread.start()
    client = patient.test_client()
    listed: list[dict[str, object]] = []

    def seen() -> list[dict[str, object]]:
        listed[:] = client.get("/sparql/running", headers=mine).get_json()["running"]
        return listed

    wait_until(seen)
    assert [(one["id"], one["query"]) for one in listed] == [("to-be-cancelled", ENDLESS)]
    assert client.get("/sparql/running", headers=other).get_json()["running"] == []
    assert client.delete("/sparql/running/to-be-cancelled", headers=other).status_code == 404
    assert client.delete("/sparql/running/to-be-cancelled", headers=mine).status_code == 204
    thread.join(PATIENCE)
    assert code_of(got[0]) == "query-cancelled"


def test_a_flood_of_one_client_is_429_with_the_time_to_wait(patient: Flask) -> None:
    with patient.app_context():
        before = endpoint()
    rules = replace(before.rules, client_queries=1, wait_seconds=0.2)
    patient.extensions["kizuna-sparql"] = Endpoint(before.engine, rules, spool)
    got: list[TestResponse] = []

    def run(number: int) -> None:
        query = {"query": ENDLESS + f"#{number}", "query-id": f"flooding-{number}"}
        got.append(patient.test_client().get("/sparql", query_string=query))

    threads = [threading.Thread(target=run, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(got) == 3)
    for number in range(4):
        before.engine.cancel(f"flooding-{number}")
    for thread in threads:
        thread.join(PATIENCE)
    assert [(one.status_code, one.headers["Retry-After"]) for one in got[:3]] == [(429, "1")] * 3
    assert code_of(got[3]) == "query-cancelled"


def test_a_large_answer_is_streamed_from_disk(client: FlaskClient) -> None:
    query = "SELECT * { ?s ?p ?o . ?a ?b ?c } LIMIT 30000"
    response = ask(client, query, "text/csv")
    assert len(response.data) > 4_000_000
    assert int(response.headers["Content-Length"]) == len(response.data)
    assert response.headers["Kizuna-Rows"] == "30000"
    packed = client.get(
        "/sparql", query_string={"query": query, "format": "csv"}, headers={"Accept-Encoding": "gzip"}
    )
    assert gzip.decompress(packed.data) == response.data


def test_excel_gets_its_byte_order_mark_and_a_file_name(client: FlaskClient) -> None:
    response = ask(client, SELECT, format="excel", download="1")
    assert response.data.startswith(b"\xef\xbb\xbfs,o")
    assert response.headers["Content-Disposition"] == 'attachment; filename="kizuna.csv"'
    assert response.headers["ETag"] != ask(client, SELECT, format="csv").headers["ETag"]


def test_excel_calculates_nothing_of_an_answer(client: FlaskClient) -> None:
    query = 'SELECT ("=1+1" AS ?a) ("-2" AS ?b) ("x" AS ?c) {}'
    assert ask(client, query, format="excel").data == b"\xef\xbb\xbfa,b,c\r\n'=1+1,-2,x\r\n"
    assert ask(client, query, format="csv").data == b"a,b,c\r\n=1+1,-2,x\r\n"
