"""What is uploaded is read in a process of its own: a bomb ends there, the answer says so, and the server goes on."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kizuna.commands.setup import engine_config
from kizuna.engine.embedded import EmbeddedEngine, start_embedded
from kizuna.ledger.database import ledger_path
from kizuna.ledger.ledger import Ledger
from kizuna.settings import Settings
from kizuna.web.app import create_app
from kizuna.web.desk_ways import XLSX
from tests.support.waiting import PATIENCE
from tests.support.world import make_workspace

SECONDS = 6.0
DEEP = 200_000


@dataclass(frozen=True, slots=True)
class Site:
    client: FlaskClient
    engine: EmbeddedEngine
    token: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    workspace = make_workspace(tmp_path_factory.mktemp("uploads") / "w")
    books = Ledger(ledger_path(workspace))
    books.accounts.add("aoi", "steward")
    _, token = books.accounts.add_token("aoi", "x", "propose", 1.0)
    books.close()
    settings = Settings(workspace=workspace, write_seconds=SECONDS, language="en")
    with start_embedded(engine_config(settings)) as engine:
        yield Site(create_app(engine, settings).test_client(), engine, token)


def entities(name: str) -> str:
    """The billion laughs."""
    nested = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20}">' for n in range(1, 9))
    return f'<?xml version="1.0"?><!DOCTYPE {name} [<!ENTITY e0 "xxxxxxxxxx">{nested}]>'


def packed(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def workbook(sheet: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    return packed(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets><sheet name="a" sheetId="1" r:id="b"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="b" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "Turtle, nested": ("text/turtle", lambda: b"<urn:a> <urn:b> " + b"[ <urn:b> " * DEEP),
    "Turtle, lists": ("text/turtle", lambda: b"<urn:a> <urn:b> " + b"(" * DEEP),
    "JSON-LD, nested": ("application/ld+json", lambda: b'{"@id":"urn:a","urn:b":' * DEEP + b"1" + b"}" * DEEP),
    "JSON-LD, context": ("application/ld+json", lambda: b'{"@context":["http://127.0.0.1:9/c"],"@id":"urn:a","b":1}'),
    "RDF/XML, entities": ("application/rdf+xml", lambda: (entities("r") + '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:k="urn:k:"><rdf:Description rdf:about="urn:a"><k:p>&e8;</k:p></rdf:Description></rdf:RDF>').encode()),
    "RDF/XML, file": ("application/rdf+xml", lambda: b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:k="urn:k:"><rdf:Description rdf:about="urn:a"><k:p>&f;</k:p></rdf:Description></rdf:RDF>'),
    "XLSX, unpacked": (XLSX, lambda: workbook("<a>" + " " * 200_000_000 + "</a>")),
    "XLSX, entities": (XLSX, lambda: workbook(entities("worksheet") + "<worksheet>&e8;</worksheet>")),
    "CSV, one line": ("text/csv", lambda: b'"' + b"x" * 9_000_000),
    "CSV, columns": ("text/csv", lambda: b"," * 9_000_000),
    "update, product": ("application/sparql-update", lambda: b"INSERT { GRAPH <urn:g> { ?a ?b ?l } } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"),
    "patch, one line": ("application/rdf-patch", lambda: b"A <urn:a> <urn:b> <urn:" + b"x" * 9_000_000),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_in_its_process_and_the_server_goes_on(site: Site, name: str) -> None:
    media_type, make = BOMBS[name]
    data = make()
    begun = time.monotonic()
    answer = site.client.post(
        "/desk/proposals?graph=data/x&table=agreements&mode=add&title=x",
        data=data,
        content_type=media_type,
        headers={"Authorization": f"Bearer {site.token}", "Accept": "application/json"},
    )
    assert 400 <= answer.status_code <= 503, answer.text[:300]
    assert answer.json is not None
    assert answer.json["code"] != "internal-error", answer.text[:300]
    assert "root:" not in answer.text
    assert time.monotonic() - begun < SECONDS + PATIENCE
    assert site.client.get("/health/ready").status_code == 200
    good = site.client.post("/sparql", data={"query": "ASK { ?s a ?class }", "format": "json"})
    assert json.loads(good.data)["boolean"] is True


def test_no_proposal_was_made_of_any_of_them(site: Site) -> None:
    books = Ledger(ledger_path(Path(site.engine.config.workspace)))
    assert not books.proposals.list("draft", "open")
    books.close()
