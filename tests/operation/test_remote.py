"""`kizuna serve --engine sparql` with a real store behind it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kizuna.engine import remote_client
from kizuna.engine.remote_client import Store
from kizuna.engine.remote_publish import read_marker
from tests.engine.stores import running
from tests.operation.test_watching import fetch
from tests.support.waiting import PATIENCE
from tests.support.world import make_workspace


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running("oxigraph", tmp_path_factory.mktemp("store")) as started:
        yield started


def serve(workspace: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kizuna.cli", "serve", "-w", str(workspace), "--port", "0", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def test_pages_come_from_the_store(store: Store, tmp_path: Path) -> None:
    options = ["--engine", "sparql", "--endpoint", store.query_url, "--update-endpoint", store.update_url]
    server = serve(make_workspace(tmp_path), *options)
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
        assert not read_marker(store).pending
        # A thing that only the store has shows that the store is asked.
        mark = "GRAPH <https://w3id.org/kizuna/graph/derived> { <urn:x:only-there> <urn:x:p> 1 }"
        remote_client.update(store, f"INSERT DATA {{ {mark} }}")
        asked = "/sparql?query=ASK%7B%3Curn:x:only-there%3E%20?p%20?o%7D&format=json"
        assert json.loads(fetch(port, asked))["boolean"] is True
        assert json.loads(fetch(port, asked + "&asof=2001-01-01"))["boolean"] is False
        assert "<html" in fetch(port, "/")
    finally:
        server.terminate()
        server.communicate(timeout=PATIENCE)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "KIZUNA_ENDPOINT"),
        (["--endpoint", "http://127.0.0.1:9/query"], "cannot be reached"),
        (["--endpoint", "http://127.0.0.1:9/query", "--no-gate"], "gate"),
        (["--endpoint", "http://operator:hunter2@127.0.0.1:9/query"], "settings of their own"),
    ],
)
def test_a_store_that_cannot_be_used_is_said_at_the_start(
    tmp_path: Path, options: list[str], said: str
) -> None:
    (tmp_path / "data").mkdir()
    server = serve(tmp_path, "--engine", "sparql", *options)
    _, errors = server.communicate(timeout=PATIENCE)
    assert server.returncode == 2
    assert said in errors
    assert "hunter2" not in errors
