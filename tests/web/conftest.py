"""One application over the fixture for all page tests."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.support.inprocess import InProcessEngine, interim_store


@pytest.fixture(scope="session")
def engine() -> InProcessEngine:
    return InProcessEngine(interim_store())


@pytest.fixture(scope="session")
def app(engine: InProcessEngine) -> Flask:
    return create_app(engine, Settings())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
