"""Views that are brought to a newer revision by the difference, instead of being built anew. Plain bookkeeping of the root keeper.

A view keeper that is ready has a child of its own find out what a newer record changes (`Advancer.advance`), then waits for the root's word to
apply it. The root gives the word and names the view anew in one breath: what it asks for before is answered from the old view,
what it asks for after from the new one. Workers that were forked before keep the old view, which nobody asks for any more.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol, cast

from kizuna.engine.config import EngineConfig
from kizuna.engine.record import Record
from kizuna.engine.types import View
from kizuna.engine.wire import Head, pack_steps

if TYPE_CHECKING:
    from pyoxigraph import Store

    from kizuna.engine.views import ViewHandle

MOST_TIMES: Final = 1_000
"""So often a view is advanced; then it is built anew, so that nothing can add up."""
MOST_SECONDS: Final = 10.0
"""Beyond, building anew is no slower."""
MOST_BYTES: Final = 8_000_000
"""Larger patches are built anew without a try: a follower's first one is the whole record."""
_REMEMBERED: Final = 100


class Advancer(Protocol):
    """What a module must offer for views to be advanced (`EngineConfig.view_advance`)."""

    def prepare(self, store: Store) -> bytes:
        """In a child of a view keeper: prepare what advancing needs."""

    def prepared(self, store: Store, content: bytes) -> None:
        """In the view keeper: take over what a child has prepared."""

    def advance_by(self, store: Store, steps: Iterable[tuple[bytes, bytes]]) -> bytes:
        """In a child: turn the view into the one after these patches and return what changed. Raises what it likes: then it is built anew."""

    def take_over(self, store: Store, content: bytes) -> int:
        """In the view keeper: apply what a child has found; returns by how many quads the view has grown."""


def advancer(config: EngineConfig) -> Advancer | None:
    """The module that advances views, if there is one."""
    if config.view_advance is None:
        return None
    return cast(Advancer, importlib.import_module(config.view_advance))


class Advances:
    """Which views are being advanced, and which have to be built anew.

    Args:
        config: the engine's.
        record: the stated store with its steps.
    """

    def __init__(self, config: EngineConfig, record: Record) -> None:
        self.config = config
        self.record = record
        self._anew: dict[View, None] = {}

    def donor(self, handles: Mapping[View, ViewHandle], wanted: View) -> ViewHandle | None:
        """A view that can be brought to the wanted one."""
        if self.config.view_advance is None or wanted.scenario or wanted in self._anew:
            return None
        alike = [
            handle
            for view, handle in handles.items()
            if handle.ready
            and view.as_of == wanted.as_of
            and not view.scenario
            and (view.revision or 0) < (wanted.revision or 0)
        ]
        return max(alike, key=lambda handle: handle.view.revision or 0, default=None)

    def start(self, handle: ViewHandle, wanted: View) -> bool:
        """Have a view keeper find out what leads to the wanted view. False: it has to be built anew."""
        if handle.advancing is not None:
            return True  # what it is on its way to comes first
        steps = self.record.way_on(handle.view.revision or 0)
        newest = replace(wanted, revision=self.record.revision)
        too_much = (
            handle.advanced >= MOST_TIMES
            or sum(len(part) for step in steps or () for part in step) > MOST_BYTES
        )
        if steps is None or wanted != newest or too_much or handle.channel is None:
            self.failed(wanted)
            return False
        handle.advancing = wanted
        handle.advance_until = time.monotonic() + MOST_SECONDS
        handle.channel.send({"op": "advance", "revision": wanted.revision}, pack_steps(steps))
        return True

    def failed(self, wanted: View) -> None:
        """This view has to be built anew."""
        self._anew[wanted] = None
        while len(self._anew) > _REMEMBERED:
            del self._anew[next(iter(self._anew))]

    def hear(self, handle: ViewHandle, head: Head) -> View | None:
        """A view keeper has found what leads to a view, or that it cannot.

        Returns:
            the view that the handle's keeper shows from now on, or None.
        """
        wanted = handle.advancing
        if wanted is None or head["revision"] != wanted.revision:
            return None  # it took too long, and was given up
        handle.advancing = None
        if not head["found"] or handle.channel is None:
            self.failed(wanted)
            return None
        handle.channel.send({"op": "take-over", "revision": wanted.revision})
        handle.advanced += 1
        return wanted

    def give_up(self, handle: ViewHandle, now: float) -> bool:
        """Wait no longer than it would take to build anew; whether this was too long."""
        if handle.advancing is None or now <= handle.advance_until:
            return False
        self.failed(handle.advancing)
        handle.advancing = None
        return True
