"""What a request works with: engine, settings, view, language, words. Reads Flask's globals; no other I/O."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from flask import current_app, g

from kizuna.atlas.differences import Comparisons
from kizuna.atlas.marks import Mark
from kizuna.atlas.principal import find_principal
from kizuna.atlas.reader import AnswerMemory, Reader
from kizuna.atlas.scenarios_meeting import Idle
from kizuna.atlas.vocabulary import Vocabulary, read_vocabulary
from kizuna.atlas.why import Explainers
from kizuna.engine.types import Engine, EngineError, View
from kizuna.settings import Settings

REMEMBERED_VIEWS = 4


@dataclass(slots=True)
class Desk:
    """Everything that lives as long as the application."""

    engine: Engine
    settings: Settings
    memory: AnswerMemory = field(default_factory=AnswerMemory)
    explainers: Explainers = field(default_factory=Explainers)
    comparisons: Comparisons = field(default_factory=Comparisons)
    idle: OrderedDict[tuple[str, int | None], Idle] = field(default_factory=OrderedDict)
    """What of a scenario changes nothing in a revision of the record, by the engine's name of it and the revision."""
    _words: OrderedDict[str, Vocabulary] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def words(self, reader: Reader) -> Vocabulary:
        """The vocabulary of the reader's view, remembered by its revision token."""
        with self._lock:
            known = self._words.get(reader.token)
            if known is not None:
                self._words.move_to_end(reader.token)
        if known is None:
            known = read_vocabulary(reader)
            with self._lock:
                self._words[reader.token] = known
                while len(self._words) > REMEMBERED_VIEWS:
                    self._words.popitem(last=False)
        return known

    def ahead(self, view: View) -> None:
        """Have a view made that this request will read after another one, if nobody has read it yet.

        The engine makes one view after the other: so the second is made while the page is read from the first.
        """

        def ask() -> None:
            with contextlib.suppress(EngineError):  # who reads the view is told
                self.engine.ask(view, "ASK {}")

        with contextlib.suppress(EngineError):
            if not self.memory.knows(self.engine.revision(view)):
                threading.Thread(target=ask, name="kizuna-ahead", daemon=True).start()


def desk() -> Desk:
    """The application's desk."""
    return cast(Desk, current_app.extensions["kizuna"])


def engine() -> Engine:
    """The engine to ask."""
    return desk().engine


def settings() -> Settings:
    """The operator's settings."""
    return desk().settings


Pieces = dict[Hashable, Any]
"""Pieces of pages, most of them markup, by what they show."""


@dataclass(slots=True)
class Speaker:
    """How this request speaks: its language, and the state every internal address carries.

    Names are turned into links hundreds of times a page; a context variable costs a fiftieth of Flask's proxies.
    """

    language: str
    root: str = ""
    kept: dict[str, str] = field(default_factory=dict)
    pieces: Pieces | None = None
    marks: Mapping[int, Mark] = field(default_factory=dict)
    """What differs on a what-if page, by the identity of its lines: asked of every line of every page."""


_speaker: ContextVar[Speaker | None] = ContextVar("kizuna_speaker", default=None)


def speak(speaker: Speaker | None) -> None:
    """Set how the current request speaks."""
    _speaker.set(speaker)


def speaker() -> Speaker:
    """How the current request speaks; before the state is read, the operator's language."""
    found = _speaker.get()
    return found if found is not None else Speaker(settings().language)


def language() -> str:
    """The language of this request: ja or en."""
    return speaker().language


def as_of() -> date:
    """The as-of date of this request."""
    return view().as_of


def view() -> View:
    """The view that this request reads: today's, or the one its as-of date, its revision and its scenarios name."""
    if "view" not in g:
        today = engine().today()
        g.view = View(
            g.get("asof") or today.as_of, g.get("revision", today.revision), g.get("scenario", today.scenario)
        )
    return cast(View, g.view)


def reader() -> Reader:
    """The reader of this request; it keeps what the page asked."""
    if "reader" not in g:
        g.reader = Reader(engine(), view(), desk().memory)
    return cast(Reader, g.reader)


def words() -> Vocabulary:
    """The vocabulary of this request's view."""
    if "words" not in g:
        g.words = desk().words(Reader(engine(), view(), desk().memory))
    return cast(Vocabulary, g.words)


def principal() -> str | None:
    """IRI of the actor the workspace is seen from, or None."""
    if "principal" not in g:
        g.principal = find_principal(Reader(engine(), view(), desk().memory), settings().principal)
    return cast("str | None", g.principal)
