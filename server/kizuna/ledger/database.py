"""One SQLite file, opened the same way everywhere. Reads and writes that file.

Write-ahead log with synchronous=FULL: when a transaction's COMMIT returns, its pages are on the disk (fsync), and a
transaction that was cut off by a crash is not there at all when the file is opened next (SQLite, "Write-Ahead Logging").
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from kizuna.ledger.records import TwoLanguageError
from kizuna.ledger.schema import MIGRATIONS

BUSY_SECONDS: Final = 30.0
VARIABLE: Final = "KIZUNA_LEDGER"


class LedgerError(Exception):
    """Base of what the ledger reports."""


class LedgerFileError(TwoLanguageError, LedgerError):
    """The file is no ledger, is damaged, or cannot be opened; the words say what to do."""


class LedgerVersionError(LedgerFileError):
    """The file was written by a newer version of the product."""


def file_error(path: Path, error: sqlite3.DatabaseError) -> LedgerFileError:
    """What SQLite says of a file, in words and with what to do: it cannot be opened or written, or it is damaged."""
    if isinstance(error, sqlite3.OperationalError):
        return LedgerFileError(
            f"The ledger {path} cannot be opened or written ({error}): see to it that this user may write the file and its"
            " folder, that the disk has room, and that no other program holds it.",
            f"台帳 {path} を開けないか書き込めません（{error}）。ファイルとフォルダーの書き込み権限、ディスクの空き、ほかのプログラムが使っていないかを確かめてください。",
        )
    return LedgerFileError(
        f"The ledger {path} is damaged, or is no ledger ({error}): stop the server, put the newest sound backup back with"
        " kizuna ledger restore FILE (the damaged file is kept beside it), then kizuna ledger verify.",
        f"台帳 {path} は壊れているか、台帳ではありません（{error}）。サーバーを止め、kizuna ledger restore ファイル で最新の正しいバックアップに戻し"
        "（壊れたファイルは横に残ります）、kizuna ledger verify で確かめてください。",
    )


def ledger_path(workspace: Path) -> Path:
    """Where the ledger of a workspace is: `KIZUNA_LEDGER`, else `ledger/kizuna.sqlite3` in the workspace."""
    named = os.environ.get(VARIABLE, "")
    return Path(named).expanduser() if named else workspace / "ledger" / "kizuna.sqlite3"


class Database:
    """Connections to the ledger's file: one for each thread, made on first use.

    Args:
        path: the file; it and its folder are made when missing.

    Raises:
        LedgerVersionError: the file is of a newer version.
        LedgerFileError: the file cannot be opened or written, is damaged, or belongs to another program.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._pid = os.getpid()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                # Accounts and sessions are nobody else's business.
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._migrate()
        except OSError as error:
            raise file_error(path, sqlite3.OperationalError(error.strerror or str(error))) from error
        except sqlite3.DatabaseError as error:
            self.close()
            raise file_error(path, error) from error

    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None or self._local.pid != os.getpid():  # a connection does not survive a fork
            found = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            found.row_factory = sqlite3.Row
            try:
                found.execute("PRAGMA journal_mode = WAL")
                found.execute("PRAGMA synchronous = FULL")
                found.execute("PRAGMA foreign_keys = ON")
            except BaseException:
                found.close()
                raise
            self._local.connection = found
            self._local.pid = os.getpid()
        return found

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is on the disk when the block is left, or none of it.

        Entered again inside itself it joins the outer transaction.
        """
        connection = self.connection()
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def rows(self, text: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self.connection().execute(text, values).fetchall()

    def row(self, text: str, values: tuple[Any, ...] = ()) -> sqlite3.Row | None:
        """The first row of a query, or None; None for a number larger than any that SQLite holds."""
        try:
            found: sqlite3.Row | None = self.connection().execute(text, values).fetchone()
        except OverflowError:  # such a number was never given to anything
            return None
        return found

    def close(self) -> None:
        """Close this thread's connection."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is not None and self._local.pid == os.getpid():
            found.close()
        self._local.connection = None

    def _migrate(self) -> None:
        connection = self.connection()
        if _version(connection) == len(MIGRATIONS):
            return
        with self.writing():
            done = _version(connection)  # again, now that nobody else can be at it
            if done > len(MIGRATIONS):
                raise LedgerVersionError(
                    f"{self.path} was written by a newer version of Kizuna (schema {done}, known {len(MIGRATIONS)}): install that"
                    " version, or restore a backup of the time before it.",
                    f"{self.path} は新しい版の Kizuna が書いたものです（スキーマ {done}、この版は {len(MIGRATIONS)} まで）。その版をインストールするか、"
                    "それより前のバックアップに戻してください。",
                )
            if not done and connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
                raise sqlite3.DatabaseError("tables of another program")
            for script in MIGRATIONS[done:]:
                for statement in _statements(script):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS):d}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would commit before it begins."""
    text = ""
    for line in script.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            yield text
            text = ""
