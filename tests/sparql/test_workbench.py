"""The workbench: a page for browsers at the endpoint's own address, its words, and the explanation of a query."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_browser_gets_the_workbench_and_a_program_the_description(
    client: FlaskClient, language: str
) -> None:
    page = client.get(f"/sparql?lang={language}", headers={"Accept": BROWSER})
    assert page.mimetype == "text/html"
    assert '<textarea id="wb-query" name="query"' in page.get_data(as_text=True)
    assert client.get("/sparql", headers={"Accept": "text/turtle"}).mimetype == "text/turtle"


def test_a_query_in_the_address_is_in_the_editor_as_text(client: FlaskClient) -> None:
    hostile = "</textarea><script>alert(1)</script>"
    page = client.get("/sparql", query_string={"query": hostile}, headers={"Accept": BROWSER}).get_data(
        as_text=True
    )
    assert "<script>alert" not in page
    assert "&lt;/textarea&gt;&lt;script&gt;" in page


def test_without_scripts_the_form_answers(client: FlaskClient) -> None:
    answer = client.get(
        "/sparql", query_string={"query": "ASK {}", "format": "json"}, headers={"Accept": BROWSER}
    )
    assert answer.get_json()["boolean"] is True


def test_words_hold_classes_properties_and_things_in_both_languages(client: FlaskClient) -> None:
    names = {one["label"]: one for one in client.get("/sparql/words.json?lang=en").get_json()["names"]}
    assert names["k:State"]["type"] == "class"
    assert names["k:party"]["type"] == "property"
    assert names["state:PHL"]["detail"] == "Philippines · フィリピン"


def test_a_query_of_the_library_comes_with_its_values(client: FlaskClient) -> None:
    text = client.get("/sparql/library/agreement-state-on-date?lang=en").get_data(as_text=True)
    assert text.startswith("# State of an agreement")
    assert "?agreement" not in text.split("WHERE")[1]
    assert client.post("/sparql", data={"query": text}).status_code == 200


def test_the_explanation_counts_rows_step_by_step(client: FlaskClient) -> None:
    query = (
        "PREFIX k: <https://w3id.org/kizuna/ns#> SELECT ?a WHERE { ?a a k:Agreement ; k:party ?p "
        "OPTIONAL { ?a k:domain ?d } FILTER(ISIRI(?p)) } ORDER BY ?a LIMIT 3"
    )
    steps = client.post("/sparql/explain", data={"query": query}).get_json()["steps"]
    assert (steps[0]["operation"], steps[0]["rows"]) == ("whole query", 3)
    operations = [step["operation"] for step in steps]
    assert {"Slice", "OrderBy", "Filter", "LeftJoin", "BGP", "triple"} <= set(operations)
    assert all(step["rows"] > 0 for step in steps if step["operation"] == "triple")


@pytest.mark.parametrize(
    ("query", "code"),
    [("SELECT {", "query-syntax"), ("ASK { SERVICE <http://127.0.0.1:9/> {} }", "service-not-allowed")],
)
def test_the_explanation_is_guarded_like_the_query(client: FlaskClient, query: str, code: str) -> None:
    answer = client.post("/sparql/explain", data={"query": query})
    assert (answer.status_code, json.loads(answer.data)["code"]) == (400, code)
