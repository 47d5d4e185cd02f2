"""Proposals, what is said about them, and how they were judged. Reads and writes the ledger's file."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Final

from kizuna.ledger.audit import Audit
from kizuna.ledger.database import Database, LedgerError
from kizuna.ledger.records import Comment, MissingError, Proposal, ProposalState, Review, Verdict

_STATES_JA: Final[dict[str, str]] = {
    "draft": "下書き", "open": "審査中", "published": "公開済み", "rejected": "却下済み", "withdrawn": "取り下げ済み",
}  # fmt: skip


class ProposalStateError(LedgerError):
    """What is asked does not fit the proposal's state."""

    def __init__(self, proposal: int, state: str) -> None:
        super().__init__(f"Proposal {proposal} is {state}.")
        self.ja = f"提案{proposal}は{_STATES_JA.get(state, state)}です。"
        self.proposal = proposal
        self.state = state


class ProposalVersionError(LedgerError):
    """Somebody has changed the proposal since it was read; `newest` is its version now."""

    def __init__(self, proposal: int, newest: int) -> None:
        super().__init__(f"Proposal {proposal} was changed meanwhile (version {newest}).")
        self.ja = f"提案{proposal}はその間に変わりました（第{newest}稿）。"
        self.proposal = proposal
        self.newest = newest


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_NEXT: dict[str, tuple[str, ...]] = {
    "draft": ("open", "withdrawn"),
    "open": ("draft", "published", "rejected", "withdrawn"),
    "rejected": ("open",),
    "withdrawn": ("draft", "open"),
    "published": (),
}


class Proposals:
    """The proposals of one ledger."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def create(
        self,
        *,
        title: str,
        author: str,
        way: str,
        base: int,
        patch: str,
        state: ProposalState = "draft",
        report: str = "",
        reason: str = "",
    ) -> Proposal:
        """Keep a new proposal."""
        now = _now()
        with self._database.writing() as connection:
            cursor = connection.execute(
                "INSERT INTO proposals (title, author, state, way, base, patch, reason, report, created, changed)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (title, author, state, way, base, patch, reason, report, now, now),
            )
            number = int(cursor.lastrowid or 0)
            self._audit.note(author, "propose", f"proposal/{number}", title)
        return self.get(number)

    def get(self, number: int) -> Proposal:
        """One proposal.

        Raises:
            LookupError: there is none of that number.
        """
        row = self._database.row("SELECT * FROM proposals WHERE id = ?", (number,))
        if row is None:
            raise MissingError(f"There is no proposal {number}.", f"提案{number}はありません。")
        return _proposal(row)

    def list(
        self, *states: ProposalState, author: str | None = None, limit: int = 200
    ) -> tuple[Proposal, ...]:
        """Proposals in some states (all when none is named), the last changed first."""
        marks = ", ".join("?" * len(states))
        where = f"state IN ({marks})" if states else "1"
        rows = self._database.rows(
            f"SELECT * FROM proposals WHERE {where} AND (? IS NULL OR author = ?)"  # noqa: S608 (marks only)
            " ORDER BY changed DESC, id DESC LIMIT ?",
            (*states, author, author, limit),
        )
        return tuple(_proposal(row) for row in rows)

    def change(
        self,
        number: int,
        by: str,
        *,
        version: int,
        base: int,
        patch: str,
        title: str | None = None,
        report: str = "",
    ) -> Proposal:
        """Give a proposal a new patch; reviews of the versions before do not count for it.

        Args:
            number: the proposal.
            by: account name.
            version: the version that the change was made to.
            base: the revision the new patch was made on.
            patch: the new patch.
            title: the new title, None keeps it.
            report: the gate's report on the new patch.

        Raises:
            ProposalStateError: it is not a draft nor open.
            ProposalVersionError: it has another version now; nothing was changed.
        """
        with self._database.writing() as connection:
            now = self._expect(number, "draft", "open")
            if now.version != version:
                raise ProposalVersionError(number, now.version)
            connection.execute(
                "UPDATE proposals SET patch = ?, base = ?, title = ?, report = ?, version = version + 1, changed = ?"
                " WHERE id = ?",
                (patch, base, now.title if title is None else title, report, _now(), number),
            )
            self._audit.note(by, "change", f"proposal/{number}")
        return self.get(number)

    def rebase(self, number: int, base: int, report: str) -> None:
        """Note that the same patch was checked again on a newer revision; reviews go on counting."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE proposals SET base = ?, report = ? WHERE id = ?", (base, report, number)
            )

    def set_reason(self, number: int, by: str, reason: str) -> None:
        """State why the warnings are acceptable."""
        with self._database.writing() as connection:
            self._expect(number, "draft", "open")
            connection.execute("UPDATE proposals SET reason = ? WHERE id = ?", (reason, number))
            self._audit.note(by, "reason", f"proposal/{number}", reason)

    def move(self, number: int, by: str, state: ProposalState) -> Proposal:
        """Change the state (but to published, which a commit does).

        Raises:
            ProposalStateError: there is no way from the present state to that one.
        """
        with self._database.writing() as connection:
            present = self.get(number).state
            if state == "published" or state not in _NEXT[present]:
                raise ProposalStateError(number, present)
            connection.execute(
                "UPDATE proposals SET state = ?, changed = ? WHERE id = ?", (state, _now(), number)
            )
            self._audit.note(by, state, f"proposal/{number}")
        return self.get(number)

    def mark_published(self, number: int) -> None:
        """Part of a commit's transaction.

        Raises:
            ProposalStateError: it is not open.
        """
        with self._database.writing() as connection:
            self._expect(number, "open")
            connection.execute(
                "UPDATE proposals SET state = 'published', changed = ? WHERE id = ?", (_now(), number)
            )

    def comment(self, number: int, author: str, text: str) -> None:
        """Say something about a proposal."""
        with self._database.writing() as connection:
            self.get(number)
            connection.execute(
                "INSERT INTO comments (proposal, author, time, text) VALUES (?, ?, ?, ?)",
                (number, author, _now(), text),
            )
            self._audit.note(author, "comment", f"proposal/{number}")

    def comments(self, number: int) -> tuple[Comment, ...]:
        """What was said, in order."""
        rows = self._database.rows("SELECT * FROM comments WHERE proposal = ? ORDER BY id", (number,))
        return tuple(Comment(*tuple(row)) for row in rows)

    def review(self, number: int, author: str, version: int, verdict: Verdict, text: str) -> None:
        """Judge one version of an open proposal.

        Raises:
            ProposalStateError: it is not open.
            ProposalVersionError: it has another version now.
        """
        with self._database.writing() as connection:
            now = self._expect(number, "open")
            if now.version != version:
                raise ProposalVersionError(number, now.version)
            connection.execute(
                "INSERT INTO reviews (proposal, version, author, time, verdict, text) VALUES (?, ?, ?, ?, ?, ?)",
                (number, version, author, _now(), verdict, text),
            )
            self._audit.note(author, verdict, f"proposal/{number}", text)

    def reviews(self, number: int) -> tuple[Review, ...]:
        """All judgements, in order."""
        rows = self._database.rows("SELECT * FROM reviews WHERE proposal = ? ORDER BY id", (number,))
        return tuple(Review(*tuple(row)) for row in rows)

    def approvers(self, number: int) -> frozenset[str]:
        """Who approves of the present version: whose latest judgement on it is to approve."""
        version = self.get(number).version
        latest: dict[str, str] = {}
        for review in self.reviews(number):
            if review.version == version:
                latest[review.author] = review.verdict
        return frozenset(name for name, verdict in latest.items() if verdict == "approve")

    def objectors(self, number: int) -> frozenset[str]:
        """Who asks for changes to the present version."""
        version = self.get(number).version
        latest = {r.author: r.verdict for r in self.reviews(number) if r.version == version}
        return frozenset(name for name, verdict in latest.items() if verdict == "change")

    def _expect(self, number: int, *states: ProposalState) -> Proposal:
        proposal = self.get(number)
        if proposal.state not in states:
            raise ProposalStateError(number, proposal.state)
        return proposal


def _proposal(row: sqlite3.Row) -> Proposal:
    return Proposal(**{name: row[name] for name in Proposal.__dataclass_fields__})
