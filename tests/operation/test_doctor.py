"""`kizuna doctor` finds what is wrong and says what to do, in both languages."""

from __future__ import annotations

import json
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from kizuna.cli import main
from kizuna.commands import doctor_machine, doctor_record, doctor_settings
from kizuna.ledger.ledger import Ledger
from kizuna.settings import Settings
from tests.support.world import make_workspace


def run(*options: str, **environment: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["doctor", *options], env=environment)
    return result.exit_code, result.output


def test_a_sound_installation_passes(tmp_path: Path) -> None:
    code, text = run("-w", str(make_workspace(tmp_path)), "-f", "json", KIZUNA_PORT="0")
    found = {one["check"]: one["grade"] for one in json.loads(text)}
    assert code == 0, text
    assert set(found) == {
        "python", "packages", "kernel", "settings", "clock", "disk", "ledger", "workspace", "rules", "bundle", "port", "fonts",
    }  # fmt: skip
    assert found["workspace"] == found["port"] == found["packages"] == "good"


@pytest.mark.parametrize(("language", "word"), [("ja", "直すか"), ("en", "Correct the file")])
def test_a_broken_file_is_named_with_what_to_do(tmp_path: Path, language: str, word: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "broken.ttl").write_text("this is not turtle")
    code, text = run("-w", str(tmp_path), "-l", language, KIZUNA_PORT="0")
    assert code == 1
    assert "broken.ttl:1" in text
    assert word in text


def test_a_setting_that_cannot_be_read_ends_at_once() -> None:
    assert run(KIZUNA_PORT="many")[0] == 2


def test_settings_that_do_not_fit_together_are_found() -> None:
    assert doctor_settings.check_settings(Settings(engine="sparql")).grade == "bad"
    assert doctor_settings.check_settings(Settings(no_gate=True)).grade == "bad"


def test_a_taken_port_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        found = doctor_machine.check_port("127.0.0.1", taken.getsockname()[1])
    assert found.grade == "warning"
    assert "KIZUNA_PORT" in found.en


def test_a_store_that_is_away_is_found() -> None:
    (found,) = doctor_settings.check_store(Settings(engine="sparql", endpoint="http://127.0.0.1:9/query"))
    assert found.grade == "bad"


def test_what_the_machine_lacks_is_found(tmp_path: Path) -> None:
    grades = {
        "old python": doctor_machine.check_python((3, 10, 1)),
        "other system": next(doctor_machine.check_kernel(platform="darwin")),
        "few files": next(doctor_machine.check_kernel(limit=lambda _: (64, 64))),
        "no room": doctor_machine.check_disk(tmp_path, free=lambda _: 1_000),
        "clock": doctor_machine.check_clock(now=lambda: 0.0),
        "zone": doctor_machine.check_clock(zone="Nowhere/Nothing"),
        "bundle": doctor_machine.check_bundle(dict),
        "empty": doctor_record.check_workspace(tmp_path),
        "absent": doctor_record.check_workspace(tmp_path / "none"),
    }
    assert {name: found.grade for name, found in grades.items()} == {
        "old python": "bad", "other system": "bad", "few files": "warning", "no room": "bad", "clock": "bad",
        "zone": "bad", "bundle": "warning", "empty": "warning", "absent": "bad",
    }  # fmt: skip
    assert all(found.ja != found.en for found in grades.values())


def test_a_circle_of_rules_is_named_by_doctor_and_by_validate(tmp_path: Path) -> None:
    rules = tmp_path / "ontology" / "rules"
    rules.mkdir(parents=True)
    for name in ("data", "shapes", "queries"):
        (tmp_path / name).mkdir()
    head = "# label@en: x\n# label@ja: x\n# why@en: x\n# why@ja: x\nPREFIX k: <https://w3id.org/kizuna/ns#>\n"
    (rules / "one.rq").write_text(
        f"# id: one\n{head}CONSTRUCT {{ ?a k:p ?b }} WHERE {{ ?a k:q ?b }}", "utf-8"
    )
    (rules / "two.rq").write_text(
        f"# id: two\n{head}CONSTRUCT {{ ?a k:q ?b }} WHERE {{ ?a k:r ?b MINUS {{ ?a k:p ?b }} }}", "utf-8"
    )
    found = doctor_record.check_rules(tmp_path)
    assert found.grade == "bad"
    for said in (found.ja, found.en):
        assert "one → two → one" in said or "two → one → two" in said
        assert "two reads the absence of k:p by one" in said
    told = CliRunner().invoke(main, ["validate", "-w", str(tmp_path)])
    assert told.exit_code == 2
    assert "A circle through an absence" in told.output


def ledger_of(tmp_path: Path) -> Path:
    place = tmp_path / "ledger" / "kizuna.sqlite3"
    ledger = Ledger(place)
    ledger.accounts.add("aoi", "admin", by="test")
    ledger.close()
    return place


def test_a_sound_ledger_and_none_yet_are_good(tmp_path: Path) -> None:
    assert doctor_record.check_ledger(tmp_path).grade == "good"
    assert not (tmp_path / "ledger").exists()  # looking makes nothing
    ledger_of(tmp_path)
    assert doctor_record.check_ledger(tmp_path).grade == "good"


def test_a_named_ledger_that_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = str(tmp_path / "away" / "kizuna.sqlite3")
    monkeypatch.setenv("KIZUNA_LEDGER", named)
    found = doctor_record.check_ledger(tmp_path, named)
    assert found.grade == "warning"
    for said in (found.ja, found.en):
        assert named in said
        assert "kizuna ledger restore" in said


@pytest.mark.parametrize("damage", ["cut short", "other words", "other program"])
@pytest.mark.parametrize(
    ("language", "word"), [("ja", "最新の正しいバックアップ"), ("en", "newest sound backup")]
)
def test_a_damaged_ledger_is_named_with_what_to_do(
    tmp_path: Path, damage: str, language: str, word: str
) -> None:
    place = ledger_of(make_workspace(tmp_path))
    content = place.read_bytes()
    if damage == "other program":
        place.unlink()
        with closing(sqlite3.connect(place)) as other:
            other.execute("CREATE TABLE x (y)")
    else:
        place.write_bytes(content[:20_000] if damage == "cut short" else b"no ledger at all " * 99)
    code, text = run("-w", str(tmp_path), "-l", language, KIZUNA_PORT="0", KIZUNA_LEDGER="")
    assert code == 1
    assert "✗ ledger" in text
    assert word in text
    assert "kizuna ledger restore" in text


def test_a_misspelt_variable_is_said() -> None:
    (found,) = doctor_settings.check_names(
        {"KIZUNA_PROT": "1", "KIZUNA_PORT": "1", "KIZUNA_CONFIG": "x", "HOME": "/"}
    )
    assert found.grade == "warning"
    assert "KIZUNA_PROT" in found.ja
    assert "did you mean KIZUNA_PORT?" in found.en


@pytest.mark.parametrize(("language", "word"), [("ja", "整数"), ("en", "must be a whole number")])
def test_a_setting_that_is_no_number_is_said_in_words(language: str, word: str) -> None:
    code, text = run("-l", language, KIZUNA_PORT="many")
    assert code == 2
    assert "KIZUNA_PORT='many'" in text
    assert word in text
    assert "int()" not in text
