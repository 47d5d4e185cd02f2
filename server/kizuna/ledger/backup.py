"""Copy a ledger while it is in use, and put a copy back. Reads and writes the named files."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from kizuna.ledger.database import LedgerFileError
from kizuna.ledger.ledger import Ledger

BESIDE: Final = ("-wal", "-shm")
"""Endings of the files that SQLite keeps beside a database in use."""


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
        raise LedgerFileError(
            f"There is no ledger {source}: check KIZUNA_WORKSPACE and KIZUNA_LEDGER.",
            f"台帳 {source} がありません。KIZUNA_WORKSPACE と KIZUNA_LEDGER を確かめてください。",
        )
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
        for suffix in ("", *BESIDE):
            part.with_name(part.name + suffix).unlink(missing_ok=True)
    return revision


def restore(source: Path, target: Path) -> int:
    """Put a backup in the place of a ledger. The server that uses the ledger must not be running.

    The ledger that was there, sound or damaged, is kept beside it with the suffix `.before-restore` (`.before-restore-2`, …).

    Raises:
        LedgerError: the backup does not exist, is no ledger or is not sound, or a server uses the ledger; nothing has been
            changed then.
    """
    if not source.is_file():
        raise LedgerFileError(f"There is no backup {source}.", f"バックアップ {source} がありません。")
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(target.name + ".restoring")
    fresh.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_CREAT | os.O_RDWR, 0o600))
    try:
        _copy(source, fresh)
        _is_ledger(source, fresh)
        revision = _checked(fresh)
        if target.exists():
            _set_aside(target)
        fresh.replace(target)
    finally:
        for suffix in ("", *BESIDE):
            fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
    _sync_folder(target.parent)
    return revision


def _is_ledger(source: Path, copy: Path) -> None:
    """An empty file, or a database of another program, would be taken for a ledger that has just begun."""
    connection = sqlite3.connect(copy)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        held = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    finally:
        connection.close()
    if not version or not {"commits", "accounts", "snapshots"} <= held:
        raise LedgerFileError(
            f"{source} is no backup of a ledger: name a file that kizuna ledger backup has written. Nothing has been changed.",
            f"{source} は台帳のバックアップではありません。kizuna ledger backup が作ったファイルを指定してください。何も変更していません。",
        )


def _set_aside(target: Path) -> None:
    """Move a ledger out of the way, with its log when that cannot be put into it.

    Raises:
        LedgerError: another process has it open; what that would go on writing to it would be lost.
    """
    old = sqlite3.connect(target, timeout=0)
    try:
        # Leaving the write-ahead log needs the file for oneself, and puts what is in the log into the file.
        old.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise LedgerFileError(
            f"The ledger {target} is in use ({error}): stop the server, then try again. Nothing has been changed.",
            f"台帳 {target} は使用中です（{error}）。サーバーを止めてから、もう一度試してください。何も変更していません。",
        ) from error
    except sqlite3.DatabaseError:
        pass  # it is damaged: that is why a backup is put in its place
    finally:
        old.close()
    name, number = target.name + ".before-restore", 1
    while target.with_name(name).exists():
        number += 1
        name = f"{target.name}.before-restore-{number}"
    for suffix in BESIDE:
        log = target.with_name(target.name + suffix)
        if log.exists():
            log.replace(target.with_name(name + suffix))
    target.replace(target.with_name(name))


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source)) as reader, closing(sqlite3.connect(target)) as writer:
            reader.backup(writer, pages=256, sleep=0.01)
            # One file is one thing to carry away: no log beside it.
            writer.execute("PRAGMA journal_mode = DELETE")
            if writer.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("its pages do not fit together")
    except sqlite3.DatabaseError as error:
        raise LedgerFileError(
            f"{source} cannot be copied ({error}): it is damaged, cut short, or no ledger. Use another backup. Nothing has been changed.",
            f"{source} は複製できません（{error}）。壊れているか、途中で切れているか、台帳ではありません。別のバックアップを使ってください。何も変更していません。",
        ) from error
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
