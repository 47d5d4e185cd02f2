"""Names beside the nodes of a picture: how they are broken into lines, and which of them have room. Pure.

The drawing script chooses anew at each magnification with the widths that it measures; a picture that is a file is
chosen for here, with estimated widths. Both follow the same order, and none may lie on a node or on another name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

EM = 12.0
"""Size of a name, in the units of the picture (CSS pixels at scale 1)."""
LINE = 14.0
WIDEST = 10.0
"""Widest line, in em."""
MOST_LINES = 3
GAP = 3.0
CELL = 64.0
_NARROW = 0.56
_PARTS = re.compile(
    r"[^\s/\u2010-\u2014\-\u2e80-\uffff]*[/\u2010-\u2014\-]+\s*|[\x21-\u2e7f]+\s*|[\u30a1-\u30f6\u30fc]{2,8}|\s+|."
)
_NOT_FIRST = frozenset("、。，．・：；？！）〕］｝〉》」』】ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々〜％")


def width(text: str) -> float:
    """Estimated width in em: a full-width character has one, another a bit more than half."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else _NARROW for c in text)


def _parts(text: str) -> list[str]:
    """What a line may end after: words of Latin text, single characters of Japanese; none that may not begin a line."""
    parts: list[str] = []
    for found in _PARTS.findall(text):
        if parts and found[0] in _NOT_FIRST:
            parts[-1] += found
        elif width(found.rstrip()) <= WIDEST:
            parts.append(found)
        else:
            size = int(WIDEST / _NARROW)
            parts += [found[i : i + size] for i in range(0, len(found), size)]
    return parts


def _filled(parts: Sequence[str], widest: float) -> list[str]:
    """The parts in as few lines as that width allows."""
    lines = [""]
    for part in parts:
        if width((lines[-1] + part).rstrip()) <= widest or not lines[-1]:
            lines[-1] += part
        else:
            lines.append(part)
    return [line.strip() for line in lines]


def wrap(text: str) -> tuple[str, ...]:
    """The lines of a name, about equally long, at most MOST_LINES of WIDEST em; what does not fit ends in an ellipsis."""
    parts = _parts(" ".join(text.split()))
    lines = _filled(parts, WIDEST)
    if len(lines) > MOST_LINES:
        last = lines[MOST_LINES - 1]
        while width(last) > WIDEST - 1:
            last = last[:-1]
        return (*lines[: MOST_LINES - 1], last.rstrip() + "…")
    for tenths in range(9, 2, -1):
        closer = _filled(parts, WIDEST * tenths / 10)
        if len(closer) > len(lines):
            break
        lines = closer
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class Spot:
    """A node to be named: its middle, its half size and its lines."""

    x: float
    y: float
    size: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its middle and its half sides."""

    x: float
    y: float
    w: float
    h: float

    def meets(self, other: Box) -> bool:
        """True when the two have room in common."""
        return abs(self.x - other.x) < self.w + other.w and abs(self.y - other.y) < self.h + other.h


class _Taken:
    """Rectangles by the cells of a grid, so that only near ones are compared."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[tuple[int, Box]]] = {}

    @staticmethod
    def _around(box: Box) -> Iterable[tuple[int, int]]:
        for column in range(int((box.x - box.w) // CELL), int((box.x + box.w) // CELL) + 1):
            for row in range(int((box.y - box.h) // CELL), int((box.y + box.h) // CELL) + 1):
                yield column, row

    def add(self, owner: int, box: Box) -> None:
        for cell in self._around(box):
            self._cells.setdefault(cell, []).append((owner, box))

    def free(self, owner: int, box: Box) -> bool:
        return not any(
            whose != owner and box.meets(held)
            for cell in self._around(box)
            for whose, held in self._cells.get(cell, ())
        )


def name_boxes(spots: Sequence[Spot]) -> list[Box | None]:
    """Where each node's name has room: below it, above it or to a side; None where it has none.

    Args:
        spots: the nodes, the ones to be named first at the head.
    """
    taken = _Taken()
    for owner, spot in enumerate(spots):
        taken.add(owner, Box(spot.x, spot.y, spot.size, spot.size))
    chosen: list[Box | None] = []
    for owner, spot in enumerate(spots):
        w = max((width(line) for line in spot.lines), default=0.0) * EM / 2
        h = len(spot.lines) * LINE / 2
        away = spot.size + GAP
        box = next(
            (
                box
                for box in (
                    Box(spot.x, spot.y + away + h, w, h),
                    Box(spot.x, spot.y - away - h, w, h),
                    Box(spot.x + away + w, spot.y, w, h),
                    Box(spot.x - away - w, spot.y, w, h),
                )
                if taken.free(owner, box)
            ),
            None,
        )
        if box is not None:
            taken.add(-1 - owner, box)
        chosen.append(box)
    return chosen
