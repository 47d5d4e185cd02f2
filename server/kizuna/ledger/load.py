"""Load a workspace together with its ledger. Named to the keeper as `kizuna.ledger.load:load_with_ledger`.

The record is the origin (the files as they were when the ledger began, kept inside it) with all commits laid over it.
Files that change later do not change the record until `kizuna sync` has turned the change into a proposal.
Reads the workspace's files and the ledger; starts no thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kizuna.ledger.database import LedgerError, ledger_path
from kizuna.ledger.ledger import Ledger
from kizuna.workspace.files import ROOMS, GraphFile
from kizuna.workspace.load import LoadedWorkspace, load_store
from kizuna.workspace.names import GRAPH

RULES: Final = GRAPH + "ontology/rules"

_SCENARIO: Final = re.compile(r"proposal-([0-9]{1,9})\.([0-9]{1,9})\Z")


def split(patch: str) -> tuple[bytes, bytes]:
    """The two halves of a canonical patch (see kizuna.changes.patch): removed and added N-Quads."""
    halves: dict[str, list[str]] = {"D": [], "A": []}
    for line in patch.split("\n"):
        if line[:2] in ("D ", "A "):
            halves[line[0]].append(line[2:] + "\n")
    return "".join(halves["D"]).encode(), "".join(halves["A"]).encode()


def quads(content: bytes) -> Iterator[Quad]:
    """The quads of N-Quads, blank node labels as they are."""
    return (quad for quad in parse(content, format=RdfFormat.N_QUADS) if isinstance(quad, Quad))


def replay(store: Store, patch: str) -> None:
    """Lay one commit over a store."""
    removed, added = split(patch)
    for quad in quads(removed):
        store.remove(quad)
    store.extend(quads(added))


def load_with_ledger(workspace: Path) -> LoadedWorkspace:
    """Load the record: the files alone when nothing has been committed, else origin and commits.

    Raises:
        WorkspaceError: the folder does not exist, or a file cannot be read.
        LedgerError: the ledger is damaged.
    """
    path = ledger_path(workspace)
    if not path.exists():
        return load_store(workspace)
    ledger = Ledger(path)
    try:
        if ledger.revision() == 0:
            return load_store(workspace)
        store, revision = _record(ledger)
        return LoadedWorkspace(store, revision, _files(store, workspace))
    finally:
        ledger.close()


def _files(store: Store, workspace: Path) -> tuple[GraphFile, ...]:
    """The file that each graph of the record belongs in."""
    found = []
    for graph in store.named_graphs():
        room, _, rest = graph.value.removeprefix(GRAPH).partition("/")
        if isinstance(graph, NamedNode) and room in ROOMS and rest and graph.value != RULES:
            found.append(GraphFile(workspace / room / f"{unquote(rest)}.ttl", room, graph.value))
    return tuple(sorted(found, key=lambda file: file.graph))


def _record(ledger: Ledger) -> tuple[Store, int]:
    origin = ledger.snapshot("origin")
    if origin is None:
        raise LedgerError(f"{ledger.path} has commits but not what they were laid over.")
    revision, content = origin
    store = Store()
    store.bulk_extend(quads(content))
    for commit in ledger.commits(after=revision):
        replay(store, commit.patch)
        revision = commit.revision
    return store, revision


def way_back(workspace: Path, wanted: int, held: int) -> Iterable[tuple[bytes, bytes]]:
    """The patches to take back, newest first, to come from revision `held` to `wanted` (the engine's `history`).

    Raises:
        LookupError: there never was such a revision.
    """
    path = ledger_path(workspace)
    if not 0 <= wanted <= held or not path.exists():
        raise LookupError(f"There is no revision {wanted}.")
    ledger = Ledger(path)
    try:
        commits = ledger.commits(after=wanted)
        if not commits or commits[-1].revision < held:
            raise LookupError(f"There is no revision {held}.")
        return [split(commit.patch) for commit in reversed(commits) if commit.revision <= held]
    finally:
        ledger.close()


def scenario(workspace: Path, name: str) -> bytes:
    """The patch of a proposal, by its scenario's name `proposal-N.VERSION` (the engine's `scenario_loader`).

    The version is part of the name, so that a view of one version is never taken for another's.

    Raises:
        LookupError: there is no such proposal, or it has another version now.
    """
    match = _SCENARIO.match(name)
    path = ledger_path(workspace)
    if match is None or not path.exists():
        raise LookupError(f"There is no scenario '{name}'.")
    ledger = Ledger(path)
    try:
        proposal = ledger.proposals.get(int(match[1]))
    finally:
        ledger.close()
    if proposal.version != int(match[2]):
        raise LookupError(f"Proposal {proposal.id} has version {proposal.version} now.")
    return proposal.patch.encode()
