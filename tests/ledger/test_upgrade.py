"""A ledger that the first release wrote is taken over as it is: nothing is lost, the chain holds, and work goes on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from kizuna.cli import main
from kizuna.ledger.database import VARIABLE
from kizuna.ledger.ledger import Ledger
from kizuna.ledger.schema import MIGRATIONS

DUMP = Path(__file__).parent / "data" / "first-release.sql"
TABLES = ("accounts", "proposals", "commits", "comments", "reviews", "audit", "snapshots", "mentions")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The file of the first release."""
    path = tmp_path / "old.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    connection.close()
    return path


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the tables that the first release had."""
    found = {}
    with sqlite3.connect(path) as connection:
        for name in TABLES:
            found[name] = connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()  # noqa: S608
    connection.close()
    return found


def test_the_first_release_s_ledger_is_upgraded_with_all_it_holds(old: Path) -> None:
    before = content(old)
    ledger = Ledger(old)
    assert ledger.database.row("PRAGMA user_version")[0] == len(MIGRATIONS)  # type: ignore[index]
    assert content(old) == before
    assert ledger.verify() == 2
    assert [c.message for c in ledger.commits()] == ["An alias", "Undo it"]
    assert ledger.proposals.get(1).state == "published"
    assert ledger.proposals.approvers(1) == {"aoi"}
    patch = ledger.proposals.get(2).patch
    assert ledger.commit(parent=2, patch=patch, author="aoi", message="goes on", report="{}").revision == 3
    assert ledger.jobs.create("validation", "new in a later release", "aoi", 1).state == "waiting"
    assert ledger.verify() == 3
    ledger.close()


def test_backup_restore_and_verify_are_commands_that_give_the_same_ledger(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(old))
    saved = tmp_path / "saved.sqlite3"

    def kizuna(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["ledger", *words, "-w", str(tmp_path)])
        return done.exit_code, done.output

    assert kizuna("backup", str(saved)) == (0, "2\n")
    before = content(old)
    ledger = Ledger(old)
    ledger.commit(parent=2, patch=ledger.get(1).patch, author="aoi", message="after the backup", report="{}")
    ledger.close()
    assert content(old) != before
    assert kizuna("restore", str(saved))[0] == 0
    assert content(old) == before
    assert kizuna("verify")[0] == 0
    with sqlite3.connect(old) as connection:
        connection.execute("DROP TRIGGER commits_stay")
        connection.execute("UPDATE commits SET message = 'another' WHERE revision = 1")
    connection.close()
    assert kizuna("verify")[0] == 1
