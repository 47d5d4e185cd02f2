"""Whether processes live, and which belong together. Reads /proc, in which a process may vanish between any two looks."""

from __future__ import annotations

import contextlib
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether a thread of the process runs (zombies do not); while one does, its sockets are open."""
    with contextlib.suppress(OSError):
        for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
            with contextlib.suppress(OSError):
                if stat.read_text().rpartition(")")[2].split()[0] not in ("Z", "X"):
                    return True
    return False


def descendants(pid: int) -> set[int]:
    """The process, its children, and theirs."""
    found = [pid]
    for process in found:
        with contextlib.suppress(OSError):
            listed = Path(f"/proc/{process}/task/{process}/children").read_text()
            found += [int(child) for child in listed.split()]
    return set(found)
