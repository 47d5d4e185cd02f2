"""Settings come from the environment and the command line, and stand in the documentation."""

from __future__ import annotations

import os
import re
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from kizuna.cli import main
from kizuna.settings import HIDDEN, Settings, SettingsError, read_file, variable_of

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_command_line_wins_over_the_environment_and_that_over_the_default() -> None:
    environment = {"KIZUNA_PORT": "9000", "KIZUNA_LANGUAGE": "en", "KIZUNA_WORKSPACE": "/somewhere"}
    settings = Settings.from_environment(environment, port=9001, host=None)
    assert settings.port == 9001
    assert settings.language == "en"
    assert settings.workspace == Path("/somewhere")
    assert settings.host == "127.0.0.1"


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.from_environment({"KIZUNA_PORT": ""}).port == 8000


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KIZUNA_PORT", "many"),
        ("KIZUNA_LANGUAGE", "fr"),
        ("KIZUNA_QUERY_SECONDS", "0"),
        ("KIZUNA_QUERY_SECONDS", "inf"),
        ("KIZUNA_SLOW_QUERY_SECONDS", "nan"),
        ("KIZUNA_WORKERS", "0"),
        ("KIZUNA_WEB_PROCESSES", "-1"),
        ("KIZUNA_PORT", "70000"),
        ("KIZUNA_QUERY_MEMORY_BYTES", "1"),
        ("KIZUNA_MAX_REQUEST_BYTES", "0"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        Settings.from_environment({variable: value})


@pytest.mark.parametrize(
    "variable",
    [
        "KIZUNA_ENDPOINT",
        "KIZUNA_UPDATE_ENDPOINT",
        "KIZUNA_SERVICES",
        "KIZUNA_ENRICH_ENDPOINTS",
        "KIZUNA_OIDC_ISSUER",
    ],
)
@pytest.mark.parametrize("password", ["hunter2", "p@ss/hunter2", "hunter2:x"])
def test_an_address_with_a_password_is_refused_without_repeating_it(variable: str, password: str) -> None:
    with pytest.raises(SettingsError, match=variable) as refused:
        Settings.from_environment({variable: f"http://operator:{password}@store.example/sparql"})
    assert "hunter2" not in str(refused.value)
    assert "operator" not in str(refused.value)
    assert HIDDEN in str(refused.value)


def test_a_number_of_the_command_line_is_judged_like_one_of_the_environment() -> None:
    with pytest.raises(SettingsError, match="KIZUNA_PORT"):
        Settings.from_environment({}, port=70_000)


def test_a_file_of_settings_is_read_as_systemd_and_containers_read_it() -> None:
    text = "# for the office\n\nKIZUNA_PORT = 9000\nKIZUNA_LANGUAGE='en'\n; off\nKIZUNA_ADMIN_TOKEN=a=b#c\n"
    assert read_file(text, "x") == {
        "KIZUNA_PORT": "9000",
        "KIZUNA_LANGUAGE": "en",
        "KIZUNA_ADMIN_TOKEN": "a=b#c",
    }
    shipped = Path(__file__).parents[2] / "deploy" / "kizuna.env"
    assert read_file(shipped.read_text("utf-8"), "x")["KIZUNA_PROXY_HOPS"] == "1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "KIZUNA_PORT=9000\nKIZUNA_PROT=1\n",
            "line 2: 'KIZUNA_PROT' is no setting. Did you mean KIZUNA_PORT?",
        ),
        ("port 9000", "line 1: 'port 9000' is no setting."),
        ("KIZUNA_PORT=1\nKIZUNA_PORT=2", "line 2: KIZUNA_PORT stands there twice."),
        ("KIZUNA_PORT=many", "KIZUNA_PORT='many' cannot be used"),
    ],
)
def test_a_mistake_in_a_file_of_settings_is_named(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_file(text, "kizuna.env")
    assert str(refused.value).startswith("kizuna.env")
    assert said in str(refused.value)


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "kizuna.env"
    file.write_text("KIZUNA_LANGUAGE=ja\nKIZUNA_PORT=9000\n")
    monkeypatch.setenv("KIZUNA_LANGUAGE", "en")
    monkeypatch.setenv("KIZUNA_PORT", "")  # an empty one counts as not set
    assert CliRunner().invoke(main, ["--config", str(file), "why", "--help"]).exit_code == 0
    assert (os.environ["KIZUNA_LANGUAGE"], os.environ["KIZUNA_PORT"]) == ("en", "9000")


def test_a_file_of_settings_that_cannot_be_used_stops_every_command(tmp_path: Path) -> None:
    file = tmp_path / "kizuna.env"
    for text in (None, b"KIZUNA_PORT=many", b"\xff"):
        if text is not None:
            file.write_bytes(text)
        done = CliRunner().invoke(main, ["log"], env={"KIZUNA_CONFIG": str(file)})
        assert done.exit_code == 2
        assert str(file) in done.output


def test_an_address_of_the_command_line_is_judged_like_one_of_the_environment() -> None:
    with pytest.raises(SettingsError, match="KIZUNA_ENDPOINT") as refused:
        Settings.from_environment({}, endpoint="http://operator:hunter2@store.example/sparql")
    assert "hunter2" not in str(refused.value)


def test_every_setting_is_documented_with_its_default_and_meaning() -> None:
    rows = dict(re.findall(r"^\| `(KIZUNA_\w+)` \| (.*) \|$", DOCS.read_text("utf-8"), re.MULTILINE))
    assert set(rows) == {variable_of(f.name) for f in fields(Settings)}
    for setting in fields(Settings):
        default, meaning = rows[variable_of(setting.name)].split(" | ", 1)
        assert default.strip("`") == (str(setting.default) or "empty")
        assert meaning == setting.metadata["meaning"]
