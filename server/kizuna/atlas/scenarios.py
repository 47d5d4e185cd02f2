"""Scenarios: patches laid over the record to see what would be. Reads a workspace's `scenarios/` and the ledger; writes nothing.

A scenario is a file `scenarios/NAME.patch` of the workspace (RDF Patch under a header of comments), or a proposal of the
ledger. The engine is given names that say their content as well (`NAME.DIGEST`, `proposal-N.VERSION`), so that the view
of one content is never taken for another's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from pyoxigraph import Literal

from kizuna.atlas.terms import Name
from kizuna.ledger.database import ledger_path
from kizuna.ledger.ledger import Ledger
from kizuna.ledger.load import scenario as proposal_patch
from kizuna.views.patch import PatchError, read_patch
from kizuna.workspace.names import NS

FOLDER: Final = "scenarios"
MOST_STACKED: Final = 4
MOST_BYTES: Final = 4_000_000
_DATED: Final = frozenset((NS + "date", NS + "from", NS + "to"))
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,63}\Z")
_PROPOSAL: Final = re.compile(r"proposal-([0-9]{1,9})\Z")
_PINNED: Final = re.compile(r"([a-z][a-z0-9-]{0,63})\.([0-9a-f]{12})\Z")
_HEADER: Final = re.compile(r"# (title|description|asof)(?:@(ja|en))?: (.+)$")


class ScenarioError(LookupError):
    """There is no such scenario, or its file cannot be used; the message says which and why."""


class UnreadableScenarioError(ScenarioError):
    """A scenario's file is there, but cannot be read; the message says which file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario of the workspace.

    Args:
        name: its name, the file's without the ending.
        title: in both languages; the name itself where the file has none.
        description: in both languages.
        day: the day it suggests to look at.
        added: how many statements it adds.
        removed: how many it removes.
        digest: of its content.
    """

    name: str
    title: Name
    description: Name
    day: date | None
    added: int
    removed: int
    digest: str

    @property
    def pinned(self) -> str:
        """The name for the engine."""
        return f"{self.name}.{self.digest}"


def parse_scenario(name: str, content: bytes) -> Scenario:
    """Read a scenario's file.

    Raises:
        UnreadableScenarioError: its header or a line of it cannot be read.
    """
    words: dict[tuple[str, str], str] = {}
    try:
        for line in content.decode("utf-8").splitlines():
            match = _HEADER.match(line)
            if match:
                words.setdefault((match[1], match[2] or ""), match[3].strip())
            elif line.strip() and not line.startswith("#"):
                break
        changes = read_patch(content)
        day = date.fromisoformat(words["asof", ""]) if ("asof", "") in words else None
    except (PatchError, ValueError) as error:
        raise UnreadableScenarioError(f"{FOLDER}/{name}.patch: {error}") from error
    added = sum(1 for is_added, _ in changes if is_added)
    title, description = (
        Name(name, words.get((key, "ja")), words.get((key, "en"))) for key in ("title", "description")
    )
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Scenario(name, title, description, day, added, len(changes) - added, digest)


def scenarios_of(workspace: Path) -> tuple[Scenario, ...]:
    """The scenarios in a workspace's files, by name; files that cannot be read are left out."""
    folder = workspace / FOLDER
    found = []
    for path in sorted(folder.glob("*.patch")) if folder.is_dir() else ():
        try:
            found.append(read_scenario(workspace, path.stem))
        except ScenarioError:
            continue
    return tuple(found)


def read_scenario(workspace: Path, name: str) -> Scenario:
    """One scenario of a workspace's files.

    Raises:
        ScenarioError: there is none of that name, or its file cannot be used.
    """
    return parse_scenario(name, _content(workspace, name))


def _content(workspace: Path, name: str) -> bytes:
    path = workspace / FOLDER / f"{name}.patch"
    if not _NAME.match(name) or not path.is_file() or path.resolve().parent != (workspace / FOLDER).resolve():
        raise ScenarioError(f"There is no scenario '{name[:64]}'.")
    content = path.read_bytes()
    if len(content) > MOST_BYTES:
        raise UnreadableScenarioError(f"{FOLDER}/{name}.patch is larger than {MOST_BYTES} bytes.")
    return content


def pinned(workspace: Path, name: str) -> str:
    """The engine's name of a scenario, for the content it has now.

    Args:
        name: `NAME` or `file:NAME` of a file, or `proposal-N`. Whether somebody may see a proposal is asked elsewhere.

    Raises:
        ScenarioError: there is none.
    """
    proposal = _PROPOSAL.match(name)
    if proposal is None:
        return read_scenario(workspace, name.removeprefix("file:")).pinned
    path = ledger_path(workspace)
    if not path.exists():
        raise ScenarioError(f"There is no scenario '{name}'.")
    ledger = Ledger(path)
    try:
        return ledger.proposals.get(int(proposal[1])).scenario
    except LookupError as error:
        raise ScenarioError(str(error)) from error
    finally:
        ledger.close()


def load(workspace: Path, name: str) -> bytes:
    """The patch of a scenario by its pinned name: the engine's `scenario_loader`.

    Raises:
        LookupError: there is none, or its content is another one now.
    """
    match = _PINNED.match(name)
    if match is None:
        return proposal_patch(workspace, name)
    content = _content(workspace, match[1])
    if hashlib.sha256(content).hexdigest()[:12] != match[2]:
        raise ScenarioError(f"The scenario '{match[1]}' has another content now.")
    return content


@lru_cache(maxsize=64)
def days_of(workspace: Path, name: str) -> tuple[date, ...]:
    """The days from which a scenario makes a difference, by its pinned name, the earliest first.

    They are those of the events and spells that it adds, moves or takes away; what it says without a day holds at once.

    Raises:
        LookupError: there is none, or its content is another one now.
    """
    days = set()
    for _, quad in read_patch(load(workspace, name)):
        if quad.predicate.value in _DATED and isinstance(quad.object, Literal):
            with suppress(ValueError):
                days.add(date.fromisoformat(quad.object.value[:10]))
    return tuple(sorted(days))


def patches_of(workspace: Path, names: Sequence[str]) -> tuple[bytes, ...]:
    """The patches of some scenarios, in the order of the names.

    Raises:
        LookupError: one of them is not there.
    """
    return tuple(load(workspace, pinned(workspace, name)) for name in names)


def split_names(text: str) -> tuple[str, ...]:
    """The names in `a,b,c`, each once, in order.

    Raises:
        ScenarioError: there are more than can be stacked.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if len(names) > MOST_STACKED:
        raise ScenarioError(f"At most {MOST_STACKED} scenarios can be stacked.")
    return names
