"""What `kizuna serve`, `release` and `enrich` say in the terminal, in the operator's language."""

from __future__ import annotations

import re
from pathlib import Path
from unittest.mock import Mock

import pytest
from click.testing import CliRunner

from kizuna.cli import main
from kizuna.commands.ending import Ending
from kizuna.engine import remote_client
from kizuna.engine.types import EngineError
from kizuna.engine.words import words_of
from tests.support.world import make_workspace

AWAY = "http://127.0.0.1:9/sparql"
OWN_WORDS = "エンジンの言葉"


def said(language: str, *arguments: str, code: int = 2, **environment: str) -> str:
    ran = CliRunner().invoke(
        main, list(arguments), env={"KIZUNA_LANGUAGE": language, "KIZUNA_LEDGER": "", **environment}
    )
    assert ran.exit_code == code, ran.output
    assert "Traceback" not in ran.output
    return ran.output


@pytest.mark.parametrize(("language", "word"), [("ja", "名前に使えません"), ("en", "cannot name a release")])
def test_a_release_without_a_usable_name_is_refused_in_words(
    tmp_path: Path, language: str, word: str
) -> None:
    assert word in said(language, "release", "../up", "--to", str(tmp_path / "out"), "-w", str(tmp_path))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("language", "word"), [("ja", "空ではありません"), ("en", "is not empty")])
def test_a_release_into_a_full_folder_is_refused_in_words(tmp_path: Path, language: str, word: str) -> None:
    (tmp_path / "there").write_text("x", "utf-8")
    assert word in said(language, "release", "1", "--to", str(tmp_path), "-w", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


@pytest.mark.parametrize(("language", "word"), [("ja", "を使えません"), ("en", "cannot be used")])
def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path, language: str, word: str) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    target = str(tmp_path / "file" / "below")
    assert word in said(language, "release", "1", "--to", target, "-w", str(make_workspace(tmp_path / "w")))


def test_a_release_that_fails_leaves_no_half_of_it(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "w")
    (workspace / "data" / "broken.ttl").write_text("this is not turtle", "utf-8")
    assert "broken.ttl" in said("en", "release", "1", "--to", str(tmp_path / "out"), "-w", str(workspace))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("language", "word"), [("ja", "許されていません"), ("en", "is not allowed")])
def test_an_endpoint_that_is_not_allowed_is_said(tmp_path: Path, language: str, word: str) -> None:
    assert word in said(language, "enrich", "--endpoint", AWAY, "-w", str(tmp_path))


@pytest.mark.parametrize(("language", "word"), [("ja", "接続できません"), ("en", "cannot be reached")])
def test_an_endpoint_that_is_away_is_said(tmp_path: Path, language: str, word: str) -> None:
    workspace = str(make_workspace(tmp_path))
    asked = ("enrich", "--endpoint", AWAY, "-w", workspace)
    assert word in said(language, *asked, code=1, KIZUNA_ENRICH_ENDPOINTS=AWAY)


@pytest.mark.parametrize(("language", "word"), [("ja", "回答を読めません"), ("en", "cannot be read")])
def test_an_answer_that_makes_no_sense_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    monkeypatch.setattr(remote_client, "query", lambda *_, **__: (b"<html>", False))
    asked = ("enrich", "--endpoint", AWAY, "-w", str(make_workspace(tmp_path)))
    assert word in said(language, *asked, code=1, KIZUNA_ENRICH_ENDPOINTS=AWAY)


@pytest.mark.parametrize(("language", "word"), [("ja", "接続できません"), ("en", "cannot be reached")])
def test_a_server_whose_store_is_away_says_so(tmp_path: Path, language: str, word: str) -> None:
    options = ("--engine", "sparql", "--endpoint", AWAY, "--port", "0")
    assert word in said(language, "serve", "-w", str(make_workspace(tmp_path)), *options)


def test_every_sentence_about_a_store_is_known_in_japanese() -> None:
    engine = Path(remote_client.__file__).parent
    sentences = {
        sentence
        for path in engine.glob("remote*.py")
        for sentence in re.findall(
            r'Error\(\s*f?"((?:The|This|Another) [^"]*store[^"]*\.)"\s*\)', path.read_text("utf-8")
        )
    }
    assert len(sentences) > 6
    for sentence in sentences:
        said = words_of(EngineError(sentence.replace("{error.code}", "500")), "ja")
        assert OWN_WORDS not in said, sentence


@pytest.mark.parametrize(("language", "word"), [("ja", "終了しています"), ("en", "ending")])
def test_the_end_that_begins_is_said(monkeypatch: pytest.MonkeyPatch, language: str, word: str) -> None:
    written: list[bytes] = []
    monkeypatch.setattr("os.write", lambda _, text: written.append(text))
    server = Mock()
    server.poll.return_value = None
    Ending(breaks_off=False, server=server, language=language).hear(15, None)
    server.terminate.assert_called_once()
    assert word in b"".join(written).decode()
