"""Which files of a workspace hold graphs, and what each graph is called. Reads directory listings only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

from kizuna.workspace.names import GRAPH

Room = Literal["ontology", "data", "shapes"]
ROOMS: Final[tuple[Room, ...]] = ("ontology", "data", "shapes")
"""The folders whose Turtle files are loaded, in loading order. `queries/` holds text, not graphs."""


@dataclass(frozen=True, slots=True)
class GraphFile:
    """One Turtle file of a workspace and the named graph that holds it.

    Args:
        path: where the file is.
        room: the workspace folder it belongs to.
        graph: IRI of its named graph, `…/graph/ROOM/PATH-WITHOUT-SUFFIX`.
    """

    path: Path
    room: Room
    graph: str


def graph_iri(room: Room, relative: Path) -> str:
    """Name the graph of a file, given its path inside its room.

    >>> graph_iri("data", Path("frameworks/security.ttl"))
    'https://w3id.org/kizuna/graph/data/frameworks/security'
    """
    return f"{GRAPH}{room}/{quote(relative.with_suffix('').as_posix())}"


def graph_files(workspace: Path, rooms: tuple[Room, ...] = ROOMS) -> list[GraphFile]:
    """List the Turtle files of a workspace, sorted by room and path. A missing folder is an empty one."""
    found: list[GraphFile] = []
    for room in rooms:
        folder = workspace / room
        found += [
            GraphFile(path, room, graph_iri(room, path.relative_to(folder)))
            for path in sorted(folder.rglob("*.ttl"))
        ]
    return found
