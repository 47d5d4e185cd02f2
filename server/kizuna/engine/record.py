"""The stated store as the root keeper holds it: apply patches, remember how to take them back. Memory only."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Quad, RdfFormat, Store, parse, serialize

from kizuna.engine.types import Applied

REMEMBERED_BYTES: Final = 64 << 20


class PatchError(Exception):
    """A patch cannot be applied; nothing was changed."""


@dataclass(frozen=True, slots=True)
class _Step:
    before: int
    removed: bytes
    added: bytes


def quads(patch: bytes, what: str) -> list[Quad]:
    """Parse N-Quads.

    Raises:
        PatchError: they do not parse; says which half and where.
    """
    try:
        return [quad for quad in parse(patch, format=RdfFormat.N_QUADS) if isinstance(quad, Quad)]
    except SyntaxError as error:
        raise PatchError(f"The {what} quads do not parse: {error.msg or error}") from error


class Record:
    """The stated quads at the newest revision, and the steps that led there."""

    def __init__(self, store: Store, revision: int) -> None:
        self.store = store
        self.revision = revision
        self._steps: deque[_Step] = deque()
        self._bytes = 0

    def apply(self, removed: bytes, added: bytes, revision: int | None) -> Applied:
        """Apply a patch: first what goes, then what comes.

        Args:
            removed: N-Quads.
            added: N-Quads.
            revision: the revision after it, larger than the present one; None for the next.

        Raises:
            PatchError: it does not parse, or the revision is not newer. Nothing is changed then.
        """
        after = self.revision + 1 if revision is None else revision
        if after <= self.revision:
            raise PatchError(f"Revision {after} is not newer than {self.revision}.")
        going = [quad for quad in dict.fromkeys(quads(removed, "removed")) if quad in self.store]
        gone = set(going)
        coming = [
            quad for quad in dict.fromkeys(quads(added, "added")) if quad in gone or quad not in self.store
        ]
        for quad in going:
            self.store.remove(quad)
        self.store.extend(coming)
        for graph in {quad.graph_name for quad in going}:  # a graph without a quad is no graph
            if next(self.store.quads_for_pattern(None, None, None, graph), None) is None:
                self.store.remove_graph(graph)
        step = _Step(
            self.revision,
            serialize(going, format=RdfFormat.N_QUADS) or b"",
            serialize(coming, format=RdfFormat.N_QUADS) or b"",
        )
        self._steps.append(step)
        self._bytes += len(step.removed) + len(step.added)
        while self._bytes > REMEMBERED_BYTES and len(self._steps) > 1:
            oldest = self._steps.popleft()
            self._bytes -= len(oldest.removed) + len(oldest.added)
        self.revision = after
        return Applied(after, len(going), len(coming))

    def way_on(self, revision: int) -> tuple[tuple[bytes, bytes], ...] | None:
        """(removed, added) of each step from a revision to the present one; None when they are remembered no more."""
        patches: list[tuple[bytes, bytes]] = []
        for step in reversed(self._steps):
            patches.append((step.removed, step.added))
            if step.before == revision:
                return tuple(reversed(patches))
        return None

    def way_back(self, revision: int) -> tuple[int, tuple[tuple[bytes, bytes], ...]]:
        """The patches to take back, newest first, to get as near to `revision` as is remembered.

        Returns:
            the revision that they lead to, and (removed, added) of each.
        """
        at = self.revision
        patches = []
        for step in reversed(self._steps):
            if at <= revision:
                break
            patches.append((step.removed, step.added))
            at = step.before
        return at, tuple(patches)
