"""What the processes of a running server hold: their parts, memory, threads and open files. Reads /proc."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROLES: Final = ("command", "web", "keeper", "view keepers", "workers")
"""The command that started all, its web server's processes, the root keeper, its views' keepers, and their workers."""


@dataclass(frozen=True, slots=True)
class Part:
    """All processes of one role, added up.

    Args:
        processes: how many live.
        megabytes: proportional set size: a page that forks share is counted once among them.
        private: megabytes that no other process shares.
        threads: their threads.
        files: their open files and sockets.
    """

    processes: int = 0
    megabytes: float = 0.0
    private: float = 0.0
    threads: int = 0
    files: int = 0


def _children(pid: int) -> list[int]:
    """Children of all threads of a process; none once it has ended."""
    found: list[int] = []
    try:
        for listed in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, listed.read_text().split())
    except OSError:
        pass
    return found


def _is_web(pid: int) -> bool:
    try:
        return b"kizuna.web.server" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def tree(pid: int) -> dict[int, str]:
    """The processes below `kizuna serve`, and itself, with their roles."""
    found = {pid: "command"}
    for child in _children(pid):
        if _is_web(child):
            found |= dict.fromkeys([child, *_children(child)], "web")
            continue
        found[child] = "keeper"
        for keeper in _children(child):
            found[keeper] = "view keepers"
            found |= dict.fromkeys(_children(keeper), "workers")
    return found


def processor_seconds(pid: int) -> float:
    """Time on a processor so far: of a process, of what lives below it, and of those that ended there and were waited for."""
    ticks = 0
    below = [pid]
    for one in below:
        try:
            # The name in brackets may hold spaces; after it, utime, stime, cutime and cstime are the 12th to 15th field (proc(5)).
            ticks += sum(map(int, Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:15]))
        except OSError:  # it has ended meanwhile
            continue
        below += _children(one)
    return ticks / os.sysconf("SC_CLK_TCK")


def part_of(pid: int) -> Part:
    """What one process holds; nothing once it has ended."""
    folder = Path(f"/proc/{pid}")
    try:
        rows = (folder / "smaps_rollup").read_text().splitlines()
        sizes = {name: int(rest.split()[0]) for name, _, rest in (row.partition(":") for row in rows[1:])}
        return Part(
            1,
            sizes["Pss"] / 1024,
            (sizes["Private_Clean"] + sizes["Private_Dirty"]) / 1024,
            len(list((folder / "task").iterdir())),
            len(list((folder / "fd").iterdir())),
        )
    except (OSError, KeyError):  # it has ended meanwhile
        return Part()


def parts(pid: int) -> dict[str, Part]:
    """What each role holds now, below and with the process `pid`."""
    sums: defaultdict[str, list[Part]] = defaultdict(list)
    for process, role in tree(pid).items():
        sums[role].append(part_of(process))
    return {
        role: Part(
            sum(one.processes for one in found),
            sum(one.megabytes for one in found),
            sum(one.private for one in found),
            sum(one.threads for one in found),
            sum(one.files for one in found),
        )
        for role, found in sums.items()
    }
