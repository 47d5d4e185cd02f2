"""What differs between two pages of the same room: paired by what lines are about, with what vanished put back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from kizuna.atlas.marks import ADDED, CHANGED, GONE, Mark, Marked, compare, window, with_parts
from kizuna.atlas.terms import Day, Name

A, B, C, D = (Name(f"x:{letter}", letter, letter) for letter in "abcd")


@dataclass(frozen=True, slots=True)
class Line:
    thing: Name
    status: Name | None = None
    signed: Day | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    state: str


@dataclass(frozen=True, slots=True)
class Group:
    role: Name
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    about: Name
    groups: tuple[Group, ...] = ()
    lines: tuple[Line, ...] = ()
    domains: tuple[Name, ...] = ()
    cells: tuple[Cell, ...] = ()
    recent: tuple[Line, ...] = ()
    kinds: tuple[tuple[Name, int], ...] = ()
    status: str = ""
    numbers: dict[str, int] = field(default_factory=dict)
    pairs: tuple[tuple[str, int], ...] = ()

    @property
    def close(self) -> int:
        return len(self.lines) + sum(len(group.lines) for group in self.groups)


def told(found: Marked, lines: tuple[object, ...]) -> list[str]:
    return [mark.kind if (mark := found.marks.get(id(line))) else "" for line in lines]


def test_an_equal_page_bears_no_mark_and_is_itself() -> None:
    page = Page(A, (Group(B, (Line(C),)),), (Line(D),))
    found = compare(Page(A, (Group(B, (Line(C),)),), (Line(D),)), page)
    assert found.marks == {}
    assert found.page == page


def test_lines_are_added_changed_and_gone_each_in_its_place() -> None:
    before = Page(A, lines=(Line(A), Line(B), Line(C, signed=Day(date(2020, 1, 1)))))
    here = Page(A, lines=(Line(A), Line(C, signed=Day(date(2028, 1, 1))), Line(D)))
    found = compare(before, here)
    assert [line.thing for line in found.page.lines] == [A, B, C, D]
    assert told(found, found.page.lines) == ["", GONE, CHANGED, ADDED]
    changed = found.marks[id(found.page.lines[2])]
    assert changed == Mark(CHANGED, (("signed", Day(date(2020, 1, 1))),))


def test_what_a_page_says_of_its_own_thing_is_marked_too() -> None:
    found = compare(Page(A, status="signed"), Page(A, status="in-force"))
    assert found.marks[id(found.page)] == Mark(CHANGED, (("status", "signed"),))


def test_only_what_differs_leaves_out_equal_lines_and_groups() -> None:
    before = Page(A, (Group(A, (Line(A),)), Group(B, (Line(B),))), (Line(A),))
    here = Page(A, (Group(A, (Line(A),)), Group(B, (Line(B), Line(C)))), (Line(A),))
    found = compare(before, here, only=True)
    assert [group.role for group in found.page.groups] == [B]
    assert [line.thing for line in found.page.groups[0].lines] == [C]
    assert found.page.lines == ()


def test_a_group_that_one_view_alone_has_is_marked_with_all_its_lines() -> None:
    found = compare(Page(A), Page(A, (Group(B, (Line(C),)),)))
    assert told(found, found.page.groups) == [ADDED]
    assert told(found, found.page.groups[0].lines) == [ADDED]


def test_cells_are_compared_where_they_stand() -> None:
    found = compare(
        Page(A, cells=(Cell("x"), Cell("y"), Cell("x"))), Page(A, cells=(Cell("x"), Cell("x"), Cell("x")))
    )
    assert told(found, found.page.cells) == ["", CHANGED, ""]


def test_names_one_by_one_are_marked_without_marking_their_like_elsewhere() -> None:
    found = compare(Page(A, domains=(B, C)), Page(A, domains=(C, D)))
    assert [name.iri for name in found.page.domains] == ["x:b", "x:c", "x:d"]
    assert told(found, found.page.domains) == [GONE, "", ADDED]
    assert id(D) not in found.marks


def test_what_is_only_pushed_out_of_the_newest_is_not_called_gone() -> None:
    found = compare(Page(A, recent=(Line(A), Line(B))), Page(A, recent=(Line(C), Line(A))))
    assert [line.thing for line in found.page.recent] == [C, A]


def test_choices_of_a_filter_are_left_alone() -> None:
    here = Page(A, kinds=((A, 2), (C, 1)))
    assert compare(Page(A, kinds=((A, 1), (B, 1))), here, only=True).page.kinds == here.kinds


def test_a_cut_page_shows_its_part_of_the_comparison() -> None:
    before, whole = Page(A, lines=(Line(A), Line(B), Line(C))), Page(A, lines=(Line(A), Line(C), Line(D)))
    found = compare(before, whole)
    first, second = Page(A, lines=(Line(A),)), Page(A, lines=(Line(C), Line(D)))
    assert [line.thing for line in window(found, first).lines] == [A]
    assert [line.thing for line in window(found, second).lines] == [B, C, D]


def test_numbers_are_kept_as_they_are_in_either_view() -> None:
    before = Page(A, (Group(A, (Line(A), Line(B))),), (Line(A),), numbers={"State": 2}, pairs=(("all", 1),))
    here = Page(
        A, (Group(A, (Line(B), Line(C), Line(D))),), (Line(A),), numbers={"State": 3}, pairs=(("all", 1),)
    )
    for only in (False, True):
        found = compare(before, here, only)
        told = {(at == id(found.page), name): pair for (at, name), pair in found.figures.items()}
        assert told[False, "lines"] == (2, 3)
        assert told[True, "numbers.State"] == (2, 3)
        assert told[True, "close"] == (3, 4)
        assert (True, "pairs.all") not in told
        assert found.differs
    same = compare(before, replace(before), True)
    assert same.figures[id(same.page), "close"] == (3, 3)  # the page shows none of them any more
    assert not same.differs


def test_a_line_of_a_table_differs_by_its_parts_too() -> None:
    here = (Page(A, domains=(B, C)), Page(B, domains=(B,)))
    found = compare((Page(A, domains=(C, D)), Page(B, domains=(B,))), here)
    first, second = (with_parts(line, found.marks) for line in found.page)
    assert first is not None
    assert (first.kind, [(name, [n.iri for n in names]) for name, names in first.before]) == (
        CHANGED,
        [("domains", ["x:c", "x:d"])],
    )
    assert second is None


LINES = st.lists(st.builds(Line, st.sampled_from([A, B, C, D]), st.sampled_from([None, A, B])), max_size=6)


@given(LINES, LINES)
def test_nothing_is_lost_and_marks_account_for_every_difference(before: list[Line], here: list[Line]) -> None:
    found = compare(Page(A, lines=tuple(before)), Page(A, lines=tuple(here)))
    shown = found.page.lines
    kinds = told(found, shown)
    assert [line for line, kind in zip(shown, kinds, strict=True) if kind != GONE] == here
    assert len(shown) - kinds.count(ADDED) == len(before)
    if not any(kinds):
        assert before == here or sorted(map(str, before)) == sorted(map(str, here))


def test_two_pages_of_no_lines_do_not_differ() -> None:
    assert not compare((), ()).differs
