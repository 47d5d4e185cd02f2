"""Scenarios never get into the record: every way of writing is tried while standing in one, and after."""

from __future__ import annotations

import io
from collections.abc import Iterator
from html import unescape
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kizuna.engine.types import Engine
from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.changes.conftest import Bench, make_workspace
from tests.changes.test_web import ALIAS, PASSWORD, SUBJECT, act, csrf, propose, signed_in, token
from tests.changes.worlds import PREF

GRAPH = "https://w3id.org/kizuna/graph/data/scenario/s"
STATE = "https://w3id.org/kizuna/ns#State"
SUPPOSED = "Only supposed"
SCENARIO = f"""# title@en: <script>alert(1)</script> & "s"
A <{SUBJECT}> <{PREF.value}> "{SUPPOSED}"@de <{GRAPH}> .
A <https://w3id.org/kizuna/id/state/SUP> <{PREF.value}> "{SUPPOSED}"@en <{GRAPH}> .
"""
WRITES = {
    "accounts.signed_in", "accounts.sign_out", "accounts.new_token", "accounts.revoke", "accounts.people",
    "desk.propose", "desk.post", "desk.act", "desk.revert", "desk.edited", "desk.import_later", "desk.validation",
    "desk.cancel", "desk.preview", "sparql.sparql", "sparql.cancel", "sparql.explain", "graphstore.graphs",
}  # fmt: skip
"""Endpoints that take more than reading requests: a new one belongs into the tests below."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    workspace = make_workspace(tmp_path_factory.mktemp("scenario") / "w")
    (workspace / "scenarios").mkdir()
    (workspace / "scenarios" / "s.patch").write_text(SCENARIO, "utf-8")
    made = Bench(workspace)
    for name in ("sato", "mori", "abe", "admin"):
        made.ledger.accounts.set_password(name, PASSWORD, by="test")
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(bench: Bench) -> Flask:
    return create_app(cast(Engine, bench.engine), Settings(workspace=bench.workspace, language="en"))


def record(bench: Bench) -> list[bytes]:
    return sorted(bench.engine.run_in_fork(None, "kizuna.views.diff:dump", ()).splitlines())


def leaks(bench: Bench) -> list[bytes]:
    """What of the scenario stands in the record, today's view or any proposal."""
    view = bench.engine.run_in_fork(bench.engine.today(), "kizuna.views.diff:dump", ())
    patches = [
        one.patch if isinstance(one.patch, bytes) else str(one.patch).encode() for one in proposals(bench)
    ]
    lines = [*record(bench), *view.splitlines(), *(line for patch in patches for line in patch.splitlines())]
    return [line for line in lines if SUPPOSED.encode() in line or b"/scenario/" in line or b"/SUP>" in line]


def proposals(bench: Bench) -> list[object]:
    return [bench.ledger.proposals.get(one.id) for one in bench.ledger.proposals.list()]


def test_all_ways_of_writing_are_known(app: Flask) -> None:
    reading = {"GET", "HEAD", "OPTIONS"}
    assert {rule.endpoint for rule in app.url_map.iter_rules() if (rule.methods or set()) - reading} == WRITES


@pytest.mark.parametrize(
    ("method", "address", "kind", "body"),
    [
        ("PUT", "/graphs/data/facts?scenario=s", "text/turtle", "<a:a> <a:b> <a:c> ."),
        ("POST", "/graphs/data/facts?scenario=s", "text/turtle", "<a:a> <a:b> <a:c> ."),
        ("DELETE", f"/graphs?graph={GRAPH}&scenario=s", None, ""),
        ("PATCH", "/graphs/data/facts?scenario=s", "application/sparql-update", "INSERT DATA { <a:a> <a:b> <a:c> }"),
        ("PUT", f"/graphs?graph={GRAPH}&scenario=s&publish=1", "text/turtle", "<a:a> <a:b> <a:c> ."),
        ("POST", "/desk/proposals?graph=data/facts&scenario=s", "text/turtle", "<a:a> <a:b> <a:c> ."),
        ("POST", "/sparql?scenario=s", "application/sparql-update", f"ADD <{GRAPH}> TO <https://w3id.org/kizuna/graph/data/facts>"),
        ("POST", "/sparql", "application/x-www-form-urlencoded", f"scenario=s&update=ADD <{GRAPH}> TO <https://w3id.org/kizuna/graph/data/facts>"),
    ],
)  # fmt: skip
def test_programs_are_refused_in_a_scenario(
    bench: Bench, app: Flask, method: str, address: str, kind: str | None, body: str
) -> None:
    before = record(bench)
    headers = token(bench, "abe", "publish")
    answer = app.test_client().open(address, method=method, data=body, content_type=kind, headers=headers)
    assert answer.status_code == 400, answer.text
    assert record(bench) == before
    assert leaks(bench) == []


def test_the_scenarios_graph_is_empty_to_an_update_that_names_no_scenario(bench: Bench, app: Flask) -> None:
    text = f"ADD SILENT <{GRAPH}> TO <https://w3id.org/kizuna/graph/data/facts>"
    app.test_client().get("/sparql?scenario=s&query=ASK {}")
    app.test_client().post(
        "/sparql", data=text, content_type="application/sparql-update", headers=token(bench, "abe", "publish")
    )
    assert leaks(bench) == []


def test_the_desk_shows_and_takes_the_record_only(bench: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    seen = sato.get(
        "/graphs", query_string={"graph": GRAPH, "scenario": "s"}, headers={"Accept": "text/turtle"}
    )
    assert SUPPOSED in seen.text
    for page in (
        "/desk",
        "/desk/new",
        f"/desk/edit?thing={SUBJECT}",
        f"/desk/edit?class={STATE}",
        "/desk/history",
    ):
        html = sato.get(page, query_string=None).text
        there = sato.get(f"{page}{'&' if '?' in page else '?'}scenario=s").text
        assert SUPPOSED not in there, page
        assert GRAPH not in there, page
        assert "data/scenario/s" not in there, page
        assert "<script>alert(1)" not in html + there


def test_forms_and_files_that_are_sent_from_a_scenario_change_the_record_only(
    bench: Bench, app: Flask
) -> None:
    sato, mori, abe = (signed_in(app, name) for name in ("sato", "mori", "abe"))
    secret = csrf(sato.get("/desk/new?scenario=s").text)
    form = {"csrf": secret, "title": "a change", "text": ALIAS, "graph": "data/facts"}
    made = sato.post("/desk/new?scenario=s", data=form)
    assert made.status_code == 303, made.text
    number = int(made.headers["Location"].rpartition("/")[2].partition("?")[0])
    for address, more in (
        ("/desk/edit", {"thing": SUBJECT, f"f en {PREF.value}": "Another name", "title": "by form"}),
        ("/desk/edit", {"class": STATE, "subject": "state/SUP", f"f en {PREF.value}": "Not there yet", "title": "new"}),
        ("/desk/preview", {"text": ALIAS, "graph": "data/facts"}),
        ("/desk/validation", {}),
    ):  # fmt: skip
        answer = sato.post(f"{address}?scenario=s", data={"csrf": secret, **more})
        assert answer.status_code < 500, (address, answer.text)
    file = (io.BytesIO(ALIAS.encode()), "a.ttl")
    answer = sato.post(
        "/desk/import?scenario=s",
        data={"csrf": secret, "file": file, "graph": "data/facts", "title": "i"},
        content_type="multipart/form-data",
    )
    assert answer.status_code < 500
    assert leaks(bench) == []
    state = "?scenario=s"
    page = mori.get(f"/desk/proposals/{number}{state}").text
    mori.post(
        f"/desk/proposals/{number}/review{state}",
        data={"csrf": csrf(page), "verdict": "approve", "version": "1"},
    )
    page = abe.get(f"/desk/proposals/{number}{state}").text
    assert abe.post(f"/desk/proposals/{number}/publish{state}", data={"csrf": csrf(page)}).status_code == 303
    assert any(b"Also called" in line for line in record(bench))
    assert leaks(bench) == []
    page = abe.get(f"/desk/commits/{bench.ledger.revision()}{state}").text
    abe.post(f"/desk/commits/{bench.ledger.revision()}/revert{state}", data={"csrf": csrf(page)})
    assert leaks(bench) == []


def test_publishing_while_looking_at_another_proposal_publishes_that_one_alone(
    bench: Bench, app: Flask
) -> None:
    sato, mori, abe = (signed_in(app, name) for name in ("sato", "mori", "abe"))
    seen = propose(sato, f'<{SUBJECT}> <http://www.w3.org/2004/02/skos/core#altLabel> "Merely proposed"@en .')
    wanted = propose(
        sato, f'<{SUBJECT}> <http://www.w3.org/2004/02/skos/core#altLabel> "To be published"@en .'
    )
    assert act(mori, wanted, "review", verdict="approve", version="1") == 303
    assert (
        "Merely proposed"
        in abe.get(
            f"/sparql?scenario=proposal-{seen}&format=csv&query=SELECT ?o {{ <{SUBJECT}> ?p ?o }}"
        ).text
    )
    page = abe.get(f"/desk/proposals/{wanted}?scenario=proposal-{seen}").text
    assert (
        abe.post(
            f"/desk/proposals/{wanted}/publish?scenario=proposal-{seen}", data={"csrf": csrf(page)}
        ).status_code
        == 303
    )
    now = record(bench)
    assert any(b"To be published" in line for line in now)
    assert not any(b"Merely proposed" in line for line in now)


def test_a_name_with_markup_stays_text_on_every_page(app: Flask) -> None:
    client: FlaskClient = app.test_client()
    for page in (
        "/scenarios",
        "/",
        "/agreements",
        "/why",
        "/differences?to=2026-01-01,s",
        "/map",
        "/graph/",
        "/changes.atom",
        "/calendar.ics",
        "/scenarios.json",
    ):
        for language in ("ja", "en"):
            answer = client.get(f"{page}{'&' if '?' in page else '?'}scenario=s&lang={language}")
            assert answer.status_code == 200, (page, answer.text[:300])
            if answer.mimetype in ("text/html", "application/atom+xml"):
                assert "<script>alert(1)" not in answer.text, page
    assert '<script>alert(1)</script> & "s"' in unescape(client.get("/scenarios?lang=en").text)
