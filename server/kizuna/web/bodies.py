"""Request bodies are whole or are none: an upload that breaks off is told from one that has ended. WSGI middleware; no I/O of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class WholeBodies:
    """Has the length that a request announces held to.

    A server that ends the stream itself (`wsgi.input_terminated`) ends it also where its client has gone away. Werkzeug then takes
    the part for the whole; without that mark it raises `ClientDisconnected` (400) when less comes than was announced.

    Args:
        inner: the application.
    """

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if environ.get("CONTENT_LENGTH"):
            environ.pop("wsgi.input_terminated", None)
        return self._inner(environ, start_response)
