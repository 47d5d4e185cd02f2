"""A laid-out graph as the numbers of an SVG: outlines, lines and boxes. Pure; the template writes and escapes them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kizuna.atlas.picture import STYLES, Picture, Point

MARGIN = 90
BELOW = 16
"""Distance of a label's line below its node, in CSS pixels."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A node: its outline (an SVG path), colour, label and where the label stands."""

    path: str
    colour: str
    label: str
    title: str
    x: float
    y: float


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


def drawing(picture: Picture, above: float = 0) -> Drawing:
    """The numbers of a picture's SVG, with some room above everything for words."""
    where = {node["id"]: (float(node["x"]), float(node["y"])) for node in picture.nodes}
    xs, ys = [x for x, _ in where.values()], [y for _, y in where.values()]
    shapes = [
        Shape(
            path=outline(node["shape"], *where[node["id"]], float(node["size"])),
            colour=STYLES[node["group"]][1],
            label=node["label"],
            title=node["title"],
            x=where[node["id"]][0],
            y=where[node["id"]][1] + float(node["size"]) + BELOW,
        )
        for node in picture.nodes
    ]
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
        shapes=tuple(shapes),
    )
