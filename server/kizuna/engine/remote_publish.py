"""Brings today's view into another store, and finds and repairs what an interruption left. Talks to that store.

The store holds the view's named graphs, and one more that says what it holds: the marker graph. A change is one
update request that ends with the marker; before it, the marker says that a change is under way. A marker that
says so when nobody is writing, or that names another state, or a count that does not fit, means: publish anew.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain
from typing import Final

from pyoxigraph import Literal

from kizuna.engine import remote_client
from kizuna.engine.remote_client import Store
from kizuna.workspace.names import GRAPH, ID, NS

MARKER_GRAPH: Final = GRAPH + "published"
MARKER: Final = ID + "view/published"
WITHHELD: Final = GRAPH + "published/withheld"
"""Holds, as text, what the record says and the view of the day leaves out, so that others can follow the record."""
WRITER: Final = GRAPH + "published/writer"
"""Says who writes to the store (`remote_lease`); no part of what is published."""
OURS: Final = frozenset((MARKER_GRAPH, WITHHELD))
REQUEST_BYTES: Final = 32_000_000
"""An update request is cut into several beyond this; the marker says meanwhile that a change is under way."""

_READ: Final = f"SELECT ?s ?p ?o WHERE {{ GRAPH <{MARKER_GRAPH}> {{ ?s ?p ?o }} }}"
_GRAPHS: Final = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"
_COUNT: Final = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != <{WRITER}>) }}"


@dataclass(frozen=True, slots=True)
class Marker:
    """What the store says it holds.

    Args:
        token: of the view (`Engine.revision`), "" for none.
        revision: of the record.
        pending: True while a change is under way, or was when it was interrupted.
        graphs: the view's named graphs.
        day: of the view, as YYYY-MM-DD.
        digests: of the graphs that a follower reads, by graph.
    """

    token: str = ""
    revision: int = -1
    pending: bool = False
    graphs: tuple[str, ...] = ()
    day: str = ""
    digests: tuple[tuple[str, str], ...] = ()


Graphs = dict[str, frozenset[str]]
"""Lines of N-Triples (with their full stop) by graph."""
Lines = Mapping[str, AbstractSet[str]]
"""The same, of sets that may be changed or not."""
_SUM_BYTES: Final = 16


def split(n_quads: bytes) -> Graphs:
    """N-Quads by graph. Each line must name its graph, as a view's do."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in BytesIO(n_quads):  # ends lines at line feeds alone: a literal may hold U+2028
        if line := row.decode("utf-8").removesuffix("\n"):
            triple, _, graph = line.removesuffix(" .").rpartition(" <")
            found[graph.removesuffix(">")].add(triple + " .")
    return {graph: frozenset(lines) for graph, lines in found.items()}


def has_blank(line: str) -> bool:
    """Whether a line of N-Triples has a blank node as its subject or object."""
    return line.startswith("_:") or line.rsplit(" ", 2)[-2].startswith("_:") or "<<(" in line


def read_marker(store: Store, seconds: float = 10.0) -> Marker:
    """What the store says it holds.

    Raises:
        EngineError: it cannot be asked.
    """
    body, _ = remote_client.query(store, _READ, seconds)
    token, revision, pending, graphs, day = "", -1, False, [], ""
    digests: dict[str, str] = {}
    for row in json.loads(body)["results"]["bindings"]:
        name, value = row["p"]["value"].removeprefix(NS), row["o"]["value"]
        if name == "publishedToken":
            token = value
        elif name == "publishedRevision":
            revision = int(value)
        elif name == "publishing":
            pending = True
        elif name == "publishedGraph":
            graphs.append(value)
        elif name == "publishedDay":
            day = value
        elif name == "publishedDigest":
            digests[row["s"]["value"]] = value
    return Marker(token, revision, pending, tuple(sorted(graphs)), day, tuple(sorted(digests.items())))


@dataclass(slots=True)
class Publisher:
    """The one writer of a store.

    Args:
        store: where to.
        request_bytes: longest update request.

    `advanced` counts publications by the difference alone, `moved` the quads that were taken from the view for the last one.
    """

    store: Store
    request_bytes: int = REQUEST_BYTES
    _held: dict[str, set[str]] | None = field(default=None, init=False)
    repaired: int = field(default=0, init=False)
    advanced: int = field(default=0, init=False)
    moved: int = field(default=0, init=False)
    place: str = field(default="", init=False)
    """Where the view's process was (`remote_told`) when the store was brought to what it holds now."""
    _digests: dict[str, int] = field(default_factory=dict, init=False)

    def start(self, token: str, revision: int, view: Graphs, day: str = "") -> bool:
        """Make sure that the store holds this view, whatever it held; False when it did already."""
        marker = read_marker(self.store)
        fits = (
            not marker.pending and marker.token == token and self._count() == _size(view) + _marker_size(view)
        )
        if fits:
            self._hold(view)
            self.moved = _size(view)
            return False
        if marker.pending or marker.token == token:
            self.repaired += 1
        self._held = None
        self.publish(token, revision, view, day)
        return True

    def publish(self, token: str, revision: int, view: Graphs, day: str = "") -> None:
        """Bring the store from what it holds to this view.

        Args:
            token: of the view.
            revision: of the record.
            view: its graphs, and `WITHHELD`.
            day: of the view.

        Raises:
            EngineError: the store says no or cannot be reached; the next call publishes everything anew.
        """
        held, self._held = self._held, None
        operations = self._anew(view) if held is None else changes(held, view)
        before: Lines = held or {}
        known = {graph for graph, lines in view.items() if before.get(graph) == lines}
        self._digests = {graph: found for graph, found in self._digests.items() if graph in known}
        self.moved = _size(view)
        self._send(token, revision, view, day, operations)
        self._hold(view)

    def advance(self, token: str, revision: int, gone: Graphs, new: Graphs, day: str = "") -> bool:
        """Bring the store on by the difference alone; False, and nothing is sent, when it has to be compared as a whole.

        Args:
            token: of the view.
            revision: of the record.
            gone: lines that the store holds and the view has no more.
            new: lines that the view has and the store does not hold.
            day: of the view.

        Raises:
            EngineError: as `publish`.
        """
        held = self._held
        if held is None or not _fits(held, gone, new):
            return False
        self._held = None
        self.moved = _size(gone) + _size(new)
        for graph in sorted({*gone, *new}):
            lines = held.setdefault(graph, set())
            going, coming = gone.get(graph, frozenset()), new.get(graph, frozenset())
            if graph in self._digests:
                self._digests[graph] += _sum(coming) - _sum(going)
            lines -= going
            lines |= coming
            if not lines:
                del held[graph]
                self._digests.pop(graph, None)
        dropped = [f"DROP SILENT GRAPH <{graph}>" for graph in sorted(gone.keys() - held.keys())]
        rest = {graph: lines for graph, lines in gone.items() if graph in held}
        removals = [f"DELETE DATA {{ {_blocks(rest)} }}"] if rest else []
        operations = [*dropped, *removals, *insertions(new, REQUEST_BYTES)]
        self._send(token, revision, held, day, operations)
        self._held = held
        self.advanced += 1
        return True

    def _send(self, token: str, revision: int, view: Lines, day: str, operations: Iterable[str]) -> None:
        """Say that a change is under way, then do it and say what is held now, in one request unless that is too long."""
        final = _mark(token, revision, view, day, self._told(view))
        remote_client.update(self.store, _begin(token))
        for request in pack(chain(operations, [final]), self.request_bytes):
            remote_client.update(self.store, request)

    def _hold(self, view: Graphs) -> None:
        self._held = {graph: set(lines) for graph, lines in view.items()}

    def _anew(self, view: Graphs) -> Iterator[str]:
        body, _ = remote_client.query(self.store, _GRAPHS, self.store.update_seconds)
        there = {row["g"]["value"] for row in json.loads(body)["results"]["bindings"]}
        ours = {graph for graph in there if graph.startswith(GRAPH)} | set(view) & there
        dropped = [f"DROP SILENT GRAPH <{graph}>" for graph in sorted(ours - {MARKER_GRAPH, WRITER})]
        return chain(dropped, insertions(view, self.request_bytes))

    def _told(self, view: Lines) -> dict[str, str]:
        """Digest of each graph; of those that are known, what was worked out before."""
        self._digests = {
            graph: self._digests[graph] if graph in self._digests else _sum(lines)
            for graph, lines in view.items()
        }
        return {graph: _written(found) for graph, found in self._digests.items()}

    def _count(self) -> int:
        body, _ = remote_client.query(self.store, _COUNT, self.store.update_seconds)
        return int(json.loads(body)["results"]["bindings"][0]["n"]["value"])

    def forget(self) -> None:
        """Publish everything anew the next time."""
        self._held = None


def _size(view: Lines) -> int:
    return sum(map(len, view.values()))


def _marker_size(view: Graphs) -> int:
    return 3 + len(view) + len(view.keys() - OURS)


def _fits(held: Lines, gone: Graphs, new: Graphs) -> bool:
    """Whether a difference is exactly of what is held, and can be named in an update."""
    nothing: frozenset[str] = frozenset()
    return not (
        any(has_blank(line) for graphs in (gone, new) for lines in graphs.values() for line in lines)
        or any(not lines <= held.get(graph, nothing) for graph, lines in gone.items())
        or any(lines & held.get(graph, nothing) for graph, lines in new.items())
    )


def _sum(lines: Iterable[str]) -> int:
    """What a graph's lines add up to, in any order: what goes can be taken off, what comes added."""
    return sum(
        int.from_bytes(hashlib.blake2b(line.encode(), digest_size=_SUM_BYTES).digest(), "big")
        for line in lines
    )


def _written(found: int) -> str:
    return f"{found % (1 << 8 * _SUM_BYTES):0{2 * _SUM_BYTES}x}"


def withheld(n_quads: bytes) -> frozenset[str]:
    """What the view leaves out, as the lines of `WITHHELD`: text, so that no query takes it for a statement."""
    lines = n_quads.decode("utf-8").split("\n")
    return frozenset(f"<{MARKER}> <{NS}withheld> {Literal(line)} ." for line in lines if line)


def _begin(token: str) -> str:
    return f'INSERT DATA {{ GRAPH <{MARKER_GRAPH}> {{ <{MARKER}> <{NS}publishing> "{token}" }} }}'


def _mark(token: str, revision: int, view: Lines, day: str, digests: dict[str, str]) -> str:
    said = [f'<{NS}publishedToken> "{token}"', f'<{NS}publishedRevision> "{revision}"']
    said += [f'<{NS}publishedDay> "{day}"']
    said += [f"<{NS}publishedGraph> <{graph}>" for graph in sorted(view.keys() - OURS)]
    told = [f'<{graph}> <{NS}publishedDigest> "{found}" .' for graph, found in sorted(digests.items())]
    return (
        f"DROP SILENT GRAPH <{MARKER_GRAPH}> ;\n"
        f"INSERT DATA {{ GRAPH <{MARKER_GRAPH}> {{ <{MARKER}> {' ; '.join(said)} .\n{' '.join(told)} }} }}"
    )


def changes(before: Lines, after: Graphs) -> list[str]:
    """Operations that lead from one state to the other. A graph whose blank nodes changed is replaced whole."""
    gone: dict[str, AbstractSet[str]] = {}
    new: dict[str, AbstractSet[str]] = {}
    dropped = []
    for graph in sorted({*before, *after}):
        old, wanted = before.get(graph, frozenset()), after.get(graph, frozenset())
        if old == wanted:
            continue
        if any(map(has_blank, old ^ wanted)) or not wanted:
            dropped.append(f"DROP SILENT GRAPH <{graph}>")
            new[graph] = wanted
        else:
            gone[graph], new[graph] = old - wanted, wanted - old
    removals = [f"DELETE DATA {{ {_blocks(gone)} }}"] if any(gone.values()) else []
    return [*dropped, *removals, *insertions(new, REQUEST_BYTES)]


def _blocks(graphs: Lines) -> str:
    return "\n".join(
        f"GRAPH <{graph}> {{\n{grouped(lines)}\n}}" for graph, lines in sorted(graphs.items()) if lines
    )


def grouped(lines: Iterable[str]) -> str:
    """Lines of N-Triples as SPARQL writes them shorter: a subject once, and a predicate once for all its objects.

    A store reads each byte of an update before it does anything, and half of them would say again what the line before has said.
    """
    parts: list[str] = []
    last = ("", "")
    for line in sorted(lines):
        subject, predicate, rest = line.split(" ", 2)
        if last == (subject, predicate):
            parts += (" , ", rest[:-2])
        elif last[0] == subject:
            parts += (" ;\n", predicate, " ", rest[:-2])
        else:
            parts += (" .\n" if parts else "", line[:-2])
        last = (subject, predicate)
    return "".join((*parts, " ."))


def insertions(graphs: Lines, most: int) -> Iterator[str]:
    """INSERT DATA of all lines: those with blank nodes in one operation, for labels mean nothing beyond it.

    One operation after the other, so that millions of lines do not stand in memory a second time as text.
    """
    blank = {graph: frozenset(filter(has_blank, lines)) for graph, lines in graphs.items()}
    if any(blank.values()):
        yield f"INSERT DATA {{ {_blocks(blank)} }}"
    part: defaultdict[str, set[str]] = defaultdict(set)
    size = 0
    for graph, lines in sorted(graphs.items()):
        for line in sorted(lines - blank[graph]):
            part[graph].add(line)
            size += len(line) * 2
            if size > most:
                yield f"INSERT DATA {{ {_blocks({g: frozenset(p) for g, p in part.items()})} }}"
                part.clear()
                size = 0
    if part:
        yield f"INSERT DATA {{ {_blocks({g: frozenset(p) for g, p in part.items()})} }}"


def pack(operations: Iterable[str], most: int) -> Iterator[str]:
    """Operations as few requests, in order."""
    held: list[str] = []
    size = 0
    for operation in operations:
        if held and size + len(operation) > most:
            yield " ;\n".join(held)
            held, size = [], 0
        held.append(operation)
        size += len(operation)
    if held:
        yield " ;\n".join(held)
