"""SPARQL Update as a way in: what an update would do to the record becomes a patch. Pure.

What it would do is worked out on a private copy (kizuna.sparql.updating); the sandbox can open nothing, so LOAD and SERVICE
fail there even if a guard before it were fooled.
"""

from __future__ import annotations

from pyoxigraph import Quad, RdfFormat, parse

from kizuna.changes.patch import Patch, patch_of


def to_patch(removed: bytes, added: bytes) -> Patch:
    """The patch of an update's effect.

    Args:
        removed: N-Quads that go.
        added: N-Quads that come.

    Raises:
        PatchError: it writes what cannot be written: computed graphs, the default graph, nameless things.
    """
    return patch_of(_quads(removed), _quads(added))


def _quads(text: bytes) -> list[Quad]:
    return [quad for quad in parse(text, format=RdfFormat.N_QUADS) if isinstance(quad, Quad)]
