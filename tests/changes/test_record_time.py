"""Record time: `?revision=N` shows what the record said at that commit, everywhere, and never what was learnt later."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import Literal, Quad, RdfFormat, Store

from kizuna.changes.patch import Patch, patch_of
from kizuna.cli import main
from kizuna.engine.types import Engine, View
from kizuna.ledger.load import load_with_ledger
from kizuna.settings import Settings
from kizuna.views.build import build_view
from kizuna.views.diff import dump
from kizuna.web.app import create_app
from tests.changes.conftest import Bench
from tests.changes.worlds import FACTS, PREF, facts

OLD = next(
    q
    for q in facts()
    if q.predicate == PREF and "/agreement/" in str(q.subject) and q.object.language == "en"  # type: ignore[union-attr]
)
ADDRESS = OLD.subject.value.removeprefix("https://w3id.org/kizuna/id/agreement/")  # type: ignore[union-attr]
FIRST, SECOND = "Called so first", "Called so second"
BEFORE = OLD.object.value  # type: ignore[union-attr]
NAMES = {0: BEFORE, 1: FIRST, 2: SECOND}
ASK = f'ASK {{ <{OLD.subject.value}> <{PREF.value}> "NAME"@en }}'  # type: ignore[union-attr]


def rename(old: str, new: str) -> Patch:
    return patch_of(
        [Quad(OLD.subject, PREF, Literal(old, language="en"), FACTS)],
        [Quad(OLD.subject, PREF, Literal(new, language="en"), FACTS)],
    )


@pytest.fixture(scope="module")
def record(shared: Bench) -> Bench:
    """A record of two commits that rename one agreement twice."""
    if shared.ledger.revision() == 0:
        for old, new in ((BEFORE, FIRST), (FIRST, SECOND)):
            made, _ = shared.changes.propose(
                shared.people["sato"], rename(old, new), title="t", way="document"
            )
            shared.changes.review(shared.people["mori"], made.id, made.version, "approve", "")
            shared.changes.publish(shared.people["abe"], made.id)
    return shared


@pytest.fixture(scope="module")
def app(record: Bench) -> Flask:
    return create_app(cast(Engine, record.engine), Settings(workspace=record.workspace, language="en"))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize("revision", [0, 1, 2, None])
def test_every_reader_sees_the_record_of_that_commit(client: FlaskClient, revision: int | None) -> None:
    told = NAMES[2 if revision is None else revision]
    others = set(NAMES.values()) - {told}
    state = "" if revision is None else f"&revision={revision}"
    readers = {
        "page": f"/agreements/{ADDRESS}?lang=en{state}",
        "list": f"/agreements?lang=en{state}",
        "data": f"/agreements/{ADDRESS}.json?lang=en{state}",
        "csv": f"/agreements.csv?lang=en{state}",
        "turtle": f"/agreements/{ADDRESS}.ttl?lang=en{state}",
        "graph store": f"/graphs/data/facts?lang=en{state}",
        "search": f"/search?q={quote(told)}&lang=en{state}",
    }
    for name, address in readers.items():
        text = client.get(address).get_data(as_text=True)
        shown = text.split("<main")[-1].split('class="past"')[-1]
        assert told in shown, name
        assert not {other for other in others if other in shown}, name


@pytest.mark.parametrize("revision", [0, 1, 2])
def test_sparql_takes_the_revision_in_the_address_and_in_the_body(client: FlaskClient, revision: int) -> None:
    for number, name in NAMES.items():
        query = {"query": ASK.replace("NAME", name), "revision": str(revision)}
        asked = client.get("/sparql", query_string=query)
        posted = client.post("/sparql", data=query)
        assert (
            asked.get_json(force=True)["boolean"]
            == posted.get_json(force=True)["boolean"]
            == (number == revision)
        )


def test_the_two_clocks_are_apart(client: FlaskClient) -> None:
    page = client.get(f"/agreements/{ADDRESS}.json?revision=1&asof=2030-01-01").get_json()
    assert page["as_of"] == "2030-01-01"
    assert FIRST in str(page["page"])


def test_every_link_keeps_the_revision_and_the_banner_leads_back(client: FlaskClient) -> None:
    html = client.get(f"/agreements/{ADDRESS}?lang=en&revision=1").text
    assert "The record as it was at revision 1" in html
    assert "revision=1" in html.split("<header")[1].split("</nav>")[0]
    assert "What has been learnt since" in html


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [("3", 404, "view-not-available"), ("x", 400, "bad-parameter"), ("-1", 400, "")],
)
def test_a_revision_that_is_none_is_refused(client: FlaskClient, given: str, status: int, code: str) -> None:
    answer = client.get("/actors", query_string={"revision": given})
    assert answer.status_code == status
    assert code in answer.text


def test_what_differs_between_revisions_is_told_as_page_patch_and_feed(client: FlaskClient) -> None:
    asked = {"from": "r0", "to": "r2", "lang": "en"}
    figures = client.get("/differences.json", query_string=asked).get_json()["page"]["figures"]
    assert (figures["stated_added"], figures["stated_removed"]) == (1, 1)
    patch = client.get("/differences.patch", query_string=asked).get_data(as_text=True)
    assert f'D <{OLD.subject.value}> <{PREF.value}> "{BEFORE}"@en' in patch  # type: ignore[union-attr]
    assert f'A <{OLD.subject.value}> <{PREF.value}> "{SECOND}"@en' in patch  # type: ignore[union-attr]
    ElementTree.fromstring(client.get("/differences.atom", query_string=asked).data)  # noqa: S314 (our own output)
    assert client.get("/differences", query_string=asked).status_code == 200


def test_a_commit_leads_to_the_record_as_it_was_and_to_what_it_changed(client: FlaskClient) -> None:
    html = client.get("/desk/commits/1?lang=en").text
    assert 'href="/?revision=1&amp;lang=en"' in html or 'href="/?lang=en&amp;revision=1"' in html
    changed = html.split('href="/differences?from=')[1].split('"')[0].replace("&amp;", "&")
    assert FIRST in client.get(f"/differences.patch?from={changed}").text


def test_commands_read_a_revision(record: Bench) -> None:
    where = ["-w", str(record.workspace)]
    for number, name in NAMES.items():
        exported = CliRunner().invoke(main, ["export", "--revision", str(number), *where])
        store = Store()
        store.load(exported.output, format=RdfFormat.N_QUADS)
        assert Quad(OLD.subject, PREF, Literal(name, language="en"), FACTS) in store
        view = CliRunner().invoke(main, ["export", "--view", "-r", str(number), *where])
        assert f'"{name}"@en' in view.output
        asked = CliRunner().invoke(main, ["query", ASK.replace("NAME", name), "-r", str(number), *where])
        assert asked.output.strip() == "true"
    assert CliRunner().invoke(main, ["export", "-r", "9", *where]).exit_code == 2


def test_a_write_into_another_view_is_refused_and_changes_nothing(client: FlaskClient, record: Bench) -> None:
    _, token = record.ledger.accounts.add_token("sato", "test", "propose", 1)
    before = len(record.ledger.proposals.list())
    for state in ("revision=1", "asof=2020-01-01"):
        for method, address, body in (
            ("PUT", "/graphs/data/facts", b"<a:a> <a:b> <a:c> ."),
            ("DELETE", "/graphs/data/facts", b""),
            ("POST", "/desk/proposals?graph=data/facts", b"<a:a> <a:b> <a:c> ."),
        ):
            answer = client.open(
                f"{address}{'&' if '?' in address else '?'}{state}",
                method=method,
                data=body,
                headers={"Authorization": f"Bearer {token}", "Content-Type": "text/turtle"},
            )
            assert answer.status_code == 400, (method, answer.text)
    assert len(record.ledger.proposals.list()) == before


SCENARIO = f'A <{OLD.subject.value}> <{PREF.value}> "Only supposed"@en <https://w3id.org/kizuna/graph/data/scenario/s> .\n'  # type: ignore[union-attr]


def dumped(bench: Bench, view: View | None) -> list[bytes]:
    return sorted(bench.engine.run_in_fork(view, "kizuna.views.diff:dump", ()).splitlines())


def test_the_view_of_today_and_the_newest_revision_is_the_default_view(record: Bench) -> None:
    today = record.engine.today()
    default = dumped(record, today)
    assert dumped(record, View(today.as_of, record.engine.state().revision, ())) == default
    store = load_with_ledger(record.workspace).store
    build_view(store, today.as_of)
    assert sorted(dump(store).splitlines()) == default


def test_no_scenario_leaks_into_the_record_by_looking_asking_writing_or_publishing(
    client: FlaskClient, benches: Callable[[], Bench]
) -> None:
    bench = benches()
    folder = bench.workspace / "scenarios"
    folder.mkdir()
    (folder / "s.patch").write_text(SCENARIO, "utf-8")
    app = create_app(cast(Engine, bench.engine), Settings(workspace=bench.workspace, language="en"))
    client = app.test_client()
    record = dumped(bench, None)
    for page in (
        f"/agreements/{ADDRESS}",
        "/agreements",
        "/map",
        "/matrix",
        "/timeline",
        "/search?q=supposed",
    ):
        state = f"{'&' if '?' in page else '?'}scenario=s"
        assert client.get(page + state).status_code == 200
    assert client.get(
        "/sparql", query_string={"query": ASK.replace("NAME", "Only supposed"), "scenario": "s"}
    ).get_json(force=True)["boolean"]
    assert (
        "Only supposed"
        in client.get("/graphs?graph=https://w3id.org/kizuna/graph/data/scenario/s&scenario=s").text
    )
    _, token = bench.ledger.accounts.add_token("sato", "test", "propose", 1)
    for method, address, body in (
        ("PUT", "/graphs/data/facts", b"<a:a> <a:b> <a:c> ."),
        (
            "POST",
            "/sparql",
            b"INSERT DATA { GRAPH <https://w3id.org/kizuna/graph/data/facts> { <a:a> <a:b> <a:c> } }",
        ),
    ):
        kind = "application/sparql-update" if address == "/sparql" else "text/turtle"
        answer = client.open(
            f"{address}?scenario=s",
            method=method,
            data=body,
            headers={"Authorization": f"Bearer {token}", "Content-Type": kind},
        )
        assert answer.status_code == 400, answer.text
    assert dumped(bench, None) == record
    exported = CliRunner().invoke(main, ["export", "-w", str(bench.workspace)]).output
    assert "Only supposed" not in exported
    told = CliRunner().invoke(main, ["export", "-s", "s", "-w", str(bench.workspace)]).output
    assert "Only supposed" in told
    made, _ = bench.changes.propose(bench.people["sato"], rename(BEFORE, FIRST), title="t", way="document")
    bench.changes.review(bench.people["mori"], made.id, made.version, "approve", "")
    bench.changes.publish(bench.people["abe"], made.id)
    assert not [line for line in dumped(bench, None) if b"Only supposed" in line or b"/scenario/" in line]
    assert not [line for line in dumped(bench, bench.engine.today()) if b"Only supposed" in line]
