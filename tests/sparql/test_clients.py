"""Ordinary clients work as documented, over real HTTP: SPARQLWrapper, rdflib's SPARQLStore, requests, a notebook."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import requests
from flask import Flask
from nbclient import NotebookClient
from rdflib import Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from SPARQLWrapper import CSV, JSON, POST, TURTLE, XML, SPARQLWrapper

from kizuna.commands.setup import engine_config
from kizuna.engine.embedded import start_embedded
from kizuna.settings import Settings
from kizuna.web.app import create_app
from kizuna.workspace.names import NS
from tests.support.serving import serving
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
QUERY = (
    f"SELECT ?s ?name WHERE {{ ?s a <{NS}State> ; <http://www.w3.org/2004/02/skos/core#prefLabel> ?name }}"
)
TOKEN = "token-for-clients-0123"


@pytest.fixture(scope="module")
def site(app: Flask) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(workspace=tmp_path_factory.mktemp("clients"), no_gate=True, admin_token=TOKEN)
    engine = start_embedded(engine_config(settings))
    with serving(create_app(engine, settings)) as address:
        yield address
    engine.close()


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_reads_every_format(site: str, method: str) -> None:
    client = SPARQLWrapper(site + "/sparql")
    client.setMethod(method)
    client.setQuery(QUERY)
    client.setReturnFormat(JSON)
    rows = client.queryAndConvert()["results"]["bindings"]
    assert any(row["name"]["value"] == "フィリピン" for row in rows)
    client.setReturnFormat(XML)
    assert "フィリピン" in client.queryAndConvert().toxml()
    client.setReturnFormat(CSV)
    assert len(list(csv.reader(io.StringIO(client.queryAndConvert().decode())))) == len(rows) + 1
    client.setQuery(f"CONSTRUCT WHERE {{ ?s a <{NS}State> }}")
    client.setReturnFormat(TURTLE)
    graph = Graph().parse(data=client.queryAndConvert(), format="turtle")
    assert len(graph) > 0


def test_rdflibs_store_reads_through_the_endpoint(site: str) -> None:
    graph = Graph(SPARQLStore(site + "/sparql"))
    states = set(graph.subjects(predicate=None, object=URIRef(NS + "State")))
    assert URIRef("https://w3id.org/kizuna/id/state/JPN") in states
    assert "フィリピン" in {str(row[1]) for row in graph.query(QUERY)}


def test_rdflibs_store_writes_without_a_gate(plain: str) -> None:
    store = SPARQLUpdateStore(
        plain + "/sparql", plain + "/sparql", auth=("admin", TOKEN), autocommit=True, context_aware=False
    )
    graph = Graph(store)
    graph.add((URIRef("http://x/a"), URIRef("http://x/p"), URIRef("http://x/b")))
    assert (URIRef("http://x/a"), URIRef("http://x/p"), URIRef("http://x/b")) in graph
    client = SPARQLWrapper(plain + "/sparql")
    client.setCredentials("admin", TOKEN)
    client.setMethod(POST)
    client.setQuery("DELETE DATA { <http://x/a> <http://x/p> <http://x/b> }")
    client.query()
    assert len(graph) == 0


def test_curl_like_requests_with_encodings(site: str) -> None:
    query = "SELECT * { ?s ?p ?o FILTER(LANG(?o) = 'ja') }"
    answer = requests.get(
        site + "/sparql", params={"query": query}, headers={"Accept": "text/csv"}, timeout=PATIENCE
    )
    assert answer.headers["Content-Encoding"] in ("gzip", "zstd")
    assert "フィリピン" in answer.content.decode("utf-8")


def test_the_notebook_runs_against_this_server(site: str) -> None:
    path = ROOT / "docs" / "notebooks" / "first-questions.ipynb"
    notebook = nbformat.read(path, as_version=4)
    os.environ["KIZUNA_ENDPOINT"] = site + "/sparql"
    try:
        NotebookClient(notebook, timeout=300, startup_timeout=300, kernel_name="python3").execute()
    finally:
        del os.environ["KIZUNA_ENDPOINT"]
    printed = "".join(o.get("text", "") for c in notebook.cells for o in c.get("outputs", []))
    assert "Philippines" in printed
