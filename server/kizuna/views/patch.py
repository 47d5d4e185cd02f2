"""Patches: quads added and removed, written as lines of RDF Patch. Changes the given store only.

    A <s> <p> <o> <g> .
    D <s> <p> <o> <g> .

The header and transaction lines of RDF Patch (H, TX, TC, PA, PD) and empty lines are passed over.
"""

from __future__ import annotations

from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, parse

from kizuna.views.terms import DERIVED, INFERRED


class PatchError(ValueError):
    """A patch cannot be read or may not be applied; the message says which line and why."""


def read_patch(patch: bytes) -> tuple[tuple[bool, Quad], ...]:
    """Read a patch.

    Args:
        patch: UTF-8 text.

    Returns:
        (True for an addition, False for a removal, quad), in the order of the lines.

    Raises:
        PatchError: a line is no change, names no graph, or touches a graph that is computed.
    """
    changes: list[tuple[bool, Quad]] = []
    for number, raw in enumerate(patch.split(b"\n"), start=1):
        line = raw.strip()
        if not line or line.startswith((b"#", b"H ", b"TX", b"TC", b"PA ", b"PD ")):
            continue
        if line[:2] not in (b"A ", b"D "):
            raise PatchError(f"Line {number}: a change starts with A or D.")
        try:
            quads = list(parse(line[2:], format=RdfFormat.N_QUADS))
        except SyntaxError as error:
            raise PatchError(f"Line {number}: {error.msg}") from error
        for quad in quads:
            if isinstance(quad.graph_name, DefaultGraph):
                raise PatchError(f"Line {number}: the graph is missing.")
            if quad.graph_name in (DERIVED, INFERRED):
                raise PatchError(f"Line {number}: {quad.graph_name} is computed and cannot be changed.")
            changes.append((line[:1] == b"A", quad))
    return tuple(changes)


def apply_patch(store: Store, patch: bytes) -> None:
    """Apply a patch in the order of its lines. Adding what is there, or removing what is not, changes nothing.

    Raises:
        PatchError: as `read_patch`; nothing has been changed then.
    """
    for added, quad in read_patch(patch):
        if added:
            store.add(quad)
        else:
            store.remove(quad)
