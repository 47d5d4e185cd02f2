"""Bars of a timeline: how many events of each sort a year has, as numbers for an SVG. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

WIDTH, LEFT, TALLEST, GAP = 1160, 8, 84, 26
FOOT = 24


@dataclass(frozen=True, slots=True)
class Bar:
    """One year of one sort: its number, place and height in units of the picture.

    `before` is the number in the view that this one is compared with; a bar of nothing stands for what only that one has.
    """

    year: int
    count: int
    x: float
    y: float
    width: float
    height: float
    before: int | None = None

    @property
    def differs(self) -> bool:
        """Whether the compared view has another number."""
        return self.before is not None and self.before != self.count


@dataclass(frozen=True, slots=True)
class Lane:
    """All years of one sort, `count` in this view and `before` in a compared one; `base` is the line the bars stand on, `label` the baseline of the lane's name."""

    what: str
    count: int
    base: float
    label: float
    bars: tuple[Bar, ...]
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    """The picture: `width` by `height`, lanes, ticks as (x, year), and the x of the shown year's end."""

    width: int
    height: float
    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, int], ...]
    now: float | None


def lay_bars(
    events: Sequence[tuple[int, str]], first: int, last: int, order: Sequence[str], now: int
) -> Bars:
    """Lay out the bars.

    Args:
        events: (year, sort) of each event.
        first, last: the years shown, both included.
        order: the sorts from top to bottom; a sort without events has no lane.
        now: the year of the as-of date, where a line is drawn.
    """
    last = max(first, last)
    step = (WIDTH - 2 * LEFT) / (last - first + 1)
    counts = Counter(events)
    most = max(counts.values(), default=1)
    lanes = []
    base = 0.0
    for what in order:
        own = sorted((year, n) for (year, w), n in counts.items() if w == what and first <= year <= last)
        if not own:
            continue
        tallest = max(n for _, n in own) / most * TALLEST
        base += GAP + max(tallest, 6)
        label = round(base - max(tallest, 6) - 6, 1)
        bars = tuple(_bar(year, n, first, step, base, most) for year, n in own)
        lanes.append(Lane(what, sum(n for _, n in own), round(base, 1), label, bars))
    every = next((s for s in (1, 2, 5, 10, 20, 50) if (last - first) / s <= 16), 100)
    ticks = tuple(
        (round(LEFT + (y - first + 0.5) * step, 1), y) for y in range(first, last + 1) if y % every == 0
    )
    line = round(LEFT + (now - first + 1) * step, 1) if first <= now < last else None
    return Bars(WIDTH, round(base + FOOT, 1), tuple(lanes), ticks, line)


def compared_bars(here: Bars, before: Bars, first: int, last: int, order: Sequence[str], now: int) -> Bars:
    """The bars of one view with the numbers of another beside them.

    Args:
        here, before: the bars of either view.
        first, last, order, now: as in `lay_bars`; the years take in those of both.
    """
    counts, others = (
        {(bar.year, lane.what): bar.count for lane in bars.lanes for bar in lane.bars}
        for bars in (here, before)
    )
    tallest = {key: max(counts.get(key, 0), others.get(key, 0)) for key in counts | others}
    laid = lay_bars([key for key, n in tallest.items() for _ in range(n)], first, last, order, now)
    lanes = []
    for lane in laid.lanes:
        bars = []
        for bar in lane.bars:
            key = (bar.year, lane.what)
            number = counts.get(key, 0)
            height = bar.height if not number else max(bar.height * number / bar.count, 3)
            bars.append(
                replace(
                    bar,
                    count=number,
                    before=others.get(key, 0),
                    height=round(height, 1),
                    y=round(bar.y + bar.height - height, 1),
                )
            )
        own, other = (
            sum(n for (_, what), n in each.items() if what == lane.what) for each in (counts, others)
        )
        lanes.append(replace(lane, count=own, before=other, bars=tuple(bars)))
    return replace(laid, lanes=tuple(lanes))


def _bar(year: int, count: int, first: int, step: float, base: float, most: int) -> Bar:
    height = max(count / most * TALLEST, 3)
    width = max(min(step - 1.5, 40), 1.5)
    x = LEFT + (year - first) * step + (step - width) / 2
    return Bar(year, count, round(x, 1), round(base - height, 1), round(width, 1), round(height, 1))
