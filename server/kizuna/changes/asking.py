"""What the workflow asks of the engine: the gate, consequences, clashes; and the way to have it take commits over. No other I/O."""

from __future__ import annotations

import contextlib
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from typing import Any, Final, Protocol

from kizuna.changes import consequences, following, gate, merge
from kizuna.changes.consequences import Consequences
from kizuna.changes.merge import Clash
from kizuna.changes.patch import parse_patch
from kizuna.changes.report import GateReport
from kizuna.changes.texts import halves_of
from kizuna.engine.types import (
    Applied,
    EngineBusyError,
    EngineError,
    ForkingEngine,
    JobFailedError,
    Limits,
    PatchRefusedError,
    View,
    ViewError,
)
from kizuna.ledger.ledger import Ledger
from kizuna.ledger.records import Commit, Proposal

GATE_LIMITS: Final = Limits(seconds=300.0, memory_bytes=3_500_000_000, rows=None, result_bytes=None)
DUMP_JOB: Final = "kizuna.changes.asking:dump"


class ChangeEngine(ForkingEngine, Protocol):
    """What the workflow asks of the embedded engine."""

    def today(self) -> View:
        """The published view."""

    def published(self) -> int:
        """The published revision."""

    def apply(
        self, removed: bytes, added: bytes, revision: int | None = None, wait_seconds: float | None = 60.0
    ) -> Applied:
        """Apply a patch to the record."""


def dump(store: Any) -> bytes:
    """The record as N-Quads: to be run in a fork."""
    from pyoxigraph import RdfFormat

    content: bytes = store.dump(format=RdfFormat.N_QUADS)
    return content


class Asking:
    """Asks one engine about changes of the record that one ledger keeps.

    Args:
        engine: holds the record.
        ledger: holds what was published.
        wait_seconds: how long `show` waits until readers see a new view.
    """

    def __init__(self, engine: ChangeEngine, ledger: Ledger, wait_seconds: float = 20.0) -> None:
        self.engine = engine
        self.ledger = ledger
        self.wait_seconds = wait_seconds

    def check(self, patch: str) -> tuple[GateReport, str]:
        """Pass a patch through the gate on the newest revision.

        Returns:
            the report, and the exact patch: what it really changes there.

        Raises:
            PatchError: it cannot be.
            EngineError: it takes too long or too much memory.
        """
        base = self.catch_up()
        today = self.engine.today()
        packed, day = zlib.compress(patch.encode(), 1), today.as_of.isoformat()

        def ask(consistency: bool) -> tuple[GateReport, str]:
            arguments = (packed, base, day, consistency)
            return gate.read_answer(self.engine.run_in_fork(None, gate.JOB, arguments, limits=GATE_LIMITS))

        try:
            if following.too_large(patch):
                return ask(True)
            # SHACL asks the record, the ontology asks the view: two forks, side by side.
            with ThreadPoolExecutor(1) as side:
                asked = side.submit(
                    copy_context().run,  # whoever watches the work watches both
                    self._follow,
                    replace(today, revision=base),
                    following.CONTRADICTIONS,
                    patch,
                )
                report, exact = ask(False)
            found = asked.result()
            if not found:  # a change of the ontology, say: both views are built anew
                return ask(True)
        except JobFailedError as error:
            if error.type == "PatchError":
                parse_patch(patch)  # says the same in both languages
            raise
        return report.with_contradictions(GateReport.from_json(found.decode())), exact

    def _follow(self, view: View, job: str, patch: str) -> bytes:
        """Ask a view what a patch changes in it; empty when the difference cannot tell."""
        if following.too_large(patch):
            return b""
        try:
            return self.engine.run_in_fork(view, job, (patch.encode(),), limits=GATE_LIMITS)
        except EngineError:
            return b""  # the view is not to be had, or the job failed: the long way says why

    def consequences(self, patch: str) -> Consequences:
        """What a patch would change in today's view, in words.

        Raises:
            EngineError: it takes too long or too much memory.
        """
        today = self.engine.today()
        answer = self._follow(today, following.CONSEQUENCES, patch)
        if not answer:
            arguments = (patch.encode(), today.as_of.isoformat())
            answer = self.engine.run_in_fork(None, consequences.JOB, arguments, limits=GATE_LIMITS)
        return consequences.read_answer(answer)

    def catch_up(self) -> int:
        """Bring the engine to the ledger's newest revision (a process may have died between the two); returns it."""
        newest = self.ledger.revision()
        held = self.engine.published()
        if held < newest:
            for commit in self.ledger.commits(after=held):
                # Refused means that another process was faster.
                with contextlib.suppress(PatchRefusedError):
                    self._apply(commit, wait_seconds=None)
        return newest

    def _apply(self, commit: Commit, wait_seconds: float | None) -> None:
        removed, added = halves_of(commit.patch)
        self.engine.apply(removed, added, commit.revision, wait_seconds)

    def show(self, commit: Commit) -> None:
        """Have the engine take a commit over. It is recorded already: nothing here may undo that."""
        if self.engine.published() < commit.revision - 1:
            self.catch_up()
        with contextlib.suppress(PatchRefusedError, EngineBusyError, ViewError):
            self._apply(commit, self.wait_seconds)

    def keep_origin(self) -> None:
        """Keep the record as it is before anything was published."""
        if self.ledger.revision() == 0 and self.ledger.snapshot("origin") is None:
            content = self.engine.run_in_fork(None, DUMP_JOB, (), limits=GATE_LIMITS)
            self.ledger.keep_snapshot("origin", 0, content)
            self.ledger.keep_snapshot("files", 0, content)

    def clashes(self, proposal: Proposal) -> tuple[Clash, ...]:
        """What the proposal and the commits since its base have both changed."""
        self.catch_up()
        since = [commit.patch for commit in self.ledger.commits(after=proposal.base)]
        if not since:
            return ()
        return merge.read_clashes(
            self.engine.run_in_fork(None, merge.JOB, (proposal.patch, since), limits=GATE_LIMITS)
        )
