"""What differs between a page and the same page of another view: lines added, changed, gone. Pure; no I/O.

A page is frozen data made of its view alone, so the page of a scenario and the page of the record can be compared field by
field, whatever page it is. Lines are paired by what they are about (the things that they name), and what else differs is the
change. Lines that only the record has are put back in their places, so that nothing vanishes silently. Numbers (fields, sums,
how many lines there are) are kept beside, as they are in either view: the lines shown are no longer what they count.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
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
    (
        *("choices", "wanted", "candidates", "columns", "hidden", "asked", "bars", "labelled", "over"),
        *("following", "preceding"),
    )
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
        figures: by the identity of a page or line and the name of a number of it, the number in the other view and in
            this one; of several numbers under one name the name is `NAME.KEY`. Only where they differ, or where what is
            shown no longer tells this view's number.
    """

    page: Any
    marks: dict[int, Mark]
    figures: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)
    kept: list[Any] = field(default_factory=list)
    """What is marked or counted and not shown, kept so that no identity is used twice."""

    def copy(self, of: Any, to: Any, but: Container[str] = ()) -> None:
        """Let a page or line that is made of another one bear its mark and numbers, those of some fields left out."""
        if of is to:
            return
        if (mark := self.marks.get(id(of))) is not None:
            self.marks[id(to)] = mark
        for (at, name), pair in list(self.figures.items()):
            if at == id(of) and name not in but:
                self.figures[id(to), name] = pair
        self.kept.append(to)

    @property
    def differs(self) -> bool:
        """Whether anything on the page differs."""
        return bool(self.marks) or any(before != here for before, here in self.figures.values())


@dataclass(slots=True)
class _Comparison:
    only: bool
    marks: dict[int, Mark] = field(default_factory=dict)
    figures: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)
    counted: set[int] = field(default_factory=set)
    """The identities of lines of which a number differs."""
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
        page = replace(here, **found) if found else here  # type: ignore[type-var]
        self.count(before, here, page)
        return page

    def count(self, before: Any, here: Any, shown: Any) -> None:
        """Keep the numbers of a line in both views, where they differ or can no longer be told from what is shown."""
        for name in _countable(type(here)):  # type: ignore[arg-type]  # a class is hashable
            if name in PASSED:
                continue
            old, new = getattr(before, name), getattr(here, name)
            if _cut(before, old) or _cut(here, new):
                continue
            numbers, others = _numbers(name, new), _numbers(name, old)
            left = _numbers(name, getattr(shown, name)) if shown is not here else numbers
            for key in {**numbers, **others}:
                pair = (others.get(key, 0), numbers.get(key, 0))
                if pair[0] != pair[1] or left.get(key) != numbers.get(key):
                    self.figures[id(shown), key] = pair
                    self.kept.append(shown)
                if pair[0] != pair[1]:
                    self.counted.add(id(shown))

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
        if (
            here
            and len(before) == len(here)
            and {key_of(line) for line in here} == {(type(here[0]).__name__,)}
        ):
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
        if id(line) in self.marks or id(line) in self.counted:
            return True
        return is_dataclass(line) and any(
            self.differs(one) for each in fields(line) for one in _inner(getattr(line, each.name))
        )


def compare(before: Any, here: Any, only: bool = False, newest: bool = False) -> Marked:
    """Compare a page with the same page of another view.

    Args:
        before: the page of the other view.
        here: the page of this view.
        only: leave out the lines that do not differ.
        newest: the pages are lines, the newest of more.
    """
    work = _Comparison(only)
    page = (
        work.lines(before, here, newest)
        if isinstance(here, tuple) and _are_lines(here)
        else work.line(before, here)
    )
    return Marked(page, work.marks, work.figures, work.kept)


def with_parts(line: Any, marks: Mapping[int, Mark]) -> Mark | None:
    """How a line differs, what is in it included: changed where only a part of it is, with what the other view has of that.

    Args:
        line: of a compared page.
        marks: of the comparison.
    """
    own = marks.get(id(line))
    if own is not None and own.kind != CHANGED:
        return own
    before = list(own.before) if own else []
    for each in fields(line):
        value = getattr(line, each.name)
        if _is_line(value):
            part = with_parts(value, marks)
            before += [(f"{each.name}_{name}", old) for name, old in part.before] if part else []
        elif isinstance(value, tuple) and any(id(one) in marks for one in value):
            kinds = [(one, marks.get(id(one))) for one in value]
            before.append(
                (each.name, tuple(one for one, mark in kinds if mark is None or mark.kind != ADDED))
            )
    return Mark(CHANGED, tuple(before)) if before else None


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
    shown = replace(part, **found)
    whole.copy(whole.page, shown, found)
    return shown


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


@cache
def _countable(kind: type) -> tuple[str, ...]:
    """The fields of a data class, and what it computes of them."""
    computed = (
        name for base in kind.__mro__ for name, value in vars(base).items() if isinstance(value, property)
    )
    return (*(each.name for each in fields(kind)), *computed)


def _numbers(name: str, value: Any) -> dict[str, int]:
    """The numbers that a field holds, by what they are called; of lines, how many they are."""
    if isinstance(value, int) and not isinstance(value, bool):
        return {name: value}
    if isinstance(value, tuple):
        if _are_lines(value):
            return {name: len(value)}
        pairs = [one for one in value if isinstance(one, tuple) and len(one) == 2]
    else:
        pairs = list(value.items()) if isinstance(value, Mapping) else []
    return {
        f"{name}.{key}": number
        for key, number in pairs
        if isinstance(key, str) and isinstance(number, int) and not isinstance(number, bool)
    }


def _is_line(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, (type, Name, Day, Backing))


def _are_lines(values: Sequence[Any]) -> bool:
    return all(_is_line(value) for value in values)


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        yield from value
    elif _is_line(value):
        yield value
