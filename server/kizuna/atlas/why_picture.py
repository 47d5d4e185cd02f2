"""A proof as the numbers of a small drawing: a box a step, the conclusion on the left, what it rests on to its right. Pure; no I/O.

Columns go by the longest way from the conclusion, so every line points to the right and a page need not be wider than the
proof is deep; within a column boxes stand near what rests on them. The template writes and escapes the words.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from kizuna.atlas.why import WhyPage, WhyStep

MOST_STEPS: Final = 60
"""A longer proof is told, not drawn."""
WIDTH: Final = 224
"""Of a box, in CSS pixels, as all lengths here."""
LINE: Final = 17
MOST_LINES: Final = 4
PAD: Final = 10
GAP: Final = 14
BETWEEN: Final = 48
"""Between two columns."""
CLOSING: Final = frozenset("」』）】〕、。，．！？：；・ー→")
"""What no line begins with (JIS X 4051)."""
WIDE, NARROW = 12.5, 6.7
"""Width of a full-width and of any other character at 12.5 pixels."""


@dataclass(frozen=True, slots=True)
class Box:
    """A step.

    Args:
        number: of the step.
        kind: stated, derived or inferred.
        lines: what it says, in lines that fit.
        rule: the rule that makes it, cut to a line; empty for what is stated.
        title: all that it says.
        uncertain: whether it is a date that may have come after the day.
        x, y: its upper left corner.
        height: its height.
    """

    number: int
    kind: str
    lines: tuple[str, ...]
    rule: str
    title: str
    uncertain: bool
    x: float
    y: float
    height: int


@dataclass(frozen=True, slots=True)
class Bow:
    """A line from what rests on something (left) to that (right)."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class ProofPicture:
    """A whole drawing."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    bows: tuple[Bow, ...]


def picture_of(page: WhyPage) -> ProofPicture | None:
    """The drawing of a proof; None when it is too long to be drawn, or has one step only."""
    if not 1 < len(page.steps) <= MOST_STEPS:
        return None
    above: dict[int, list[int]] = {}
    for step in page.steps:
        for below in step.rests_on:
            above.setdefault(below, []).append(step.number)
    boxes: dict[int, Box] = {}
    for depth, column in enumerate(_columns(page)):
        wish = {n: _mean([_middle(boxes[a]) for a in above.get(n, ()) if a in boxes]) for n in column}
        free = float(GAP)
        for number in sorted(column, key=lambda n: (wish[n], n)):
            box = _box(page.by_number[number], GAP + depth * (WIDTH + BETWEEN))
            top = max(free, wish[number] - box.height / 2)
            boxes[number] = replace(box, y=round(top, 1))
            free = top + box.height + GAP
    bows = tuple(_bow(boxes[step.number], boxes[below]) for step in page.steps for below in step.rests_on)
    width = max(box.x for box in boxes.values()) + WIDTH + GAP
    height = max(box.y + box.height for box in boxes.values()) + GAP
    return ProofPicture(width, round(height, 1), tuple(boxes[n] for n in sorted(boxes, reverse=True)), bows)


def _box(step: WhyStep, x: float) -> Box:
    lines = fitting(step.statement.text, MOST_LINES)
    rule = fitting(step.rule_label, 1)[0] if step.rule_label else ""
    height = PAD * 2 + LINE * (len(lines) + bool(rule))
    return Box(step.number, step.kind, lines, rule, step.statement.text, step.uncertain, x, 0.0, height)


def _middle(box: Box) -> float:
    return box.y + box.height / 2


def one_box(text: str) -> ProofPicture:
    """A drawing that says one thing."""
    lines = fitting(text, MOST_LINES)
    height = PAD * 2 + LINE * len(lines)
    box = Box(1, "stated", lines, "", text, False, GAP, GAP, height)
    return ProofPicture(WIDTH + 2 * GAP, height + 2 * GAP, (box,), ())


def _bow(left: Box, right: Box) -> Bow:
    return Bow(left.x + WIDTH, _middle(left), right.x, _middle(right))


def _columns(page: WhyPage) -> list[list[int]]:
    """The steps by their longest way from the conclusion."""
    depth = {page.steps[-1].number: 0}
    for step in reversed(page.steps):  # what rests on a step has a larger number
        for below in step.rests_on:
            depth[below] = max(depth.get(below, 0), depth[step.number] + 1)
    columns: list[list[int]] = [[] for _ in range(max(depth.values()) + 1)]
    for number in sorted(depth):
        columns[depth[number]].append(number)
    return columns


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def fitting(text: str, most: int) -> tuple[str, ...]:
    """A text in at most so many lines that fit into a box; what is cut ends in an ellipsis.

    Lines break at spaces, and anywhere between full-width characters.
    """
    room = WIDTH - 2 * PAD
    lines, line = [], ""
    for word in _words(text):
        if line and _length(line + word.rstrip()) > room:
            lines.append(line.rstrip())
            line = ""
        line += word
        while _length(line.rstrip()) > room:  # a word longer than a line
            cut = next(n for n in range(len(line), 0, -1) if _length(line[:n]) <= room)
            lines.append(line[:cut])
            line = line[cut:]
    if line.strip():
        lines.append(line.rstrip())
    if len(lines) <= most:
        return tuple(lines) or ("",)
    last = lines[most - 1]
    while last and _length(last + "…") > room:
        last = last[:-1]
    return (*lines[: most - 1], last.rstrip() + "…")


def _words(text: str) -> list[str]:
    words: list[str] = []
    word = ""
    for sign in text:
        if sign in CLOSING and not word and words:
            words[-1] += sign
            continue
        word += sign
        if sign == " " or _wide(sign):
            words.append(word)
            word = ""
    return [*words, word] if word else words


def _wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"


def _length(text: str) -> float:
    return sum(WIDE if _wide(sign) else NARROW for sign in text)
