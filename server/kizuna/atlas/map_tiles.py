"""A grid in which every state has one tile of one size, near to where it lies. Pure.

Each actor is given a cell so that the sum of the squared distances between cells and places is the least possible
(the linear assignment problem; shortest augmenting paths after Jonker and Volgenant, Computing 38, 1987). The world is
first stretched where places crowd, halfway between the true map and an even spread, so that neighbours stay neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COLUMNS, ROWS = 30, 17
EVENNESS = 0.62
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """Longitude and latitude in degrees; positive to the east and north."""

    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Tile:
    """A cell of the grid, counted from the upper left."""

    column: int
    row: int


def lay_tiles(places: Mapping[str, Place], centre: float) -> dict[str, Tile]:
    """Give every actor a tile.

    Args:
        places: actor IRI to where it lies.
        centre: longitude in the middle of the grid, degrees.

    Returns:
        Actor IRI to tile, no tile twice. More actors than cells make a taller grid.
    """
    if not places:
        return {}
    names = sorted(places)
    east = np.array([(places[n].longitude - centre + 180) % 360 for n in names])
    south = np.array([90 - places[n].latitude for n in names])
    rows = max(ROWS, -(-len(names) * 5 // (COLUMNS * 4)))
    across, down = _spread(east, 0, 360) * (COLUMNS - 1), _spread(south, 18, 140) * (rows - 1)
    cells = np.array([(c, r) for r in range(rows) for c in range(COLUMNS)], dtype=np.float64)
    cost = (across[:, None] - cells[None, :, 0]) ** 2 + (down[:, None] - cells[None, :, 1]) ** 2
    chosen = assign(cost)
    return {n: Tile(int(cells[c, 0]), int(cells[c, 1])) for n, c in zip(names, chosen, strict=True)}


def _spread(values: Floats, least: float, most: float) -> Floats:
    """Values as shares of the whole, pulled towards an even spread."""
    plain = (values - least) / (most - least)
    rank = np.argsort(np.argsort(values, kind="stable"), kind="stable") / max(len(values) - 1, 1)
    mixed: Floats = np.clip((1 - EVENNESS) * plain + EVENNESS * rank, 0, 1)
    return mixed


def assign(cost: Floats) -> list[int]:
    """The cheapest assignment of each row to a column of its own.

    Args:
        cost: finite costs, at least as many columns as rows.

    Returns:
        The column of each row.
    """
    rows, columns = cost.shape
    row_price, column_price = np.zeros(rows + 1), np.zeros(columns + 1)
    row_of = np.zeros(columns + 1, dtype=np.int64)
    for row in range(1, rows + 1):
        row_of[0] = row
        least = np.full(columns + 1, np.inf)
        came_from = np.zeros(columns + 1, dtype=np.int64)
        done = np.zeros(columns + 1, dtype=bool)
        at = 0
        while row_of[at]:
            done[at] = True
            here = row_of[at]
            reduced = cost[here - 1] - row_price[here] - column_price[1:]
            better = ~done[1:] & (reduced < least[1:])
            least[1:][better] = reduced[better]
            came_from[1:][better] = at
            open_least = np.where(done, np.inf, least)
            open_least[0] = np.inf
            following = int(np.argmin(open_least))
            step = open_least[following]
            row_price[row_of[done]] += step
            column_price[done] -= step
            least[~done] -= step
            at = following
        while at:
            before = came_from[at]
            row_of[at] = row_of[before]
            at = int(before)
    found = [0] * rows
    for column in range(1, columns + 1):
        if row_of[column]:
            found[row_of[column] - 1] = column - 1
    return found
