"""What the desk tells programs as JSON is what /openapi.json says of it."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import quote

import pytest
from flask import Flask
from jsonschema import Draft202012Validator, FormatChecker

from kizuna.changes.patch import patch_of
from kizuna.engine.types import Engine
from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.changes.conftest import Bench
from tests.changes.test_web import SUBJECT, token
from tests.changes.test_who_said import ALIAS

ASKED = {"Accept": "application/json"}


@pytest.fixture
def app(bench: Bench) -> Flask:
    return create_app(cast(Engine, bench.engine), Settings(workspace=bench.workspace, language="en"))


def faults(description: dict[str, Any], path: str, answer: object) -> list[str]:
    """Where an answer breaks the schema that the description gives for a path."""
    good = description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    whole = {**good, "components": description["components"]}
    found = Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(answer)
    return [f"{list(error.absolute_path)}: {error.message}" for error in found]


def test_every_json_answer_of_the_desk_is_as_described(bench: Bench, app: Flask) -> None:
    client, people = app.test_client(), bench.people
    one, _ = bench.changes.propose(
        people["sato"], patch_of([], [ALIAS]), title="a change", way="form", open_now=True
    )
    bench.changes.review(people["mori"], one.id, one.version, "approve", "")
    bench.changes.publish(people["abe"], one.id)
    job = bench.ledger.jobs.create("validation", "all of it", "sato", 8)
    description = client.get("/openapi.json").get_json()
    asked = {**ASKED, **token(bench, "sato", "propose")}
    for path, address in (
        ("/desk/history", "/desk/history"),
        ("/desk/history", f"/desk/history?thing={quote(SUBJECT)}"),
        ("/desk/commits/{number}", "/desk/commits/1"),
        ("/desk/proposals/{number}", f"/desk/proposals/{one.id}"),
        ("/desk/jobs/{number}", f"/desk/jobs/{job.id}"),
    ):
        answer = client.get(address, headers=asked)
        assert answer.status_code == 200, answer.text
        assert faults(description, path, answer.get_json()) == []
        assert faults(description, path, {}), "the description says what has to be there"
