"""How commands turn settings into an engine."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from kizuna.atlas.scenarios import pinned, split_names
from kizuna.engine.config import EngineConfig
from kizuna.engine.remote_client import Store
from kizuna.engine.types import Engine, Limits, View
from kizuna.settings import Settings, SettingsError, variable_of

SHORTEST_TOKEN: Final = 16
RECORD_LOADER: Final = "kizuna.changes.loading:load_record"
FOLLOWING_LOADER: Final = "kizuna.engine.remote_follow:nothing"
PLAIN_LOADER: Final = "kizuna.workspace.journal:load_with_journal"
PLAIN_BUILDER: Final = "kizuna.sparql.plain:as_stored"


def remote_store(settings: Settings) -> Store | None:
    """The SPARQL store that these settings name; None when the embedded engine answers.

    Raises:
        SettingsError: no endpoint is named, or the server is to have no gate.
    """
    if settings.engine == "embedded":
        return None
    if not settings.endpoint:
        raise SettingsError(
            f"With the engine 'sparql', {variable_of('endpoint')} (--endpoint) must name the store.",
            f"エンジン sparql では {variable_of('endpoint')}（--endpoint）にストアのアドレスを指定してください。",
        )
    if settings.no_gate:
        raise SettingsError(
            "A server without a gate has the embedded engine only: leave out --engine sparql.",
            "--no-gate では内蔵エンジンしか使えません。--engine sparql を外してください。",
        )
    return Store(
        settings.endpoint,
        settings.update_endpoint or settings.endpoint,
        settings.endpoint_user,
        settings.endpoint_password,
    )


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens at an address of this machine, to see whether that is possible; 0 takes any free port.

    Raises:
        OSError: it is not.
    """
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def chosen_view(
    engine: Engine, workspace: Path, day: date | None, scenarios: Sequence[str], revision: int | None = None
) -> View:
    """The view of a command's options: today's, or that of a day, a revision, with scenarios laid over it.

    Raises:
        ScenarioError: there is no such scenario.
    """
    today = engine.today()
    names = split_names(",".join(scenarios))
    return View(day or today.as_of, revision, tuple(pinned(workspace, name) for name in names))


def engine_config(settings: Settings) -> EngineConfig:
    """The engine's set-up for these settings.

    Raises:
        SettingsError: a server without a gate has no admin token, or a short one, or is to read only.
    """
    if settings.read_only and settings.no_gate:
        raise SettingsError(
            f"{variable_of('read_only')} and {variable_of('no_gate')} contradict each other: leave one out.",
            f"{variable_of('read_only')} と {variable_of('no_gate')} は両立しません。どちらかを外してください。",
        )
    config = EngineConfig(
        workspace=settings.workspace.resolve(),
        workers=settings.workers,
        max_views=settings.views,
        max_query_bytes=4 * settings.query_characters,
        limits=Limits(
            seconds=settings.query_seconds,
            rows=settings.query_rows,
            memory_bytes=settings.query_memory_bytes,
            result_bytes=settings.query_result_bytes or None,
        ),
    )
    gated = replace(
        config, view_advance="kizuna.views.delta.advance", scenario_loader="kizuna.atlas.scenarios:load"
    )
    if settings.read_only and settings.engine == "sparql":  # the store is the record
        return replace(gated, loader=FOLLOWING_LOADER)
    if not settings.no_gate:
        return replace(
            gated,
            loader=RECORD_LOADER,
            history="kizuna.ledger.load:way_back",
            preload=("kizuna.changes.jobs",),
        )
    if len(settings.admin_token) < SHORTEST_TOKEN:
        raise SettingsError(
            f"Without a gate {variable_of('admin_token')} must be set, with {SHORTEST_TOKEN} characters or more.",
            f"--no-gate では {variable_of('admin_token')} に {SHORTEST_TOKEN} 文字以上の値が要ります。",
        )
    settings.workspace.mkdir(parents=True, exist_ok=True)
    return replace(config, loader=PLAIN_LOADER, view_builder=PLAIN_BUILDER)
