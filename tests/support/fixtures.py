"""Fixtures that several folders of tests share: imported by their conftest modules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.support.world import WatchedEngine, start_world


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedEngine]:
    started = start_world(tmp_path_factory.mktemp("world"))
    yield started
    started.close()


@pytest.fixture(scope="session")
def app(engine: WatchedEngine) -> Flask:
    return create_app(engine, Settings())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
