"""A real engine on the fixture workspace behind the real application, once for all tests of the endpoint."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import EmbeddedEngine, start_embedded
from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.support.inprocess import FIXTURE


@pytest.fixture(scope="session")
def engine() -> Iterator[EmbeddedEngine]:
    running = start_embedded(EngineConfig(workspace=FIXTURE))
    yield running
    running.close()


@pytest.fixture(scope="session")
def app(engine: EmbeddedEngine) -> Flask:
    made = create_app(engine, Settings(workspace=FIXTURE, language="en", query_seconds=3.0))
    made.testing = True
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
