"""A workspace without a gate: its quads as an append-only journal of patches. Reads and writes one file.

`kizuna serve --no-gate` keeps what is written to it here, in `WORKSPACE/journal`. Each record is a line of JSON with the lengths
and a digest, then the removed and the added quads as N-Quads. A record is on the disk (fsync) before anybody is told that it
succeeded; a record that was cut off by a crash is passed over when the journal is opened, and cut away by the next write.
The journal only grows: to shorten it, dump the store and start a fresh workspace from the dump.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from pyoxigraph import RdfFormat, Store, parse

from kizuna.workspace.load import LoadedWorkspace, load_store

NAME: Final = "journal"


@dataclass(frozen=True, slots=True)
class Entry:
    """One patch: quads that went and quads that came, as N-Quads, and the revision after it."""

    revision: int
    removed: bytes
    added: bytes


class Journal:
    """The journal of a workspace.

    Args:
        workspace: the folder; it is made when it does not exist.
    """

    def __init__(self, workspace: Path) -> None:
        self.path = workspace / NAME
        workspace.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def writing(self) -> Iterator[BinaryIO]:
        """Hold the journal: one writer at a time, in whatever process. Gives the open file to `append` with."""
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file

    def append(self, file: BinaryIO, entry: Entry) -> None:
        """Write one entry and wait until it is on the disk.

        Raises:
            OSError: it could not be written; what was written of it does not count.
        """
        head = {
            "revision": entry.revision,
            "removed": len(entry.removed),
            "added": len(entry.added),
            "digest": _digest(entry),
        }
        end = self._sound_end(file)
        file.truncate(end)
        file.seek(end)
        file.write(json.dumps(head).encode() + b"\n" + entry.removed + entry.added)
        file.flush()
        os.fsync(file.fileno())

    def entries(self) -> Iterator[Entry]:
        """All whole entries, oldest first."""
        if self.path.exists():
            with self.path.open("rb") as file:
                while (entry := _read(file)) is not None:
                    yield entry

    def revision(self, file: BinaryIO) -> int:
        """Revision of the newest whole entry, 0 when there is none."""
        file.seek(0)
        newest = 0
        while (entry := _read(file)) is not None:
            newest = entry.revision
        return newest

    def _sound_end(self, file: BinaryIO) -> int:
        """Where the last whole entry ends. Only the end of the file can be unsound: look at it from the newest one known."""
        file.seek(0)
        end = 0
        while _skip(file):
            end = file.tell()
        return end


def _digest(entry: Entry) -> str:
    return hashlib.blake2b(entry.removed + b"\x00" + entry.added, digest_size=16).hexdigest()


def _head(file: BinaryIO) -> dict[str, int] | None:
    line = file.readline()
    if not line.endswith(b"\n"):
        return None
    try:
        return dict(json.loads(line))
    except ValueError:
        return None


def _skip(file: BinaryIO) -> bool:
    """Pass over one entry by its lengths; False at the end or where it was cut off."""
    head = _head(file)
    if head is None:
        return False
    end = file.tell() + head["removed"] + head["added"]
    file.seek(0, os.SEEK_END)
    whole = file.tell() >= end
    file.seek(end)
    return whole


def _read(file: BinaryIO) -> Entry | None:
    head = _head(file)
    if head is None:
        return None
    removed, added = file.read(head["removed"]), file.read(head["added"])
    entry = Entry(head["revision"], removed, added)
    return entry if _digest(entry) == str(head["digest"]) else None


def replay(store: Store, entry: Entry) -> None:
    """Apply one entry to a store: first what goes, then what comes. A graph that becomes empty is no more."""
    touched = set()
    for quad in parse(entry.removed, format=RdfFormat.N_QUADS):
        store.remove(quad)
        touched.add(quad.graph_name)
    store.extend(parse(entry.added, format=RdfFormat.N_QUADS))
    for graph in touched:
        if next(store.quads_for_pattern(None, None, None, graph), None) is None:
            store.remove_graph(graph)


def load_with_journal(workspace: Path) -> LoadedWorkspace:
    """Load a workspace's files, if it has any, and its journal.

    Raises:
        WorkspaceError: the folder does not exist, or a file cannot be read.
    """
    loaded = load_store(workspace)
    revision = loaded.revision
    for entry in Journal(workspace).entries():
        replay(loaded.store, entry)
        revision = entry.revision
    return LoadedWorkspace(loaded.store, revision, loaded.files)
