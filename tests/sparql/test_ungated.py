"""Without a gate Kizuna is a plain SPARQL 1.1 server: updates, graph store writes, token, durable journal."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from kizuna.commands.setup import engine_config
from kizuna.engine.embedded import start_embedded
from kizuna.settings import Settings, SettingsError
from kizuna.web.app import create_app
from kizuna.workspace import journal as journal_module

TOKEN = "a-token-for-the-tests"
AUTH = {"Authorization": f"Bearer {TOKEN}"}


def settings(folder: Path) -> Settings:
    return Settings(workspace=folder, language="en", no_gate=True, admin_token=TOKEN)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plain") / "new"


@pytest.fixture(scope="module")
def plain(folder: Path) -> Iterator[FlaskClient]:
    engine = start_embedded(engine_config(settings(folder)))
    yield create_app(engine, settings(folder)).test_client()
    engine.close()


@pytest.fixture
def client(plain: FlaskClient) -> FlaskClient:
    response = plain.post("/sparql", data={"update": "CLEAR ALL"}, headers=AUTH)
    assert response.status_code in (200, 204), response.get_data(as_text=True)
    return plain


def update(client: FlaskClient, text: str, **parameters: str) -> int:
    return client.post("/sparql", data={"update": text, **parameters}, headers=AUTH).status_code


def ask(client: FlaskClient, text: str) -> bool:
    return bool(client.get("/sparql", query_string={"query": text}).get_json()["boolean"])


def test_a_server_without_a_gate_needs_a_token(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="KIZUNA_ADMIN_TOKEN"):
        engine_config(Settings(workspace=tmp_path, no_gate=True))


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic " + base64.b64encode(b"a:wrong").decode()])
def test_nobody_writes_without_the_token(client: FlaskClient, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for response in (
        client.post("/sparql", data={"update": "CLEAR ALL"}, headers=headers),
        client.put("/graphs?default", data="", headers={**headers, "Content-Type": "text/turtle"}),
        client.delete("/graphs?graph=http://x/", headers=headers),
    ):
        assert response.status_code == 401
        assert "Bearer" in response.headers["WWW-Authenticate"]
        assert json.loads(response.data)["code"] == "token-needed"


def test_remembered_answers_go_with_the_state_they_were_of(plain: FlaskClient, client: FlaskClient) -> None:
    cache = plain.application.extensions["kizuna-sparql"].cache
    for number in range(5):
        ask(client, f"ASK {{ ?s ?p {number} }}")
    assert update(client, "INSERT DATA { <a:a> <a:b> 77 }") == 200
    ask(client, "ASK { ?s ?p 77 }")
    until = time.monotonic() + 30
    while len({key.token for key in cache._answers}) > 1 and time.monotonic() < until:
        time.sleep(0.01)  # the keeper says so when the new state has been shown
    assert len({key.token for key in cache._answers}) == 1
    assert cache.figures().answers == 1


def test_the_token_is_also_a_password(client: FlaskClient) -> None:
    basic = "Basic " + base64.b64encode(f"admin:{TOKEN}".encode()).decode()
    response = client.post(
        "/sparql",
        data="INSERT DATA { <a:a> <a:b> 1 }",
        headers={"Authorization": basic, "Content-Type": "application/sparql-update"},
    )
    assert response.status_code == 200
    assert response.headers["Kizuna-Added"] == "1"


def test_an_update_is_seen_by_the_next_query_and_no_remembered_answer_survives(client: FlaskClient) -> None:
    query = "ASK { <a:a> <a:b> <a:c> }"
    assert not ask(client, query)
    assert update(client, "INSERT DATA { <a:a> <a:b> <a:c> }") == 200
    assert ask(client, query)
    assert update(client, "DELETE DATA { <a:a> <a:b> <a:c> }") == 200
    assert not ask(client, query)
    assert update(client, "DELETE DATA { <a:a> <a:b> <a:c> }") == 204


def test_the_default_graph_is_not_the_union(client: FlaskClient) -> None:
    assert update(client, "INSERT DATA { GRAPH <a:g> { <a:a> <a:b> <a:c> } }") == 200
    assert not ask(client, "ASK { <a:a> <a:b> <a:c> }")
    assert client.get("/graphs?default&format=nt").data == b""
    assert ask(client, "ASK { GRAPH <a:g> { <a:a> <a:b> <a:c> } }")
    assert ask(client, "ASK FROM <a:g> { <a:a> <a:b> <a:c> }")
    assert not ask(client, "ASK FROM <a:unknown> { ?s ?p ?o }")


def test_a_failing_update_changes_nothing(client: FlaskClient) -> None:
    update(client, "INSERT DATA { <a:a> <a:b> <a:c> }")
    for text, status, code in (
        ("DELETE WHERE { ?s ?p ?o } ; nonsense", 400, "query-syntax"),
        ("CLEAR ALL ; MOVE <a:none> TO <a:g>", 400, "update-failed"),
        ("LOAD <http://127.0.0.1:9/>", 403, "load-not-allowed"),
        ("ASK {}", 400, "query-as-update"),
    ):
        response = client.post("/sparql", data={"update": text}, headers=AUTH)
        assert (response.status_code, json.loads(response.data)["code"]) == (status, code)
    assert ask(client, "ASK { <a:a> <a:b> <a:c> }")


def test_the_dataset_of_an_update_by_the_protocol(client: FlaskClient) -> None:
    update(client, "INSERT DATA { GRAPH <a:g> { <a:a> <a:b> <a:c> } }")
    assert update(client, "INSERT { <a:n> ?p ?o } WHERE { ?s ?p ?o }", **{"using-graph-uri": "a:g"}) == 200
    assert ask(client, "ASK { <a:n> <a:b> <a:c> }")
    twice = client.post(
        "/sparql",
        data={"update": "DELETE { ?s ?p ?o } USING <a:g> WHERE { ?s ?p ?o }", "using-graph-uri": "a:g"},
        headers=AUTH,
    )
    assert (twice.status_code, json.loads(twice.data)["code"]) == (400, "dataset-twice")
    hostile = {"using-graph-uri": "a:g> WHERE {} ; CLEAR ALL ; DELETE {} USING <a:g"}
    assert update(client, "DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", **hostile) == 400


@pytest.mark.parametrize(
    "address", ["/graphs/person/1.ttl", "/graphs?graph=http%3A%2F%2Fx%2F1", "/graphs?default"]
)
def test_the_life_of_a_graph(client: FlaskClient, address: str) -> None:
    turtle = {**AUTH, "Content-Type": "text/turtle; charset=utf-8"}
    named = "default" not in address
    assert client.get(address).status_code == (404 if named else 200)
    assert client.head(address).status_code == (404 if named else 200)
    created = client.put(address, data="<a:a> <a:b> 'x'@ja .", headers=turtle)
    assert created.status_code == (201 if named else 204)
    assert client.put(address, data="<a:a> <a:b> 'y'@ja .", headers=turtle).status_code == 204
    got = client.get(address, headers={"Accept": "text/turtle"})
    assert got.content_type == "text/turtle; charset=utf-8"
    assert [quad.object.value for quad in parse(got.data, format=RdfFormat.TURTLE)] == ["y"]
    assert client.get(address, headers={"If-None-Match": got.headers["ETag"]}).status_code == 304
    assert client.post(address, data="<a:a> <a:c> [] .", headers=turtle).status_code == 204
    assert client.get(address, headers={"Accept": "application/n-triples"}).data.count(b"\n") == 2
    patch = {**AUTH, "Content-Type": "application/sparql-update"}
    assert (
        client.patch(address, data="DELETE { ?s <a:c> ?o } WHERE { ?s <a:c> ?o }", headers=patch).status_code
        == 204
    )
    assert client.get(address, headers={"Accept": "application/n-triples"}).data.count(b"\n") == 1
    other = client.patch(address, data="INSERT DATA { GRAPH <a:g> { <a:a> <a:b> 1 } }", headers=patch)
    assert other.status_code == 400
    assert client.head(address).data == b""
    assert client.delete(address, headers=AUTH).status_code == 204
    assert client.get(address).status_code == (404 if named else 200)
    assert client.delete(address, headers=AUTH).status_code == (404 if named else 204)


def test_a_form_of_several_documents_is_merged(client: FlaskClient) -> None:
    from io import BytesIO

    files = {
        "one": (BytesIO(b"<a:a> <a:b> 1 ."), "one.ttl", "text/turtle"),
        "two": (BytesIO(b"<a:a> <a:b> <a:c> ."), "two.nt", "application/n-triples"),
    }
    response = client.post("/graphs?graph=a:form", data=files, headers=AUTH)
    assert response.status_code == 201
    assert client.get("/graphs?graph=a:form&format=nt").data.count(b"\n") == 2


def test_the_store_names_a_new_graph(client: FlaskClient) -> None:
    response = client.post("/graphs", data="<a:a> <a:b> 1 .", headers={**AUTH, "Content-Type": "text/turtle"})
    assert response.status_code == 201
    place = response.headers["Location"]
    assert client.get(place.removeprefix("http://localhost")).status_code == 200
    assert client.put("/graphs", data="", headers={**AUTH, "Content-Type": "text/turtle"}).status_code == 400


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("text/turtle", b"<a:a> <a:b", 400, "bad-document"),
        ("application/trig", b"<a:g> { <a:a> <a:b> 1 }", 400, "bad-document"),
        ("image/png", b"x", 415, "document-type"),
        ("application/ld+json", b'{"@context": "http://127.0.0.1:9/c", "a": 1}', 400, "bad-document"),
    ],
)
def test_bad_documents(client: FlaskClient, content_type: str, body: bytes, status: int, code: str) -> None:
    response = client.put("/graphs?graph=a:bad", data=body, headers={**AUTH, "Content-Type": content_type})
    assert (response.status_code, json.loads(response.data)["code"]) == (status, code)
    assert client.get("/graphs?graph=a:bad").status_code == 404


@pytest.mark.parametrize("query", ["graph=a:g&default", "graph=relative", "graph=a:a&graph=a:b"])
def test_one_graph_by_an_absolute_iri(client: FlaskClient, query: str) -> None:
    response = client.get("/graphs?" + query)
    assert (response.status_code, json.loads(response.data)["code"]) == (400, "no-graph-named")


def test_what_was_acknowledged_is_there_after_a_restart(client: FlaskClient, folder: Path) -> None:
    update(client, "INSERT DATA { GRAPH <a:g> { <a:kept> <a:b> 0.70 } }")
    engine = start_embedded(engine_config(settings(folder)))
    try:
        again = create_app(engine, settings(folder)).test_client()
        assert ask(again, "ASK { GRAPH <a:g> { <a:kept> <a:b> 0.7 } }")
    finally:
        engine.close()


def test_a_journal_that_has_grown_is_written_anew_while_the_server_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "MUCH", 2_000)
    place = tmp_path / "new"
    engine = start_embedded(engine_config(settings(place)))
    sizes = []
    with engine:
        client = create_app(engine, settings(place)).test_client()
        for number in range(30):
            text = f"DELETE {{ <a:a> <a:b> ?n }} INSERT {{ <a:a> <a:b> {number} }} WHERE {{ OPTIONAL {{ <a:a> <a:b> ?n }} }}"
            assert update(client, text) == 200
            sizes.append((place / "journal").stat().st_size)
        assert ask(client, "ASK { <a:a> <a:b> 29 FILTER NOT EXISTS { <a:a> <a:b> ?n FILTER(?n != 29) } }")
    assert sizes != sorted(sizes)
    assert max(sizes) < 4_000
    loaded = journal_module.load_with_journal(place)
    assert (len(loaded.store), loaded.revision) == (1, 30)
