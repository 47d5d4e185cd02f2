"""Imports point one way: from web and cli down to engine, ledger and workspace."""

from __future__ import annotations

import ast
from pathlib import Path

import kizuna

ROOT = Path(kizuna.__file__).parent
LEVELS = {
    "cli": 3,
    "commands": 3,
    "web": 3,
    "atlas": 2,
    "sparql": 2,
    "changes": 2,
    "views": 1,
    "validation": 1,
    "engine": 0,
    "ledger": 0,
    "workspace": 0,
    "settings": 0,
}
DOES_IO = {"workspace", "ledger", "engine", "web", "cli", "commands", "settings"}
"""The rooms that may touch files, sockets and processes; the others are plain functions."""
IO_MODULES = {"socket", "subprocess", "sqlite3", "urllib.request", "http.client", "requests", "shutil"}


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def room(name: str) -> str:
    return name.split(".")[1]


def modules() -> list[tuple[str, Path]]:
    return [
        (path.relative_to(ROOT).parts[0].removesuffix(".py"), path)
        for path in ROOT.rglob("*.py")
        if path != ROOT / "__init__.py"
    ]


def test_every_room_has_its_level() -> None:
    assert {name for name, _ in modules()} <= set(LEVELS)


def test_no_import_points_upwards_or_sideways_between_rooms_of_one_level() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for here, path in modules()
        for name in imported(path)
        if name.startswith("kizuna.") and room(name) in LEVELS
        if LEVELS[room(name)] > LEVELS[here]
        or (LEVELS[room(name)] == LEVELS[here] and LEVELS[here] in (1, 2) and room(name) != here)
    ]
    assert wrong == []


def test_plain_rooms_open_no_socket_file_or_process() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for here, path in modules()
        if here not in DOES_IO
        for name in imported(path) & IO_MODULES
    ]
    assert wrong == []
