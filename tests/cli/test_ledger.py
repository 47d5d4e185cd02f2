"""An operator's mistakes with the ledger are refused in words, in both languages, with the exit codes that the help names."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from kizuna.cli import main
from kizuna.ledger.ledger import Ledger
from tests.support.world import make_workspace


def run(place: Path, *arguments: object, language: str = "en") -> tuple[int, str]:
    given = [*map(str, arguments), "-w", str(place), "-l", language]
    done = CliRunner().invoke(main, given, env={"KIZUNA_LEDGER": ""})
    assert done.exception is None or isinstance(done.exception, SystemExit)  # no traceback
    return done.exit_code, done.output


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = make_workspace(tmp_path / "workspace")
    ledger = Ledger(folder / "ledger" / "kizuna.sqlite3")
    ledger.accounts.add("aoi", "admin", by="test")
    ledger.close()
    return folder


def test_a_backup_is_never_written_over(place: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved.sqlite3"
    assert run(place, "ledger", "backup", saved) == (0, "0\n")
    for language, word in (("ja", "上書きしません"), ("en", "never written over")):
        code, said = run(place, "ledger", "backup", saved, language=language)
        assert code == 1
        assert word in said


@pytest.mark.parametrize(("content", "ja", "en"), [
    (b"hello world " * 999, "複製できません", "cannot be copied"),
    (b"", "台帳のバックアップではありません", "no backup of a ledger"),
])  # fmt: skip
def test_a_wrong_file_is_not_restored(place: Path, tmp_path: Path, content: bytes, ja: str, en: str) -> None:
    (tmp_path / "wrong").write_bytes(content)
    for language, word in (("ja", ja), ("en", en)):
        code, said = run(place, "ledger", "restore", tmp_path / "wrong", language=language)
        assert code == 1
        assert word in said
    assert run(place, "ledger", "verify") == (0, "0\n")


def test_a_place_that_cannot_be_written_is_said_with_what_to_do(place: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()  # what lies below a file can be made by nobody, not even by root
    for language, word in (("ja", "権限"), ("en", "who may read and write it")):
        code, said = run(place, "ledger", "backup", tmp_path / "file" / "below" / "saved", language=language)
        assert code == 1
        assert word in said
        code, said = run(place, "init", tmp_path / "file" / "below" / "workspace", language=language)
        assert code == 2
        assert word in said


@pytest.mark.parametrize("command", [("ledger", "verify"), ("account", "list"), ("log",)])
def test_a_damaged_ledger_is_said_by_every_command(place: Path, command: tuple[str, ...]) -> None:
    (place / "ledger" / "kizuna.sqlite3").write_bytes(b"garbage " * 999)
    for language, word in (("ja", "最新の正しいバックアップ"), ("en", "newest sound backup")):
        code, said = run(place, *command, language=language)
        assert code == 2
        assert word in said


def test_a_file_of_settings_with_a_misspelt_name_is_said_in_the_readers_language(tmp_path: Path) -> None:
    wrong = tmp_path / "kizuna.env"
    wrong.write_text("KIZUNA_PROT=1\n", encoding="utf-8")
    for language, word in (("ja", "KIZUNA_PORT のことですか"), ("en", "Did you mean KIZUNA_PORT?")):
        done = CliRunner().invoke(main, ["--config", str(wrong), "doctor"], env={"KIZUNA_LANGUAGE": language})
        assert done.exit_code == 2
        assert word in done.output
