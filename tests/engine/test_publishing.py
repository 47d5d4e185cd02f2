"""A commit sends what it changes to the store behind the writer, and nothing is left there but what a publication from nothing gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

import pytest
from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse_query_results,
    serialize,
)
from pyoxigraph import Store as Local

from kizuna.commands.setup import engine_config
from kizuna.engine import remote_client, remote_told
from kizuna.engine.embedded import start_embedded
from kizuna.engine.remote import RemoteEngine
from kizuna.engine.remote_client import Store
from kizuna.engine.remote_publish import MARKER_GRAPH, Publisher, insertions, read_marker
from kizuna.engine.types import EngineError
from kizuna.settings import Settings
from kizuna.workspace.load import load_store
from kizuna.workspace.names import GRAPH
from tests.engine.stores import kinds, running
from tests.support.waiting import until_noon
from tests.support.world import make_workspace
from tests.views.changing import Patches

EVERYTHING = "SELECT ?s ?p ?o ?g WHERE { GRAPH ?g { ?s ?p ?o } }"
LINE = f'<urn:x:one> <urn:x:says> "one \\u2028 \\"two\\"" <{GRAPH}data/x> .\n'.encode()
BLANK = f'_:one <urn:x:says> "one" <{GRAPH}data/x> .\n'.encode()


@pytest.fixture(scope="module", params=kinds())
def writer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RemoteEngine]:
    folder = tmp_path_factory.mktemp("publishing")
    settings = Settings(make_workspace(folder / "workspace"))
    config = replace(engine_config(settings), clock_offset_seconds=until_noon())
    with running(request.param, folder) as store:
        inner = start_embedded(config)
        with RemoteEngine(inner, store, writes=True) as started:
            inner.ask(inner.today(), "ASK {}")
            assert started.publish()
            yield started


def publisher(writer: RemoteEngine) -> Publisher:
    assert writer.publisher is not None
    return writer.publisher


def canonical(quads: Iterable[Quad]) -> set[str]:
    """Quads with blank nodes named by what is said of them."""
    found = Dataset(quads)
    found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in found}


def content(store: Store) -> set[str]:
    """All that the store holds, the marker too."""
    body, _ = remote_client.query(store, EVERYTHING, 60.0)
    rows = parse_query_results(body, format=QueryResultsFormat.JSON)
    assert isinstance(rows, QuerySolutions)
    return canonical(Quad(*row) for row in rows)


def from_nothing(writer: RemoteEngine) -> set[str]:
    """What the store holds, the marker too, after everything was published anew."""
    publisher(writer).forget()
    writer._published = ""
    remote_client.update(writer.store, f"DROP SILENT GRAPH <{MARKER_GRAPH}>")
    assert writer.publish()
    return content(writer.store)


def holds_the_view(writer: RemoteEngine) -> bool:
    """Whether the store holds what the view's process has, and says so."""
    wanted = Local()
    for operation in insertions(remote_told.whole(writer.inner, writer.today()).new, 10_000_000):
        wanted.update(operation)
    held = {line for line in content(writer.store) if not line.endswith(f"<{MARKER_GRAPH}>")}
    return writer._holds(writer.today()) is not None and held == canonical(wanted)


def test_after_chance_patches_the_store_holds_what_a_publication_from_nothing_gives(
    writer: RemoteEngine,
) -> None:
    before, advanced = publisher(writer).advanced, writer.state().advanced
    patches = Patches(load_store(writer.config.workspace).store, Random(11))
    undo: list[tuple[bytes, bytes]] = []
    for _ in range(5):
        removed, added = (serialize(quads, format=RdfFormat.N_QUADS) or b"" for quads in patches.next())
        writer.apply(removed, added)
        undo.append((added, removed))
    assert publisher(writer).advanced - before == writer.state().advanced - advanced
    assert content(writer.store) == from_nothing(writer)
    for removed, added in reversed(undo):
        writer.apply(removed, added)
    assert holds_the_view(writer)


def test_a_line_is_all_that_moves_for_a_line(writer: RemoteEngine) -> None:
    before, advanced = publisher(writer).advanced, writer.state().advanced
    whole = sum(map(len, remote_told.whole(writer.inner, writer.today()).new.values()))
    for removed, added in ((b"", LINE), (LINE, b"")):
        writer.apply(removed, added)
        if publisher(writer).advanced > before:
            assert publisher(writer).moved < 20 < whole
    assert publisher(writer).advanced - before == writer.state().advanced - advanced
    assert holds_the_view(writer)


def test_several_commits_that_the_store_missed_are_told_together(
    writer: RemoteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(writer, "publish", lambda: False)
        writer.apply(b"", LINE)
        writer.apply(LINE, LINE.replace(b"one", b"two"))
    assert writer.publish()
    assert holds_the_view(writer)
    writer.apply(LINE.replace(b"one", b"two"), b"")


def test_nodes_without_a_name_are_compared_as_before(writer: RemoteEngine) -> None:
    before = publisher(writer).advanced
    writer.apply(b"", BLANK)
    assert publisher(writer).advanced == before
    assert holds_the_view(writer)
    writer.apply(BLANK, b"")
    assert holds_the_view(writer)


@pytest.mark.parametrize(
    ("half", "anew"),
    [(False, False), (True, True)],
    ids=["nothing arrived", "half of it was done, and the writer is another"],
)
def test_an_interrupted_difference_is_found_and_repaired(
    writer: RemoteEngine, monkeypatch: pytest.MonkeyPatch, half: bool, anew: bool
) -> None:
    real = remote_client.update

    def interrupted(store: Store, text: str) -> None:
        if f"DROP SILENT GRAPH <{MARKER_GRAPH}>" not in text:
            return real(store, text)
        done, _, _ = text.partition(f" ;\nDROP SILENT GRAPH <{MARKER_GRAPH}>")
        if half:
            real(store, done)
        raise EngineError("The store is gone.")

    monkeypatch.setattr(remote_client, "update", interrupted)
    writer.apply(b"", LINE)
    monkeypatch.undo()
    assert read_marker(writer.store).pending
    assert writer._holds(writer.today()) is None
    assert writer.ask(writer.today(), "ASK { <urn:x:one> ?p ?o }"), "the embedded engine answers"
    next_writer = RemoteEngine(writer.inner, writer.store, writes=True) if anew else writer
    assert next_writer.publish()
    assert publisher(next_writer).repaired == int(anew)
    assert holds_the_view(next_writer)
    writer.apply(LINE, b"")


def test_a_process_that_remembers_nothing_of_a_place_says_so(writer: RemoteEngine) -> None:
    told = remote_told.whole(writer.inner, writer.today())
    now = remote_told.since(writer.inner, writer.today(), told.place)
    assert now is not None
    assert not now.gone
    assert not now.new
    assert remote_told.since(writer.inner, writer.today(), "other.0") is None
    assert NamedNode(GRAPH + "data/x").value not in told.new
