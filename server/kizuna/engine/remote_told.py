"""What a view's own process tells the writer of a store: the whole view, or what has changed since it was asked last. Changes nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from kizuna.engine.embedded import EmbeddedEngine
from kizuna.engine.remote_publish import WITHHELD, Graphs, split, withheld
from kizuna.engine.types import Limits, View

WHOLE_JOB: Final = "kizuna.views.since:whole"
SINCE_JOB: Final = "kizuna.views.since:since"
LIMITS: Final = Limits(seconds=300.0, rows=None, memory_bytes=4_000_000_000, result_bytes=None)


@dataclass(frozen=True, slots=True)
class Told:
    """What a view's process says.

    Args:
        place: names this very state of that process; "" when it does not remember how it came to be.
        gone: lines that the view, or `WITHHELD`, has no more.
        new: lines that it has now; all of them when the whole was asked for.
    """

    place: str
    gone: Graphs
    new: Graphs


def whole(inner: EmbeddedEngine, view: View) -> Told:
    """All of a view, and what it leaves out.

    Raises: any EngineError.
    """
    place, parts = _read(inner.run_in_fork(view, WHOLE_JOB, limits=LIMITS))
    return Told(place, {}, _graphs(*parts))


def since(inner: EmbeddedEngine, view: View, place: str) -> Told | None:
    """What has changed in a view since its process was at `place`; None when it does not know.

    Raises: any EngineError.
    """
    now, parts = _read(inner.run_in_fork(view, SINCE_JOB, [place], limits=LIMITS))
    if len(parts) != 4:
        return None
    removed, added, held_removed, held_added = parts
    return Told(now, _graphs(removed, held_removed), _graphs(added, held_added))


def _graphs(seen: bytes, held: bytes) -> Graphs:
    graphs = split(seen)
    if lines := withheld(held):
        graphs[WITHHELD] = lines
    return graphs


def _read(content: bytes) -> tuple[str, list[bytes]]:
    first, _, body = content.partition(b"\n")
    head = json.loads(first)
    parts, at = [], 0
    for size in head["sizes"]:
        parts.append(body[at : at + size])
        at += size
    return str(head["place"]), parts
