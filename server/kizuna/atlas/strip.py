"""Where the marks of a timeline strip stand: numbers for an SVG, computed here so that no script is needed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from kizuna.atlas.lines import EventLine
from kizuna.atlas.terms import Name, local_name

WIDTH = 760
LANE = 20
MARGIN = 12
LANES = 3
MOST = 48
SHAPES = {"signed": "signed", "adopted": "adopted", "in-force": "in-force", "effective": "in-force"}
MAIN = {"signed", "adopted", "in-force", "effective", "provisional", "talks-opened", "founded"}
ENDINGS = {"terminated", "expired", "withdrawn", "suspended", "talks-suspended", "talks-ended", "dissolved"}


@dataclass(frozen=True, slots=True)
class Mark:
    """One event: x of its mark, lane of its label (negative: above the axis; None: no room for a label)."""

    event: EventLine
    x: float
    lane: int | None
    anchor: str
    shape: str
    label: Name


@dataclass(frozen=True, slots=True)
class Strip:
    """A strip `WIDTH` wide. `years` are (x, year) of the ticks, `now` the x of the as-of day."""

    width: int
    height: int
    axis: float
    marks: tuple[Mark, ...]
    years: tuple[tuple[float, int], ...]
    now: float

    def label_y(self, mark: Mark) -> float:
        """Baseline of a mark's label."""
        lane = mark.lane or 0
        return self.axis + lane * LANE - 1 if lane < 0 else self.axis + lane * LANE + 8


def lay_out(
    events: Sequence[EventLine],
    as_of: date,
    language: str,
    names: dict[str, Name],
    sign: Callable[[EventLine], str] = lambda _: "",
) -> Strip | None:
    """Place the events from the first of them to the as-of day; newer labels have the first claim on room.

    Args:
        events: what to show, oldest first; only what changes a standing is drawn, at most the newest 48.
        as_of: the right end of the strip.
        language: decides the width of labels.
        names: short names of things by IRI (the kind of agreement); others go by their own name.
        sign: a sign for what differs from another view; the event's label begins with it.

    Returns:
        The strip, or None when there is no event.
    """
    events = _once([e for e in events if local_name(e.kind.iri) in MAIN | ENDINGS])[-MOST:]
    if not events:
        return None
    start = date(min(e.date.value for e in events).year, 1, 1).toordinal()
    end = max(as_of.toordinal(), max(e.date.value.toordinal() for e in events), start + 366)
    span = WIDTH - 2 * MARGIN - 30

    def place(day: int) -> float:
        return round(MARGIN + span * (day - start) / (end - start), 1)

    taken: dict[int, list[tuple[float, float]]] = {}
    marks: list[Mark] = []
    for event in sorted(events, key=lambda e: (e.date, e.event), reverse=True):
        x = place(event.date.value.toordinal())
        thing = names.get(event.thing.iri, event.thing) if event.thing else event.kind
        label = Name(
            event.event, *(f"{sign(event)} {_label(thing, event, code)}".strip() for code in ("ja", "en"))
        )
        width = label_width(label.label(language))
        anchor = "end" if x + width > WIDTH - 4 else "start"
        left = x - width if anchor == "end" else x
        lane = _free_lane(taken, left - 4, left + width + 8)
        marks.append(Mark(event, x, lane, anchor, _shape(event), label))
    axis = LANES * LANE + 16.0
    height = int(axis + LANES * LANE + 34)
    return Strip(
        WIDTH, height, axis, tuple(reversed(marks)), _ticks(start, end, place), place(as_of.toordinal())
    )


def _once(events: Sequence[EventLine]) -> list[EventLine]:
    """The events without those that repeat another for one more party: same thing, same kind, same day."""
    first: dict[object, EventLine] = {}
    for event in events:
        first.setdefault((event.thing and event.thing.iri, event.kind.iri, event.date), event)
    return list(first.values())


def _label(thing: Name, event: EventLine, language: str) -> str:
    text = thing.label(language)
    text = text if len(text) <= 24 else text[:23] + "…"
    return f"{text} {event.kind.label(language)} {event.date.text[:4]}"


def label_width(text: str) -> float:
    """Room a label takes, in pixels at the strip's own scale; a little more than fonts really need."""
    return sum(11.5 if ord(c) > 0x2E7F else 6.2 for c in text)


def _shape(event: EventLine) -> str:
    slug = local_name(event.kind.iri)
    return "ended" if slug in ENDINGS else SHAPES.get(slug, "talks")


def _free_lane(taken: dict[int, list[tuple[float, float]]], left: float, right: float) -> int | None:
    for lane in (lane for level in range(1, LANES + 1) for lane in (-level, level)):
        spans = taken.setdefault(lane, [])
        if all(right <= a or left >= b for a, b in spans):
            spans.append((left, right))
            return lane
    return None


def _ticks(start: int, end: int, place: Callable[[int], float]) -> tuple[tuple[float, int], ...]:
    first, last = date.fromordinal(start).year, date.fromordinal(end).year
    step = next((s for s in (1, 2, 5, 10, 20, 50) if (last - first) / s <= 8), 100)
    years = [y for y in range(first, last + 1) if y % step == 0 or y == first]
    if len(years) > 1 and years[1] - years[0] < step:
        years = years[1:] if step > 1 else years
    return tuple((place(date(y, 1, 1).toordinal()), y) for y in years)
