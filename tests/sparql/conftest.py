"""A real engine on a small workspace behind the real application, once for all tests of the endpoint."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import EmbeddedEngine, start_embedded
from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.support.waiting import until_noon

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sparql") / "workspace"
    shutil.copytree(ROOT / "ontology", folder / "ontology")
    shutil.copytree(ROOT / "tests" / "support" / "workspace" / "data", folder / "data")
    shutil.copytree(ROOT / "queries", folder / "queries")
    return folder


@pytest.fixture(scope="session")
def engine(workspace: Path) -> Iterator[EmbeddedEngine]:
    running = start_embedded(EngineConfig(workspace, clock_offset_seconds=until_noon()))
    yield running
    running.close()


@pytest.fixture(scope="session")
def app(engine: EmbeddedEngine, workspace: Path) -> Flask:
    made = create_app(engine, Settings(workspace=workspace, language="en", query_seconds=3.0))
    made.testing = True
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
