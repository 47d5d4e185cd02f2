"""How the engine is, remembered from a moment ago: so that whoever asks for health waits for nobody. One thread, while asked.

Asking the engine takes its keeper, which forks workers and kills them meanwhile, and a walk through the memory of every process:
a second or two when fifty clients send hostile queries (decision 0113).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kizuna.engine.types import EngineError, EngineState

EVERY: Final = 1.0
"""Seconds between two looks."""
LOST: Final = 15.0
"""Seconds after which a look that has not come back means that the engine does not answer."""
IDLE: Final = 120.0
"""Seconds after the last question with which the looking ends."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen. `state` is None when the engine could not say; `code` is its error then, else ""."""

    state: EngineState | None
    code: str
    at: float


class Pulse:
    """Looks at an engine at regular times. Safe to use from many threads.

    Args:
        look: asks the engine.
        clock: seconds.
    """

    def __init__(self, look: Callable[[], EngineState], clock: Callable[[], float] = time.monotonic) -> None:
        self._look = look
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: Look | None = None
        self._asked = 0.0
        self._looking = False

    def last(self) -> Look:
        """The last look. Waits for one only when there has been none, or none while nobody asked."""
        now = self._clock()
        with self._lock:
            idle = not self._looking and now - self._asked > EVERY
            self._asked = now
            start, self._looking = not self._looking, True
        seen = self._take() if idle or self._seen is None else self._seen
        if start:
            threading.Thread(target=self._keep_looking, name="kizuna-pulse", daemon=True).start()
        if self._clock() - seen.at > LOST:
            return Look(None, "engine-unavailable", seen.at)
        return seen

    def _take(self) -> Look:
        try:
            seen = Look(self._look(), "", self._clock())
        except EngineError as error:
            seen = Look(None, error.code, self._clock())
        self._seen = seen
        return seen

    def _keep_looking(self) -> None:
        while True:
            time.sleep(EVERY)
            with self._lock:
                if self._clock() - self._asked > IDLE:
                    self._looking = False
                    return
            self._take()
