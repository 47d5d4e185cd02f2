"""Waiting for a condition, and the moment of the day in which engines of tests live."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from kizuna.engine.config import EngineConfig

PATIENCE = 90.0
"""Seconds that a test waits for what has to come: many times what a slow and busy machine needs. It only ends a test that failed."""
PROMPT = 20.0
"""Seconds within which something is answered that waits for nothing else: what it must not wait for takes PATIENCE at least."""


def wait_until(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until a condition holds; fail when it does not within the time."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"not within {seconds:g} seconds"
        time.sleep(0.01)


def until_noon() -> float:
    """Seconds from now to noon of this day, where the engine's day begins: for an engine whose day does not end during a test."""
    now = EngineConfig(Path()).now()
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    return (noon - now).total_seconds()


def until_midnight(day: date) -> float:
    """Seconds from now to the end of a day, where the engine's day begins."""
    now = EngineConfig(Path()).now()
    midnight = datetime(day.year, day.month, day.day, tzinfo=now.tzinfo) + timedelta(days=1)
    return (midnight - now).total_seconds()
