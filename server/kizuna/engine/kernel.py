"""What the kernel is asked to enforce on a child process. Linux calls only; touches nothing but the calling process.

Sources: setrlimit(2), prctl(2), setitimer(2), proc_pid_statm(5).
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import time
from pathlib import Path
from typing import Final

_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NAME: Final = 15
_PR_SET_NO_NEW_PRIVS: Final = 38
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
UNLIMITED: Final = resource.RLIM_INFINITY


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends.

    Args:
        parent: the parent's process id, as it was before the fork: if it is gone already, the process ends at once.
    """
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def end_with_writer(pipe: int, on: bool) -> None:
    """Have the kernel end this process when nobody can write to a pipe any more; for work that cannot look after it.

    Args:
        pipe: its reading end.
        on: False ends the arrangement.
    """
    # SIGIO's default action is death, without a word. F_SETSIG chooses no other: a plain SIGIO needs no handler (fcntl(2)).
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(pipe, fcntl.F_GETFL)
    fcntl.fcntl(pipe, fcntl.F_SETFL, flags | os.O_ASYNC if on else flags & ~os.O_ASYNC)


def name_process(name: str) -> None:
    """Set the name that process lists show (15 bytes)."""
    _LIBC.prctl(_PR_SET_NAME, ctypes.c_char_p(name.encode()[:15]), 0, 0, 0)


def first_victim() -> None:
    """When the machine runs out of memory, have the kernel end this process before any other of ours."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800", "ascii")


def threads() -> int:
    """How many threads this process has, native ones included. A keeper must have one: a fork beside others can hang."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())


class Confinement:
    """The limits of one worker. Made in the worker, before `seal`.

    Args:
        ceiling: address space that no query may raise the limit above, in bytes beyond the size at birth.
    """

    def __init__(self, ceiling: int) -> None:
        self._statm = os.open("/proc/self/statm", os.O_RDONLY)
        self.born = self.size()
        self._ceiling = self.born + ceiling
        self._room = 0
        self._allowed = 0

    def size(self) -> int:
        """Address space in use, in bytes. Works without opening a descriptor."""
        return int(os.pread(self._statm, 64, 0).split(b" ", 1)[0]) * _PAGE

    def seal(self, descriptors: int = 0, file_bytes: int = 0) -> None:
        """Give up for good: new descriptors (beyond `descriptors`), files, core dumps, new privileges.

        Args:
            descriptors: how many may be open.
            file_bytes: the size that a file may be written to.
        """
        _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
        resource.setrlimit(resource.RLIMIT_AS, (self._ceiling, self._ceiling))
        self._room = self._ceiling
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    def begin(self, seconds: float, memory: int) -> None:
        """Start the clock of one query and set its memory. SIGALRM ends the process when the clock runs out.

        Args:
            seconds: wall-clock time.
            memory: bytes beyond the size at birth.
        """
        room = min(self.born + memory, self._ceiling)
        if room != self._room:
            resource.setrlimit(resource.RLIMIT_AS, (room, self._ceiling))
            self._room = room
        # The second net: two to four seconds beyond the clock. So it need not be set for each of many small queries.
        least = int(time.process_time() + seconds) + 2
        if not least <= self._allowed <= least + 2:
            self._allowed = least + 2
            resource.setrlimit(resource.RLIMIT_CPU, (self._allowed, UNLIMITED))
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))

    def pause(self, seconds: float) -> float:
        """Swap the clock: `seconds` from now on. Returns what was left of the old one."""
        return signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))[0]

    def end(self) -> None:
        """Stop the clock."""
        signal.setitimer(signal.ITIMER_REAL, 0)
