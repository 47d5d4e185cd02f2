"""Follows what the one writer publishes into a store, so that this machine holds the record without its files or ledger.

Reads that store, and changes the record of the embedded engine here. The record is the stated graphs of the view
of the day, and what that view leaves out (`remote_publish.WITHHELD`). Only graphs whose digest has changed are read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from kizuna.engine import remote_client
from kizuna.engine.embedded import EmbeddedEngine
from kizuna.engine.remote_client import Store as Remote
from kizuna.engine.remote_publish import MARKER, WITHHELD, Marker, read_marker
from kizuna.engine.types import EngineError
from kizuna.workspace.load import LoadedWorkspace
from kizuna.workspace.names import DERIVED_GRAPH, INFERRED_GRAPH, NS

COMPUTED: Final = frozenset((DERIVED_GRAPH, INFERRED_GRAPH))
_TEXTS: Final = f"SELECT ?line WHERE {{ GRAPH <{WITHHELD}> {{ <{MARKER}> <{NS}withheld> ?line }} }}"

Lines = dict[str, frozenset[str]]


def nothing(_workspace: Path) -> LoadedWorkspace:
    """The record before anything was read: the engine's `loader` on a machine that follows a store."""
    return LoadedWorkspace(Store(), -1, ())


@dataclass(slots=True)
class Follower:
    """Brings the embedded engine's record to what a store says.

    Args:
        inner: the embedded engine, started with `nothing`.
        store: the store.
        seconds: how long reading one graph may take.
    """

    inner: EmbeddedEngine
    store: Remote
    seconds: float = 300.0
    _graphs: Lines = field(default_factory=dict, init=False)
    _digests: dict[str, str] = field(default_factory=dict, init=False)
    _applied: Lines = field(default_factory=dict, init=False)
    _token: str = field(default="", init=False)
    _revision: int = field(default=-1, init=False)

    def follow(self, wait_seconds: float | None = None) -> bool:
        """Take over what was published since; False when there is nothing new, or not yet anything whole.

        Args:
            wait_seconds: how long to wait until readers see it; None: do not wait.

        Raises:
            EngineError: the store cannot be read, or the record not changed.
        """
        marker = read_marker(self.store)
        held = self.inner.state().revision
        if held < self._revision:  # a keeper that was started anew
            self._applied = {}
        elif marker.token == self._token:
            return False
        if marker.pending or not marker.token:
            return False
        self._read(marker)
        if read_marker(self.store) != marker:  # it went on while we read
            return False
        record = dict(self._graphs)
        removed, added = (
            "".join(_difference(self._applied, record)),
            "".join(_difference(record, self._applied)),
        )
        applied = self.inner.apply(
            removed.encode(),
            added.encode(),
            marker.revision if marker.revision > held else None,
            wait_seconds,
        )
        self._applied, self._token, self._revision = record, marker.token, applied.revision
        return True

    def _read(self, marker: Marker) -> None:
        digests = dict(marker.digests)
        wanted = {*(set(marker.graphs) - COMPUTED), WITHHELD} & digests.keys()
        for graph in wanted:
            if self._digests.get(graph) != digests[graph]:
                self._graphs[graph] = self._texts() if graph == WITHHELD else self._lines(graph)
                self._digests[graph] = digests[graph]
        for graph in self._graphs.keys() - wanted:
            del self._graphs[graph], self._digests[graph]

    def _lines(self, graph: str) -> frozenset[str]:
        """A graph's quads as N-Quads, with blank nodes named by what is said of them, so that they stay the same."""
        text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        body, _ = remote_client.query(self.store, text, self.seconds)
        quads = Dataset(Quad(one.subject, one.predicate, one.object) for one in _triples(body))
        quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        mark = hashlib.blake2b(graph.encode(), digest_size=6).hexdigest()
        name = NamedNode(graph)

        def own(term: Any) -> Any:
            return BlankNode(f"g{mark}{term.value}") if isinstance(term, BlankNode) else term

        return frozenset(f"{Quad(own(q.subject), q.predicate, own(q.object), name)} .\n" for q in quads)

    def _texts(self) -> frozenset[str]:
        body, _ = remote_client.query(self.store, _TEXTS, self.seconds)
        return frozenset(row["line"]["value"] + "\n" for row in json.loads(body)["results"]["bindings"])


def _triples(body: bytes) -> Iterator[Triple | Quad]:
    try:
        yield from parse(body, format=RdfFormat.TURTLE)
    except SyntaxError as error:
        raise EngineError(f"The store's answer cannot be read: {error}") from error


def _difference(these: Lines, those: Lines) -> Iterator[str]:
    """Lines of these that those do not have."""
    for graph, lines in these.items():
        yield from lines - those.get(graph, frozenset())
