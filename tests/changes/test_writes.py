"""SPARQL Update and the graph store behind the gate, over real HTTP: tokens, proposals, publication, conditions, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
import requests
from pyoxigraph import Literal, NamedNode
from rdflib import Graph as RdflibGraph
from rdflib import Literal as RdflibLiteral
from rdflib import URIRef
from rdflib.namespace import RDF, SH, SKOS
from rdflib.plugins.stores.sparqlstore import SPARQLUpdateStore
from SPARQLWrapper import POST, SPARQLWrapper

from kizuna.changes.patch import parse_patch
from kizuna.changes.problems import ConflictError
from kizuna.changes.updates import to_patch
from kizuna.changes.workflow import GATE_LIMITS, Changes
from kizuna.engine.types import Engine
from kizuna.settings import Settings
from kizuna.sparql.updating import Update, evaluate
from kizuna.web.app import create_app
from kizuna.workspace.names import DERIVED_GRAPH, GRAPH, INFERRED_GRAPH
from tests.changes.conftest import Bench
from tests.changes.worlds import FACTS, PREF, facts
from tests.support.serving import serving

AGREEMENT = next(
    q.subject.value
    for q in facts()
    if q.predicate == PREF and "/agreement/" in str(q.subject)  # type: ignore[union-attr]
)
ALT = str(SKOS.altLabel)
PREFIXES = "PREFIX k: <https://w3id.org/kizuna/ns#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "


class Site:
    """A served bench, asked like any program asks."""

    def __init__(self, address: str, bench: Bench) -> None:
        self.address = address
        self.bench = bench
        self.tokens: dict[tuple[str, str], str] = {}

    def token(self, name: str, scope: str) -> str:
        if (name, scope) not in self.tokens:
            _, self.tokens[name, scope] = self.bench.ledger.accounts.add_token(name, "test", scope, 1)  # type: ignore[arg-type]
        return self.tokens[name, scope]

    def send(
        self, method: str, path: str, data: str | bytes = b"", as_: tuple[str, str] | None = ("sato", "propose"), **headers: str
    ) -> requests.Response:  # fmt: skip
        if as_ is not None:
            headers["Authorization"] = f"Bearer {self.token(*as_)}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = data.encode() if isinstance(data, str) else data
        return requests.request(method, self.address + path, data=body, headers=named, timeout=60)

    def update(self, text: str, query: str = "", **more: Any) -> requests.Response:
        return self.send("POST", "/sparql" + query, text, Content_Type="application/sparql-update", **more)

    def put(self, path: str, turtle: str, **more: Any) -> requests.Response:
        return self.send("PUT", path, turtle, Content_Type="text/turtle", **more)


@pytest.fixture
def site(bench: Bench) -> Iterator[Site]:
    settings = Settings(workspace=bench.workspace, language="en", second_person=False, writes_per_minute=0)
    with serving(create_app(cast(Engine, bench.engine), settings)) as address:
        yield Site(address, bench)


@pytest.fixture(scope="module")
def quiet(shared: Bench) -> Iterator[Site]:
    """A server on which nothing is published; a second person is required."""
    settings = Settings(workspace=shared.workspace, language="en", writes_per_minute=0)
    with serving(create_app(cast(Engine, shared.engine), settings)) as address:
        yield Site(address, shared)


def alias(text: str, graph: str = FACTS.value) -> str:
    return f'INSERT DATA {{ GRAPH <{graph}> {{ <{AGREEMENT}> <{ALT}> "{text}"@en }} }}'


PUBLISHER = ("abe", "publish")


# Who may write.


def test_nobody_writes_without_a_token_and_cookies_do_not_count(quiet: Site) -> None:
    for method, path in (("PUT", "/graphs/data/facts"), ("DELETE", "/graphs/data/facts"), ("PATCH", "/graphs/data/facts"), ("POST", "/graphs")):  # fmt: skip
        answer = quiet.send(method, path, as_=None, Content_Type="text/turtle")
        assert (answer.status_code, answer.json()["code"]) == (401, "token-needed")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    secret = quiet.bench.ledger.accounts.open_session("sato")
    by_cookie = quiet.update(alias("x"), as_=None, Cookie=f"kizuna-session={secret}")
    assert (by_cookie.status_code, by_cookie.json()["code"]) == (401, "token-needed")
    wrong = quiet.update(alias("x"), as_=None, Authorization="Bearer kzn_wrong")
    assert wrong.status_code == 401


def test_scope_and_role_decide_and_the_answer_says_why(quiet: Site) -> None:
    by_scope = quiet.update(alias("x"), as_=("sato", "read"))
    assert (by_scope.status_code, by_scope.json()["code"]) == (403, "not-permitted")
    assert "scope" in by_scope.json()["detail"]
    by_role = quiet.update(alias("x"), as_=("ana", "propose"))
    assert (by_role.status_code, "role" in by_role.json()["detail"]) == (403, True)
    japanese = quiet.update(alias("x"), "?lang=ja", as_=("ana", "propose"))
    assert "役割" in japanese.json()["detail"]


def test_with_a_second_person_nobody_publishes_a_change_of_their_own(quiet: Site) -> None:
    before = len(quiet.bench.ledger.proposals.list())
    answer = quiet.update(alias("x"), "?publish=Add+an+alias", as_=PUBLISHER)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
    assert "second person" in answer.json()["detail"]
    assert len(quiet.bench.ledger.proposals.list()) == before


# Updates.


def test_an_update_becomes_a_proposal_and_the_answer_says_what_comes_next(quiet: Site) -> None:
    answer = quiet.update(alias("Called so too"), "?title=An+alias")
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert answer.headers["Location"] == told["address"]
    assert answer.headers["Location"].endswith(f"/desk/proposals/{told['proposal']}")
    assert (told["added"], told["removed"], told["published"]) == (1, 0, False)
    assert "somebody else" in told["next"]
    kept = quiet.bench.ledger.proposals.get(told["proposal"])
    assert (kept.title, kept.way, kept.state, kept.author) == ("An alias", "update", "open", "sato")
    seen = quiet.send("GET", f"/graphs/data/facts?scenario={told['scenario']}", Accept="text/turtle")
    assert "Called so too" in seen.text
    assert "Called so too" not in quiet.send("GET", "/graphs/data/facts", Accept="text/turtle").text


def test_a_form_may_carry_the_update_and_what_goes_with_it(quiet: Site) -> None:
    form = {"update": alias("By form"), "title": "From a form"}
    headers = {"Authorization": f"Bearer {quiet.token('sato', 'propose')}"}
    answer = requests.post(quiet.address + "/sparql", data=form, headers=headers, timeout=60)
    assert answer.status_code == 202, answer.text
    assert quiet.bench.ledger.proposals.get(answer.json()["proposal"]).title == "From a form"
    elsewhere = requests.post(quiet.address + "/sparql", data={**form, "asof": "2010-01-01"}, headers=headers, timeout=60)  # fmt: skip
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (400, "bad-parameter")


def test_where_reads_derived_and_inferred_statements_and_only_stated_ones_are_written(quiet: Site) -> None:
    derived = quiet.bench.engine.select(
        quiet.bench.engine.today(), f"SELECT ?s ?p ?o {{ GRAPH <{DERIVED_GRAPH}> {{ ?s ?p ?o }} }} LIMIT 1"
    )[0]
    predicate = cast(NamedNode, derived["p"]).value
    for where in (f"?s <{predicate}> ?o", f"GRAPH <{DERIVED_GRAPH}> {{ ?s <{predicate}> ?o }}"):
        answer = quiet.update(
            f'INSERT {{ GRAPH <{FACTS.value}> {{ ?s <{ALT}> "Tied"@en }} }} WHERE {{ {where} }}'
        )
        assert answer.status_code == 202, answer.text
        patch = parse_patch(quiet.bench.ledger.proposals.get(answer.json()["proposal"]).patch)
        assert cast(NamedNode, derived["s"]) in {quad.subject for quad in patch.added}
        assert {quad.object for quad in patch.added} == {Literal("Tied", language="en")}
    for text in (
        f"DELETE WHERE {{ GRAPH <{DERIVED_GRAPH}> {{ ?s ?p ?o }} }}",
        f"INSERT DATA {{ GRAPH <{INFERRED_GRAPH}> {{ <{AGREEMENT}> <{ALT}> 'x'@en }} }}",
    ):
        refused = quiet.update(text)
        assert (refused.status_code, refused.json()["code"]) == (422, "bad-patch")
        assert "is computed and cannot be changed" in refused.json()["detail"]
        assert "計算で作られる" in quiet.update(text, "?lang=ja").json()["detail"]


def test_what_is_dated_later_than_today_can_be_changed_and_is_not_lost_by_putting_a_graph(site: Site) -> None:
    later = f"""{PREFIXES}
    INSERT DATA {{ GRAPH <{FACTS.value}> {{
      <https://w3id.org/kizuna/id/event/later> a k:LifeCycleEvent ; k:eventOf <{AGREEMENT}> ; k:date "2190-01-01"^^<http://www.w3.org/2001/XMLSchema#date> }} }}"""
    bench = site.bench
    effect = evaluate(bench.engine, bench.engine.today(), Update(later), GATE_LIMITS)
    bench.engine.apply(*to_patch(effect.removed, effect.added).halves())
    shown = site.send("GET", "/graphs/data/facts", Accept="text/turtle")
    assert "event/later" not in shown.text
    again = site.put("/graphs/data/facts", shown.text)
    assert again.status_code == 204, again.text
    gone = site.update(
        f"DELETE WHERE {{ GRAPH <{FACTS.value}> {{ <https://w3id.org/kizuna/id/event/later> ?p ?o }} }}"
    )
    assert gone.status_code == 202, gone.text
    assert gone.json()["removed"] == 3


def test_violations_are_answered_with_the_report_in_the_asked_format(quiet: Site) -> None:
    bad = f"WITH <{FACTS.value}> DELETE {{ <{AGREEMENT}> <{PREF.value}> ?l }} WHERE {{ <{AGREEMENT}> <{PREF.value}> ?l }}"
    answer = quiet.update(bad)
    assert (answer.status_code, answer.json()["code"]) == (422, "change-blocked")
    assert answer.json()["findings"]
    turtle = quiet.update(bad, Accept="text/turtle")
    assert (turtle.status_code, turtle.headers["Content-Type"]) == (422, "text/turtle; charset=utf-8")
    report = RdflibGraph().parse(data=turtle.text, format="turtle")
    assert (None, RDF.type, SH.ValidationReport) in report
    assert (None, SH.conforms, RdflibLiteral(False)) in report
    assert quiet.update(bad, Accept="application/sarif+json").json()["version"] == "2.1.0"


def test_an_update_that_names_no_graph_is_told_where(quiet: Site) -> None:
    answer = quiet.update(f"DELETE WHERE {{ <{AGREEMENT}> ?p ?o }}")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-patch")
    assert answer.json()["detail"].startswith("Line 1")
    broken = quiet.update("INSERT DATA {\n GRAPH <urn:x> { <urn:a> }")
    assert (broken.status_code, broken.json()["code"]) == (400, "query-syntax")
    assert "ine 2" in broken.json()["detail"]
    prefix = quiet.update("INSERT DATA { GRAPH k:x { k:a k:b k:c } }", "?lang=ja")
    assert prefix.json()["detail"].startswith("1行目")


def test_using_graph_uri_is_the_dataset_of_where(quiet: Site) -> None:
    text = f"INSERT {{ GRAPH <{FACTS.value}> {{ ?s <{ALT}> 'Used'@en }} }} WHERE {{ ?s <{PREF.value}> ?l }}"
    nowhere = quiet.update(text, f"?using-graph-uri={GRAPH}data/nowhere")
    assert nowhere.status_code == 204, nowhere.text
    assert quiet.update(text, f"?using-graph-uri={FACTS.value}").status_code == 202
    twice = quiet.update(f"WITH <{FACTS.value}> " + text, f"?using-graph-uri={FACTS.value}")
    assert (twice.status_code, twice.json()["code"]) == (400, "dataset-twice")


def test_what_changes_nothing_leaves_nothing_behind(quiet: Site) -> None:
    before = len(quiet.bench.ledger.proposals.list())
    answer = quiet.update(
        f'DELETE DATA {{ GRAPH <{FACTS.value}> {{ <{AGREEMENT}> <{ALT}> "never said"@en }} }}'
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Kizuna-Revision"] == "0"
    assert len(quiet.bench.ledger.proposals.list()) == before


# Publishing.


def test_who_may_publish_can_ask_for_it_and_reads_what_was_written(site: Site) -> None:
    answer = site.update(alias("At once"), "?publish=Add+an+alias", as_=PUBLISHER)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Kizuna-Revision"] == "1"
    assert answer.json()["published"] is True
    assert answer.json()["address"].endswith("/desk/commits/1")
    assert site.bench.ledger.get(1).message == "Add an alias"
    query = {"query": f"ASK {{ <{AGREEMENT}> <{ALT}> 'At once'@en }}"}
    assert requests.get(site.address + "/sparql", params=query, timeout=60).json()["boolean"] is True
    refused = site.update(alias("No"), "?publish=Try", as_=("sato", "publish"))
    assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")
    unsaid = site.update(alias("No"), "?publish=", as_=PUBLISHER)
    assert (unsaid.status_code, unsaid.json()["code"]) == (400, "bad-parameter")
    bad = f"DELETE WHERE {{ GRAPH <{FACTS.value}> {{ <{AGREEMENT}> <{PREF.value}> ?l }} }}"
    blocked = site.update(bad, "?publish=Break+it", as_=PUBLISHER)
    assert (blocked.status_code, site.bench.ledger.revision()) == (422, 1)


def test_a_condition_holds_a_write_back_when_something_was_published_since(site: Site) -> None:
    query = f"/sparql?query=SELECT * {{<{AGREEMENT}> ?p ?o}}"
    tags = [
        site.send("GET", path, as_=None, Accept=accept).headers["ETag"]
        for path, accept in ((query, "text/csv"), ("/graphs/data/facts", "text/turtle"), ("/graphs/data/facts", "application/ld+json"))
    ]  # fmt: skip
    for number, tag in enumerate(tags):
        assert site.update(alias(f"if {number}"), If_Match=tag).status_code == 202
    first = site.update(alias("one"), "?publish=One", as_=PUBLISHER, If_Match=tags[0])
    assert first.status_code == 200, first.text
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        late = site.send(
            method, "/graphs/data/facts", If_Match=tags[1], Content_Type="application/sparql-update" if method == "PATCH" else "text/turtle"
        )  # fmt: skip
        assert (late.status_code, late.json()["code"]) == (412, "precondition-failed"), late.text
    assert site.update(alias("two"), "?publish=Two", as_=PUBLISHER, If_Match=tags[0]).status_code == 412
    second = site.update(alias("two"), "?publish=Two", as_=PUBLISHER, If_Match=first.headers["ETag"])
    assert (second.status_code, second.headers["Kizuna-Revision"]) == (200, "2")


def test_publishing_under_a_condition_never_lands_on_another_revision(bench: Bench) -> None:
    flow = Changes(bench.engine, bench.ledger, second_person=False)
    numbers = []
    for name in ("one", "two"):
        effect = evaluate(bench.engine, bench.engine.today(), Update(alias(name)), GATE_LIMITS)
        patch = to_patch(effect.removed, effect.added)
        numbers.append(flow.propose(bench.people["abe"], patch, title=name, way="update")[0].id)
    flow.publish(bench.people["abe"], numbers[0], only_on=0)
    with pytest.raises(ConflictError):
        flow.publish(bench.people["abe"], numbers[1], only_on=0)
    assert bench.ledger.revision() == 1


# The graph store.


def test_a_graph_is_put_read_added_to_patched_and_deleted(site: Site) -> None:
    path = "/graphs/data/aliases"
    statement = f'<{AGREEMENT}> <{ALT}> "First"@en .'
    made = site.put(path + "?publish=Make", statement, as_=PUBLISHER)
    assert made.status_code == 201, made.text
    assert "ETag" not in made.headers
    assert (
        "First"
        in site.send(
            "GET", made.headers["Location"].removeprefix(site.address), as_=None, Accept="text/turtle"
        ).text
    )
    same = site.put(path + "?publish=Again", statement, as_=PUBLISHER)
    assert (same.status_code, same.headers["Kizuna-Revision"]) == (204, "1")
    exists = site.put(path, statement, If_None_Match="*")
    assert exists.status_code == 412
    added = site.send(
        "POST",
        path + "?publish=Add",
        f'<{AGREEMENT}> <{ALT}> "Second"@en .',
        PUBLISHER,
        Content_Type="text/turtle",
    )
    assert (added.status_code, added.json()["added"]) == (200, 1)
    text = 'DELETE { ?s ?p "First"@en } INSERT { ?s ?p "Third"@en } WHERE { ?s ?p "First"@en }'
    patched = site.send(
        "PATCH", path + "?publish=Patch", text, PUBLISHER, Content_Type="application/sparql-update"
    )
    assert (patched.status_code, patched.json()["added"], patched.json()["removed"]) == (200, 1, 1)
    line = f'A <{AGREEMENT}> <{ALT}> "Fourth"@en <{GRAPH}data/aliases> .\n'
    by_patch = site.send("PATCH", path, line, Content_Type="application/rdf-patch")
    assert by_patch.status_code == 202, by_patch.text
    stray = site.send(
        "PATCH", path, line.replace("data/aliases", "data/facts"), Content_Type="application/rdf-patch"
    )
    assert (stray.status_code, stray.json()["code"]) == (400, "bad-document")
    gone = site.send("DELETE", path + "?publish=Delete", b"", PUBLISHER)
    assert (gone.status_code, gone.json()["removed"]) == (200, 2)
    assert site.send("GET", path, as_=None).status_code == 404
    assert site.send("DELETE", path).status_code == 404


def test_a_graph_without_a_name_gets_one_and_a_form_may_bring_several_documents(site: Site) -> None:
    files = {
        "a": ("a.ttl", f'<{AGREEMENT}> <{ALT}> "A"@en .', "text/turtle"),
        "b": ("b.nt", f'<{AGREEMENT}> <{ALT}> "B"@en .', "application/n-triples"),
    }
    headers = {"Authorization": f"Bearer {site.token(*PUBLISHER)}"}
    answer = requests.post(
        site.address + "/graphs?publish=Two+files", files=files, headers=headers, timeout=60
    )
    assert answer.status_code == 201, answer.text
    got = requests.get(answer.headers["Location"], headers={"Accept": "text/turtle"}, timeout=60).text
    assert '"A"@en' in got
    assert '"B"@en' in got


def test_computed_default_and_foreign_graphs_are_not_written(quiet: Site) -> None:
    for graph in (DERIVED_GRAPH, INFERRED_GRAPH):
        for method in ("PUT", "DELETE"):
            answer = quiet.send(
                method, f"/graphs?graph={graph}", "<urn:a> <urn:b> <urn:c> .", Content_Type="text/turtle"
            )
            assert (answer.status_code, answer.json()["code"]) == (422, "bad-patch")
            assert "computed" in answer.json()["detail"]
    default = quiet.put("/graphs?default", "<urn:a> <urn:b> <urn:c> .")
    assert (default.status_code, default.json()["code"]) == (400, "no-graph-named")
    foreign = quiet.put("/graphs?graph=http://x/g", "<urn:a> <urn:b> <urn:c> .")
    assert (foreign.status_code, foreign.json()["code"]) == (422, "bad-patch")
    other = quiet.send(
        "PUT", "/graphs/data/a", f'<urn:a> <urn:b> "c" <{FACTS.value}> .', Content_Type="application/n-quads"
    )
    assert (other.status_code, other.json()["code"]) == (400, "bad-document")


# Limits, clients, description.


def test_pace_and_size_are_limited(bench: Bench) -> None:
    settings = Settings(workspace=bench.workspace, language="en", writes_per_minute=2, write_quads=3)
    with serving(create_app(cast(Engine, bench.engine), settings)) as address:
        site = Site(address, bench)
        many = " ".join(f'<{AGREEMENT}> <{ALT}> "{number}"@en .' for number in range(4))
        large = site.send("POST", "/graphs/data/facts", many, Content_Type="text/turtle")
        assert (large.status_code, large.json()["code"]) == (413, "too-large")
        assert site.update(alias("x")).status_code == 202
        fast = site.update(alias("y"))
        assert (fast.status_code, fast.json()["code"]) == (429, "too-many-writes")
        assert 0 < int(fast.headers["Retry-After"]) <= 60
        assert site.update(alias("y"), as_=("mori", "propose")).status_code == 202


def test_ordinary_clients_write_through_the_gate(site: Site) -> None:
    headers = {"Authorization": f"Bearer {site.token(*PUBLISHER)}"}
    endpoint, wish = site.address + "/sparql", {"publish": "By rdflib"}
    store = SPARQLUpdateStore(endpoint, endpoint, headers=headers, params=wish, autocommit=False)
    graph = RdflibGraph(store, identifier=URIRef(FACTS.value))
    triple = (URIRef(AGREEMENT), SKOS.altLabel, RdflibLiteral("By rdflib", lang="en"))
    graph.add(triple)
    graph.add((URIRef(AGREEMENT), SKOS.altLabel, RdflibLiteral("By rdflib too", lang="en")))
    store.commit()
    assert triple in graph
    assert site.bench.ledger.revision() == 1
    client = SPARQLWrapper(site.address + "/sparql")
    client.addCustomHttpHeader("Authorization", f"Bearer {site.token('sato', 'propose')}")
    client.setMethod(POST)
    client.setQuery(alias("By SPARQLWrapper"))
    answer = client.query().response
    assert answer.status == 202
    assert "/desk/proposals/" in answer.headers["Location"]


def test_the_service_says_that_updates_are_taken(quiet: Site) -> None:
    text = quiet.send("GET", "/sparql", as_=None, Accept="text/turtle").text
    assert "SPARQL11Update" in text
