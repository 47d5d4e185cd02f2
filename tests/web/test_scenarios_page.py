"""Every page can stand in a what-if world; the record never does."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

WORLD = "scenario=eu-in-cptpp&asof=2028-07-01"
ASK = "ASK { <https://w3id.org/kizuna/id/framework/eu> <https://w3id.org/kizuna/ns#memberOf> <https://w3id.org/kizuna/id/framework/cptpp> }"


def holds(client: FlaskClient, state: str) -> bool:
    answer = client.get(
        "/sparql", query_string={**dict(p.split("=") for p in state.split("&")), "query": ASK}
    )
    assert answer.status_code == 200, answer.text
    return bool(answer.get_json(force=True)["boolean"])


def test_pages_and_queries_stand_in_the_scenario(client: FlaskClient) -> None:
    page = client.get(f"/frameworks/cptpp.json?{WORLD}").get_json()["page"]
    actors = {p["actor"]["iri"] for group in page["groups"] for p in group["participants"]}
    assert "https://w3id.org/kizuna/id/framework/eu" in actors
    assert holds(client, WORLD)


def test_nothing_of_it_is_in_the_record(client: FlaskClient) -> None:
    before = client.get("/frameworks/cptpp.json?asof=2028-07-01").get_data()
    client.get(f"/frameworks/cptpp?{WORLD}")
    assert client.get("/frameworks/cptpp.json?asof=2028-07-01").get_data() == before
    assert not holds(client, "asof=2028-07-01")


@pytest.mark.parametrize(
    ("language", "title"), [("en", "EU accedes to CPTPP in 2028"), ("ja", "EUが2028年にCPTPPに加入")]
)
def test_a_banner_says_so_and_links_keep_it(client: FlaskClient, language: str, title: str) -> None:
    html = client.get(f"/frameworks/cptpp?{WORLD}&lang={language}").text
    assert "what-if" in html
    assert title in html
    assert "scenario=eu-in-cptpp" in html.split("<main")[1]
    assert "what-if" not in client.get("/frameworks/cptpp").text


def test_only_what_differs_is_one_click_away(client: FlaskClient) -> None:
    page = client.get("/differences.json?from=2028-07-01&to=2028-07-01,eu-in-cptpp").get_json()["page"]
    ties = {
        (c["subject"]["iri"].rsplit("/")[-1], c["object"]["iri"].rsplit("/")[-1])
        for c in page["changes"]
        if c["kind"] == "tie"
    }
    assert ("eu", "cptpp") in ties
    assert page["figures"]["stated_removed"] == 0


def test_several_are_stacked_and_their_order_does_not_matter_where_they_do_not_touch(
    client: FlaskClient,
) -> None:
    one = "2028-07-01,eu-in-cptpp,raa-with-france"
    other = "2028-07-01,raa-with-france,eu-in-cptpp"
    page = client.get("/differences.json", query_string={"from": one, "to": other}).get_json()["page"]
    assert set(page["figures"].values()) == {0}
    assert (
        len(
            client.get("/differences.json", query_string={"from": "2028-07-01", "to": one}).get_json()[
                "page"
            ]["changes"]
        )
        > 2
    )


def test_the_scenarios_are_listed(client: FlaskClient) -> None:
    assert "RAA with France in force" in client.get("/scenarios?lang=en").text
    assert {s["name"] for s in client.get("/scenarios.json").get_json()["page"]} >= {
        "eu-in-cptpp",
        "raa-with-france",
    }


@pytest.mark.parametrize(
    "name", ["nowhere", "../../etc/passwd", "<script>alert(1)</script>", "a,b,c,d,e", "proposal-1"]
)
def test_what_is_no_scenario_is_refused(client: FlaskClient, name: str) -> None:
    answer = client.get("/actors", query_string={"scenario": name})
    assert 400 <= answer.status_code < 500
    assert "<script>alert" not in answer.text


def test_why_is_told_in_the_scenario(client: FlaskClient) -> None:
    assert client.get(f"/why?s=framework:eu&p=k:memberOf&o=framework:cptpp&{WORLD}").status_code == 200
    assert client.get("/why?s=framework:eu&p=k:memberOf&o=framework:cptpp&asof=2028-07-01").status_code == 404


def test_stacked_scenarios_may_be_given_one_by_one(client: FlaskClient) -> None:
    one = client.get("/frameworks/cptpp.json?scenario=eu-in-cptpp&scenario=raa-with-france&asof=2028-07-01")
    other = client.get("/frameworks/cptpp.json?scenario=eu-in-cptpp,raa-with-france&asof=2028-07-01")
    assert one.data == other.data


def test_scenarios_stand_side_by_side(client: FlaskClient) -> None:
    asked = "/scenarios/compare{}?with=eu-in-cptpp&with=raa-with-france&lang=en"
    html = client.get(asked.format("")).text
    assert "They do not touch each other" in html
    assert "All together" in html
    page = client.get(asked.format(".json")).get_json()["page"]
    assert page["totals"][2] == page["totals"][0] + page["totals"][1] > 2
    assert "scenarios" in client.get(asked.format(".csv")).text.splitlines()[0]
    assert "/scenarios/compare" in client.get("/scenarios").text


@pytest.mark.parametrize(
    "given", ["with=eu-in-cptpp", "with=a,b,c,d", "with=a,b,c,d,e", "with=eu-in-cptpp,nowhere"]
)
def test_what_cannot_stand_side_by_side_is_refused(client: FlaskClient, given: str) -> None:
    assert client.get(f"/scenarios/compare?{given}").status_code in (400, 404)


def test_a_proof_marks_what_is_assumed(client: FlaskClient) -> None:
    html = client.get(f"/why?s=framework:eu&p=k:memberOf&o=framework:cptpp&{WORLD}&lang=en").text
    assert html.count("only in the scenario") >= 3
    stated = client.get(f"/why?s=state:JPN&p=k:memberOf&o=framework:cptpp&{WORLD}&lang=en").text
    assert "only in the scenario" not in stated


@pytest.mark.parametrize("state", ["scenario=eu-in-cptpp&asof=2028-07-01"])
def test_the_query_library_and_its_api_stand_in_the_scenario(client: FlaskClient, state: str) -> None:
    asked = "/api/queries/frameworks-of-actor?actor=framework:eu&format=csv"
    assert "framework/cptpp" in client.get(f"{asked}&{state}").text
    assert "framework/cptpp" not in client.get(f"{asked}&asof=2028-07-01").text
    page = client.get(f"/queries/frameworks-of-actor?actor=framework:eu&{state}&lang=en").text
    assert "scenario=eu-in-cptpp" in page.split("curl")[1].split("</code>")[0]
    assert 'name="scenario" value="eu-in-cptpp"' in page


def test_the_workbench_asks_in_the_scenario_and_keeps_it(client: FlaskClient) -> None:
    html = client.get(f"/sparql?{WORLD}", headers={"Accept": "text/html"}).text
    told = html.split('id="workbench-data">')[1].split("</script>")[0]
    assert '"scenario": "eu-in-cptpp"' in told
    posted = client.post("/sparql", data={"query": ASK, "scenario": "eu-in-cptpp", "asof": "2028-07-01"})
    assert posted.get_json(force=True)["boolean"] is True
