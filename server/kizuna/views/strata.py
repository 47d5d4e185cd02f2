"""Which derivation rule reads what other rules make, whether it asks for its absence, and circles among them. Pure functions.

Rules have one meaning only when they can be put in strata: a rule may ask for the absence of something only after all rules that
can make it have run (stratified negation; Apt, Blair and Walker 1988). A circle through an absence has no meaning at all; a
circle without one would need repeated runs, which derivation does not make. So both are refused, and named.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kizuna.views.rl.order import components

_NAME = re.compile(r"\bk:([A-Za-z]+)")
_UNBOUND = re.compile(r"!\s*BOUND\s*\(\s*[?$](\w+)\s*\)", re.IGNORECASE)
_VARIABLE = re.compile(r"[?$](\w+)")
_AGGREGATE = re.compile(r"\b(?:COUNT|MIN|MAX|SUM|AVG|SAMPLE|GROUP_CONCAT)\s*\(", re.IGNORECASE)
_OPENING = re.compile(r"(MINUS|NOT\s+EXISTS|OPTIONAL)?\s*\Z", re.IGNORECASE)


class Rule(Protocol):
    """What is asked of a rule here."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def after(self) -> tuple[str, ...] | None:
        """Ids of the rules it declares to come after, or None."""

    @property
    def template(self) -> str:
        """What it constructs."""

    @property
    def where(self) -> str:
        """Its conditions."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One rule reads what another makes.

    Args:
        reader: id of the rule that reads.
        term: local name of what is read; empty where the rule only declares to come after the other.
        maker: id of the rule that makes it.
        negative: whether its absence is asked for (or all of it is counted over), so that more of it may mean less.
    """

    reader: str
    term: str
    maker: str
    negative: bool

    def __str__(self) -> str:
        what = f"k:{self.term}" if self.term else "what is made"
        return f"{self.reader} reads {'the absence of ' if self.negative else ''}{what} by {self.maker}"


@dataclass(frozen=True, slots=True)
class RuleCycle:
    """Rules that depend on each other in a circle: the reader of each reading is the maker of the one before it.

    The first reader is also the last maker.
    """

    readings: tuple[Reading, ...]

    @property
    def negative(self) -> bool:
        """Whether it goes through an absence."""
        return any(reading.negative for reading in self.readings)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules in it, in the order of the readings."""
        return tuple(reading.reader for reading in self.readings)

    def __str__(self) -> str:
        kind = "a circle through an absence" if self.negative else "a circle"
        return f"{kind}: " + "; ".join(map(str, self.readings))


def groups(where: str) -> Iterator[tuple[str, bool]]:
    """The text of each group of a rule's conditions without the groups in it, and whether it asks for an absence."""
    unbound = set(_UNBOUND.findall(where))
    outer: list[tuple[str, bool]] = []
    text, negative, start = "", False, 0
    for at, sign in enumerate(where):
        if sign == "{":
            text += where[start:at]
            word = _OPENING.search(text)
            opening = (word[1] or "").upper() if word else ""
            outer.append((text, negative))
            inside = where[at + 1 : _closing(where, at)]
            optional = opening == "OPTIONAL" and bool(unbound & set(_VARIABLE.findall(inside)))
            negative = negative or optional or opening.startswith(("MINUS", "NOT"))
            text, start = "", at + 1
        elif sign == "}" and outer:
            text += where[start:at]
            yield text, negative or bool(_AGGREGATE.search(text))
            text, negative = outer.pop()
            start = at + 1
    text += where[start:]
    yield text, negative or bool(_AGGREGATE.search(text))


def _closing(text: str, opening: int) -> int:
    depth = 0
    for at in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if not depth:
            return at
    return len(text)


def readings(rules: Sequence[Rule]) -> tuple[Reading, ...]:
    """All that rules read of each other.

    What a rule reads is found by looking for terms in its conditions that another rule constructs; where it declares
    what it comes after (`# after:`), only those rules count.
    """
    makers: dict[str, list[str]] = {}
    for rule in rules:
        for term in dict.fromkeys(_NAME.findall(rule.template)):
            makers.setdefault(term, []).append(rule.id)
    found: dict[Reading, None] = {}
    for rule in rules:
        met: set[str] = set()
        for text, negative in groups(rule.where):
            for term in _NAME.findall(text):
                for maker in makers.get(term, ()):
                    if rule.after is None or maker in rule.after:
                        found[Reading(rule.id, term, maker, negative)] = None
                        met.add(maker)
        for maker in rule.after or ():
            if maker not in met:
                found[Reading(rule.id, "", maker, False)] = None
    return tuple(sorted(found, key=lambda each: (each.reader, each.maker, each.term, each.negative)))


def cycles(found: Sequence[Reading]) -> tuple[RuleCycle, ...]:
    """The circles among rules: for each knot of rules the shortest through an absence, or else the shortest there is."""
    edges: dict[str, list[str]] = {}
    for reading in found:
        edges.setdefault(reading.reader, []).append(reading.maker)
        edges.setdefault(reading.maker, [])
    told = []
    for component in components(edges):
        knot = [r for r in found if r.reader in component and r.maker in component]
        if not knot:
            continue
        circles = [circle for first in knot if (circle := _circle(first, knot))]
        told.append(min(circles, key=lambda c: (not c.negative, len(c.readings), str(c))))
    return tuple(sorted(told, key=str))


def _circle(first: Reading, knot: Sequence[Reading]) -> RuleCycle | None:
    """The shortest circle that begins with a reading."""
    came: dict[str, Reading | None] = {first.maker: None}
    queue = deque([first.maker])
    while queue:
        here = queue.popleft()
        if here == first.reader:
            way = []
            step = came[here]
            while step is not None:
                way.append(step)
                step = came[step.reader]
            return RuleCycle((first, *reversed(way)))
        for reading in knot:
            if reading.reader == here and reading.maker not in came:
                came[reading.maker] = reading
                queue.append(reading.maker)
    return None


def strata(rules: Sequence[Rule]) -> Mapping[str, int]:
    """The stratum of each rule, from 0: above all whose results must be absent for it, not below those it reads.

    Args:
        rules: without a circle, each after those it reads (as `ordered` gives them).
    """
    found: dict[str, int] = {}
    by_reader: dict[str, list[Reading]] = {}
    for reading in readings(rules):
        by_reader.setdefault(reading.reader, []).append(reading)
    for rule in rules:
        found[rule.id] = max((found[r.maker] + r.negative for r in by_reader.get(rule.id, ())), default=0)
    return found
