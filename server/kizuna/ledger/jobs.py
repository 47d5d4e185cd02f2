"""Long pieces of work of the desk, as the ledger keeps them: a page finds its job after a reload and after a restart.

The work itself runs in a web process (kizuna.changes.longwork). A job whose process is no longer there has been interrupted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, cast

from kizuna.ledger.audit import Audit
from kizuna.ledger.database import Database, LedgerError
from kizuna.ledger.records import MissingError

JobKind = Literal["import", "validation"]
JobState = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted"]
ALIVE: Final[tuple[JobState, ...]] = ("waiting", "running")
KEPT: Final = 200
"""Ended jobs that are kept."""


class TooManyJobsError(LedgerError):
    """As many jobs as may be are waiting or running."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work.

    Args:
        id: its number.
        kind: import or validation.
        title: what it is about.
        author: account that may cancel it.
        state: where it stands.
        stage: what it is doing: a word of kizuna.changes.longwork.STAGES.
        done: so much of the stage is done.
        total: of so much; 0 when that is unknown.
        owner: the process that does it (see `this_process`).
        asked: somebody has asked to cancel it.
        proposal: what an import became.
        message: why it failed, "" otherwise; two lines: ja, en.
        result: report of a validation, JSON.
        created: when it was asked for, ISO 8601 in UTC.
        changed: when it was last heard of.
    """

    id: int
    kind: JobKind
    title: str
    author: str
    state: JobState
    stage: str
    done: int
    total: int
    owner: str
    asked: bool
    proposal: int | None
    message: str
    result: str
    created: str
    changed: str

    @property
    def alive(self) -> bool:
        """Whether it is waiting or running."""
        return self.state in ALIVE

    @property
    def percent(self) -> int | None:
        """How much of the stage is done, None when nobody knows."""
        return min(100, 100 * self.done // self.total) if self.total else None


def this_process() -> str:
    """A name of this process that no later one on this machine has: its id and when it began (proc(5), stat, field 22)."""
    return process_name(os.getpid())


def process_name(pid: int) -> str:
    """As `this_process` for any process; "" when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else f"{pid}:{fields[19]}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Jobs:
    """The jobs of one ledger."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def create(self, kind: JobKind, title: str, author: str, most: int) -> Job:
        """Keep a new job of this process.

        Raises:
            TooManyJobsError: `most` are alive already.
        """
        now = _now()
        self.sweep()
        with self._database.writing() as connection:
            row = connection.execute(
                "SELECT count(*) FROM jobs WHERE state IN ('waiting', 'running')"
            ).fetchone()
            if int(row[0]) >= most:
                raise TooManyJobsError(f"There are {most} jobs already.")
            cursor = connection.execute(
                "INSERT INTO jobs (kind, title, author, state, owner, created, changed)"
                " VALUES (?, ?, ?, 'waiting', ?, ?, ?)",
                (kind, title, author, this_process(), now, now),
            )
            number = int(cursor.lastrowid or 0)
            self._audit.note(author, "job", f"job/{number}", kind)
            connection.execute(
                "DELETE FROM jobs WHERE state NOT IN ('waiting', 'running') AND id <= ?", (number - KEPT,)
            )
        return self.get(number)

    def get(self, number: int) -> Job:
        """One job.

        Raises:
            LookupError: there is none of that number.
        """
        row = self._database.row("SELECT * FROM jobs WHERE id = ?", (number,))
        if row is None:
            raise MissingError(f"There is no job {number}.", f"作業{number}はありません。")
        values: dict[str, Any] = dict(row)
        return Job(**{**values, "asked": bool(values["asked"])})

    def list(self, limit: int = 20) -> tuple[Job, ...]:
        """The newest jobs."""
        rows = self._database.rows("SELECT id FROM jobs ORDER BY id DESC LIMIT ?", (limit,))
        return tuple(self.get(int(row[0])) for row in rows)

    def heard(self, number: int, stage: str, done: int, total: int) -> None:
        """Note how far a job is: it runs."""
        self._set(number, "state = 'running', stage = ?, done = ?, total = ?", (stage, done, total))

    def end(
        self,
        number: int,
        state: JobState,
        *,
        message: str = "",
        result: str = "",
        proposal: int | None = None,
    ) -> None:
        """Note that a job has ended."""
        self._set(
            number,
            "state = ?, message = ?, result = ?, proposal = ?",
            (state, message, result, proposal),
        )

    def ask_cancel(self, number: int, by: str) -> None:
        """Ask the process that does a job to end it."""
        with self._database.writing():
            self._set(number, "asked = 1", ())
            self._audit.note(by, "cancel", f"job/{number}")

    def wanted(self, number: int) -> bool:
        """Whether nobody has asked to cancel it."""
        row = self._database.row("SELECT asked FROM jobs WHERE id = ?", (number,))
        return row is not None and not row[0]

    def sweep(self) -> None:
        """Mark the jobs whose process is gone: the server was stopped while they ran."""
        rows = self._database.rows("SELECT id, owner FROM jobs WHERE state IN ('waiting', 'running')")
        for row in rows:
            owner = cast(str, row["owner"])
            if process_name(int(owner.partition(":")[0])) != owner:
                self.end(int(row["id"]), "interrupted")

    def _set(self, number: int, what: str, values: tuple[Any, ...]) -> None:
        with self._database.writing() as connection:
            connection.execute(
                f"UPDATE jobs SET {what}, changed = ? WHERE id = ? AND state IN ('waiting', 'running')",  # noqa: S608 (literals)
                (*values, _now(), number),
            )
