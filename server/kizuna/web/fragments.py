"""Remembers small pieces of markup that pages are full of: a link, a status, the evidence of a statement.

A piece is a function of what it shows, of the language, and of the state that every address carries. It knows nothing of
views: what it shows is part of its key, so a piece made for one view serves all others. Holds memory only, bounded.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar, cast

from markupsafe import Markup

from kizuna.web.current import Pieces, reader, speaker

T = TypeVar("T")

MOST_STATES = 6
MOST_PIECES = 4_000
Key = tuple[str, str, tuple[tuple[str, str], ...]]


class Macro(Protocol):
    """A macro of a template."""

    name: str

    def __call__(self, *given: Hashable) -> Markup:
        """The markup for these values."""


class Fragments:
    """Pieces by language and kept state, the longest unused state first out. Safe to use from many threads."""

    def __init__(self) -> None:
        self._states: OrderedDict[Key, Pieces] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: Key) -> Pieces:
        """The pieces made under one state; emptied when they become too many."""
        with self._lock:
            pieces = self._states.setdefault(key, {})
            self._states.move_to_end(key)
            while len(self._states) > MOST_STATES:
                self._states.popitem(last=False)
            if len(pieces) > MOST_PIECES:
                pieces.clear()
            return pieces


_fragments = Fragments()


def pieces() -> Pieces:
    """The pieces that this request may use and add to."""
    here = speaker()
    if here.pieces is None:
        here.pieces = _fragments.of((here.language, here.root, tuple(sorted(here.kept.items()))))
    return here.pieces


def once(macro: Macro) -> Callable[..., Markup]:
    """The macro, called once for the same values. To be used on macros that show nothing but their values."""
    name, known = macro.name, pieces()

    def recall(*given: Hashable) -> Markup:
        key = (name, *given)
        found: Markup | None = known.get(key)
        if found is None:
            found = known[key] = macro(*given)
        return found

    return recall


def once_a_view(macro: Macro) -> Callable[..., Markup]:
    """The macro, called once for the same values in one view. For macros that look up words of the view."""
    name, known = macro.name, pieces()
    token: list[str] = []  # asked for at the first call: the frame must stand when the engine is away as well

    def recall(*given: Hashable) -> Markup:
        if not token:
            token.append(reader().token)
        key = (name, token[0], *given)
        found: Markup | None = known.get(key)
        if found is None:
            found = known[key] = macro(*given)
        return found

    return recall


def remembered(sort: str, value: Hashable, make: Callable[[], T]) -> T:
    """The piece of a sort that shows `value`, made when it is not known yet."""
    known, key = pieces(), (sort, value)
    found = known.get(key)
    if found is None:
        found = known[key] = make()
    return cast(T, found)
