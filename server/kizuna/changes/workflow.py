"""From a patch to a published commit: propose, check, review, publish, revert. Asks the engine and the ledger; no other I/O.

Every way in ends in `propose`; `publish` is the only place where the record changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from kizuna.changes import merge, places
from kizuna.changes.asking import DUMP_JOB, GATE_LIMITS, Asking, ChangeEngine
from kizuna.changes.merge import Choice
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
from kizuna.changes.texts import things_of
from kizuna.ledger.ledger import Ledger, StaleRevisionError
from kizuna.ledger.records import Account, Commit, Proposal, Scope, Verdict


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, and the scope of the token if it acts by one."""

    account: Account
    scope: Scope | None = None


class Changes(Asking):
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
        super().__init__(engine, ledger, wait_seconds)
        self.second_person = second_person

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
            self.keep_origin()
            try:
                commit = self.ledger.commit(
                    parent=report.base,
                    patch=proposal.patch,
                    author=who.account.name,
                    message=proposal.title,
                    reason=reason if report.warnings else "",
                    report=report.to_json(),
                    proposal=number,
                    things=things_of(proposal.patch),
                )
            except StaleRevisionError:
                continue  # somebody was faster: check it again on what is there now
            self.show(commit)
            return commit
        raise ConflictError(proposal.base, self.ledger.revision())

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


__all__ = ["DUMP_JOB", "GATE_LIMITS", "Actor", "ChangeEngine", "Changes", "PatchError"]
