"""A machine without files or ledger follows what the one writer publishes into a store, and answers every day like the writer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

import pytest
from pyoxigraph import RdfFormat, serialize

from kizuna.commands.setup import engine_config
from kizuna.engine import remote_client
from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import start_embedded
from kizuna.engine.remote import RemoteEngine
from kizuna.engine.remote_client import Store
from kizuna.engine.remote_publish import MARKER, MARKER_GRAPH, read_marker
from kizuna.engine.types import EngineError, PatchRefusedError, View
from kizuna.settings import Settings
from kizuna.workspace.load import load_store
from kizuna.workspace.names import NS
from tests.engine.stores import kinds, running
from tests.support.world import ROOT, make_workspace
from tests.views.changing import Patches

EVERYTHING = "SELECT ?g ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } FILTER(!isBlank(?s) && !isBlank(?o)) }"
SHAPE = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o FILTER(isBlank(?s) || isBlank(?o)) }"
FUTURE = f"""<urn:x:later> <{NS}from> "2190-01-01"^^<http://www.w3.org/2001/XMLSchema#date> <https://w3id.org/kizuna/graph/data/x> .
<urn:x:later> <urn:x:says> "one\\u2028\\"two\\" \\\\ 三" <https://w3id.org/kizuna/graph/data/x> .
""".encode()
NOW = b'<urn:x:now> <urn:x:says> "now" <https://w3id.org/kizuna/graph/data/x> .\n'
DAYS = (date(1990, 5, 1), date(2195, 1, 1))


@pytest.fixture(scope="module", params=kinds())
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RemoteEngine, RemoteEngine, Store]]:
    """The writer, a follower, and the store between them."""
    folder = tmp_path_factory.mktemp("follow")
    workspace = make_workspace(folder / "writer")
    (workspace / "shapes").mkdir()
    (workspace / "shapes" / "agreements.ttl").write_bytes((ROOT / "shapes" / "agreements.ttl").read_bytes())
    empty = folder / "follower"
    empty.mkdir()
    following = engine_config(Settings(empty, engine="sparql", endpoint="http://unused", read_only=True))
    with running(request.param, folder) as store:
        writer = RemoteEngine(start_embedded(EngineConfig(workspace)), store, writes=True)
        follower = RemoteEngine(start_embedded(following), store, writes=False, follows=True)
        with writer, follower:
            with pytest.raises(EngineError, match="start the server that writes"):
                follower.start()
            writer.publish()
            assert follower.follower is not None
            assert follower.follower.follow(60.0)
            yield writer, follower, store


def same(writer: RemoteEngine, follower: RemoteEngine) -> bool:
    """Whether both answer every day alike, from their embedded engines."""

    days = (*DAYS, writer.today().as_of)
    return all(told(writer, View(day)) == told(follower, View(day)) for day in days)


def told(engine: RemoteEngine, view: View) -> object:
    """All that an engine's own view holds."""
    rows = engine.inner.select(view, EVERYTHING)
    return {tuple(sorted(map(str, row.values()))) for row in rows}, engine.inner.select(view, SHAPE)


def forget(engine: RemoteEngine) -> None:
    """What the marker said a moment ago."""
    engine._marker = (float("-inf"), engine._marker[1])


def test_the_whole_record_is_followed_for_every_day(pair: tuple[RemoteEngine, RemoteEngine, Store]) -> None:
    writer, follower, _ = pair
    assert same(writer, follower)
    assert follower._holds(follower.today()) is not None, "today is answered by the store"


def test_changes_are_followed_the_future_too(pair: tuple[RemoteEngine, RemoteEngine, Store]) -> None:
    writer, follower, store = pair
    assert follower.follower is not None
    before = follower.revision(follower.today())
    applied = writer.apply(b"", FUTURE + NOW)
    forget(follower)
    assert follower.ask(follower.today(), "ASK { <urn:x:now> ?p ?o }")
    assert not follower.ask(follower.today(), "ASK { <urn:x:later> ?p ?o }")
    assert follower.revision(follower.today()) != before
    assert follower.follower.follow(60.0)
    assert not follower.follower.follow(60.0), "nothing new"
    assert follower.inner.state().revision == applied.revision == read_marker(store).revision
    assert follower.ask(View(DAYS[1]), "ASK { <urn:x:later> ?p ?o }")
    assert same(writer, follower)
    writer.apply(FUTURE + NOW, b"")
    assert follower.follower.follow(60.0)
    assert same(writer, follower)


def test_a_followers_view_moves_on_by_the_difference_and_equals_one_built_anew(
    pair: tuple[RemoteEngine, RemoteEngine, Store],
) -> None:
    writer, follower, _ = pair
    assert follower.follower is not None
    assert writer.config.view_advance is None, "the writer of this test builds each view anew"
    follower.inner.ask(follower.today(), "ASK {}")
    before = follower.inner.state()
    patches = Patches(load_store(writer.config.workspace).store, Random(11))
    undo: list[tuple[bytes, bytes]] = []
    for _ in range(3):
        removed, added = (serialize(quads, format=RdfFormat.N_QUADS) or b"" for quads in patches.next())
        writer.apply(removed, added)
        undo.append((added, removed))
        assert follower.follower.follow(60.0)
        today = writer.today()
        assert told(follower, today) == told(writer, today)
    after = follower.inner.state()
    assert after.advanced - before.advanced >= 2, "patches about axioms are for building anew"
    assert after.built + after.advanced == before.built + before.advanced + 3
    for removed, added in reversed(undo):
        writer.apply(removed, added)
    assert follower.follower.follow(60.0)


def test_nothing_is_taken_over_while_a_change_is_under_way(
    pair: tuple[RemoteEngine, RemoteEngine, Store],
) -> None:
    _, follower, store = pair
    assert follower.follower is not None
    mark = f'GRAPH <{MARKER_GRAPH}> {{ <{MARKER}> <{NS}publishing> "other" }}'
    remote_client.update(store, f"INSERT DATA {{ {mark} }}")
    forget(follower)
    assert follower._holds(follower.today()) is None
    assert follower.ask(follower.today(), "ASK { ?s a ?class }"), "the state before answers"
    assert not follower.follower.follow()
    remote_client.update(store, f"DELETE DATA {{ {mark} }}")
    forget(follower)


def test_only_what_changed_is_read(
    pair: tuple[RemoteEngine, RemoteEngine, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, follower, _ = pair
    assert follower.follower is not None
    asked: list[str] = []
    real = remote_client.query

    def counting(store: Store, text: str, *more: object, **named: object) -> tuple[bytes, bool]:
        asked.append(text)
        return real(store, text, *more, **named)  # type: ignore[arg-type]

    writer.apply(b"", NOW)
    monkeypatch.setattr(remote_client, "query", counting)
    assert follower.follower.follow(60.0)
    assert [text for text in asked if "CONSTRUCT" in text] == [
        "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <https://w3id.org/kizuna/graph/data/x> { ?s ?p ?o } }"
    ]
    monkeypatch.undo()
    writer.apply(NOW, b"")
    assert follower.follower.follow(60.0)


def test_a_follower_refuses_changes(pair: tuple[RemoteEngine, RemoteEngine, Store]) -> None:
    with pytest.raises(PatchRefusedError, match="only reads"):
        pair[1].apply(b"", NOW)
