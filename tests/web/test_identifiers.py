"""The product's IRIs resolve on the running server, for people and for programs."""

from __future__ import annotations

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from kizuna.web.links import page_of

FORMS = {
    "ttl": ("text/turtle", RdfFormat.TURTLE),
    "nt": ("application/n-triples", RdfFormat.N_TRIPLES),
    "jsonld": ("application/ld+json", RdfFormat.JSON_LD),
    "rdf": ("application/rdf+xml", RdfFormat.RDF_XML),
}


def test_a_browser_is_sent_to_the_page(client: FlaskClient) -> None:
    answer = client.get("/id/state/PHL?lang=en", headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/actors/state/PHL?lang=en"


@pytest.mark.parametrize("form", FORMS)
def test_a_program_is_sent_to_the_document_it_asks_for(client: FlaskClient, form: str) -> None:
    media_type, syntax = FORMS[form]
    answer = client.get("/id/agreement/jp-ph-raa", headers={"Accept": f"{media_type}; charset=utf-8"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/id/agreement/jp-ph-raa.{form}"
    document = client.get(answer.headers["Location"])
    assert document.mimetype == media_type
    triples = list(parse(document.data, syntax))
    subjects = {str(getattr(t.subject, "value", "")) for t in triples}
    assert "https://w3id.org/kizuna/id/agreement/jp-ph-raa" in subjects
    assert "https://w3id.org/kizuna/id/event/agreement-jp-ph-raa-signed-2024-07-08" in subjects


def test_an_unacceptable_format_is_refused_with_the_offered_ones(client: FlaskClient) -> None:
    answer = client.get("/id/state/PHL", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert "text/turtle" in answer.text


@pytest.mark.parametrize("path", ["/id/state/XXX", "/id/state/XXX.ttl", "/id/nothing/here"])
def test_an_unknown_thing_is_404(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("thing", "page"),
    [
        ("framework/quad", "/frameworks/quad"),
        ("agreement/cptpp", "/agreements/cptpp"),
        ("negotiation/jp-ph-isa-talks", "/negotiations/jp-ph-isa-talks"),
        ("company/long-name", "/actors/company/long-name"),
        ("participation/quad-jpn-member", "/things/participation/quad-jpn-member"),
    ],
)
def test_each_kind_of_thing_has_its_page(client: FlaskClient, thing: str, page: str) -> None:
    answer = client.get(f"/id/{thing}")
    assert answer.headers["Location"] == page
    assert client.get(page).status_code == 200


def test_written_out_addresses_are_those_of_the_routes(app: Flask) -> None:
    endpoints = {
        "state": ("actors.actor", {"kind": "state"}),
        "framework": ("frameworks.framework", {}),
        "agreement": ("agreements.agreement", {}),
        "negotiation": ("agreements.negotiation", {}),
        "domain": ("domains.domain", {}),
        "activity": ("activities.activity", {}),
        "source": ("sources.source", {}),
        "instrument": ("instruments.instrument", {}),
        "recommendation": ("recommendations.recommendation", {}),
        "participation": ("things.thing", {"kind": "participation"}),
    }
    with app.test_request_context("/?lang=en&asof=2010-01-01"):
        app.preprocess_request()
        for kind, (endpoint, values) in endpoints.items():
            iri = f"https://w3id.org/kizuna/id/{kind}/some-slug"
            assert page_of(iri) == url_for(endpoint, slug="some-slug", **values)
        assert page_of("https://w3id.org/kizuna/ns#Agreement") == url_for(
            "identifiers.ontology", _anchor="Agreement"
        )
        assert page_of("https://w3id.org/kizuna/graph/data/a") == url_for("identifiers.graph", path="data/a")
        assert page_of("javascript:alert(1)") == ""


def test_the_ontology_is_a_page_and_data(client: FlaskClient) -> None:
    html = client.get("/ns?lang=en", headers={"Accept": "text/html"}).text
    assert 'id="Agreement"' in html
    for form, (media_type, syntax) in FORMS.items():
        answer = client.get(f"/ns.{form}")
        assert answer.mimetype == media_type
        assert any(
            t.subject.value.endswith("#Agreement")
            for t in parse(answer.data, syntax)
            if hasattr(t.subject, "value")
        )
    assert client.get("/ns", headers={"Accept": "text/turtle"}).mimetype == "text/turtle"


def test_graphs_resolve(client: FlaskClient) -> None:
    listing = client.get("/graph/").text
    assert "/graph/data/agreements" in listing
    assert client.get("/graph/data/agreements").status_code == 200
    data = client.get("/graph/data/agreements", headers={"Accept": "application/n-triples"})
    assert b"jp-ph-raa" in data.data
    assert client.get("/graph/data/agreements.ttl").mimetype == "text/turtle"
    missing = client.get("/graph/data/nothing", headers={"Accept": "text/turtle"})
    assert missing.status_code == 404
    assert missing.get_json()["code"] == "unknown-graph"


def test_health_says_ready_and_which_revision(client: FlaskClient) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["live"] is True
    assert body["ready"] is True
    assert body["revision"] == 0
    assert body["quads"] > 100


@pytest.mark.parametrize(
    "odd", ["%FF%FE", "%00", "%22%3E%3Cimg%20src=x%3E", "a%20b", "a%5Cb.ttl", "%7B%7D", "%EF%BF%BF"]
)
@pytest.mark.parametrize("room", ["/id/state/", "/things/event/"])
@pytest.mark.parametrize("state", ["", "?asof=2010-01-01"])
def test_what_no_iri_can_be_made_of_is_unknown_and_no_fault(
    client: FlaskClient, room: str, odd: str, state: str
) -> None:
    assert client.get(f"{room}{odd}{state}").status_code == 404
