"""The ledger of a workspace: every published change, durable before anybody is told of it.

    ledger = Ledger(ledger_path(workspace))
    ledger.commit(parent=None, patch=text, author="aoi", message="…", report="{}")

Safe to use from many threads and processes: SQLite lets one writer in at a time. Reads and writes the ledger's file.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from kizuna.ledger.accounts import Accounts
from kizuna.ledger.audit import Audit
from kizuna.ledger.database import Database, LedgerError, LedgerFileError, file_error
from kizuna.ledger.jobs import Jobs
from kizuna.ledger.proposals import Proposals
from kizuna.ledger.records import Commit, MissingError

_READ = (
    "SELECT c.*, coalesce(p.author, '') AS writer FROM commits c LEFT JOIN proposals p ON p.id = c.proposal"
)


class StaleRevisionError(LedgerError):
    """The record has moved on since the change was checked; `newest` is its revision now."""

    def __init__(self, expected: int, newest: int) -> None:
        super().__init__(f"The change was checked on revision {expected}; the record is at {newest} now.")
        self.expected = expected
        self.newest = newest


class BrokenChainError(LedgerFileError):
    """A commit's digest does not follow from its content and its parent: the file was tampered with or damaged."""

    def __init__(self, revision: int) -> None:
        super().__init__(
            f"Commit {revision} is not what was recorded: its digest does not match. Put the newest backup that"
            " kizuna ledger verify finds sound in the ledger's place (kizuna ledger restore FILE).",
            f"コミット {revision} は記録されたときのものではありません（ダイジェストが一致しません）。kizuna ledger verify に通る最新のバックアップに戻してください"
            "（kizuna ledger restore ファイル）。",
        )
        self.revision = revision


def utc_now() -> str:
    """The moment as ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Ledger:
    """Commits, and beside them `proposals`, `accounts`, `jobs` and `audit`, all in one file.

    Args:
        path: the file (see `ledger_path`).
    """

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        self.audit = Audit(self.database)
        self.proposals = Proposals(self.database, self.audit)
        self.accounts = Accounts(self.database, self.audit)
        self.jobs = Jobs(self.database, self.audit)

    @property
    def path(self) -> Path:
        """The ledger's file."""
        return self.database.path

    def revision(self) -> int:
        """Number of the newest commit; 0 when there is none."""
        row = self.database.row("SELECT max(revision) FROM commits")
        return int(row[0] or 0) if row else 0

    def commit(
        self,
        *,
        parent: int,
        patch: str,
        author: str,
        message: str,
        report: str,
        reason: str = "",
        proposal: int | None = None,
        things: Iterable[str] = (),
    ) -> Commit:
        """Record a change. It is on the disk when this returns; when it raises, nothing has been recorded.

        Args:
            parent: the revision that the change was checked on (0: the files alone).
            patch: canonical RDF Patch text.
            author: account name of who publishes it.
            message: what it does.
            report: the validation report, JSON.
            reason: why its warnings are accepted.
            proposal: the proposal that is published by it; its state changes in the same transaction.
            things: IRIs of what it is about, for `history`.

        Raises:
            StaleRevisionError: the record is not at `parent` any more.
            LedgerError: the proposal is not open.
        """
        with self.database.writing() as connection:
            newest = self.revision()
            if newest != parent:
                raise StaleRevisionError(parent, newest)
            before = connection.execute("SELECT digest FROM commits WHERE revision = ?", (newest,)).fetchone()
            commit = Commit(
                newest + 1, newest or None, patch, author, utc_now(), message, reason, report, proposal, ""
            )
            digest = _digest(before[0] if before else "", commit)
            if proposal is not None:
                self.proposals.mark_published(proposal)
            connection.execute(
                "INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*_values(commit), digest),
            )
            connection.executemany(
                "INSERT OR IGNORE INTO mentions (revision, thing) VALUES (?, ?)",
                [(commit.revision, thing) for thing in things],
            )
            self.audit.note(author, "publish", f"commit/{commit.revision}", message)
        writer = "" if proposal is None else self.proposals.get(proposal).author
        return Commit(*_values(commit), digest, writer)

    def commits(self, after: int = 0, limit: int | None = None, newest_first: bool = False) -> list[Commit]:
        """Commits after a revision, in order."""
        order = "DESC" if newest_first else "ASC"
        rows = self.database.rows(
            f"{_READ} WHERE c.revision > ? ORDER BY c.revision {order} LIMIT ?",
            (after, -1 if limit is None else limit),
        )
        return [_commit(row) for row in rows]

    def get(self, revision: int) -> Commit:
        """One commit.

        Raises:
            LookupError: there is none of that number.
        """
        row = self.database.row(f"{_READ} WHERE c.revision = ?", (revision,))
        if row is None:
            raise MissingError(f"There is no commit {revision}.", f"公開{revision}はありません。")
        return _commit(row)

    def history(self, thing: str, limit: int = 200) -> list[Commit]:
        """Commits that are about a thing, the newest first."""
        rows = self.database.rows(
            f"{_READ} JOIN mentions m ON m.revision = c.revision WHERE m.thing = ?"
            " ORDER BY c.revision DESC LIMIT ?",
            (thing, limit),
        )
        return [_commit(row) for row in rows]

    def verify(self) -> int:
        """Recompute the chain of digests; returns the newest revision.

        Raises:
            BrokenChainError: a commit is not what was recorded.
            LedgerFileError: the file is damaged.
        """
        before, expected = "", 1
        try:
            for row in self.database.connection().execute(f"{_READ} ORDER BY c.revision"):
                commit = _commit(row)
                if commit.revision != expected or commit.digest != _digest(before, commit):
                    raise BrokenChainError(commit.revision)
                before, expected = commit.digest, expected + 1
        except sqlite3.DatabaseError as error:
            raise file_error(self.database.path, error) from error
        return expected - 1

    # What the commits are laid over.

    def keep_snapshot(self, kind: str, revision: int, content: bytes) -> None:
        """Keep quads: as the `origin` that commits after `revision` are laid over, or as the `files` last seen.

        Args:
            kind: "origin" or "files".
            revision: of the record, when this was so.
            content: N-Quads.
        """
        digest = hashlib.sha256(content).hexdigest()
        with self.database.writing() as connection:
            connection.execute(
                "INSERT INTO snapshots (kind, revision, content, digest, time) VALUES (?, ?, ?, ?, ?)",
                (kind, revision, zlib.compress(content, 6), digest, utc_now()),
            )

    def snapshot(self, kind: str) -> tuple[int, bytes] | None:
        """The newest snapshot of a kind: its revision and its N-Quads.

        Raises:
            LedgerError: it is damaged.
        """
        row = self.database.row("SELECT * FROM snapshots WHERE kind = ? ORDER BY id DESC LIMIT 1", (kind,))
        if row is None:
            return None
        content = zlib.decompress(row["content"])
        if hashlib.sha256(content).hexdigest() != row["digest"]:
            raise LedgerError(f"The snapshot of {row['time']} is damaged.")
        return int(row["revision"]), content

    def close(self) -> None:
        """Close this thread's connection."""
        self.database.close()


def _values(
    commit: Commit,
) -> tuple[int, int | None, str, str, str, str, str, str, int | None]:
    return (
        commit.revision,
        commit.parent,
        commit.patch,
        commit.author,
        commit.time,
        commit.message,
        commit.reason,
        commit.report,
        commit.proposal,
    )


def _digest(before: str, commit: Commit) -> str:
    content = json.dumps([before, *_values(commit)], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _commit(row: sqlite3.Row) -> Commit:
    return Commit(*tuple(row))
