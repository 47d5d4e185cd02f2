"""Speaks the SPARQL 1.1 Protocol to another store, by SPARQLWrapper. Opens connections to the endpoint it is given.

Every request runs in a thread of its own, so that a time limit and a cancellation hold however the store behaves.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import urllib.error
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final

from SPARQLWrapper import INSERT, JSON, POST, POSTDIRECTLY, TURTLE, URLENCODED, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import (
    EndPointInternalError,
    EndPointNotFound,
    QueryBadFormed,
    SPARQLWrapperException,
    Unauthorized,
)

from kizuna.engine.text import first_word
from kizuna.engine.types import (
    EngineError,
    EngineUnavailableError,
    QueryCancelledError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
)

BLOCK: Final = 65_536
AGENT: Final = "Kizuna"
_PLACE: Final = re.compile(r"(?i)line (\d+),? column (\d+)|error at (\d+):(\d+)|\bat (\d+):(\d+)")
MESSAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Store:
    """A SPARQL 1.1 store.

    Args:
        query_url: where queries go.
        update_url: where updates go.
        user: for HTTP Basic authentication; empty: none.
        password: likewise.
        update_seconds: how long an update may take.
    """

    query_url: str
    update_url: str
    user: str = ""
    password: str = ""
    update_seconds: float = 300.0


class Call:
    """A request under way. `cancel` gives it up at once, whatever the store does."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._response: Any = None
        self._body: bytes | None = None
        self._error: BaseException | None = None
        self._cut = False
        self.cancelled = False

    def cancel(self) -> None:
        """Stop waiting, and close the connection."""
        self.cancelled = True
        self._done.set()

    def _close(self) -> None:
        with self._lock:
            response, self._response = self._response, None
        if response is not None:
            with contextlib.suppress(Exception):
                response.close()

    def run(self, work: Callable[[], Any], seconds: float, most: int | None = None) -> tuple[bytes, bool]:
        """Send the request; returns the body and whether it was cut at `most` bytes.

        Raises:
            EngineError: whatever went wrong, in the engine's words.
        """

        def fetch() -> None:
            try:
                response = work()
                with self._lock:
                    self._response = response
                blocks, held = [], 0
                while not self._done.is_set() and (block := response.read(BLOCK)):
                    blocks.append(block)
                    held += len(block)
                    if most is not None and held > most:
                        self._cut = True
                        break
                self._body = b"".join(blocks)
            except BaseException as error:  # handed to whoever waits
                self._error = error
            finally:
                self._done.set()
                self._close()

        threading.Thread(target=fetch, name="kizuna-remote", daemon=True).start()
        in_time = self._done.wait(seconds)
        if not in_time:
            self._done.set()
            raise QueryTimeoutError("The store took longer than it may; the query was given up.")
        if self.cancelled:
            raise QueryCancelledError("The query was cancelled.")
        if self._error is not None:
            raise mapped(self._error) from self._error
        return self._body or b"", self._cut


def mapped(error: BaseException) -> EngineError:
    """What a failure of the store or the way to it means to whoever asked."""
    if isinstance(error, EngineError):
        return error
    if isinstance(error, QueryBadFormed):
        text = _message(error)
        place = _PLACE.search(text)
        numbers = [int(n) for n in place.groups() if n] if place else [None, None]
        return QuerySyntaxError(text, numbers[0], numbers[1])
    if isinstance(error, Unauthorized):
        return EngineUnavailableError("The store wants another user or password.")
    if isinstance(error, EndPointNotFound):
        return EngineUnavailableError("The store has no such address.")
    if isinstance(error, (TimeoutError, socket.timeout)):
        return QueryTimeoutError("The store took longer than it may; the query was given up.")
    if isinstance(error, urllib.error.HTTPError):
        with error:
            if error.code in (408, 503, 504):
                return QueryTimeoutError("The store gave the query up.")
            if error.code in (401, 403):
                return EngineUnavailableError("The store wants another user or password.")
            return EngineError(f"The store answered {error.code}.")
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, TimeoutError):
        return QueryTimeoutError("The store took longer than it may; the query was given up.")
    if isinstance(error, EndPointInternalError):
        return EngineError(_message(error))
    if isinstance(error, (OSError, HTTPException)):
        return EngineUnavailableError("The store cannot be reached.")
    return EngineError(_message(error))


def _message(error: BaseException) -> str:
    body = error.args[0] if error.args else ""
    text = str(body)
    if isinstance(error, SPARQLWrapperException):  # it shows the body as Python writes bytes
        found = re.search(r"b(['\"])(.*)\1", text, re.DOTALL)
        if found:
            with contextlib.suppress(UnicodeError):
                text = found[2].encode("latin-1", "replace").decode("unicode_escape")
                text = text.encode("latin-1", "replace").decode("utf-8", "replace")
    return " ".join(text.split())[:MESSAGE] or "The store says no more."


def _wrapper(store: Store, seconds: float) -> Any:
    wrapper = SPARQLWrapper(store.query_url, updateEndpoint=store.update_url, agent=AGENT)
    wrapper.setTimeout(max(1, int(seconds + 0.999)))
    wrapper.setMethod(POST)
    wrapper.setOnlyConneg(True)
    if store.user:
        wrapper.setCredentials(store.user, store.password)
    return wrapper


def query(
    store: Store,
    text: str,
    seconds: float,
    call: Call | None = None,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
    most: int | None = None,
) -> tuple[bytes, bool]:
    """Send a query; the answer is JSON results, or Turtle for a graph.

    Args:
        store: where to.
        text: the query.
        seconds: time limit.
        call: by which it can be cancelled.
        default_graphs: the protocol's dataset.
        named_graphs: likewise.
        most: bytes at most; beyond, reading stops.

    Returns:
        the body, and whether it was cut.

    Raises:
        EngineError: as `mapped` says.
    """
    form = first_word(text)
    if form not in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"):
        raise (
            QueryRefusedError("Only queries can be asked here, no updates.")
            if form
            else QuerySyntaxError("There is no SELECT, ASK, CONSTRUCT or DESCRIBE.", 1, 1)
        )
    wrapper = _wrapper(store, seconds)
    wrapper.setRequestMethod(URLENCODED)
    wrapper.setReturnFormat(JSON if form in ("SELECT", "ASK") else TURTLE)
    wrapper.queryString, wrapper.queryType = text, form
    for graph in default_graphs or ():
        wrapper.addParameter("default-graph-uri", graph)
    for graph in named_graphs or ():
        wrapper.addParameter("named-graph-uri", graph)
    return (call or Call()).run(lambda: wrapper.query().response, seconds, most)


def update(store: Store, text: str) -> None:
    """Send an update request: all of it is done, or none (as far as the store keeps to SPARQL 1.1 Update §3).

    Raises:
        EngineError: as `mapped` says.
    """
    wrapper = _wrapper(store, store.update_seconds)
    wrapper.setRequestMethod(POSTDIRECTLY)
    wrapper.queryString, wrapper.queryType = text, INSERT
    Call().run(lambda: wrapper.query().response, store.update_seconds)
