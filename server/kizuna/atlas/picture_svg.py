"""A laid-out graph as the numbers of an SVG: outlines, lines and boxes. Pure; the template writes and escapes them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kizuna.atlas.labels import Spot, name_boxes
from kizuna.atlas.picture import STYLES, Picture, Point

MARGIN = 90
ASCENT = 11.0
"""Distance of a line's foot from its top, in CSS pixels."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A node: its outline (an SVG path), colour, title, and the lines of its name with the foot of the first.

    A name that has no room is left out (`lines` is empty); its title still tells it.
    """

    path: str
    colour: str
    title: str
    lines: tuple[str, ...] = ()
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """An edge from one point to another, with the words of its relations, and a sign at its middle where it differs."""

    x1: float
    y1: float
    x2: float
    y2: float
    title: str
    sign: str = ""

    @property
    def middle(self) -> Point:
        """Where the sign stands."""
        return (round((self.x1 + self.x2) / 2, 1), round((self.y1 + self.y2) / 2, 1))


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole picture with its box (`left`, `top`, `width`, `height`)."""

    left: float
    top: float
    width: float
    height: float
    lines: tuple[Line, ...]
    shapes: tuple[Shape, ...]


def outline(shape: str, x: float, y: float, size: float) -> str:
    """The SVG path of a node's shape around a point."""
    if shape == "dot":
        return f"M{x - size:.1f} {y:.1f}a{size:.1f} {size:.1f} 0 1 0 {2 * size:.1f} 0a{size:.1f} {size:.1f} 0 1 0 {-2 * size:.1f} 0z"
    corners = {
        "square": (4, 45),
        "diamond": (4, 0),
        "triangle": (3, -90),
        "triangleDown": (3, 90),
        "hexagon": (6, 0),
    }
    if shape in corners:
        count, start = corners[shape]
        points = [(size * 1.15, start + 360 * i / count) for i in range(count)]
    else:
        points = [(size * (1.3 if i % 2 == 0 else 0.55), -90 + 36 * i) for i in range(10)]
    spots = [
        f"{x + r * math.cos(math.radians(a)):.1f} {y + r * math.sin(math.radians(a)):.1f}" for r, a in points
    ]
    return "M" + "L".join(spots) + "z"


def _shapes(nodes: Sequence[Mapping[str, Any]], where: Mapping[str, Point]) -> tuple[Shape, ...]:
    """The nodes with the names that have room, those of the first rank before others."""
    ranked = sorted(nodes, key=lambda node: int(node["rank"]))
    spots = [
        Spot(*where[node["id"]], float(node["size"]), tuple(str(node["label"]).split("\n")))
        for node in ranked
    ]
    shapes = []
    for node, spot, box in zip(ranked, spots, name_boxes(spots), strict=True):
        path, colour = outline(node["shape"], spot.x, spot.y, spot.size), STYLES[node["group"]][1]
        if box is None:
            shapes.append(Shape(path, colour, node["title"]))
            continue
        foot = round(box.y - box.h + ASCENT, 1)
        shapes.append(Shape(path, colour, node["title"], spot.lines, round(box.x, 1), foot))
    return tuple(shapes)


def drawing(picture: Picture, above: float = 0) -> Drawing:
    """The numbers of a picture's SVG, with some room above everything for words."""
    where = {node["id"]: (float(node["x"]), float(node["y"])) for node in picture.nodes}
    xs, ys = [x for x, _ in where.values()], [y for _, y in where.values()]
    shapes = _shapes(picture.nodes, where)
    lines = [
        Line(
            *where[edge["from"]],
            *where[edge["to"]],
            str(edge.get("title", "")),
            str(edge.get("label", "")),
        )
        for edge in picture.edges
    ]
    return Drawing(
        left=min(xs) - MARGIN,
        top=min(ys) - MARGIN - above,
        width=max(xs) - min(xs) + 2 * MARGIN,
        height=max(ys) - min(ys) + 2 * MARGIN + above,
        lines=tuple(lines),
        shapes=shapes,
    )
