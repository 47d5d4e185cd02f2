"""Writing without a gate: `kizuna serve --no-gate` is a plain SPARQL server with an admin token.

An update or a document is tried in a sealed fork of the stated store; the difference goes into the journal (fsync), then to
the keeper, and is answered once the new state is the one that queries see. One writer at a time, across processes.
"""

from __future__ import annotations

import hmac
import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol, cast

from flask import Response, current_app, request
from flask_babel import gettext

from kizuna.engine.types import Applied, EngineError, ForkingEngine, JobFailedError, Limits
from kizuna.sparql.guard import Refusal, examine_update, has_using
from kizuna.sparql.plain import MODULES, unpack
from kizuna.sparql.protocol import Operation
from kizuna.sparql.using import with_dataset
from kizuna.web import endpoint, sparql_problems
from kizuna.web.current import engine, settings
from kizuna.web.errors import ProblemError
from kizuna.web.whatif import require_record
from kizuna.workspace.journal import Entry, Journal

PLAIN = "kizuna.sparql.plain:"
COMPACT = "kizuna.workspace.journal:compact"
COMPACTING = Limits(seconds=300.0, rows=None, memory_bytes=4_000_000_000, result_bytes=None)
LARGEST_JOURNAL = 1 << 40
log = logging.getLogger(__name__)


class WritableEngine(ForkingEngine, Protocol):
    """What an engine must offer to be written to."""

    def apply(self, removed: bytes, added: bytes, revision: int | None = None) -> Applied:
        """Apply a patch and wait until it is published."""


class Writer:
    """The one place that writes, for one application."""

    def __init__(self, target: WritableEngine, journal: Journal, limits: Limits) -> None:
        self.target = target
        self.journal = journal
        self.limits = limits
        self._lock = threading.Lock()

    def write(self, function: str, *arguments: Any) -> Applied:
        """Run one of the functions of `kizuna.sparql.plain` and keep what it changed.

        Raises:
            JobFailedError: the function raised something; nothing is changed.
            EngineError: time, memory, or the engine is gone.
            OSError: the journal cannot be written; nothing is changed.
        """
        with self._lock, self.journal.writing() as file:
            packed = self.target.run_in_fork(
                None, PLAIN + function, arguments, limits=self.limits, modules=MODULES
            )
            removed, added = unpack(packed)
            revision = self.journal.revision(file) + 1
            if not removed and not added:
                return Applied(revision - 1, 0, 0)
            self.journal.append(file, Entry(revision, removed, added))
            done = self.target.apply(removed, added, revision)
            if self.journal.overgrown(file):
                self._write_anew(revision)
            return done

    def _write_anew(self, revision: int) -> None:
        """Shorten the journal to what holds now. Writers wait meanwhile; since it has doubled first, that is seldom."""
        folder = str(self.journal.path.parent)
        try:
            self.target.run_in_fork(
                None,
                COMPACT,
                (folder, revision),
                limits=COMPACTING,
                modules=(COMPACT.partition(":")[0],),
                descriptors=64,
                file_bytes=LARGEST_JOURNAL,
            )
        except EngineError as error:
            log.warning("The journal could not be written anew: %s", error)
            self.journal.not_again()


def writer() -> Writer:
    """The application's writer."""
    known = current_app.extensions.get("kizuna-writer")
    if known is None:
        target = cast(WritableEngine, engine())
        limits = endpoint.endpoint().rules.limits
        known = current_app.extensions["kizuna-writer"] = Writer(
            target, Journal(settings().workspace), limits
        )
    return cast(Writer, known)


def authorize() -> None:
    """Let only the holder of the admin token pass: as a bearer token, or as the password of Basic authentication.

    Raises:
        ProblemError: `token-needed`.
    """
    require_record()
    given = ""
    if request.authorization is not None:
        given = request.authorization.token or request.authorization.password or ""
    expected = settings().admin_token
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        headers = {"WWW-Authenticate": 'Bearer realm="kizuna", Basic realm="kizuna"'}
        raise ProblemError("token-needed", gettext("The token is missing or wrong."), headers=headers)


def attempt(write: Callable[[], Applied], document: bool) -> Applied:
    """Write, and tell what the fork says in the words of the endpoint.

    Raises:
        ProblemError: `query-syntax` or `bad-document`, `update-failed`.
    """
    try:
        with endpoint.place():
            return write()
    except JobFailedError as error:
        if error.type == "SyntaxError":
            raise ProblemError("bad-document" if document else "query-syntax", str(error)) from error
        raise ProblemError("bad-document" if document else "update-failed", str(error)) from error


def update(operation: Operation) -> Response:
    """Carry an update out.

    Raises:
        ProblemError: no token, a refused or impossible update.
    """
    authorize()
    text = operation.text
    try:
        examine_update(text, endpoint.endpoint().rules.policy)
    except Refusal as error:
        raise sparql_problems.from_refusal(error) from error
    if operation.default_graphs is not None or operation.named_graphs is not None:
        if has_using(text):
            raise ProblemError("dataset-twice", gettext("The text has USING or WITH already."))
        try:
            text = with_dataset(text, operation.default_graphs or (), operation.named_graphs or ())
        except ValueError as error:
            raise ProblemError("wrong-parameter", str(error)) from error
    applied = attempt(lambda: writer().write("run_update", text, request.base_url), document=False)
    return written(applied, 200 if applied.removed or applied.added else 204)


def written(applied: Applied, status: int) -> Response:
    """What was written, in the header."""
    response = Response(status=status)
    response.headers["Kizuna-Revision"] = str(applied.revision)
    response.headers["Kizuna-Removed"] = str(applied.removed)
    response.headers["Kizuna-Added"] = str(applied.added)
    response.headers["Cache-Control"] = "no-store"
    return response
