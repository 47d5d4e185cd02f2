"""Whatever stands in the address of a desk page, the answer is a page or an error with words: never a failed job."""

from __future__ import annotations

from typing import cast
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kizuna.engine.types import Engine
from kizuna.settings import Settings
from kizuna.web.app import create_app
from kizuna.workspace.names import NS
from tests.changes.conftest import Bench
from tests.changes.test_web import PASSWORD, csrf, signed_in

ODD = ("State", "a b", "<x>", "http://[x", "mailto:", "_:b", "..", "-1", "²", "9" * 23, "\x00", "x" * 3000)
NO_NAME = ("State", "http://[x", '"a"')


@pytest.fixture(scope="module")
def app(shared: Bench) -> Flask:
    shared.ledger.accounts.set_password("sato", PASSWORD, by="test")
    return create_app(cast(Engine, shared.engine), Settings(workspace=shared.workspace, language="en"))


@pytest.fixture(scope="module")
def sato(app: Flask) -> FlaskClient:
    return signed_in(app, "sato")


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize(
    ("page", "parameter"),
    [
        ("edit", "class"),
        ("edit", "thing"),
        ("edit", "proposal"),
        ("history", "thing"),
        ("commits/0", "revision"),
    ],
)
def test_no_parameter_of_a_desk_page_makes_the_server_fail(
    sato: FlaskClient, page: str, parameter: str, value: str
) -> None:
    assert sato.get(f"/desk/{page}", query_string={parameter: value}).status_code < 500


@pytest.mark.parametrize("value", ODD)
def test_no_number_in_the_path_of_a_desk_page_makes_the_server_fail(sato: FlaskClient, value: str) -> None:
    for page in ("proposals", "commits", "jobs"):
        assert sato.get(f"/desk/{page}/{quote(value, safe='')}").status_code < 500


@pytest.mark.parametrize("value", NO_NAME)
@pytest.mark.parametrize("parameter", ["class", "thing"])
@pytest.mark.parametrize(
    ("language", "words"), [("en", "is not the name of a thing"), ("ja", "項目の名前ではありません")]
)
def test_what_names_no_thing_is_refused_in_the_readers_language(
    sato: FlaskClient, parameter: str, value: str, language: str, words: str
) -> None:
    answer = sato.get("/desk/edit", query_string={parameter: value, "lang": language})
    assert answer.status_code == 400
    assert words in answer.text


def test_a_class_may_be_named_as_in_other_addresses(sato: FlaskClient) -> None:
    pages = [
        sato.get("/desk/edit", query_string={"class": name}).text
        for name in (NS + "State", "ns#State", "k:State")
    ]
    fields = [page.count('name="f ') for page in pages]
    assert fields[0] > 0
    assert fields == [fields[0]] * 3


@pytest.mark.parametrize("number", ["x", "-1", "9" * 23])
def test_an_unknown_proposal_makes_no_form_for_a_new_thing(sato: FlaskClient, number: str) -> None:
    answer = sato.get("/desk/edit", query_string={"proposal": number, "class": NS + "State"})
    assert answer.status_code == 404
    assert number in answer.text


@pytest.mark.parametrize(
    "odd",
    [
        {"class": "State"},
        {"subject": "state/x y"},
        {"graph": "a b"},
        {"version": "x"},
        {"f en no-iri": "x"},
        {"f nothing": "x"},
    ],
)
def test_no_field_of_the_form_makes_the_server_fail(sato: FlaskClient, odd: dict[str, str]) -> None:
    address = f"/desk/edit?class={quote(NS + 'State', safe='')}"
    form = {
        "csrf": csrf(sato.get(address).text),
        "class": NS + "State",
        "subject": "state/ZZZ",
        "graph": "data/facts",
    }
    assert sato.post("/desk/edit", data={**form, **odd}).status_code < 500
