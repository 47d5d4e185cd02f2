"""Load a workspace's graphs into an in-memory store. Reads files; starts no thread and opens no socket."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from kizuna.workspace.files import GraphFile, graph_files
from kizuna.workspace.names import GRAPH, ID, NS

_PLACE = re.compile(r"(?:line |at )(\d+)(?: column |:)(\d+)")


class WorkspaceError(Exception):
    """A file of the workspace cannot be read.

    Args:
        message: what is wrong, in the parser's words.
        path: the file.
        line: 1-based line, when known.
        column: 1-based column, when known.
    """

    def __init__(self, message: str, path: Path, line: int | None = None, column: int | None = None) -> None:
        place = str(path) + (f":{line}" if line else "") + (f":{column}" if column else "")
        super().__init__(f"{place}: {message}")
        self.message = message
        self.path = path
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class LoadedWorkspace:
    """A workspace in memory: one named graph a file.

    Args:
        store: holds the stated quads; its default graph is empty.
        revision: number of the newest commit laid over the files (0: the files alone).
        files: what was loaded.
    """

    store: Store
    revision: int
    files: tuple[GraphFile, ...]


def load_file(store: Store, file: GraphFile) -> None:
    """Load one Turtle file into its graph.

    Raises:
        WorkspaceError: the file cannot be read or is not Turtle; says where.
    """
    try:
        text = file.path.read_bytes()
    except OSError as error:
        raise WorkspaceError(str(error), file.path) from error
    try:
        store.load(text, format=RdfFormat.TURTLE, base_iri=file.graph, to_graph=NamedNode(file.graph))
    except SyntaxError as error:
        line, column = error.lineno, error.offset
        if line is None and (place := _PLACE.search(str(error))):
            line, column = int(place[1]), int(place[2])
        raise WorkspaceError(error.msg or str(error), file.path, line, column) from error


def load_rules(store: Store, folder: Path) -> None:
    """Load the derivation rules as text, one quad a rule, so that a view follows from the store alone."""
    for path in sorted(folder.glob("*.rq")):
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise WorkspaceError(str(error), path) from error
        rule = NamedNode(f"{ID}rule/{quote(path.stem)}")
        store.add(Quad(rule, NamedNode(NS + "ruleText"), Literal(text), NamedNode(GRAPH + "ontology/rules")))


def load_store(workspace: Path) -> LoadedWorkspace:
    """Load ontology, derivation rules, data and shapes of a workspace.

    Raises:
        WorkspaceError: the folder does not exist, or a file cannot be read.
    """
    if not workspace.is_dir():
        raise WorkspaceError("There is no such folder.", workspace)
    store = Store()
    files = graph_files(workspace)
    for file in files:
        load_file(store, file)
    load_rules(store, workspace / "ontology" / "rules")
    return LoadedWorkspace(store, 0, tuple(files))
