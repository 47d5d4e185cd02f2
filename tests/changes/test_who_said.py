"""Who writes a change says it, who presses publish published it: pages, JSON and the log tell the two apart, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from flask import Flask
from pyoxigraph import Literal, NamedNode, Quad, Store

from kizuna.changes.patch import Patch, patch_of
from kizuna.commands.changes import log_command
from kizuna.engine.types import Engine
from kizuna.ledger.records import Commit
from kizuna.settings import Settings
from kizuna.validation.labels import Labels
from kizuna.web.app import create_app
from kizuna.workspace.borrowed import borrowed
from kizuna.workspace.names import ID, RDFS, SKOS
from tests.changes.conftest import Bench, make_workspace
from tests.changes.test_web import PASSWORD, SUBJECT, signed_in
from tests.changes.worlds import FACTS, PREF, facts

HISTORY = f"/desk/history?thing={quote(SUBJECT)}"
ALIAS = Quad(NamedNode(SUBJECT), NamedNode(SKOS + "altLabel"), Literal("Also called", language="en"), FACTS)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """sato has written a change, mori has approved it, abe has published it."""
    made = Bench(make_workspace(tmp_path_factory.mktemp("said") / "w"))
    people = made.people
    one, _ = made.changes.propose(
        people["sato"], patch_of([], [ALIAS]), title="a change", way="form", open_now=True
    )
    made.changes.review(people["mori"], one.id, one.version, "approve", "")
    made.changes.publish(people["abe"], one.id)
    for name in ("sato", "abe"):
        made.ledger.accounts.set_password(name, PASSWORD, by="test")
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(published: Bench) -> Flask:
    return create_app(cast(Engine, published.engine), Settings(workspace=published.workspace, language="en"))


def test_pages_tell_who_wrote_and_who_published(app: Flask) -> None:
    client = app.test_client()
    for address in (HISTORY, "/desk/commits/1"):
        assert "written by sato, published by abe" in client.get(address).text
        assert (
            "執筆: sato、公開: abe" in client.get(address + ("&" if "?" in address else "?") + "lang=ja").text
        )
    for address in (HISTORY, "/desk/history", "/desk"):
        assert "<td>sato</td><td>abe</td>" in client.get(address).text


def test_programs_are_told_both(app: Flask) -> None:
    client = app.test_client()
    asked = {"Accept": "application/json"}
    told = client.get(HISTORY, headers=asked).get_json()
    assert [(c["written_by"], c["published_by"]) for c in told["published"]] == [("sato", "abe")]
    by = {line["object"]: line["by"] for line in told["said"]}
    assert by[str(ALIAS.object)]["written_by"] == "sato"
    assert None in by.values(), "what was there from the start was said by nobody here"
    assert client.get("/desk/commits/1", headers=asked).get_json()["written_by"] == "sato"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "written by sato, published by abe"), ("ja", "執筆: sato、公開: abe")]
)
def test_the_log_names_both(published: Bench, language: str, words: str) -> None:
    given = ["--workspace", str(published.workspace), "--language", language]
    answer = CliRunner().invoke(log_command, given)
    assert answer.output.split("\t")[2] == words


def test_the_chain_holds_and_one_person_is_named_once(published: Bench) -> None:
    assert published.ledger.verify() == 1
    commit: Commit = published.ledger.get(1)
    assert replace(commit, author="sato").byline("en") == "written and published by sato"
    assert replace(commit, author="sato").byline("ja") == "執筆・公開: sato"
    assert replace(commit, writer="").byline("en") == "published by abe"
    assert replace(commit, writer="").said_by == "abe"


def test_a_history_is_headed_by_the_name_of_its_thing(app: Flask) -> None:
    name = next(q.object.value for q in facts() if q.subject == ALIAS.subject and q.predicate == PREF
                and cast(Literal, q.object).language == "en")  # fmt: skip
    assert f"<small>{name}</small>" in app.test_client().get(HISTORY).text


def drafted(bench: Bench, patch: Patch) -> str:
    one, _ = bench.changes.propose(bench.people["sato"], patch, title="a draft", way="form")
    return f"/desk/proposals/{one.id}"


def test_a_thing_that_is_only_removed_has_no_form_to_mend_it_in(published: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    offer = f"thing={quote(SUBJECT, safe='')}"
    whole = [q for q in facts() if q.subject == ALIAS.subject]
    pages = [sato.get(drafted(published, patch_of(gone, []))).text for gone in ([*whole, ALIAS], [ALIAS])]
    offers = [
        [a for a in page.split('href="') if a.startswith("/desk/edit") and "thing=" in a] for page in pages
    ]
    assert not [a for a in offers[0] if offer in a or quote(SUBJECT, safe=":/") in a]
    assert offers[1], "what only loses a name still has a form"


def test_what_may_not_be_published_is_said_once(published: Bench, app: Flask) -> None:
    name = Literal("Known as", language="en")
    patch = patch_of([], [Quad(ALIAS.subject, ALIAS.predicate, name, FACTS)])
    one, _ = published.changes.propose(
        published.people["sato"], patch, title="open", way="form", open_now=True
    )
    page = signed_in(app, "abe").get(f"/desk/proposals/{one.id}?lang=ja").text
    assert "公開できません: この版をまだだれも承認していません。" in page
    assert "公開する: 公開できません" not in page


def test_a_property_of_another_vocabulary_has_one_name_everywhere() -> None:
    labels = Labels(Store())
    for iri in (SKOS + "prefLabel", SKOS + "altLabel", RDFS + "label"):
        assert (labels.prop(iri).ja, labels.prop(iri).en) == borrowed(iri)
    assert borrowed(SKOS + "prefLabel") == ("表示名", "display name"), (
        "as the shapes say it in their findings"
    )


def history_of(app: Flask, name: str, language: str) -> str:
    return app.test_client().get(f"/desk/history?thing={quote(ID + name)}&lang={language}").text


@pytest.mark.parametrize(
    ("language", "event", "title"),
    [
        ("en", "Act, enacted, 2015-05-04", "憲章のページ"),
        ("ja", "法律、成立、2015-05-04", "憲章のページ"),
    ],
)
def test_a_history_calls_events_and_evidence_by_what_they_are(
    app: Flask, language: str, event: str, title: str
) -> None:
    page = history_of(app, "instrument/act", language)
    assert f">{event}</a>" in page, "what the thing rests on names the stage, not an identifier"
    assert "event:instrument-act" not in page
    page = history_of(app, "event/instrument-act-enacted-2015", language)
    assert f"<small>{event}</small>" in page
    assert f">{title}</a></td>" in page, "evidence is called by its source"
    assert f">{title}</a></td>" in history_of(app, "evidence/page", language)


def test_a_change_calls_an_event_that_is_not_yet_published_by_what_it_says(
    published: Bench, app: Flask
) -> None:
    old, new = (NamedNode(f"{ID}event/instrument-act-{name}") for name in ("enacted-2015", "enacted-2016"))
    patch = patch_of([], [Quad(new, q.predicate, q.object, FACTS) for q in facts() if q.subject == old])
    page = signed_in(app, "sato").get(drafted(published, patch)).text
    assert ">Act, enacted, 2015-05-04</a>" in page
    assert ">event/instrument-act-enacted-2016</a>" not in page
