"""The web server's own process: `python -m kizuna.web.server PARENT`. Listens on a socket; started by `kizuna serve`.

It is executed, not forked: the parent has threads (the link to the keeper), and a fork of a process with threads can
stand still on a lock that nobody holds any more. Granian then forks its web processes from this single thread.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import Interfaces

from kizuna.engine.kernel import end_with_parent
from kizuna.settings import Settings

if TYPE_CHECKING:
    from flask import Flask

END_SECONDS = 10
SERVER_VARIABLE = "KIZUNA_WEB_SERVER"
"""The id of this process, for its web processes."""


def make_app() -> Flask:
    """What each web process loads, once."""
    end_with_parent(int(os.environ[SERVER_VARIABLE]))
    from kizuna.web import wsgi

    return wsgi.make_app()


def main() -> None:
    """Serve until told to end (SIGTERM, SIGINT) or until the parent is gone."""
    end_with_parent(int(sys.argv[1]))
    os.environ[SERVER_VARIABLE] = str(os.getpid())
    # Until a web process answers, SIGTERM ends it: the handler that it inherits would only take a note for the server itself.
    os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))
    settings = Settings.from_environment(os.environ)
    Granian(
        "kizuna.web.server:make_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_processes,
        blocking_threads=settings.web_threads,
        # Requests wait in the socket's queue, not in Python, once every thread is taken.
        backpressure=settings.web_threads,
        respawn_failed_workers=True,
        workers_kill_timeout=END_SECONDS,
        websockets=False,
        log_level="error",  # type: ignore[arg-type]
    ).serve()


if __name__ == "__main__":
    main()
