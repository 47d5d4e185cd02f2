"""Copy a ledger while it is in use, and put a copy back. Reads and writes the named files."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from kizuna.ledger.database import LedgerError
from kizuna.ledger.ledger import Ledger


def backup(source: Path, target: Path) -> int:
    """Copy a ledger, consistent, while others go on reading and writing it.

    Args:
        source: the ledger's file.
        target: a file that does not exist yet.

    Returns:
        the newest revision in the copy, whose chain of digests has been checked.

    Raises:
        FileExistsError: the target exists.
        LedgerError: the source does not exist, or the copy is not sound.
    """
    if not source.exists():
        raise LedgerError(f"There is no ledger {source}.")
    if target.exists():
        raise FileExistsError(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_RDWR, 0o600))
    try:
        _copy(source, part)
        revision = _checked(part)
        part.replace(target)
        _sync_folder(target.parent)
    finally:
        for suffix in ("", "-wal", "-shm"):
            part.with_name(part.name + suffix).unlink(missing_ok=True)
    return revision


def restore(source: Path, target: Path) -> int:
    """Put a backup in the place of a ledger. The server that uses the ledger must not be running.

    The ledger that was there is kept beside it with the suffix `.before-restore`.

    Raises:
        LedgerError: the backup does not exist or is not sound; nothing has been changed then.
    """
    if not source.exists():
        raise LedgerError(f"There is no backup {source}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(target.name + ".restoring")
    fresh.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_CREAT | os.O_RDWR, 0o600))
    _copy(source, fresh)
    try:
        revision = _checked(fresh)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    if target.exists():
        with sqlite3.connect(target) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        old.close()
        target.replace(target.with_name(target.name + ".before-restore"))
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
        fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
    fresh.replace(target)
    _sync_folder(target.parent)
    return revision


def _copy(source: Path, target: Path) -> None:
    reader, writer = sqlite3.connect(source), sqlite3.connect(target)
    try:
        reader.backup(writer, pages=256, sleep=0.01)
        # One file is one thing to carry away: no log beside it.
        writer.execute("PRAGMA journal_mode = DELETE")
        if writer.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise LedgerError(f"The copy of {source} is not sound.")
    except sqlite3.DatabaseError as error:
        raise LedgerError(f"{source} cannot be copied: {error}") from error
    finally:
        reader.close()
        writer.close()
    descriptor = os.open(target, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _checked(path: Path) -> int:
    ledger = Ledger(path)
    try:
        revision = ledger.verify()
        ledger.database.connection().execute("PRAGMA journal_mode = DELETE")
        return revision
    finally:
        ledger.close()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
