"""Restoring refuses what is no sound ledger, or a ledger in use, and loses nothing; damage is said in words with what to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kizuna.ledger.backup import backup, restore
from kizuna.ledger.database import LedgerFileError
from kizuna.ledger.ledger import Ledger


def add(ledger: Ledger, number: int) -> None:
    ledger.commit(
        parent=ledger.revision(), patch=f"A <urn:s{number}> <urn:p> <urn:o> <urn:g> .\n",
        author="aoi", message=f"m{number}", report="{}",
    )  # fmt: skip


def test_only_a_ledger_is_restored(ledger: Ledger, tmp_path: Path) -> None:
    """An empty file and a database of another program are sound for SQLite, and would begin the record anew."""
    add(ledger, 1)
    ledger.close()
    before = sorted(p.name for p in ledger.path.parent.iterdir())
    (tmp_path / "nothing").touch()
    with closing(sqlite3.connect(tmp_path / "other")) as other:
        other.execute("CREATE TABLE commits (revision)")
    for name in ("nothing", "other", "absent", "."):
        with pytest.raises(LedgerFileError) as refused:
            restore(tmp_path / name, ledger.path)
        assert refused.value.ja != refused.value.en
    assert sorted(p.name for p in ledger.path.parent.iterdir()) == before
    assert Ledger(ledger.path).revision() == 1


def test_a_backup_that_was_cut_short_is_not_restored(ledger: Ledger, tmp_path: Path) -> None:
    add(ledger, 1)
    saved = tmp_path / "backup.sqlite3"
    backup(ledger.path, saved)
    ledger.close()
    saved.write_bytes(saved.read_bytes()[:20_000])
    with pytest.raises(LedgerFileError, match="cut short"):
        restore(saved, ledger.path)
    assert not list(ledger.path.parent.glob("*.restoring*"))
    assert Ledger(ledger.path).revision() == 1


def test_a_ledger_in_use_is_not_restored_over(ledger: Ledger, tmp_path: Path) -> None:
    """What a running server would go on writing to the file that was moved away would be lost."""
    add(ledger, 1)
    saved = tmp_path / "backup.sqlite3"
    backup(ledger.path, saved)
    add(ledger, 2)
    with pytest.raises(LedgerFileError, match="in use"):
        restore(saved, ledger.path)
    add(ledger, 3)
    assert ledger.verify() == 3
    ledger.close()
    assert Ledger(ledger.path).revision() == 3


def test_a_backup_replaces_a_damaged_ledger_and_no_earlier_one_is_lost(
    ledger: Ledger, tmp_path: Path
) -> None:
    add(ledger, 1)
    saved = tmp_path / "backup.sqlite3"
    backup(ledger.path, saved)
    ledger.close()
    kept = [ledger.path.with_name(ledger.path.name + end) for end in (".before-restore", ".before-restore-2")]
    for number in range(2):
        ledger.path.write_bytes(f"damaged {number} ".encode() * 1_000)
        assert restore(saved, ledger.path) == 1
    assert [file.read_bytes()[:9] for file in kept] == [b"damaged 0", b"damaged 1"]
    assert Ledger(ledger.path).verify() == 1


@pytest.mark.parametrize("content", [b"not a database " * 1_000, b"SQLite format 3\x00" + bytes(50)])
def test_a_damaged_file_is_said_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ledger.sqlite3").write_bytes(content)
    with pytest.raises(LedgerFileError) as refused:
        Ledger(tmp_path / "ledger.sqlite3")
    for said in (refused.value.ja, refused.value.en, str(refused.value)):
        assert "ledger.sqlite3" in said
        assert "kizuna ledger restore" in said


def test_tables_of_another_program_are_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(place)) as other:
        other.execute("CREATE TABLE x (y)")
    with pytest.raises(LedgerFileError):
        Ledger(place)
    with closing(sqlite3.connect(place)) as other:
        assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("x",)]
