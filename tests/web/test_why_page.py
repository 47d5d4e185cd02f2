"""The pages that say why: proofs told down to their sources, definitions compared, in every form and language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse

from kizuna.workspace.names import PROV, RDF

PARTY = "/why?s=id/state/PHL&p=ns%23partyTo&o=id/agreement/jp-ph-raa"


def test_a_proof_is_told_down_to_its_sources(client: FlaskClient) -> None:
    html = client.get(f"{PARTY}&lang=en").text
    assert "Japan–Philippines Reciprocal Access Agreement" in html
    assert "Stated in" in html
    assert "https://ministry.example/press/raa" in html
    assert "What would remove this" in html


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_rule_is_folded_away_with_its_label_and_text(client: FlaskClient, language: str) -> None:
    html = client.get(f"{PARTY}&lang={language}").text
    assert '<details class="why-rule">' in html
    assert "CONSTRUCT" in html


def test_without_a_property_what_holds_between_the_two_is_explained(client: FlaskClient) -> None:
    page = client.get("/why.json?s=state:PHL&o=agreement:jp-ph-raa&lang=en").get_json()["page"]
    assert page["statement"]["predicate"]["address"] == "ns#partyTo"


def test_the_last_step_is_the_statement_and_every_step_rests_on_earlier_ones(client: FlaskClient) -> None:
    page = client.get(PARTY.replace("/why?", "/why.json?")).get_json()["page"]
    assert page["steps"][-1]["statement"] == page["statement"]
    assert all(below < step["number"] for step in page["steps"] for below in step["rests_on"])
    assert all(step["rests_on"] or step["kind"] == "stated" for step in page["steps"])
    assert page["removals"]


def test_the_proof_is_also_provenance_in_rdf(client: FlaskClient) -> None:
    answer = client.get(PARTY.replace("/why?", "/why.ttl?"))
    triples = list(parse(answer.data, format=RdfFormat.TURTLE))
    derived = [t for t in triples if t.predicate == NamedNode(PROV + "wasDerivedFrom")]
    assert derived
    stated = {t.subject for t in triples if t.predicate == NamedNode(RDF + "predicate")}
    assert {t.subject for t in derived} | {t.object for t in derived} <= stated
    assert any(t.predicate == NamedNode(PROV + "hadPrimarySource") for t in triples)


def test_a_proof_belongs_to_its_day(client: FlaskClient) -> None:
    answer = client.get(f"{PARTY}&lang=en&asof=2024-12-31")
    assert answer.status_code == 404
    assert "does not hold as of 2024-12-31" in answer.text


def test_a_definition_is_compared_condition_by_condition(client: FlaskClient) -> None:
    page = client.get(
        "/why-not.json?class=ns%23FullSecuritySetPartner&thing=id/state/PHL&lang=en"
    ).get_json()["page"]
    assert page["member"] is False
    held = [line["holds"] for way in page["ways"] for line in way["conditions"]]
    assert False in held
    html = client.get("/why-not?class=ns%23FullSecuritySetPartner&thing=id/state/PHL&lang=en").text
    assert "does not hold" in html


def test_all_definitions_are_offered(client: FlaskClient) -> None:
    html = client.get("/why-not?thing=id/state/PHL&lang=en").text
    assert "partner with a full security set" in html


def test_what_contradicts_itself_is_said(client: FlaskClient) -> None:
    assert "contradicts the ontology" in client.get("/why?lang=en").text
    assert client.get("/why.json").get_json()["page"] == []


@pytest.mark.parametrize(
    "given",
    [
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        "k:x y",
        '"open',
        "id/",
        "nowhere:thing",
        "a" * 3000,
    ],
)
def test_hostile_terms_are_refused_and_escaped(client: FlaskClient, given: str) -> None:
    answer = client.get("/why", query_string={"s": given, "o": "id/state/JPN", "lang": "en"})
    assert answer.status_code in (400, 404)
    assert "<script>alert" not in answer.text


def test_a_literal_that_holds_markup_stays_text(client: FlaskClient) -> None:
    query = {
        "s": "id/state/JPN",
        "p": "skos:prefLabel",
        "o": '"<img src=x onerror=alert(1)>"@en',
        "lang": "en",
    }
    assert "<img" not in client.get("/why", query_string=query).text


def test_pages_point_to_the_proofs_of_what_they_show(client: FlaskClient) -> None:
    for page in ("/actors/state/PHL", "/agreements/jp-ph-raa", "/frameworks/cptpp"):
        answer = client.get(f"{page}?lang=en")
        if answer.status_code == 200:
            assert "why?" in answer.text


def test_every_why_link_of_an_agreement_is_answered(client: FlaskClient) -> None:
    html = client.get("/agreements/jp-ph-raa?lang=en").text
    links = re.findall(r'<a class="why" href="([^"]+)"', html)
    assert links
    assert {client.get(unescape(link)).status_code for link in links} == {200}


def test_an_actor_page_lists_the_definitions_it_meets(client: FlaskClient) -> None:
    assert "All definitions, met or not" in client.get("/actors/state/PHL?lang=en").text


def test_the_rules_are_listed_with_their_strata(client: FlaskClient) -> None:
    html = client.get("/why?lang=en").text
    assert "none depends on itself" in html
    assert 'id="rule-party"' in html
    assert "former-party-ended" in html.split('id="rule-party"')[1].split("</tr>")[0]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_comparison_holds_an_address_an_empty_sentence_or_a_wrong_article(
    client: FlaskClient, language: str
) -> None:
    classes = client.get(f"/why-not.json?lang={language}").get_json()["page"]
    assert classes
    for thing in ("state/PHL", "state/JPN", "framework/eu", "framework/cptpp"):
        for each in classes:
            query = {"thing": f"id/{thing}", "class": each["class_"]["address"], "lang": language}
            page = client.get("/why-not.json", query_string=query).get_json()["page"]
            said = list(_sentences(page))
            assert page["ways"]
            assert [text for text in said if not text.strip() or RAW.search(text)] == []


RAW = re.compile(r"https?://|[{}]|\bNone\b|\ba [aeio]\w")


def _sentences(page: dict) -> Iterator[str]:  # type: ignore[type-arg]
    for way in page["ways"]:
        assert way["conditions"]
        for line in way["conditions"]:
            assert line["asks"]
            yield from (*line["asks"], *([] if line["missing"] is None else [line["missing"]]))
            yield from (fact["text"] for fact in line["facts"])
            if line["detail"]:
                yield from _sentences(line["detail"])


@pytest.mark.parametrize(("language", "words"), [("en", "Stated in data/"), ("ja", "data/")])
def test_where_a_statement_stands_is_told_by_the_name_of_its_graph(
    client: FlaskClient, language: str, words: str
) -> None:
    steps = client.get(f"{PARTY.replace('/why?', '/why.json?')}&lang={language}").get_json()["page"]["steps"]
    stated = [step["because"] for step in steps if step["kind"] == "stated"]
    assert stated
    assert all(because.startswith(words) for because in stated)
