"""What a server without a gate does to its store: run an update, put a document into a graph. Changes the given store only.

The engine calls these functions by name in a sealed fork, on a private copy; what they return is the difference, which then
becomes the patch. A hostile update or document breaks the fork, never the record.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse, serialize

from kizuna.sparql.description import RDF_FORMATS
from kizuna.sparql.touched import matching, touched

MODULES = ("kizuna.sparql.plain",)
MOST_COMPARED = 200_000
"""Quads that an update can touch beyond which the whole store is compared, as text: that takes less time a quad."""


def as_stored(store: Store, as_of: date, scenario_patches: Sequence[bytes] = ()) -> None:
    """The view builder of a server without a gate: the view is the store, nothing is derived."""


def difference(before: bytes, after: bytes) -> bytes:
    """Two dumps as N-Quads to one packed patch."""
    old, new = set(before.split(b"\n")), set(after.split(b"\n"))
    return pack(_lines(sorted(old - new)), _lines(sorted(new - old)))


def _lines(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines if line)


def pack(removed: bytes, added: bytes) -> bytes:
    """A patch as one run of bytes."""
    return len(removed).to_bytes(8, "big") + removed + added


def unpack(packed: bytes) -> tuple[bytes, bytes]:
    """The reverse of `pack`: (removed, added)."""
    size = int.from_bytes(packed[:8], "big")
    return packed[8 : 8 + size], packed[8 + size :]


def _dump(store: Store) -> bytes:
    return store.dump(format=RdfFormat.N_QUADS) or b""


def run_update(store: Store, text: str, base: str) -> bytes:
    """Run an update; returns the packed difference.

    Raises:
        SyntaxError: it does not parse.
        RuntimeError, OSError, ValueError: it cannot be carried out.
    """
    return changed(store, text, lambda: store.update(text, base_iri=base or None))


def changed(store: Store, text: str, carry_out: Callable[[], None]) -> bytes:
    """What an update changes in a store, as a packed difference: only what its templates can touch is compared.

    Args:
        store: the private copy.
        text: the update.
        carry_out: runs it on the store; its datasets may have been added, its templates are those of the text.
    """
    patterns = touched(text)
    held = None if patterns is None else matching(store, patterns, MOST_COMPARED)
    before = _dump(store) if held is None else b""
    carry_out()
    if held is None or patterns is None:
        return difference(before, _dump(store))
    holds = matching(store, patterns, sys.maxsize) or set()
    return pack(_write(list(held - holds)), _write(list(holds - held)))


def _graph(iri: str) -> NamedNode | DefaultGraph:
    return NamedNode(iri) if iri else DefaultGraph()


def put_document(store: Store, iri: str, media_type: str, body: bytes, base: str, replace: bool) -> bytes:
    """Put the triples of a document into a graph; returns the packed difference.

    Args:
        store: the private copy.
        iri: the graph, "" for the default graph.
        media_type: one of RDF_FORMATS.
        body: the document.
        base: IRI that its relative references are resolved against.
        replace: the graph holds nothing else afterwards.

    Raises:
        SyntaxError: the document does not parse.
        ValueError: it holds triples in graphs of its own.
    """
    graph = _graph(iri)
    wanted = []
    for quad in parse(body, format=RDF_FORMATS[media_type], base_iri=base or None, rename_blank_nodes=True):
        if quad.graph_name != DefaultGraph():
            raise ValueError(f"The document names a graph of its own ({quad.graph_name}).")
        wanted.append(Quad(quad.subject, quad.predicate, quad.object, graph))
    held = set(store.quads_for_pattern(None, None, None, graph))
    scratch = Store()  # what the index makes of the terms is what is compared and kept
    scratch.extend(wanted)
    coming = set(scratch)
    added = [quad for quad in coming if quad not in held]
    removed = [quad for quad in held if quad not in coming] if replace else []
    return pack(_write(removed), _write(added))


def patch_graph(store: Store, iri: str, text: str, base: str) -> bytes:
    """Run an update on one graph, which it sees as its default graph; returns the packed difference.

    Raises:
        SyntaxError: the update does not parse.
        ValueError: it touches other graphs.
        RuntimeError: it cannot be carried out.
    """
    graph = _graph(iri)
    before = list(store.quads_for_pattern(None, None, None, graph))
    alone = Store()
    alone.extend(Quad(quad.subject, quad.predicate, quad.object) for quad in before)
    alone.update(text, base_iri=base or None)
    if any(quad.graph_name != DefaultGraph() for quad in alone):
        raise ValueError("The update names another graph; PATCH changes the one it is sent to.")
    after = {Quad(quad.subject, quad.predicate, quad.object, graph) for quad in alone}
    held = set(before)
    return pack(_write(list(held - after)), _write(list(after - held)))


def drop_graph(store: Store, iri: str) -> bytes:
    """Empty a graph ("" is the default graph); returns the packed difference."""
    return pack(_write(list(store.quads_for_pattern(None, None, None, _graph(iri)))), b"")


def _write(quads: Sequence[Quad]) -> bytes:
    text = serialize(quads, format=RdfFormat.N_QUADS) or b""
    return _lines(sorted(text.split(b"\n")))
