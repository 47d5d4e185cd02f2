"""What a WSGI server loads: the application of this process, connected to the keeper named in the environment.

`kizuna serve` starts the keeper and any number of web processes; each runs `make_app` once.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path

from flask import Flask

from kizuna.commands.setup import remote_store
from kizuna.engine.embedded import connect_embedded
from kizuna.engine.kernel import end_with_parent
from kizuna.engine.remote import RemoteEngine
from kizuna.engine.types import Engine
from kizuna.settings import Settings
from kizuna.web.app import create_app
from kizuna.web.logging import start as start_log
from kizuna.web.shared import SOCKET_VARIABLE
from kizuna.web.warming import start as start_warming


def make_app() -> Flask:
    """Make this process's application.

    Raises:
        KeyError: the keeper's socket is not named.
        EngineUnavailableError: no keeper listens there.
    """
    # A web process outlives nobody: not even a server that was killed without a word.
    end_with_parent(os.getppid())
    settings = Settings.from_environment(os.environ)
    start_log(settings)
    inner = connect_embedded(Path(os.environ[SOCKET_VARIABLE]))
    store = remote_store(settings)
    engine: Engine = (
        inner if store is None else RemoteEngine(inner, store, writes=False, follows=settings.read_only)
    )
    app = create_app(engine, settings)
    # What has been made so far stays for good: looking through it for garbage would stop all answers, a tenth of a second each time.
    gc.collect()
    gc.freeze()
    start_warming(app)
    return app
