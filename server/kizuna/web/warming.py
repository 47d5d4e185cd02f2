"""Keeps a web process ready for its next reader: its templates are compiled when it starts, and as soon as there is a new
view of today, what all its pages share is read, and the rules that explain it.

One thread a process, which only asks the engine. It is no part of an application made for tests or tools: `wsgi.py` starts it.
"""

from __future__ import annotations

import gc
import importlib
import logging
import threading
import time
from collections.abc import Callable
from typing import cast

from flask import Flask

from kizuna.atlas.principal import find_principal
from kizuna.atlas.reader import Reader
from kizuna.atlas.shared import read_shared
from kizuna.engine.types import EngineError
from kizuna.web.current import Desk

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
PAUSE_SECONDS = 0.02
"""Between two tables, for requests that wait."""
SHARE = 0.1
"""At most this share of the time goes into it, however often views change."""
HEAVY = ("pyvis.network",)
"""Modules that are imported when a page first needs them."""


class Warmer:
    """Reads the shared tables of each new view of today.

    Args:
        desk: the application's desk, whose memory is filled.
        sleep: how to wait (seconds).
    """

    def __init__(self, desk: Desk, sleep: Callable[[float], object] = time.sleep) -> None:
        self._desk = desk
        self._sleep = sleep
        self._known = ""

    def look(self) -> float:
        """Read the tables and the rules of today's view if it is a new one; gives the seconds that took (0 when it is known).

        Raises:
            EngineError: the engine could not answer; the view stays new.
        """
        desk = self._desk
        reader = Reader(desk.engine, desk.engine.today(), desk.memory)
        if reader.token == self._known:
            return 0.0
        began = time.perf_counter()
        words = desk.words(reader)
        for _ in read_shared(reader, words, find_principal(reader, desk.settings.principal)):
            self._sleep(PAUSE_SECONDS)
        for _ in desk.explainers.known(desk.engine, reader.view).explainer.read_rules():
            self._sleep(PAUSE_SECONDS)
        # Everybody has moved on to the new view. Four views read in full would take four times the memory of one.
        desk.memory.forget(self._known)
        self._known = reader.token
        self._settle()
        seconds = time.perf_counter() - began
        log.debug("Read the shared tables of view %s in %.2f s.", reader.token, seconds)
        return seconds

    @staticmethod
    def _settle() -> None:
        """Leave what was read out of the search for garbage: going through half a million objects stops all answers for
        a fifth of a second. They hold no cycles, and go as soon as nobody refers to them any more.
        """
        gc.collect(1)
        gc.freeze()

    def run(self) -> None:
        """Look for new views for ever."""
        while True:
            seconds = 0.0
            try:
                seconds = self.look()
            except EngineError as error:
                log.debug("The engine has no answer for the shared tables: %s", error)
            except Exception:
                # Readers get their pages without it, and will see the same fault where it matters.
                log.exception("The shared tables of a view could not be read.")
                seconds = 60 * SHARE
            self._sleep(max(LOOK_SECONDS, seconds / SHARE))


def get_ready(app: Flask, sleep: Callable[[float], object] = time.sleep) -> None:
    """Compile all templates of an application and import what only some pages need: else the first reader of each kind of
    page waits for it (up to 45 ms for a template, 100 for what draws graphs).

    Args:
        sleep: how to wait (seconds) between two of them.
    """
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
        sleep(PAUSE_SECONDS)
    for module in HEAVY:
        importlib.import_module(module)


def start(app: Flask) -> None:
    """Start the thread; it ends with the process."""

    def run() -> None:
        get_ready(app)
        Warmer(cast(Desk, app.extensions["kizuna"])).run()

    threading.Thread(target=run, name="kizuna-warmer", daemon=True).start()
