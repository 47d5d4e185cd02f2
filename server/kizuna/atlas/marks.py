"""What differs between a page and the same page of another view: lines added, changed, gone. Pure; no I/O.

A page is frozen data made of its view alone, so the page of a scenario and the page of the record can be compared field by
field, whatever page it is. Lines are paired by what they are about (the things that they name), and what else differs is the
change. Lines that only the record has are put back in their places, so that nothing vanishes silently.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Final, TypeVar

from kizuna.atlas.evidence import Backing
from kizuna.atlas.terms import Day, Name

T = TypeVar("T")
ADDED: Final = "added"
CHANGED: Final = "changed"
GONE: Final = "gone"

VALUES: Final = frozenset(("status", "latest_kind", "note", "kind_status", "region"))
"""Names that a line gives of itself: two lines that differ in them alone are one line that has changed."""
IDENTITY: Final = frozenset(("event", "source", "target", "key", "relation", "property", "record"))
"""Texts that say which line it is."""
LISTED: Final = frozenset(("domains", "parties", "related", "parts", "places"))
"""Fields whose values are names, or pairs with names, that are shown one by one."""
NEWEST: Final = frozenset(("recent", "changes"))
"""Fields that hold the newest of more lines."""
WHOLE: Final = frozenset(("nodes", "cells"))
"""Fields of which no line is left out: others point to them, or they stand in columns."""
PASSED: Final = frozenset(
    ("choices", "wanted", "candidates", "columns", "hidden", "asked", "bars", "labelled", "over")
)
"""Fields that offer choices or repeat what was asked: never compared."""
_VALUE: Final = (Name, Day, Backing, str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True)
class Mark:
    """How a line differs.

    Args:
        kind: added (only in this view), changed, or gone (only in the other view).
        before: of a changed line the fields that differ, with the other view's values.
    """

    kind: str
    before: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Marked:
    """A page compared with its like.

    Args:
        page: the page with the other view's lost lines put back in.
        marks: marks by the identity (`id`) of the lines, which the page keeps alive.
    """

    page: Any
    marks: dict[int, Mark]


@dataclass(slots=True)
class _Comparison:
    only: bool
    marks: dict[int, Mark] = field(default_factory=dict)
    kept: list[Any] = field(default_factory=list)
    """What is marked, kept so that no identity is used twice."""

    def set(self, line: Any, mark: Mark) -> None:
        self.marks[id(line)] = mark
        self.kept.append(line)

    def value(self, name: str, before: Any, here: Any) -> Any:
        """A field of this view compared with that of the other one; gives what is shown."""
        if name in PASSED:
            return here
        if isinstance(here, tuple) and isinstance(before, tuple):
            if before + here and _are_lines(before + here):
                return self.lines(before, here, name in NEWEST, name in WHOLE)
            if name in LISTED and all(isinstance(each, (Name, tuple)) for each in before + here):
                return self.listed(before, here)
            return here
        if _is_line(here) and type(before) is type(here):
            return self.line(before, here)
        return here

    def inside(self, before: Any, here: T) -> T:
        """One data class compared with its like: its containers are, its plain values are not."""
        found = {}
        for each in fields(here):  # type: ignore[arg-type]
            old, new = getattr(before, each.name), getattr(here, each.name)
            if _cut(before, old) or _cut(here, new):
                continue
            shown = self.value(each.name, old, new)
            if shown is not new:
                found[each.name] = shown
        return replace(here, **found) if found else here  # type: ignore[type-var]

    def line(self, before: Any, here: Any) -> Any:
        """One line compared with its like."""
        shown = self.inside(before, here)
        changed = tuple(
            (each.name, getattr(before, each.name))
            for each in fields(here)
            if isinstance(getattr(here, each.name), _VALUE)
            and each.name not in PASSED
            and getattr(before, each.name) != getattr(here, each.name)
        )
        if changed:
            self.set(shown, Mark(CHANGED, changed))
        return shown

    def lines(
        self, before: Sequence[Any], here: Sequence[Any], newest: bool = False, whole: bool = False
    ) -> tuple[Any, ...]:
        """Lines paired by what they are about; those that only the other view has stand where they stood.

        Args:
            newest: the lines are the newest of more, so what is not among them here may only have been pushed out.
            whole: none is left out.
        """
        if len(before) == len(here) and {key_of(line) for line in here} == {(type(here[0]).__name__,)}:
            return tuple(self.line(old, new) for old, new in zip(before, here, strict=True))  # cells of a row
        shown = []
        for old, new in _paired(before, here):
            if new is None and newest and len(before) == len(here):
                continue
            if old is None:
                self.whole(new, ADDED)
                shown.append(new)
            elif new is None:
                self.whole(old, GONE)
                shown.append(old)
            else:
                shown.append(self.line(old, new))
        return tuple(one for one in shown if whole or not self.only or self.differs(one))

    def listed(self, before: Sequence[Any], here: Sequence[Any]) -> tuple[Any, ...]:
        """Names or pairs, each there or not."""
        shown = []
        for old, new in _paired(before, here):
            each = old if new is None else new
            if old is None or new is None:
                # A name is shared by many lines: the mark needs one of its own.
                each = each if isinstance(each, tuple) else replace(each)
                self.set(each, Mark(ADDED if old is None else GONE))
            shown.append(each)
        return tuple(shown)

    def whole(self, line: Any, kind: str) -> None:
        """A line, and all lines in it, are in one view only."""
        self.set(line, Mark(kind))
        for each in fields(line):
            value = getattr(line, each.name)
            if isinstance(value, tuple) and _are_lines(value) and each.name not in PASSED:
                for one in value:
                    if key_of(one) != (
                        type(one).__name__,
                    ):  # the cells of a row need no mark beside the row's
                        self.whole(one, kind)

    def differs(self, line: Any) -> bool:
        """Whether a line, or something in it, is marked."""
        if id(line) in self.marks:
            return True
        return is_dataclass(line) and any(
            self.differs(one) for each in fields(line) for one in _inner(getattr(line, each.name))
        )


def compare(before: Any, here: Any, only: bool = False) -> Marked:
    """Compare a page with the same page of another view.

    Args:
        before: the page of the other view.
        here: the page of this view.
        only: leave out the lines that do not differ.
    """
    work = _Comparison(only)
    page = (
        work.lines(before, here) if isinstance(here, tuple) and _are_lines(here) else work.line(before, here)
    )
    return Marked(page, work.marks)


def window(whole: Marked, part: Any) -> Any:
    """The part of a compared page that a page cut into pages shows: the lines of `part` with those gone between them.

    Args:
        whole: the comparison of the uncut pages.
        part: this view's page, cut.
    """
    found = {}
    for each in fields(part):
        cut, all_ = getattr(part, each.name), getattr(whole.page, each.name)
        if not isinstance(cut, tuple) or not cut or not _are_lines(cut) or each.name in PASSED:
            continue
        lost = [(mark := whole.marks.get(id(line))) is not None and mark.kind == GONE for line in all_]
        wanted = {key_of(line) for line in cut}
        places = [at for at, line in enumerate(all_) if key_of(line) in wanted and not lost[at]]
        if not places:
            continue
        start, end = places[0], places[-1] + 1
        while start and lost[start - 1]:
            start -= 1
        if all(lost[end:]):
            end = len(all_)
        found[each.name] = all_[start:end]
    return replace(part, **found)


def key_of(line: Any) -> Hashable:
    """What a line is about: the things it names, and the texts that say which it is."""
    if isinstance(line, Name):
        return line.iri
    if isinstance(line, tuple):
        return tuple(getattr(each, "iri", each) for each in line if isinstance(each, (Name, str)))
    parts: list[Hashable] = [type(line).__name__]
    for each in fields(line):
        value = getattr(line, each.name)
        if isinstance(value, Name):
            if each.name not in VALUES:
                parts.append(value.iri)
        elif isinstance(value, str):
            if each.name in IDENTITY:
                parts.append(value)
        elif _is_line(value):
            parts.append(key_of(value))
    return tuple(parts)


def _paired(before: Sequence[Any], here: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Pairs of what is alike, in this view's order, with what only the other view has where it stood."""
    waiting: dict[Hashable, list[int]] = {}
    for at, line in enumerate(before):
        waiting.setdefault(key_of(line), []).append(at)
    partners: list[int | None] = []
    for line in here:
        same = waiting.get(key_of(line), [])
        # Of several lines about the same the equal one is the partner.
        best = next((at for at in same if before[at] == line), same[0] if same else None)
        if best is not None:
            same.remove(best)
        partners.append(best)
    lost = sorted(at for places in waiting.values() for at in places)
    after: dict[int | None, list[int]] = {}
    known = {at for at in partners if at is not None}
    for at in lost:
        anchor = next((one for one in range(at - 1, -1, -1) if one in known), None)
        after.setdefault(anchor, []).append(at)
    found: list[tuple[Any, Any]] = [(before[at], None) for at in after.get(None, ())]
    for line, partner in zip(here, partners, strict=True):
        found.append((None if partner is None else before[partner], line))
        if partner is not None:
            found += [(before[at], None) for at in after.get(partner, ())]
    return found


def _cut(of: Any, values: Any) -> bool:
    """Whether these are fewer than there are: what is missing then says nothing."""
    total = getattr(of, "total", None)
    return (
        isinstance(values, tuple)
        and isinstance(total, int)
        and 0 < len(values) < total
        and _are_lines(values)
    )


def _is_line(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, (type, Name, Day, Backing))


def _are_lines(values: Sequence[Any]) -> bool:
    return all(_is_line(value) for value in values)


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        yield from value
    elif _is_line(value):
        yield value
