"""Marks on a what-if page what differs from the same page of the record. Reads the request; asks the engine through the rooms.

The room that makes the page is asked a second time, as if nothing were assumed, and stops where it would show its page. What
it has then is compared with what it has now (`atlas/marks.py`); templates ask `delta(line)` for the mark of a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import is_dataclass, replace
from typing import Any, Final

from flask import current_app, g, render_template, request
from flask_babel import format_decimal, gettext
from markupsafe import Markup, escape

from kizuna.atlas.evidence import Backing
from kizuna.atlas.marks import ADDED, CHANGED, GONE, Mark, compare, window, with_parts
from kizuna.atlas.terms import Day, Name
from kizuna.web.current import desk, language, speaker, view
from kizuna.web.errors import ProblemError
from kizuna.web.filters import status_name

PARAMETER: Final = "only"
DIFFERENCES: Final = "differences"
SIGNS: Final = {ADDED: "＋", CHANGED: "△", GONE: "－"}
NOTHING: Final = Markup("")
ROOMS: Final = "kizuna.web.pages."
"""Where the rooms are whose pages are compared with the record's."""
_OWN: Final = ("view", "reader", "words", "principal")
"""What a request remembers of its view."""


class _Captured(Exception):  # noqa: N818 (no error: it carries a page out of its room)
    def __init__(self, page: Any, table: Sequence[Any]) -> None:
        super().__init__()
        self.page = page
        self.table = table


def switch() -> None:
    """Before each request: read whether only what differs is wanted, and keep it in addresses; see to the record's view."""
    if not g.get("what_if"):
        return
    if request.args.get(PARAMETER) == DIFFERENCES:
        g.only_differences = True
        speaker().kept[PARAMETER] = DIFFERENCES
    room = current_app.blueprints.get(request.blueprint or "")
    if room is not None and room.import_name.startswith(ROOMS):
        desk().ahead(replace(view(), scenario=()))


def marked(page: Any, form: str = "html", newest: bool = False) -> Any:
    """The page with what differs from the record marked, where this request stands in a scenario.

    A room calls it before it makes anything of its page that shows marks; otherwise the page is marked when it is shown.

    Args:
        form: of the answer; only HTML and JSON bear the marks of the whole page.
        newest: the page is lines, the newest of more, so what is not among them may only have been pushed out.
    """
    if g.get("captures") == "page":
        raise _Captured(page, ())
    if form not in ("html", "json") or not g.get("what_if") or g.get("marks") is not None:
        return page
    if not _comparable(page):
        return page
    g.marks = {}
    cut = form == "html" and hasattr(page, "total") and not hasattr(page, "groups")  # a page of a longer list
    caught = _of_record("page", cut)
    if caught is None or type(caught.page) is not type(page):
        return page
    before = caught.page
    if cut:
        whole = _again("page", True)
        if whole is None:
            return page
    only = bool(g.get("only_differences"))
    found = compare(before, whole.page if cut and whole else page, only, newest)
    g.marks = speaker().marks = found.marks
    g.marked_page = found  # keeps what is marked alive
    g.record_page = before
    return window(found, page) if cut and not only else found.page


def marked_table(table: Sequence[Any]) -> Sequence[Any]:
    """The lines of a CSV with what differs from the record marked, where this request stands in a scenario."""
    if g.get("captures"):
        raise _Captured(None, table)
    if not g.get("what_if") or not _comparable(tuple(table)):
        return table
    g.marks = {}
    caught = _of_record("table", False)
    before = tuple(caught.table) if caught else ()
    found = compare(before, tuple(table), bool(g.get("only_differences")))
    g.marks = speaker().marks = found.marks
    g.marked_page = found
    return tuple(line for line in found.page if here_in_data(line))


def here_in_data(line: Any) -> bool:
    """Whether data holds a line: what only the record has is left out unless just the differences are wanted.

    So whoever counts or sums what a scenario's data holds gets the scenario's numbers.
    """
    return not speaker().marks or bool(g.get("only_differences")) or not is_gone(line)


def is_gone(line: Any) -> bool:
    """Whether only the record has a line."""
    mark = mark_of(line)
    return mark is not None and mark.kind == GONE


def mark_with_parts(line: Any) -> Mark | None:
    """How a line of a table differs, the lines and names in it taken into account."""
    return with_parts(line, speaker().marks)


def _of_record(part: str, whole: bool) -> _Captured | None:
    """What the room of this request would show of the record; None where the record has no such page."""
    try:
        with _in_record():
            return _again(part, whole)
    except ProblemError:
        g.only_here = True
        return None


def page_differs() -> bool:
    """Whether anything of this request's page differs from the record."""
    return "marked_page" in g and g.marked_page.differs


def record_page() -> Any:
    """The page of the record that this request's page was compared with, or None."""
    return g.get("record_page")


def also(line: Any, like: Any) -> None:
    """Mark a page or line that is made of a marked one as that one is, with its numbers."""
    if "marked_page" in g:
        g.marked_page.copy(like, line)


def number_of(line: Any, name: str) -> int:
    """A number of this view: a field of a page or line, or how many lines it has, without those only the record has.

    Args:
        name: of the field; `FIELD.KEY` where it holds several numbers.
    """
    pair = _figures().get((id(line), name))
    if pair is not None:
        return pair[1]
    field, _, key = name.partition(".")
    value = getattr(line, field)
    if key:
        value = dict(value).get(key, 0)
    return value if isinstance(value, int) else len(value)


def differing(line: Any, name: str) -> Markup:
    """By how much a number differs from the record's: “ (+1)”; nothing where it does not."""
    before, here = _figures().get((id(line), name), (0, 0))
    return difference(before, here)


def figure(line: Any, name: str) -> Markup:
    """A number of this view, with how much it differs from the record's."""
    return escape(format_decimal(number_of(line, name))) + differing(line, name)


def difference(before: int, here: int) -> Markup:
    """“ (+1)”, with what the record says as its title; nothing where the numbers are the same."""
    if before == here:
        return NOTHING
    told = gettext("in the record: %(number)s", number=format_decimal(before))
    return Markup(' <span class="delta-more" title="{}">({})<span class="hidden"> {}</span></span>').format(
        told, signed(before, here), told
    )


def bar_told(before: int | None, here: int) -> str:
    """“ (+1; in the record: 2)” for the name of a bar; nothing where the numbers are the same or nothing is compared."""
    if before is None or before == here:
        return ""
    told = gettext("in the record: %(number)s", number=format_decimal(before))
    return f" ({signed(before, here)}; {told})"


def signed(before: int, here: int) -> str:
    """By how much a number is larger or smaller: +1, −2."""
    return f"{'+' if here > before else '−'}{format_decimal(abs(here - before))}"


def _figures() -> dict[tuple[int, str], tuple[int, int]]:
    return g.marked_page.figures if "marked_page" in g else {}


def _comparable(page: Any) -> bool:
    return is_dataclass(page) or (isinstance(page, tuple) and all(is_dataclass(each) for each in page))


def _again(part: str, whole: bool) -> _Captured | None:
    """What the room of this request would show now, stopped where it has its page (or the table of it); None for nothing."""
    if request.endpoint is None:
        return None
    endpoint, values = request.endpoint, dict(request.view_args or {})
    if whole:
        values["form"] = "json"
    captures, g.captures = g.get("captures"), part
    try:
        current_app.ensure_sync(current_app.view_functions[endpoint])(**values)
    except _Captured as caught:
        return caught
    finally:
        g.captures = captures
    return None


@contextmanager
def _in_record() -> Iterator[None]:
    """The block reads the record's view of the same day and revision."""
    own = {name: g.pop(name) for name in _OWN if name in g}
    scenario = g.pop("scenario")
    try:
        yield
    finally:
        for name in _OWN:
            g.pop(name, None)
        g.scenario = scenario
        for name, value in own.items():
            setattr(g, name, value)


def mark_of(line: Any) -> Mark | None:
    """How a line differs; None when it does not."""
    return speaker().marks.get(id(line))


def delta(line: Any) -> Markup:
    """The mark of a line: a sign, a word, and what the record says instead; nothing where nothing differs."""
    mark = mark_of(line)
    if mark is None:
        return NOTHING
    return Markup(
        '<span class="delta delta-{}"><span class="sign" aria-hidden="true">{}</span> {}</span> '
    ).format(mark.kind, SIGNS[mark.kind], told(line))


def sign_of(line: Any) -> str:
    """The sign for how a line differs; empty where it does not."""
    mark = mark_of(line)
    return SIGNS[mark.kind] if mark else ""


def told(line: Any) -> str:
    """How a line differs, in words; nothing where nothing differs."""
    mark = mark_of(line)
    if mark is None:
        return ""
    if mark.kind == CHANGED and (said := _before(mark)):
        return str(gettext("changed; in the record: %(before)s", before=said))
    return word(mark.kind)


def page_told(page: Any) -> str:
    """What the record says of the thing of a whole page, where it says something else."""
    mark = mark_of(page)
    return _before(mark) if mark else ""


def cell_mark(cell: Any) -> Markup:
    """The mark of a cell, for where there is room for a sign only: the words are its title and are read aloud."""
    mark = mark_of(cell)
    if mark is None:
        return Markup("")
    return Markup(
        '<span class="delta delta-{}" title="{}"><span aria-hidden="true">{}</span><span class="hidden">{}</span></span>'
    ).format(mark.kind, told(cell), SIGNS[mark.kind], told(cell))


def word(kind: str) -> str:
    """What a mark means."""
    words = {
        ADDED: gettext("only in the scenario"),
        CHANGED: gettext("changed"),
        GONE: gettext("only in the record"),
    }
    return str(words[kind])


def _before(mark: Mark) -> str:
    names = {
        "status": gettext("status"),
        "signed": gettext("signed"),
        "in_force": gettext("in force"),
        "ended": gettext("ended"),
        "since": gettext("since"),
        "until": gettext("until"),
        "date": gettext("date"),
        "latest": gettext("latest"),
        "parties": gettext("parties"),
        "members": gettext("number of members"),
        "actors": gettext("number of actors"),
        "ties": gettext("number of agreements"),
        "agreements": gettext("number of agreements"),
        "frameworks": gettext("number of frameworks"),
        "activities": gettext("number of activities"),
        "standing": gettext("standing"),
        "count": gettext("number"),
        "state": gettext("state"),
        "statements": gettext("statements"),
        "bearings": gettext("what bears on it"),
        "backing": gettext("evidence"),
    }
    words = [f"{names[key]} {_text(key, value)}" for key, value in mark.before if key in names]
    return str(gettext(", ")).join(words)


def _text(key: str, value: Any) -> str:
    if key == "status" and isinstance(value, str):
        value = status_name(value)
    if key == "state" and isinstance(value, str):
        return render_template("map-words.txt", states=(value,), principal=None).strip()
    if isinstance(value, Name):
        return value.label(language())
    if isinstance(value, Day):
        return value.text
    if isinstance(value, Backing) or value is None:
        return "—"
    return str(value)


def what_if_told() -> list[str]:
    """What a drawing that stands alone says of its world: the scenarios, then the marks or that nothing differs."""
    titles = " ＋ ".join(title.label(language()) for title in g.get("what_if", ()))
    first = gettext("What-if: %(titles)s", titles=titles)
    if g.get("only_here"):
        return [first, gettext("The record has no such page: what it shows exists in the scenario only.")]
    if not page_differs():
        return [first, gettext("Nothing on this page differs from the record.")]
    return [first, *(f"{sign} {text}" for _, sign, text in legend())]


def legend() -> list[tuple[str, str, str]]:
    """The marks with their signs and words."""
    return [(kind, sign, word(kind)) for kind, sign in SIGNS.items()]
