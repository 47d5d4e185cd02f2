"""`/differences.patch` leads from one view to the other exactly: applied by rdflib, which has no part in making it."""

from __future__ import annotations

import io

import pytest
import rdflib
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, Store
from rdflib.term import Node

from kizuna.atlas.differences import dump_of
from kizuna.atlas.differences_views import view_of
from kizuna.atlas.scenarios import pinned
from kizuna.engine.types import View
from kizuna.views.diff import difference_of_dumps
from kizuna.views.patch import apply_patch
from tests.support.world import ROOT, WatchedEngine

pytestmark = pytest.mark.filterwarnings(
    "ignore:Dataset.default_context is deprecated"
)  # rdflib's own use of it
Quads = set[tuple[Node, ...]]
PAIRS = [
    ("2015-01-01", "2026-01-01"),
    ("2026-01-01", "1990-01-01"),
    ("2028-07-01", "2028-07-01,eu-in-cptpp"),
    ("2028-07-01,eu-in-cptpp", "2028-07-01,raa-with-france"),
    ("2010-01-01,raa-with-france", "2028-07-01,eu-in-cptpp,raa-with-france"),
]


@pytest.fixture(autouse=True)
def as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """rdflib shall leave literals as they are written."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


def quads(dataset: rdflib.Dataset) -> Quads:
    """Without those that name a blank node, which no patch can."""
    found = {(s, p, o, rdflib.URIRef(str(g))) for s, p, o, g in dataset.quads()}
    return {quad for quad in found if not any(isinstance(term, rdflib.BNode) for term in quad)}


def read(n_quads: bytes) -> rdflib.Dataset:
    dataset = rdflib.Dataset()
    dataset.parse(io.BytesIO(n_quads), format="nquads")
    return dataset


def patched(n_quads: bytes, patch: bytes) -> Quads:
    dataset = read(n_quads)
    dataset.parse(io.BytesIO(patch), format="patch")
    return quads(dataset)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_rdflib_comes_from_one_view_to_the_other_by_the_patch(
    app: Flask, client: FlaskClient, engine: WatchedEngine, before: str, after: str
) -> None:
    today = engine.today()
    plain = View(today.as_of, today.revision)
    first, second = (
        dump_of(engine, view_of(text, plain, lambda name: pinned(ROOT, name))) for text in (before, after)
    )
    answer = client.get("/differences.patch", query_string={"from": before, "to": after})
    assert answer.status_code == 200
    assert len(answer.data.splitlines()) > 3
    assert patched(first, answer.data) == quads(read(second))


def test_text_that_looks_like_a_blank_node_is_text() -> None:
    before = b'<https://e.org/s> <https://e.org/p> "as _:b says \\" _:c"@en <https://e.org/g> .\n'
    after = b'<https://e.org/s> <https://e.org/p> "_:b" <https://e.org/g> .\n_:b <https://e.org/p> "n" <https://e.org/g> .\n'
    changes = difference_of_dumps(before, after)
    assert (len(changes.stated.removed), len(changes.stated.added)) == (1, 1)
    assert patched(before, changes.patch()) == quads(read(after))
    store = Store()
    store.load(before, format=RdfFormat.N_QUADS)
    apply_patch(store, changes.patch())
    assert [str(quad.object) for quad in store] == ['"_:b"']
