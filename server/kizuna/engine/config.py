"""How an embedded engine is set up: one frozen record that travels to the keeper as JSON, and the clock of views."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kizuna.engine.types import Limits


def _workers() -> int:
    return max(2, min(8, os.cpu_count() or 2))


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """Settings of the embedded engine. Every field has a default but the workspace.

    Args:
        workspace: the folder that the loader reads.
        runtime_dir: where the keeper's socket lives (made with mode 0700); None: a fresh temporary folder.
        loader: `module:function`, called as `(workspace) -> object with .store and .revision`.
        view_builder: `module:function`, called as `(store, as_of, scenario_patches) -> None`; changes the store.
        view_advance: a module that brings a view to a newer revision by the difference (`advancing.Advancer`); None: each is built anew.
        scenario_loader: `module:function`, called as `(workspace, name) -> bytes`; None: there are no scenarios.
        history: `module:function`, called as `(workspace, wanted, held) -> iterable of (removed, added)` N-Quads
            of the commits after `wanted`, newest first; None: only revisions seen since the start are available.
        preload: modules imported before anything is forked, so that sandboxes find them warm.
        time_zone: where a day begins for "today".
        ahead_seconds: how long before midnight the next day's view is built.
        workers: queries of one view and one web process that run side by side.
        reserved_workers: more, for the product's own pages only.
        heavy_after_seconds: from when on a query counts as heavy and gives its place to others.
        heavy_workers: heavy queries that may run beside `workers`; what overstays beyond them is sent away.
        owner_queries: queries of one owner that run at the same time, in one web process.
        max_views: views kept beside the pinned ones (today's, and tomorrow's before midnight).
        max_builds: views built at the same time.
        max_waiting_builds: views waiting to be built; beyond, asking for another one is refused.
        build_seconds: time limit for building a view.
        view_seconds: how long a query waits for its view to be built before it is told that the engine is busy.
        drain_seconds: how long a replaced view's running queries may go on.
        wait_seconds: how long a query waits for a worker before it is told that the engine is busy.
        transfer_seconds: how long, in total, a slow reader may keep a worker that has an answer.
        limits: the default bounds of a reader's query.
        own_seconds: wall-clock time that a query of the product's own has at least (see `own_limits`).
        max_memory_bytes: the most memory a query may be given.
        max_query_bytes: the longest query text.
        restart_keeper: start a keeper that died again, from the workspace, after a pause.
        clock_offset_seconds: added to the system's clock; for rehearsals and tests of the change of day.
    """

    workspace: Path
    runtime_dir: Path | None = None
    loader: str = "kizuna.workspace.load:load_store"
    view_builder: str = "kizuna.views.build:build_view"
    view_advance: str | None = None
    scenario_loader: str | None = None
    history: str | None = None
    preload: tuple[str, ...] = ()
    time_zone: str = "Asia/Tokyo"
    ahead_seconds: float = 600.0
    workers: int = field(default_factory=_workers)
    reserved_workers: int = 2
    heavy_after_seconds: float = 0.3
    heavy_workers: int = 8
    owner_queries: int = 4
    max_views: int = 8
    max_builds: int = 1
    max_waiting_builds: int = 16
    build_seconds: float = 300.0
    view_seconds: float = 30.0
    drain_seconds: float = 60.0
    wait_seconds: float = 10.0
    transfer_seconds: float = 60.0
    limits: Limits = field(default_factory=Limits)
    own_seconds: float = 30.0
    max_memory_bytes: int = 4_000_000_000
    max_query_bytes: int = 262_144
    restart_keeper: bool = True
    clock_offset_seconds: float = 0.0

    @property
    def own_limits(self) -> Limits:
        """The bounds of the product's own queries. Their text is ours and they are known to end, and half a table is no page: what
        readers may ask for does not cut them, and a busy machine has longer (docs/decisions/0204)."""
        at_least, chosen = Limits(), self.limits
        return Limits(
            seconds=max(chosen.seconds, self.own_seconds),
            rows=None,
            memory_bytes=max(chosen.memory_bytes, at_least.memory_bytes),
            result_bytes=None
            if chosen.result_bytes is None
            else max(chosen.result_bytes, at_least.result_bytes or 0),
        )

    def to_json(self) -> str:
        """The record as one line of JSON."""
        values = dataclasses.asdict(self)
        for name in ("workspace", "runtime_dir"):
            values[name] = None if values[name] is None else str(values[name])
        return json.dumps(values)

    @classmethod
    def from_json(cls, text: str) -> EngineConfig:
        """The reverse of `to_json`."""
        values: dict[str, Any] = json.loads(text)
        values["workspace"] = Path(values["workspace"])
        values["runtime_dir"] = None if values["runtime_dir"] is None else Path(values["runtime_dir"])
        values["preload"] = tuple(values["preload"])
        values["limits"] = Limits(**values["limits"])
        return cls(**values)

    def now(self) -> datetime:
        """The moment, in the configured zone."""
        return datetime.now(ZoneInfo(self.time_zone)) + timedelta(seconds=self.clock_offset_seconds)

    def today(self) -> date:
        """The day of the published view."""
        return self.now().date()


def pinned_days(now: datetime, ahead_seconds: float) -> tuple[date, ...]:
    """The days whose views are kept ready: today, and tomorrow when it is near."""
    soon = (now + timedelta(seconds=ahead_seconds)).date()
    return (now.date(),) if soon == now.date() else (now.date(), soon)
