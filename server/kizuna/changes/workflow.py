"""From a patch to a published commit: propose, check, review, publish, revert. Asks the engine and the ledger; no other I/O.

Every way in ends in `propose`; `publish` is the only place where the record changes.
"""

from __future__ import annotations

import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from kizuna.changes import consequences, following, gate, merge, places
from kizuna.changes.consequences import Consequences
from kizuna.changes.merge import Choice, Clash
from kizuna.changes.packed import PackedPatch
from kizuna.changes.patch import Patch, PatchError, parse_patch
from kizuna.changes.permissions import Action, Decision, decide
from kizuna.changes.places import Source
from kizuna.changes.problems import (
    BlockedError,
    ChangeError,
    ConflictError,
    ReasonNeededError,
)
from kizuna.changes.report import GateReport
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
from kizuna.ledger.ledger import Ledger, StaleRevisionError
from kizuna.ledger.records import Account, Commit, Proposal, Scope, Verdict

GATE_LIMITS: Final = Limits(seconds=300.0, memory_bytes=3_500_000_000, rows=None, result_bytes=None)
DUMP_JOB: Final = "kizuna.changes.workflow:dump"


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


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, and the scope of the token if it acts by one."""

    account: Account
    scope: Scope | None = None


class Changes:
    """The workflow over one engine and one ledger.

    Args:
        engine: holds the record.
        ledger: holds what was published and what is proposed.
        second_person: somebody else than its author has to approve and publish a proposal.
        wait_seconds: how long `publish` waits until readers see the new view.
    """

    def __init__(
        self, engine: ChangeEngine, ledger: Ledger, *, second_person: bool = True, wait_seconds: float = 20.0
    ) -> None:
        self.engine = engine
        self.ledger = ledger
        self.second_person = second_person
        self.wait_seconds = wait_seconds

    # Permissions.

    def may(self, who: Actor | None, action: Action, proposal: Proposal | None = None) -> Decision:
        """Decide, and say why not."""
        approvers = objectors = frozenset[str]()
        if proposal is not None:
            approvers = self.ledger.proposals.approvers(proposal.id)
            objectors = self.ledger.proposals.objectors(proposal.id)
        return decide(
            who.account if who else None,
            action,
            proposal=proposal,
            approvers=approvers,
            objectors=objectors,
            second_person=self.second_person,
            scope=who.scope if who else None,
        )

    # The gate.

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
        day = today.as_of.isoformat()
        arguments = (patch.encode(), base, day, False)
        try:
            # SHACL asks the record, the ontology asks the view: two forks, side by side.
            with ThreadPoolExecutor(1) as side:
                asked = side.submit(
                    copy_context().run,  # whoever watches the work watches both
                    self._follow,
                    replace(today, revision=base),
                    following.CONTRADICTIONS,
                    patch,
                )
                answer = self.engine.run_in_fork(None, gate.JOB, arguments, limits=GATE_LIMITS)
            found = asked.result()
            if not found:  # a change of the ontology, say: both views are built anew
                arguments = (patch.encode(), base, day, True)
                answer = self.engine.run_in_fork(None, gate.JOB, arguments, limits=GATE_LIMITS)
        except JobFailedError as error:
            if error.type == "PatchError":
                parse_patch(patch)  # says the same in both languages
            raise
        given = json.loads(answer)
        report = GateReport.from_json(given["report"])
        if found:
            report = report.with_contradictions(GateReport.from_json(found.decode()))
        return report, given["exact"]

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
        removed, added = parse_patch(commit.patch).halves()
        self.engine.apply(removed, added, commit.revision, wait_seconds)

    # Proposals.

    def propose(
        self,
        who: Actor,
        patch: Patch | PackedPatch,
        *,
        title: str,
        way: str,
        open_now: bool = True,
        reason: str = "",
        strict: bool = False,
        source: Source | None = None,
    ) -> tuple[Proposal, GateReport]:
        """Make a proposal of a patch, with the gate's report. A proposal with errors stays a draft.

        Args:
            who: its author.
            patch: the change.
            title: what it does.
            way: how it came in.
            open_now: open it for review at once, if nothing blocks.
            reason: why warnings are acceptable.
            strict: with errors, raise and keep nothing.
            source: the file it came from: findings are told with their place in it.

        Raises:
            ForbiddenError: they may not propose.
            ChangeError: `nothing-changes`.
            BlockedError: errors, and `strict`.
        """
        self.may(who, "propose").require()
        report, exact = self.check(patch.text())
        _expect_change(exact, report)
        report = places.located(self.engine, report, source, GATE_LIMITS)
        if strict and report.blocks:
            raise BlockedError(report)
        proposal = self.ledger.proposals.create(
            title=title.strip() or way,
            author=who.account.name,
            way=way,
            base=report.base,
            patch=exact if not report.missing else patch.text(),
            state="open" if open_now and not report.blocks else "draft",
            report=report.to_json(),
            reason=reason,
        )
        return proposal, report

    def edit(
        self, who: Actor, number: int, version: int, patch: Patch, title: str | None = None
    ) -> GateReport:
        """Give a proposal a new patch.

        Raises:
            ForbiddenError, ChangeError: as `propose`.
            ProposalVersionError: somebody else changed it meanwhile.
        """
        proposal = self.ledger.proposals.get(number)
        self.may(who, "edit", proposal).require()
        report, exact = self.check(patch.text())
        _expect_change(exact, report)
        self.ledger.proposals.change(
            number,
            who.account.name,
            version=version,
            base=report.base,
            patch=exact if not report.missing else patch.text(),
            title=title,
            report=report.to_json(),
        )
        if report.blocks and proposal.state == "open":
            self.ledger.proposals.move(number, who.account.name, "draft")
        return report

    def report_of(self, proposal: Proposal) -> GateReport:
        """The report on the newest revision: the kept one if it is of that revision, else a fresh one, which is kept."""
        if proposal.report:
            kept = GateReport.from_json(proposal.report)
            if proposal.state not in ("draft", "open") or kept.base == self.ledger.revision():
                return kept
        report, _ = self.check(proposal.patch)
        if proposal.report:
            report = places.carried(report, GateReport.from_json(proposal.report))
        if not report.missing:
            self.ledger.proposals.rebase(proposal.id, report.base, report.to_json())
        return report

    def submit(self, who: Actor, number: int) -> Proposal:
        """Open a draft for review.

        Raises:
            ForbiddenError, BlockedError, ConflictError: it cannot be.
        """
        proposal = self.ledger.proposals.get(number)
        self.may(who, "edit", proposal).require()
        self._unblocked(proposal)
        return self.ledger.proposals.move(number, who.account.name, "open")

    def _unblocked(self, proposal: Proposal) -> GateReport:
        report = self.report_of(proposal)
        if report.missing:
            raise ConflictError(proposal.base, report.base)
        if report.blocks:
            raise BlockedError(report)
        return report

    def review(self, who: Actor, number: int, version: int, verdict: Verdict, text: str) -> None:
        """Judge a proposal.

        Raises:
            ForbiddenError: they may not.
        """
        self.may(who, "review", self.ledger.proposals.get(number)).require()
        self.ledger.proposals.review(number, who.account.name, version, verdict, text)

    def publish(self, who: Actor, number: int, reason: str = "", *, only_on: int | None = None) -> Commit:
        """Publish a proposal. It is durable, and the engine has it, when this returns.

        Args:
            who: publishes it.
            number: the proposal.
            reason: why warnings are acceptable.
            only_on: the revision that it must come directly after; None: any.

        Raises:
            ForbiddenError: they may not; says why.
            BlockedError: errors.
            ReasonNeededError: warnings without a reason.
            ConflictError: something else was published that it does not fit.
        """
        proposal = self.ledger.proposals.get(number)
        self.may(who, "publish", proposal).require()
        for _attempt in range(5):
            report = self._unblocked(proposal)
            reason = reason.strip() or proposal.reason
            if only_on is not None and report.base != only_on:
                raise ConflictError(only_on, report.base)
            if report.warnings and not reason:
                raise ReasonNeededError(report)
            proposal = self.ledger.proposals.get(number)
            self._keep_origin()
            patch = parse_patch(proposal.patch)
            try:
                commit = self.ledger.commit(
                    parent=report.base,
                    patch=proposal.patch,
                    author=who.account.name,
                    message=proposal.title,
                    reason=reason if report.warnings else "",
                    report=report.to_json(),
                    proposal=number,
                    things=merge.about(patch),
                )
            except StaleRevisionError:
                continue  # somebody was faster: check it again on what is there now
            self._show(commit)
            return commit
        raise ConflictError(proposal.base, self.ledger.revision())

    def _show(self, commit: Commit) -> None:
        """Have the engine take a commit over. It is recorded already: nothing here may undo that."""
        if self.engine.published() < commit.revision - 1:
            self.catch_up()
        with contextlib.suppress(PatchRefusedError, EngineBusyError, ViewError):
            self._apply(commit, self.wait_seconds)

    def _keep_origin(self) -> None:
        if self.ledger.revision() == 0 and self.ledger.snapshot("origin") is None:
            content = self.engine.run_in_fork(None, DUMP_JOB, (), limits=GATE_LIMITS)
            self.ledger.keep_snapshot("origin", 0, content)
            self.ledger.keep_snapshot("files", 0, content)

    def revert(self, who: Actor, revision: int, title: str = "") -> tuple[Proposal, GateReport]:
        """Propose the inverse of a commit.

        Raises:
            LookupError: there is no such commit.
            ForbiddenError, ChangeError: as `propose`.
        """
        commit = self.ledger.get(revision)
        inverse = parse_patch(commit.patch).inverse()
        return self.propose(who, inverse, title=title or f"Revert {revision}: {commit.message}", way="revert")

    # Conflicts.

    def clashes(self, proposal: Proposal) -> tuple[Clash, ...]:
        """What the proposal and the commits since its base have both changed."""
        self.catch_up()
        since = [commit.patch for commit in self.ledger.commits(after=proposal.base)]
        if not since:
            return ()
        return merge.read_clashes(
            self.engine.run_in_fork(None, merge.JOB, (proposal.patch, since), limits=GATE_LIMITS)
        )

    def resolve(self, who: Actor, number: int, version: int, choices: dict[str, Choice]) -> GateReport:
        """Make a proposal anew on the newest revision, each clash settled as chosen.

        Raises:
            ForbiddenError, ChangeError: as `edit`.
        """
        proposal = self.ledger.proposals.get(number)
        patch = merge.resolve(parse_patch(proposal.patch), self.clashes(proposal), choices)
        return self.edit(who, number, version, patch)


def _expect_change(exact: str, report: GateReport) -> None:
    if not exact and not report.missing:
        raise ChangeError(
            "nothing-changes",
            "この変更は何も変えません(すでにその状態です)。",
            "This changes nothing: the record is so already.",
        )


__all__ = ["Actor", "ChangeEngine", "Changes", "PatchError"]
