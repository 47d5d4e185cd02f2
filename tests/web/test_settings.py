"""Settings come from the environment and the command line, and stand in the documentation."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from kizuna.settings import HIDDEN, Settings, SettingsError, variable_of

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
        ("KIZUNA_WORKERS", "-1"),
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
