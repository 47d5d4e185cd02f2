"""Marks on a what-if page what differs from the same page of the record. Reads the request; asks the engine through the rooms.

The room that makes the page is asked a second time, as if nothing were assumed, and stops where it would show its page. What
it has then is compared with what it has now (`atlas/marks.py`); templates ask `delta(line)` for the mark of a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import is_dataclass
from typing import Any, Final

from flask import current_app, g, render_template, request
from flask_babel import gettext
from markupsafe import Markup

from kizuna.atlas.evidence import Backing
from kizuna.atlas.marks import ADDED, CHANGED, GONE, Mark, compare, window
from kizuna.atlas.terms import Day, Name
from kizuna.web.current import language, speaker
from kizuna.web.errors import ProblemError
from kizuna.web.filters import status_name

PARAMETER: Final = "only"
DIFFERENCES: Final = "differences"
SIGNS: Final = {ADDED: "＋", CHANGED: "△", GONE: "－"}
NOTHING: Final = Markup("")
_OWN: Final = ("view", "reader", "words", "principal")
"""What a request remembers of its view."""


class _Captured(Exception):  # noqa: N818 (no error: it carries a page out of its room)
    def __init__(self, page: Any) -> None:
        super().__init__()
        self.page = page


def switch() -> None:
    """Before each request: read whether only what differs is wanted, and keep it in addresses."""
    if g.get("what_if") and request.args.get(PARAMETER) == DIFFERENCES:
        g.only_differences = True
        speaker().kept[PARAMETER] = DIFFERENCES


def marked(page: Any, form: str = "html") -> Any:
    """The page with what differs from the record marked, where this request stands in a scenario and wants HTML.

    A room calls it before it makes anything of its page that shows marks; otherwise the page is marked when it is shown.
    """
    if g.get("captures"):
        raise _Captured(page)
    if form != "html" or not g.get("what_if") or g.get("marks") is not None or not _comparable(page):
        return page
    g.marks = {}
    cut = hasattr(page, "total") and not hasattr(page, "groups")  # a page of a longer list
    try:
        with _in_record():
            before = _again(cut)
    except ProblemError:
        g.only_here = True
        return page
    if before is None or type(before) is not type(page):
        return page
    only = bool(g.get("only_differences"))
    found = compare(before, _again(cut) if cut else page, only)
    g.marks = speaker().marks = found.marks
    g.marked_page = found.page  # keeps what is marked alive
    return window(found, page) if cut and not only else found.page


def _comparable(page: Any) -> bool:
    return is_dataclass(page) or (isinstance(page, tuple) and all(is_dataclass(each) for each in page))


def _again(whole: bool) -> Any:
    """The page that the room of this request would show now; None when it shows none."""
    if request.endpoint is None:
        return None
    endpoint, values = request.endpoint, dict(request.view_args or {})
    if whole:
        values["form"] = "json"
    captures, g.captures = g.get("captures", False), True
    try:
        current_app.ensure_sync(current_app.view_functions[endpoint])(**values)
    except _Captured as caught:
        return caught.page
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


def legend() -> list[tuple[str, str, str]]:
    """The marks with their signs and words."""
    return [(kind, sign, word(kind)) for kind, sign in SIGNS.items()]
