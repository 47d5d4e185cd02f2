"""Several machines share one store: one writes, the others only read, follow it, and say where changes are made."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from kizuna.cli import main
from kizuna.ledger.database import ledger_path
from kizuna.ledger.ledger import Ledger
from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.engine.stores import running
from tests.support.waiting import PATIENCE, wait_until
from tests.support.world import WatchedEngine, make_workspace

WRITER = "https://kizuna.example/"
NOTE = '<https://w3id.org/kizuna/id/state/JPN> <http://www.w3.org/2004/02/skos/core#altLabel> "Followed"@en'
LINE = f"{NOTE} <https://w3id.org/kizuna/graph/data/x> ."
ASK = {"query": f"ASK {{ {NOTE} }}", "format": "json"}


@contextmanager
def serving(workspace: Path, *options: str, **environment: str) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "kizuna.cli", "serve", "-w", str(workspace), "--port", "0", *options],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
    )
    assert process.stdout is not None
    try:
        yield "http://127.0.0.1:" + process.stdout.readline().split("127.0.0.1:")[1].split("/")[0]
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Machines:
    writer: str
    reader: str
    token: str
    store: list[str]


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    folder = tmp_path_factory.mktemp("machines")
    workspace = make_workspace(folder / "writer")
    books = Ledger(ledger_path(workspace))
    books.accounts.add("aoi", "publisher")
    _, token = books.accounts.add_token("aoi", "x", "publish", 1.0)
    books.close()
    (folder / "reader").mkdir()
    with running("oxigraph", folder) as store:
        at = ["--engine", "sparql", "--endpoint", store.query_url, "--update-endpoint", store.update_url]
        with (
            serving(workspace, *at, KIZUNA_SECOND_PERSON="0") as writer,
            # A reader needs no address for updates: this one would fail.
            serving(
                folder / "reader", *at[:4], "--read-only", "--web-processes", "2", KIZUNA_WRITER=WRITER
            ) as reader,
        ):
            yield Machines(writer, reader, token, at)


def asked(address: str, **more: str) -> bool:
    answer = requests.get(address + "/sparql", params={**ASK, **more}, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["boolean"])


def test_a_commit_at_the_writer_is_served_by_the_reader(machines: Machines) -> None:
    head = {"Authorization": f"Bearer {machines.token}", "Accept": "application/json"}
    assert "Japan" in requests.get(machines.reader + "/actors/state/JPN?lang=en", timeout=PATIENCE).text
    assert not asked(machines.reader)
    made = requests.post(
        machines.writer + "/desk/proposals?title=x&reason=x", data=f"TX .\nA {LINE}\nTC .\n",
        headers={**head, "Content-Type": "application/rdf-patch"}, timeout=PATIENCE,
    )  # fmt: skip
    assert made.status_code == 202, made.text
    number = made.json()["proposal"]
    done = requests.post(
        f"{machines.writer}/desk/proposals/{number}/publish", data={"text": "x"}, headers=head,
        timeout=PATIENCE, allow_redirects=False,
    )  # fmt: skip
    assert done.status_code == 303, done.text
    wait_until(lambda: asked(machines.reader))  # the store's word
    wait_until(lambda: requests.get(machines.reader + "/health", timeout=PATIENCE).json()["revision"] >= 1)
    # The record has followed; each of the reader's web processes hears of it by itself.
    assert asked(machines.writer, asof="2020-01-01")
    wait_until(lambda: asked(machines.reader, asof="2020-01-01"))
    page = machines.reader + "/actors/state/JPN?lang=en"
    wait_until(lambda: "Followed" in requests.get(page, timeout=PATIENCE).text)


def test_a_second_writer_is_refused_and_told_what_to_do(machines: Machines, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "other")
    done = subprocess.run(
        [sys.executable, "-m", "kizuna.cli", "serve", "-w", str(workspace), "--port", "0", *machines.store],
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2
    assert "has a writer already" in done.stderr
    assert "--read-only" in done.stderr
    assert "Japan" in requests.get(machines.writer + "/actors/state/JPN?lang=en&again", timeout=PATIENCE).text


CHANGES = [
    ("POST", "/desk/proposals", "application/rdf-patch"),
    ("POST", "/sparql", "application/sparql-update"),
    ("PUT", "/graphs?graph=urn:x", "text/turtle"),
    ("DELETE", "/graphs?graph=urn:x", ""),
    ("POST", "/accounts/sign-in", "application/x-www-form-urlencoded"),
    ("GET", "/desk", ""),
]


@pytest.mark.parametrize(("method", "path", "kind"), CHANGES)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_change_is_refused_with_where_to_make_it(
    engine: WatchedEngine, method: str, path: str, kind: str, language: str
) -> None:
    client = create_app(engine, Settings(read_only=True, writer=WRITER)).test_client()
    headers = {"Accept": "application/json", "Accept-Language": language}
    answer = client.open(path, method=method, headers=headers, content_type=kind or None, data=b"x")
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["code"] == "read-only"
    assert WRITER in answer.json["detail"]
    assert answer.headers["Link"] == f'<{WRITER}>; rel="edit"'


def test_an_update_in_a_form_is_a_change_and_a_query_is_none(engine: WatchedEngine) -> None:
    client = create_app(engine, Settings(read_only=True)).test_client()
    assert client.post("/sparql", data={"update": "CLEAR ALL"}).status_code == 403
    assert client.post("/sparql", data={"query": "ASK {}"}).status_code == 200
    assert client.post("/sparql", data="ASK {}", content_type="application/sparql-query").status_code == 200
    assert client.post("/sparql/explain", data={"query": "ASK {}"}).status_code == 200
    assert client.delete("/sparql/running/none").status_code != 403


def test_pages_of_a_reader_lead_nobody_to_a_desk(engine: WatchedEngine) -> None:
    assert 'href="/desk"' in create_app(engine, Settings()).test_client().get("/").text
    assert 'href="/desk"' not in create_app(engine, Settings(read_only=True)).test_client().get("/").text


def test_commands_that_change_the_record_are_refused_too(tmp_path: Path) -> None:
    file = tmp_path / "x.rdfp"
    file.write_text("TX .\n")
    environment = {"KIZUNA_READ_ONLY": "1", "KIZUNA_WRITER": WRITER}
    done = CliRunner().invoke(
        main, ["propose", str(file), "--as", "aoi", "-w", str(tmp_path), "-l", "en"], env=environment
    )
    assert done.exit_code == 2
    assert WRITER in done.output


def test_a_reader_of_a_store_that_nobody_has_written_to_says_so(tmp_path: Path) -> None:
    with running("oxigraph", tmp_path) as store:
        done = subprocess.run(
            [sys.executable, "-m", "kizuna.cli", "serve", "-w", str(tmp_path), "--port", "0", "--read-only",
             "--engine", "sparql", "--endpoint", store.query_url],
            capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
    assert done.returncode == 2
    assert "start the server that writes" in done.stderr


def test_reading_only_and_writing_without_a_gate_exclude_each_other(tmp_path: Path) -> None:
    environment = {"KIZUNA_ADMIN_TOKEN": "x" * 16}
    done = CliRunner().invoke(
        main, ["serve", "-w", str(tmp_path), "--read-only", "--no-gate", "--port", "0"], env=environment
    )
    assert done.exit_code == 2
    assert "KIZUNA_READ_ONLY" in done.output
