"""Figures about processes. Reads /proc only."""

from __future__ import annotations

import contextlib
from pathlib import Path


def proportional_bytes(pid: int) -> int:
    """Memory of a process, shared pages counted in parts (proc_pid_smaps(5), Pss); 0 when it is gone."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
