"""What `kizuna doctor` looks at of the settings: that they fit together, and that the store they name answers. Asks that store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kizuna.commands.doctor_finding import Finding
from kizuna.commands.options import told
from kizuna.commands.setup import engine_config, remote_store
from kizuna.engine import remote_client
from kizuna.engine.types import EngineError
from kizuna.settings import Settings, SettingsError, unknown_variables


def check_settings(settings: Settings) -> Finding:
    """The settings fit together."""
    try:
        engine_config(settings)
        remote_store(settings)
    except (SettingsError, OSError) as error:
        return Finding(
            "settings",
            "bad",
            f"設定を使えません：{told(error, 'ja')}",
            f"The settings cannot be used: {error}",
        )
    return Finding("settings", "good", "設定は使えます", "The settings can be used")


def check_names(environment: Mapping[str, str]) -> Iterator[Finding]:
    """No variable looks like a setting and is none: it would be passed over in silence."""
    for name, near in unknown_variables(environment).items():
        yield Finding(
            "names",
            "warning",
            f"環境変数 {name} は設定ではないため、無視されます。"
            + (f"{near} のことですか。" if near else "docs/settings.md を見てください。"),
            f"The variable {name} is no setting and is passed over: "
            + (f"did you mean {near}?" if near else "see docs/settings.md."),
        )


def check_store(settings: Settings) -> Iterator[Finding]:
    """The remote store answers, where there is one."""
    try:
        store = remote_store(settings)
    except SettingsError:
        return
    if store is None:
        return
    try:
        remote_client.query(store, "ASK {}", 10.0)
    except EngineError as error:
        yield Finding(
            "store",
            "bad",
            f"{store.query_url}：{error} KIZUNA_ENDPOINT と、ストアが動いていることを確かめてください。",
            f"{store.query_url}: {error} Check KIZUNA_ENDPOINT and that the store runs.",
        )
        return
    yield Finding("store", "good", "ストアは答えます", "The store answers")
