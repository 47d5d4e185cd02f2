"""How commands turn settings into an engine."""

from __future__ import annotations

from kizuna.engine.config import EngineConfig
from kizuna.engine.types import Limits
from kizuna.settings import Settings


def engine_config(settings: Settings) -> EngineConfig:
    """The engine's set-up for these settings."""
    return EngineConfig(
        workspace=settings.workspace.resolve(),
        workers=settings.workers,
        max_views=settings.views,
        limits=Limits(
            seconds=settings.query_seconds,
            rows=settings.query_rows,
            memory_bytes=settings.query_memory_bytes,
        ),
    )
