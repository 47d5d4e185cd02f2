"""The query library over HTTP: forms for people, an interface for programs, described by OpenAPI."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from kizuna.workspace.queries import load_library

LIBRARY = load_library(Path(__file__).parents[2])
NAME = "agreement-state-on-date"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_query_is_listed_with_its_description(client: FlaskClient, language: str) -> None:
    page = client.get(f"/queries?lang={language}").get_data(as_text=True)
    for query in LIBRARY.values():
        assert f"/queries/{query.name}" in page
    assert "&lt;" not in page.split("<main", 1)[1].split("</main>", 1)[0]


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_every_query_answers_both_people_and_programs(client: FlaskClient, name: str) -> None:
    page = client.get(f"/queries/{name}?lang=en&run=1")
    assert page.status_code == 200, page.get_data(as_text=True)[:2000]
    answer = client.get(f"/api/queries/{name}", headers={"Accept": "application/sparql-results+json"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert "vars" in answer.get_json()["head"]


def test_values_are_terms_of_their_type(client: FlaskClient) -> None:
    path = f"/api/queries/{NAME}"
    rows = client.get(
        path, query_string={"agreement": "agreement:jp-ph-raa", "on": "2026-11-01", "format": "csv"}
    )
    assert rows.data.count(b"\r\n") >= 3
    before = client.get(
        path, query_string={"agreement": "agreement:jp-ph-raa", "on": "2024-12-31", "format": "csv"}
    )
    assert before.data.count(b"\r\n") < rows.data.count(b"\r\n")
    for bad in ({"on": "soon"}, {"agreement": "} DROP ALL #"}, {"nonsense": "1"}):
        answer = client.get(path, query_string=bad)
        assert (answer.status_code, json.loads(answer.data)["code"]) == (400, "bad-parameter")
        page = client.get(f"/queries/{NAME}", query_string=bad)
        assert page.status_code == 400
        assert 'role="alert"' in page.get_data(as_text=True)
    japanese = client.get(
        path, query_string={"agreement": "agreement:jp-ph-raa", "lang": "ja", "format": "csv"}
    )
    assert "署名" in japanese.get_data(as_text=True)
    assert json.loads(client.get("/api/queries/none").data)["code"] == "unknown-query"


def test_the_form_offers_things_by_name(client: FlaskClient) -> None:
    page = client.get(f"/queries/{NAME}?lang=en").get_data(as_text=True)
    assert (
        '<option value="agreement:jp-ph-raa">Japan–Philippines Reciprocal Access Agreement</option>' in page
    )
    assert 'type="date"' in page
    japanese = client.get(f"/queries/{NAME}?lang=ja").get_data(as_text=True)
    assert "日・フィリピン部隊間協力円滑化協定</option>" in japanese


def test_the_interface_is_cached_and_open_like_the_endpoint(client: FlaskClient) -> None:
    first = client.get(f"/api/queries/{NAME}?format=json")
    again = client.get(f"/api/queries/{NAME}?format=json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert first.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_description_is_valid_openapi_and_complete(client: FlaskClient, language: str) -> None:
    document = client.get(f"/openapi.json?lang={language}").get_json()
    OpenAPIV31SpecValidator(document).validate()
    assert set(document["paths"]) == {
        "/sparql",
        "/graphs",
        "/graphs/{path}",
        "/desk/history",
        *(f"/desk/{kind}/{{number}}" for kind in ("commits", "proposals", "jobs")),
        *(f"/api/queries/{name}" for name in LIBRARY),
    }
    operation = document["paths"][f"/api/queries/{NAME}"]["get"]
    assert [p["name"] for p in operation["parameters"] if "name" in p] == ["agreement", "on", "lang"]
