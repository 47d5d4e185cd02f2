"""The OpenAPI description is what the server does: made-up requests of every operation get answers that it describes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kizuna.commands.setup import engine_config
from kizuna.engine.embedded import start_embedded
from kizuna.settings import Settings
from kizuna.sparql.description import RDF_FORMATS
from kizuna.sparql.openapi_graphs import PATCHES
from kizuna.web.app import create_app
from tests.support.serving import serving

TOKEN = "a-token-for-the-tests"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@schemathesis.serializer(*PATCHES, *RDF_FORMATS)
def as_text(_context: object, value: object) -> bytes:
    """Documents and updates are sent as they are made up."""
    return str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def site(app: Flask) -> Iterator[str]:
    with serving(app) as address:
        yield address


def same_every_run(examples: int) -> settings:
    """So many made-up requests of an operation, the same ones in every run."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.slow
def test_made_up_requests_get_described_answers(site: str) -> None:
    schema = schemathesis.openapi.from_url(f"{site}/openapi.json")
    # Without accounts the desk answers 503 and why; tests/changes/test_desk_described.py holds what it answers with them.
    schema = schema.exclude(path_regex="^/desk")
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 10
    for operation in operations:

        @same_every_run(60 if operation.path == "/sparql" else 6)
        @given(operation.as_strategy())
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS)

        check()


@pytest.fixture(scope="module")
def writable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    plain = Settings(
        workspace=tmp_path_factory.mktemp("graphs") / "new", language="en", no_gate=True, admin_token=TOKEN
    )
    with start_embedded(engine_config(plain)) as engine, serving(create_app(engine, plain)) as address:
        yield address


@pytest.mark.slow
def test_made_up_writes_of_graphs_get_described_answers(writable: str) -> None:
    schema = schemathesis.openapi.from_url(f"{writable}/openapi.json").include(path_regex="^/graphs")
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert {(one.path, one.method) for one in operations} == {
        (path, method)
        for path in ("/graphs", "/graphs/{path}")
        for method in ("get", "put", "post", "delete", "patch")
    }
    met: set[int] = set()
    for operation in operations:

        @same_every_run(8)
        @given(operation.as_strategy())
        def check(case: schemathesis.Case) -> None:
            answer = case.call(headers={"Authorization": f"Bearer {TOKEN}"})
            case.validate_response(answer, checks=CHECKS)
            met.add(answer.status_code)

        check()
    assert 401 not in met
    assert met & {200, 201, 204}
