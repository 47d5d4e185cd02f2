"""The desk over HTTP, with a real engine and ledger: forms, tokens, reports, and what strangers may not do."""

from __future__ import annotations

import re
from html import unescape
from typing import cast
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import Graph
from rdflib.namespace import SH
from werkzeug.test import TestResponse

from kizuna.engine.types import Engine
from kizuna.settings import Settings
from kizuna.web.app import create_app
from kizuna.workspace.names import ID, NS
from tests.changes.conftest import Bench
from tests.changes.worlds import FACTS, PREF, facts

PASSWORD = "correct horse battery"
SUBJECT = next(q.subject.value for q in facts() if q.predicate == PREF and "/agreement/" in str(q.subject))  # type: ignore[union-attr]
ALIAS = f'<{SUBJECT}> <http://www.w3.org/2004/02/skos/core#altLabel> "Also called"@en .'
NAMELESS = f'<{SUBJECT}> <{PREF.value}> "Nur dies"@de .'


@pytest.fixture
def app(bench: Bench) -> Flask:
    for name in ("sato", "mori", "abe", "admin", "ren"):
        bench.ledger.accounts.set_password(name, PASSWORD, by="test")
    return create_app(cast(Engine, bench.engine), Settings(workspace=bench.workspace, language="en"))


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def signed_in(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    form = {"csrf": csrf(client.get("/account/sign-in").text), "name": name, "password": PASSWORD}
    answer = client.post("/account/sign-in", data=form)
    assert answer.status_code == 303, answer.text
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "kizuna-session" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    return client


def act(client: FlaskClient, number: int, do: str, **form: str) -> int:
    page = client.get(f"/desk/proposals/{number}").text
    return client.post(f"/desk/proposals/{number}/{do}", data={"csrf": csrf(page), **form}).status_code


def propose(client: FlaskClient, text: str, **more: str) -> int:
    page = client.get("/desk/new").text
    form = {"csrf": csrf(page), "title": "a change", "text": text, "graph": "data/facts", **more}
    answer = client.post("/desk/new", data=form)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["Location"].rpartition("/")[2].partition("?")[0])


def token(bench: Bench, name: str, scope: str) -> dict[str, str]:
    _, secret = bench.ledger.accounts.add_token(name, "test", scope, 1)  # type: ignore[arg-type]
    return {"Authorization": f"Bearer {secret}"}


def test_a_change_from_paste_to_page(bench: Bench, app: Flask) -> None:
    sato, mori, abe = (signed_in(app, name) for name in ("sato", "mori", "abe"))
    number = propose(sato, ALIAS)
    page = sato.get(f"/desk/proposals/{number}?consequences=1").text
    assert "Also called" in page
    assert "What follows when it is published" in page
    assert "You may not publish" in abe.get(f"/desk/proposals/{number}").text
    assert act(mori, number, "review", verdict="approve", version="1") == 303
    assert act(abe, number, "publish") == 303
    thing = SUBJECT.partition("/id/")[2].replace("agreement/", "/agreements/")
    assert "Also called" in app.test_client().get(thing + ".ttl").text
    history = sato.get(f"/desk/history?thing={quote(SUBJECT)}").text
    assert "abe" in history
    assert "from the start" in history
    assert "What it rests on" in history
    assert 'class="ev"' in history, "each statement with its source"
    assert "Propose to undo it" in sato.get("/desk/commits/1").text
    desk = sato.get("/desk?lang=ja").text
    assert "a change" in desk
    assert "LifeCycleEvent" not in desk, "kinds of statement are told in words"


def test_a_proposal_opens_the_whole_atlas_as_if_published(bench: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    number = propose(sato, ALIAS)
    thing = SUBJECT.partition("/id/")[2].replace("agreement/", "/agreements/")
    assert "Also called" in sato.get(f"{thing}.ttl?scenario=proposal-{number}").text
    page = sato.get(f"{thing}?scenario=proposal-{number}").text
    assert "What-if:" in page
    assert f"scenario=proposal-{number}" in page.partition("<main")[2]
    assert "Also called" not in sato.get(thing + ".ttl").text
    assert app.test_client().get(f"/?scenario=proposal-{number}").status_code == 401


def test_programs_get_202_or_422_with_the_report_in_their_format(bench: Bench, app: Flask) -> None:
    client = app.test_client()
    mine = token(bench, "sato", "propose")
    address = "/desk/proposals?graph=data/facts&mode=replace-things"
    for accept, mimetype in (
        ("text/turtle", "text/turtle"),
        ("application/sarif+json", "application/sarif+json"),
        ("application/xml", "application/xml"),
        ("text/plain", "text/plain"),
        ("application/json", "application/json"),
    ):
        answer = client.post(
            address, data=NAMELESS, headers={**mine, "Accept": accept}, content_type="text/turtle"
        )
        assert (answer.status_code, answer.mimetype) == (422, mimetype)
    assert answer.get_json()["code"] == "change-blocked"
    turtle = client.post(
        address, data=NAMELESS, headers={**mine, "Accept": "text/turtle"}, content_type="text/turtle"
    )
    graph = Graph().parse(data=turtle.text, format="turtle")
    assert (None, SH.result, None) in graph
    assert bench.ledger.proposals.list() == ()
    good = client.post(
        "/desk/proposals?graph=data/facts", data=ALIAS, headers=mine, content_type="text/turtle"
    )
    assert good.status_code == 202
    assert good.headers["Location"].endswith("/desk/proposals/1")
    assert (
        client.get("/desk/proposals/1", headers={**mine, "Accept": "application/json"}).get_json()["state"]
        == "open"
    )


def test_graph_store_and_update_end_in_proposals(bench: Bench, app: Flask) -> None:
    client = app.test_client()
    mine = token(bench, "sato", "propose")
    put = client.put("/graphs/data/other", data=ALIAS, headers=mine, content_type="text/turtle")
    assert put.status_code == 202, put.text
    update = f"INSERT DATA {{ GRAPH <{FACTS.value}> {{ {ALIAS} }} }}"
    posted = client.post("/sparql", data=update, headers=mine, content_type="application/sparql-update")
    assert posted.status_code == 202, posted.text
    assert [p.way for p in bench.ledger.proposals.list()] == ["update", "graph-store"]
    assert bench.ledger.revision() == 0
    load = client.post(
        "/sparql", data="LOAD <http://127.0.0.1:9/>", headers=mine, content_type="application/sparql-update"
    )
    assert load.get_json()["code"] == "load-not-allowed"
    read_only = token(bench, "sato", "read")
    refused = client.put("/graphs/data/other", data=ALIAS, headers=read_only, content_type="text/turtle")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not-permitted")
    assert "scope" in refused.get_json()["detail"]
    assert client.put("/graphs/data/other", data=ALIAS, content_type="text/turtle").status_code == 401


def test_the_form_of_a_thing_changes_only_what_was_changed(bench: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    state = next(q.subject.value for q in facts() if str(q.object).endswith("ns#State>"))  # type: ignore[union-attr]
    address = (
        f"/desk/edit?class={quote('https://w3id.org/kizuna/ns#State', safe='')}&thing={quote(state, safe='')}"
    )
    page = sato.get(address).text
    assert "New:" not in page
    fields = re.findall(r'<textarea name="(f [^"]+)"[^>]*>([^<]*)</textarea>', page)
    fields += re.findall(r'<input name="(f [^"]+)" value="([^"]*)"', page)
    for name, body in re.findall(r'<select name="(f [^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', body)
        fields.append((name, chosen[1] if chosen else ""))
    pairs: dict[str, list[str]] = {
        "csrf": [csrf(page)],
        "class": ["https://w3id.org/kizuna/ns#State"],
        "thing": [state],
    }
    for name, value in fields:
        pairs.setdefault(name, []).append(value)
    key = "f en " + PREF.value
    pairs[key] = ["Renamed by form" if value else "" for value in pairs[key]]
    answer = sato.post("/desk/edit", data=pairs)
    assert answer.status_code == 303, answer.text
    patch = bench.ledger.proposals.get(1).patch
    assert len(patch.splitlines()) == 2
    assert "Renamed by form" in patch


def fill(client: FlaskClient, address: str, **typed: str) -> TestResponse:
    """Send a form of a thing: what it holds, with some fields typed anew (by local name and language)."""
    page = client.get(address).text
    pairs: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page):
        pairs.setdefault(name, []).append(value)
    for name, value in re.findall(r'<textarea name="([^"]+)"[^>]*>([^<]*)</textarea>', page):
        pairs.setdefault(name, []).append(value)
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', body)
        pairs.setdefault(name, []).append(chosen[1] if chosen else "")
    for key, value in typed.items():
        name = key if key in ("title", "subject", "graph") else ""
        local, _, tongue = key.partition("_")
        name = name or next(one for one in pairs if re.fullmatch(f"f {tongue or '-'} .*[#/]{local}", one))
        pairs[name] = [value]
    return client.post("/desk/edit", data=pairs)


AGREEMENT = "/desk/edit?class=" + quote(NS + "Agreement", safe="")


def test_a_draft_with_errors_is_mended_in_the_form(bench: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    new = {"title": "t", "subject": "agreement/aaa-bbb-new", "graph": "data/facts"}
    answer = fill(sato, AGREEMENT, **new, prefLabel_en="Only in English", evidence="evidence/e1")
    assert answer.status_code == 303, answer.text
    draft = bench.ledger.proposals.get(1)
    assert draft.state == "draft"
    assert NS + "Agreement" in draft.patch, "a thing whose kind was not chosen is of the form's class"
    page = sato.get("/desk/proposals/1").text
    address = unescape(re.findall(r'href="(/desk/edit\?[^"]+)"', page)[0])
    assert "Mend the errors" in page
    again = fill(sato, address, prefLabel_ja="日本語も", type=NS + "TradeAgreement", prefLabel_en="Renamed")
    assert again.headers["Location"] == "/desk/proposals/1", again.text
    mended = bench.ledger.proposals.get(1)
    assert (mended.version, mended.title) == (2, "t")
    assert "D <" not in mended.patch, "what only the draft said is not removed from the record"
    assert "Only in English" not in mended.patch
    assert "日本語も" in mended.patch
    mori = signed_in(app, "mori")
    assert mori.get(address).status_code == 404, "a draft is its author's"


def test_a_form_comes_back_with_what_was_typed_when_a_value_does_not_fit(bench: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    new = {"title": "t", "subject": "agreement/aaa-bbb-new", "graph": "data/facts"}
    answer = fill(sato, AGREEMENT, **new, prefLabel_en="Kept words", expectedEnd="spring 2030")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    for kept in ("Kept words", "spring 2030", "agreement/aaa-bbb-new", "2016-04-01"):
        assert kept in answer.text
    there = fill(sato, AGREEMENT, **{**new, "subject": SUBJECT.partition("/id/")[2]}, prefLabel_en="x")
    assert (there.status_code, "exists already" in there.text) == (422, True)
    assert bench.ledger.proposals.list() == ()


@pytest.mark.parametrize("ground", ["verification", "evidence"])
def test_who_writes_down_a_new_thing_says_where_it_is_known_from(
    bench: Bench, app: Flask, ground: str
) -> None:
    sato = signed_in(app, "sato")
    new = {"title": "t", "subject": "agreement/aaa-bbb-new", "graph": "data/facts", "prefLabel_en": "New"}
    refused = fill(sato, AGREEMENT, **new)
    assert refused.status_code == 422
    assert all(said in refused.text for said in ("Give one of these: “evidence”, “verification”", "New"))
    assert bench.ledger.proposals.list() == ()
    known = {"verification": f"{ID}verification/general-knowledge", "evidence": "evidence/e1"}
    assert fill(sato, AGREEMENT, **new, **{ground: known[ground]}).status_code == 303
    assert f"{NS}{ground}> <{ID}" in bench.ledger.proposals.get(1).patch


def test_an_agreement_and_its_evidence_are_one_proposal(bench: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    new = {"title": "t", "subject": "agreement/aaa-bbb-new", "graph": "data/facts"}
    fill(sato, AGREEMENT, **new, prefLabel_en="New", evidence="evidence/e9")
    page = sato.get("/desk/proposals/1").text
    assert f'<option value="{NS}Evidence">' in page
    evidence = f"/desk/edit?proposal=1&class={quote(NS + 'Evidence', safe='')}"
    also = {**new, "title": "", "subject": "evidence/e9"}
    assert fill(sato, evidence, **also).headers["Location"] == "/desk/proposals/1"
    both = bench.ledger.proposals.get(1)
    assert (both.version, both.title) == (2, "t")
    assert all(f"<{ID}{one}>" in both.patch for one in ("agreement/aaa-bbb-new", "evidence/e9"))
    assert f"{NS}Evidence>" in both.patch
    mori = signed_in(app, "mori")
    assert "Kind of another thing" not in mori.get("/desk/proposals/1").text


def test_a_proposal_names_things_and_values_as_people_do(bench: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    number = propose(sato, ALIAS)
    page = sato.get(f"/desk/proposals/{number}").text
    assert '"Also called"@en' not in unescape(page)
    assert '<span lang="en">Also called</span>' in page
    assert f"scenario=proposal-{number}" in page


def test_forms_of_other_sites_are_refused(bench: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    form = {"title": "x", "text": ALIAS, "graph": "data/facts"}
    for extra in ({}, {"csrf": "0" * 64}):
        answer = sato.post("/desk/new", data={**form, **extra})
        assert (answer.status_code, "bad-csrf" in answer.text) == (400, True)
    good = csrf(sato.get("/desk/new").text)
    foreign = sato.post("/desk/new", data={**form, "csrf": good}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 400
    assert bench.ledger.proposals.list() == ()


def test_signing_in_slows_down_and_never_leaves_the_site(app: Flask) -> None:
    client = app.test_client()
    form = {"csrf": csrf(client.get("/account/sign-in").text), "name": "sato", "password": "wrong"}
    for _ in range(5):
        assert client.post("/account/sign-in", data=form).status_code == 401
    slowed = client.post("/account/sign-in", data=form)
    assert slowed.status_code == 429
    assert int(slowed.headers["Retry-After"]) > 0
    away = {**form, "name": "mori", "password": PASSWORD, "then": "//evil.example/"}
    assert client.post("/account/sign-in", data=away).headers["Location"].startswith("/desk")


def test_without_anonymous_reading_strangers_see_the_sign_in_page_only(bench: Bench, app: Flask) -> None:
    closed = create_app(
        cast(Engine, bench.engine), Settings(workspace=bench.workspace, anonymous=False, language="en")
    )
    client = closed.test_client()
    assert "/account/sign-in" in client.get("/actors").headers["Location"]
    assert client.get("/actors.json").status_code == 401
    assert client.get("/sparql?query=ASK%7B%7D", headers={"Accept": "application/json"}).status_code == 401
    assert client.get("/health").status_code == 200
    assert client.get("/actors", headers=token(bench, "ren", "read")).status_code == 200
    assert client.get("/actors", headers={"Authorization": "Bearer kzn_wrong"}).status_code in (401, 302)


def test_what_is_shown_to_one_person_is_not_kept_for_another(bench: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    answer = sato.get("/desk")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer.headers["Vary"]
    secure = app.test_client().get("/account/sign-in", base_url="https://localhost")
    assert "__Host-kizuna-visit" in secure.headers["Set-Cookie"]
    assert "Secure" in secure.headers["Set-Cookie"]


def test_drafts_are_their_authors_and_accounts_the_administrators(bench: Bench, app: Flask) -> None:
    sato, mori, admin = (signed_in(app, name) for name in ("sato", "mori", "admin"))
    number = propose(sato, NAMELESS, mode="replace-things")
    assert bench.ledger.proposals.get(number).state == "draft"
    assert sato.get(f"/desk/proposals/{number}").status_code == 200
    assert mori.get(f"/desk/proposals/{number}").status_code == 404
    form = {"csrf": csrf(sato.get("/account/").text), "do": "role", "name": "sato", "role": "admin"}
    assert sato.post("/account/people", data=form).status_code == 403
    form["csrf"] = csrf(admin.get("/account/").text)
    assert admin.post("/account/people", data=form).status_code == 303
    assert bench.ledger.accounts.get("sato").role == "admin"


def test_pages_of_things_lead_who_is_signed_in_to_history_and_form(bench: Bench, app: Flask) -> None:
    thing = SUBJECT.partition("/id/")[2].replace("agreement/", "/agreements/")
    sato = signed_in(app, "sato")
    page = sato.get(thing).text
    addresses = re.findall(r'href="(/desk/(?:history|edit)\?[^"]+)"', page)
    assert len(addresses) == 2
    for address in addresses:
        assert sato.get(address.replace("&amp;", "&")).status_code == 200
    assert "/desk/history" not in app.test_client().get(thing).text
