"""Where a workspace is found when none is named: here, in the environment, or the one that came with the package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kizuna.workspace.files import ROOMS

BUNDLED: Final = Path(__file__).parents[1] / "_workspace"
"""The workspace that a wheel carries (ontology, data, shapes, queries); absent in a checkout."""


def is_workspace(folder: Path) -> bool:
    """Whether a folder has at least one of a workspace's folders."""
    return any((folder / room).is_dir() for room in ROOMS)


def find_workspace(environment: Mapping[str, str], here: Path) -> Path:
    """The workspace to use: `KIZUNA_WORKSPACE`, else this folder if it is one, else the bundled one, else here."""
    if named := environment.get("KIZUNA_WORKSPACE"):
        return Path(named)
    if is_workspace(here) or not BUNDLED.is_dir():
        return here
    return BUNDLED
