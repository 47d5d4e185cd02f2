"""What `kizuna doctor` looks at of the machine: interpreter, libraries, kernel, clock, disk, port. Reads limits; tries a port."""

from __future__ import annotations

import importlib.metadata
import os
import re
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kizuna.commands.doctor_finding import Finding
from kizuna.commands.setup import listening
from kizuna.web.filters import manifest

OLDEST_PYTHON: Final = (3, 11)
FILES: Final = 1_024
PROCESSES: Final = 128
FREE_DISK: Final = 500_000_000
EARLIEST: Final = 1_750_000_000
"""Seconds of a moment that is past for sure: a clock before it is wrong."""


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """The interpreter's version."""
    shown = ".".join(map(str, version))
    if version < OLDEST_PYTHON:
        return Finding(
            "python",
            "bad",
            f"Python {shown} は古すぎます。3.11 以降で環境を作り直してください。",
            f"Python {shown} is too old: make the environment again with 3.11 or newer.",
        )
    return Finding("python", "good", f"Python {shown}", f"Python {shown}")


def check_packages() -> Finding:
    """Every library that the product needs."""
    missing = []
    for line in importlib.metadata.requires("kizuna") or []:
        name = re.split(r"[\s<>=!~;\[]", line, maxsplit=1)[0]
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        listed = ", ".join(missing)
        return Finding(
            "packages",
            "bad",
            f"ライブラリがありません：{listed}。kizuna をもう一度インストールしてください。",
            f"Libraries are missing: {listed}. Install kizuna again.",
        )
    return Finding("packages", "good", "ライブラリはそろっています", "All libraries are there")


def check_kernel(
    limit: Callable[[int], tuple[int, int]] = resource.getrlimit, platform: str = sys.platform
) -> Iterator[Finding]:
    """What the kernel allows: Linux, processes, files."""
    if not platform.startswith("linux"):
        yield Finding(
            "kernel",
            "bad",
            f"{platform} では動きません。Linux で動かしてください。",
            f"{platform} will not do: run it on Linux.",
        )
        return
    found = []
    for name, which, wanted in (
        ("open files (ulimit -n)", resource.RLIMIT_NOFILE, FILES),
        ("processes (ulimit -u)", resource.RLIMIT_NPROC, PROCESSES),
    ):
        soft, _ = limit(which)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            found.append(f"{name}: {soft} < {wanted}")
    if limit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
        found.append("address space (ulimit -v)")
    if found:
        listed = "; ".join(found)
        yield Finding(
            "kernel",
            "warning",
            f"カーネルの制限が小さすぎます：{listed}。systemd の LimitNOFILE・LimitNPROC などで上げてください。",
            f"The kernel's limits are low: {listed}. Raise them, e.g. by systemd's LimitNOFILE and LimitNPROC.",
        )
    else:
        yield Finding("kernel", "good", "カーネルの制限は十分です", "The kernel's limits suffice")


def check_bundle(files: Callable[[], dict[str, str]] = manifest) -> Finding:
    """The front end's bundle has been built."""
    if files():
        return Finding("bundle", "good", "画面の部品はそろっています", "The front end's bundle is built")
    return Finding(
        "bundle",
        "warning",
        "画面の部品がありません。ページは飾りなしになります。`make frontend` を実行するか、wheel をインストールしてください。",
        "The front end's bundle is missing, pages will be plain: run `make frontend`, or install the wheel.",
    )


def check_port(host: str, port: int) -> Finding:
    """The port is free."""
    try:
        with listening(host, port):
            return Finding("port", "good", f"{host}:{port} は空いています", f"{host}:{port} is free")
    except OSError as error:
        return Finding(
            "port",
            "warning",
            f"{host}:{port} は使えません（{error.strerror}）。すでに動いているのでなければ KIZUNA_PORT を変えてください。",
            f"{host}:{port} cannot be used ({error.strerror}): unless Kizuna is running there already, change KIZUNA_PORT.",
        )


def check_disk(
    workspace: Path, free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
) -> Finding:
    """There is room for the ledger and for large answers."""
    places = (workspace, Path(tempfile.gettempdir()))
    low = [str(path) for path in places if path.is_dir() and free(path) < FREE_DISK]
    shut = [str(path) for path in places if path.is_dir() and not os.access(path, os.W_OK)]
    if low:
        return Finding(
            "disk",
            "bad",
            f"空きが 500 MB に足りません：{', '.join(low)}。場所を空けてください。",
            f"Less than 500 MB is free: {', '.join(low)}. Make room.",
        )
    if shut:
        return Finding(
            "disk",
            "warning",
            f"書き込めません：{', '.join(shut)}。変更を記録するには、書き込める場所にワークスペースを置いてください。",
            f"Cannot be written: {', '.join(shut)}. To record changes, keep the workspace where it can be written.",
        )
    return Finding("disk", "good", "空きは十分です", "There is room on the disk")


def check_clock(now: Callable[[], float] = time.time, zone: str = "Asia/Tokyo") -> Finding:
    """The clock and its zone: "today" depends on them."""
    try:
        ZoneInfo(zone)
    except ZoneInfoNotFoundError:
        return Finding(
            "clock",
            "bad",
            f"時間帯 {zone} の情報がありません。tzdata をインストールしてください。",
            f"Nothing is known of the time zone {zone}: install tzdata.",
        )
    if now() < EARLIEST:
        return Finding(
            "clock",
            "bad",
            "時計が過去を指しています。合わせてください（chrony など）。",
            "The clock is in the past: set it (e.g. by chrony).",
        )
    return Finding("clock", "good", "時計は使えます", "The clock can be used")
