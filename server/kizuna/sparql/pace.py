"""How many changes an account hands in within a minute. Memory and a clock; no other I/O."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

MINUTE: Final = 60.0


class Pace:
    """Counts steps by name over the last minute. Safe to use from many threads.

    Args:
        per_minute: steps of one name that are allowed; 0: any number.
        clock: seconds.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._steps: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def step(self, name: str) -> int:
        """Take a step; returns 0, or the seconds to wait when there is none left (then none is taken)."""
        if not self.per_minute:
            return 0
        now = self._clock()
        with self._lock:
            steps = self._steps.setdefault(name, deque())
            while steps and steps[0] <= now - MINUTE:
                steps.popleft()
            if len(steps) >= self.per_minute:
                return max(1, math.ceil(steps[0] + MINUTE - now))
            steps.append(now)
            for other in [one for one, taken in self._steps.items() if taken and taken[-1] <= now - MINUTE]:
                del self._steps[other]
            return 0
