"""The audit trail: who did what, when. Only ever grows. Writes the ledger's file."""

from __future__ import annotations

from datetime import UTC, datetime

from kizuna.ledger.database import Database
from kizuna.ledger.records import AuditEntry


class Audit:
    """The trail of one ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, account: str, action: str, subject: str, detail: str = "") -> None:
        """Add an entry, in the transaction that is open if there is one."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO audit (time, account, action, subject, detail) VALUES (?, ?, ?, ?, ?)",
                (now, account, action, subject, detail),
            )

    def entries(self, limit: int = 200, subject: str | None = None) -> list[AuditEntry]:
        """The newest entries, all or those about one subject."""
        rows = self._database.rows(
            "SELECT * FROM audit WHERE ?1 IS NULL OR subject = ?1 ORDER BY id DESC LIMIT ?2", (subject, limit)
        )
        return [AuditEntry(*tuple(row)) for row in rows]
