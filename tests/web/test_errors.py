"""One shape for every error, in the reader's language, documented."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kizuna.engine import types
from kizuna.engine.types import (
    Answer,
    Engine,
    EngineBusyError,
    EngineError,
    EngineUnavailableError,
    QuerySyntaxError,
    QueryTimeoutError,
    Question,
    Row,
    Term,
    View,
)
from kizuna.settings import Settings
from kizuna.web.app import create_app
from kizuna.web.errors import PROBLEMS
from tests.support.world import WatchedEngine

DOCS = Path(__file__).parents[2] / "docs" / "errors.md"


def test_an_unknown_thing_is_404_with_what_was_perhaps_meant(client: FlaskClient) -> None:
    answer = client.get("/actors/state/PHI?lang=en")
    assert answer.status_code == 404
    assert "unknown-thing" in answer.text
    assert "state/PHI" in answer.text
    assert 'href="/actors/state/PHL?lang=en"' in answer.text


def test_programs_get_problem_details_in_their_language(client: FlaskClient) -> None:
    answer = client.get("/agreements/nothing.json", headers={"Accept-Language": "ja"})
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    body = answer.get_json()
    assert body["code"] == "unknown-thing"
    assert body["status"] == 404
    assert body["title"] == "この名前の項目はありません"
    assert "agreement/nothing" in body["detail"]
    assert body["what_to_do"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_page_that_does_not_exist_says_what_to_do(client: FlaskClient, language: str) -> None:
    answer = client.get(f"/nowhere?lang={language}")
    assert answer.status_code == 404
    assert "not-found" in answer.text
    assert f'lang="{language}"' in answer.text


@pytest.mark.parametrize("path", ["/actors.xml", "/actors/state/PHL.xlsx", "/agreements/cptpp.pdf"])
def test_an_unknown_format_names_the_known_ones(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}?lang=en")
    assert answer.status_code == 404
    body = answer.get_json()
    assert body["code"] == "unknown-format"
    assert ".json, .csv and .ttl" in body["detail"]
    assert client.get("/nowhere.xml").get_json(silent=True) is None


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.post("/actors")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


class FailingEngine(WatchedEngine):
    """An engine that answers every question with one error."""

    def __init__(self, inner: Engine, error: Exception) -> None:
        super().__init__(inner)
        self.error = error

    def select(self, view: View, text: str, bindings: Mapping[str, Term] | None = None) -> list[Row]:
        raise self.error

    def query(self, view: View, question: Question) -> Answer:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (EngineUnavailableError("keeper is gone"), 503, "engine-unavailable"),
        (EngineBusyError("no worker", retry_after=3), 503, "engine-busy"),
        (QueryTimeoutError("10 s"), 503, "query-timeout"),
        (QuerySyntaxError("expected }", 4, 7), 400, "query-syntax"),
        (ValueError("a bug"), 500, "internal-error"),
    ],
)
def test_a_failing_engine_is_told_in_the_same_shape(
    engine: WatchedEngine, error: Exception, status: int, code: str
) -> None:
    client = create_app(FailingEngine(engine, error), Settings()).test_client()
    page = client.get("/actors/state/PHL?lang=en")
    assert page.status_code == status
    assert code in page.text
    assert "a bug" not in page.text, "the inside of a fault is for the log"
    body = client.get("/actors/state/PHL.json").get_json()
    assert (body["code"], body["status"]) == (code, status)
    if isinstance(error, EngineBusyError):
        assert page.headers["Retry-After"] == "3"
    if isinstance(error, QuerySyntaxError):
        assert "4" in body["detail"]


def test_every_engine_error_has_a_problem() -> None:
    classes = [c for c in vars(types).values() if isinstance(c, type) and issubclass(c, EngineError)]
    assert {c.code for c in classes} <= set(PROBLEMS)


def test_every_code_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^### `([a-z-]+)`", DOCS.read_text("utf-8"), re.MULTILINE))
    assert documented == set(PROBLEMS)


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_the_documented_status_is_the_real_one(code: str) -> None:
    section = DOCS.read_text("utf-8").split(f"### `{code}`", 1)[1].split("###", 1)[0]
    assert f"Status {PROBLEMS[code].status}" in section
