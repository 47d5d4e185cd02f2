"""The command line goes the same way: account, propose, review, publish, log, revert, sync, backup."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kizuna.cli import main
from kizuna.commands.desk import tools
from kizuna.engine.types import EngineUnavailableError, PatchRefusedError, QueryTimeoutError
from kizuna.ledger.proposals import ProposalStateError, ProposalVersionError
from tests.changes.conftest import make_workspace
from tests.changes.worlds import PREF, facts

PASSWORD = "correct horse battery"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    made = make_workspace(tmp_path / "w")
    for name, role in (("sato", "steward"), ("mori", "steward"), ("abe", "publisher")):
        run(made, "account", "add", name, "--role", role, "--password-stdin", given=PASSWORD + "\n")
    return made


def run(workspace: Path, *words: str, given: str = "", code: int = 0) -> Result:
    result = CliRunner(env={"KIZUNA_LANGUAGE": "en"}).invoke(
        main, [*words, "--workspace", str(workspace)], input=given
    )
    assert result.exit_code == code, result.output
    return result


def test_from_a_file_to_the_record_and_back(workspace: Path, tmp_path: Path) -> None:
    subject = next(
        q.subject.value for q in facts() if q.predicate == PREF and "/agreement/" in str(q.subject)
    )  # type: ignore[union-attr]
    good = tmp_path / "names.ttl"
    good.write_text(
        f'<{subject}> <{PREF.value.replace("prefLabel", "altLabel")}> "Also called"@en .', "utf-8"
    )
    said = run(workspace, "propose", str(good), "--graph", "data/facts", "--as", "sato").output
    assert said.startswith("1\topen\t-0 +1")
    assert "wrote this proposal" in run(workspace, "review", "1", "--approve", "--as", "sato", code=1).output
    run(workspace, "review", "1", "--approve", "--as", "mori")
    assert "Also called" in run(workspace, "review", "1", "--as", "mori").output
    assert run(workspace, "publish", "1", "--as", "abe").output.startswith("1\t")
    assert "names.ttl" in run(workspace, "log", "--thing", subject, "--patch").output
    out = tmp_path / "out"
    run(workspace, "export", "--to", str(out))
    assert any("Also called" in file.read_text("utf-8") for file in out.rglob("*.ttl"))
    assert run(workspace, "revert", "1", "--as", "sato").output.startswith("2\topen")
    saved = tmp_path / "saved.sqlite3"
    assert run(workspace, "ledger", "backup", str(saved)).output == "1\n"
    assert run(workspace, "ledger", "verify").output == "1\n"

    # A new release changes a file under the ledger: the record stays until the change has passed the gate.
    file = workspace / "data" / "facts.ttl"
    file.write_text(
        file.read_text("utf-8")
        + f'\n<{subject}> <http://www.w3.org/2004/02/skos/core#altLabel> "別名"@ja .\n',
        "utf-8",
    )
    assert "別名" in run(workspace, "sync", "--dry-run", "--as", "sato").output
    assert run(workspace, "sync", "--as", "sato").output.startswith("3\t")
    assert run(workspace, "sync", "--as", "sato").output == ""


def test_errors_are_told_and_kept_as_a_draft(workspace: Path, tmp_path: Path) -> None:
    label = next(q for q in facts() if q.predicate == PREF and "/agreement/" in str(q.subject))
    gone = tmp_path / "gone.rdfp"
    gone.write_text(f"D {label} .\n", "utf-8")
    said = run(workspace, "propose", str(gone), "--as", "sato", code=1).output
    assert said.startswith("1\tdraft")
    assert "prefLabel" in said


@pytest.mark.parametrize(
    ("file", "text", "ja", "en"),
    [
        (
            "load.ru",
            "LOAD <https://example.org/>",
            "1:1: LOAD は使えません。文書は自分で取得し、グラフストアに送ってください。",
            "1:1: LOAD is not available: fetch the document yourself and send it to the graph store.",
        ),
        (
            "ask.ru",
            "INSERT { <urn:a> <urn:b> ?o } WHERE {\n SERVICE <https://example.org/> { ?s ?p ?o } }",
            "2:2: SERVICE は使えません。",
            "2:2: SERVICE is not available",
        ),
        ("name.ru", "DELETE WHERE { ?s nope:p ?o }", "更新文を読めません。", "The update cannot be read."),
        ("wrong.ru", b"\xff\xfe", "UTF-8 ではありません。", "It is not UTF-8."),
    ],
)
def test_what_a_file_cannot_do_is_said_in_the_language_asked_for(
    workspace: Path, tmp_path: Path, file: str, text: str | bytes, ja: str, en: str
) -> None:
    (tmp_path / file).write_bytes(text.encode() if isinstance(text, str) else text)
    for language, expected in (("ja", ja), ("en", en)):
        given = ["--as", "sato", "--language", language]
        assert expected in run(workspace, "propose", str(tmp_path / file), *given, code=1).output


@pytest.mark.parametrize(
    ("words", "ja", "en"),
    [
        (("review", "77", "--as", "mori"), "提案77はありません。\n", "There is no proposal 77.\n"),
        (("publish", "77", "--as", "abe"), "提案77はありません。\n", "There is no proposal 77.\n"),
        (("revert", "77", "--as", "sato"), "公開77はありません。\n", "There is no commit 77.\n"),
        (
            ("sync", "--as", "nobody"),
            "アカウント「nobody」はありません。\n",
            "There is no account 'nobody'.\n",
        ),
    ],
)
def test_what_is_not_there_is_said_in_the_language_asked_for(
    workspace: Path, words: tuple[str, ...], ja: str, en: str
) -> None:
    for language, expected in (("ja", ja), ("en", en)):
        assert run(workspace, *words, "--language", language, code=2).output == expected


@pytest.mark.parametrize(
    ("error", "ja", "en"),
    [
        (
            QueryTimeoutError("The query took longer than it may and was ended."),
            "問い合わせが時間の上限に達したため、打ち切りました。",
            "The query took longer than it may and was ended.",
        ),
        (PatchRefusedError("Odd."), "エンジンの言葉（英語）: Odd.", "Odd."),
        (EngineUnavailableError(), "EngineUnavailableError", "EngineUnavailableError"),
        (ProposalStateError(3, "rejected"), "提案3は却下済みです。", "Proposal 3 is rejected."),
        (
            ProposalVersionError(3, 2),
            "提案3はその間に変わりました（第2稿）。",
            "Proposal 3 was changed meanwhile (version 2).",
        ),
    ],
)
def test_every_steward_command_tells_what_its_engine_and_its_ledger_report_in_words(
    workspace: Path, capsys: pytest.CaptureFixture[str], error: Exception, ja: str, en: str
) -> None:
    for language, expected in (("ja", ja), ("en", en)):
        with pytest.raises(SystemExit) as ended, tools(workspace, "sato", language):
            raise error
        assert ended.value.code == 2
        assert capsys.readouterr().err == expected + "\n"


def test_without_a_ledger_the_way_to_begin_is_named(tmp_path: Path) -> None:
    made = make_workspace(tmp_path / "w")
    assert "kizuna account add" in run(made, "log", code=2).output
    assert not (made / "ledger").exists()
