"""A workspace without a gate: its quads as an append-only journal of patches. Reads and writes one file.

`kizuna serve --no-gate` keeps what is written to it here, in `WORKSPACE/journal`. Each record is a line of JSON with the lengths
and a digest, then the removed and the added quads as N-Quads. A record is on the disk (fsync) before anybody is told that it
succeeded; a record that was cut off by a crash is passed over when the journal is opened, and cut away by the next write.
What is written costs time in proportion to itself, not to the journal. One that has grown far beyond what it says is written
anew (`compact`): beside the old one, which it then replaces in one step, so that a crash leaves the one or the other.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from pyoxigraph import BlankNode, Quad, RdfFormat, Store, parse, serialize

from kizuna.workspace.load import LoadedWorkspace, WorkspaceError, load_store

NAME: Final = "journal"
MUCH: Final = 64_000_000
"""Bytes by which a journal grows at least before it is written anew while the server runs."""
MANY: Final = 10_000
"""Entries, or quads in them, beyond which a journal is written anew at start, if that makes it shorter."""
PIECE: Final = 16_000_000
"""Bytes of an entry of a journal that is written anew."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One patch: quads that went and quads that came, as N-Quads, and the revision after it."""

    revision: int
    removed: bytes
    added: bytes


@dataclass(frozen=True, slots=True)
class _Known:
    """How far a journal has been read: its last whole entry's head and where it stands, the end, revision, size at first."""

    head: bytes = b""
    at: int = 0
    end: int = 0
    revision: int = 0
    first_size: int = -1


class Journal:
    """The journal of a workspace. Remembers how far it has read, so use one as long as you write; one thread at a time.

    Args:
        workspace: the folder; it is made when it does not exist.
    """

    def __init__(self, workspace: Path) -> None:
        self.path = workspace / NAME
        self._known = _Known()
        workspace.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def writing(self, wait: bool = True) -> Iterator[BinaryIO]:
        """Hold the journal: one writer at a time, in whatever process. Gives the open file to `append` with.

        Args:
            wait: until another writer lets go of it.

        Raises:
            BlockingIOError: another one holds it, and `wait` is False.
        """
        while True:
            with self.path.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
                if not _is_at(file, self.path):
                    continue  # it was written anew while we waited
                yield file
                return

    def append(self, file: BinaryIO, entry: Entry) -> None:
        """Write one entry and wait until it is on the disk.

        Raises:
            JournalError: the journal is damaged; nothing was written.
            OSError: it could not be written; what was written of it does not count.
        """
        known = self._look(file)
        head = _head_of(entry)
        file.truncate(known.end)
        file.seek(known.end)
        file.write(head + entry.removed + entry.added)
        file.flush()
        os.fsync(file.fileno())
        self._known = replace(known, head=head, at=known.end, end=file.tell(), revision=entry.revision)

    def entries(self) -> Iterator[Entry]:
        """All whole entries, oldest first.

        Raises:
            JournalError: the journal is damaged.
        """
        if self.path.exists():
            with self.path.open("rb") as file:
                while (entry := _read(file)) is not None:
                    yield entry

    def revision(self, file: BinaryIO) -> int:
        """Revision of the newest whole entry, 0 when there is none.

        Raises:
            JournalError: the journal is damaged.
        """
        return self._look(file).revision

    def overgrown(self, file: BinaryIO) -> bool:
        """Has it grown to more than twice its size since it was first looked at, and by much?"""
        known = self._look(file)
        return known.end > 2 * known.first_size + MUCH

    def not_again(self) -> None:
        """It cannot be written anew now: don't ask before it has doubled once more."""
        self._known = replace(self._known, first_size=self._known.end)

    def _look(self, file: BinaryIO) -> _Known:
        """Read on from where it was read to; from the start when it is another file by now."""
        known = self._known
        file.seek(known.at)
        if known.end > os.fstat(file.fileno()).st_size or file.read(len(known.head)) != known.head:
            known = _Known()
        file.seek(known.end)
        at = known.end
        while (entry := _read(file)) is not None:
            known = replace(known, head=_head_of(entry), at=at, end=file.tell(), revision=entry.revision)
            at = known.end
        if known.first_size < 0:
            known = replace(known, first_size=known.end)
        self._known = known
        return known


class JournalError(OSError):
    """The journal is damaged in its middle: what follows cannot be trusted, and must not be lost either."""


def _is_at(file: BinaryIO, path: Path) -> bool:
    """Is this open file still the one that has the name?"""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _digest(entry: Entry) -> str:
    return hashlib.blake2b(entry.removed + b"\x00" + entry.added, digest_size=16).hexdigest()


def _head_of(entry: Entry) -> bytes:
    head = {
        "revision": entry.revision,
        "removed": len(entry.removed),
        "added": len(entry.added),
        "digest": _digest(entry),
    }
    return json.dumps(head).encode() + b"\n"


def _head(file: BinaryIO) -> dict[str, Any] | None:
    line = file.readline()
    if not line.endswith(b"\n"):
        return None
    try:
        head = json.loads(line)
        return {**head, "size": head["removed"] + head["added"]}
    except (ValueError, TypeError, KeyError):
        return None


def _read(file: BinaryIO) -> Entry | None:
    """The entry that begins here; None at the end, or where a crash has cut the last one off.

    Raises:
        JournalError: it is damaged, and a whole entry follows.
    """
    began = file.tell()
    head = _head(file)
    if head is None:
        return None
    removed, added = file.read(head["removed"]), file.read(head["added"])
    entry = Entry(head["revision"], removed, added)
    if _digest(entry) == head["digest"]:
        return entry
    if len(removed) + len(added) == head["size"] and _head(file) is not None:
        raise JournalError(f"{file.name}: the entry at byte {began} is damaged, and others follow it")
    return None


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
    """Load a workspace's files, if it has any, and its journal. One that says much more than holds now is written anew.

    Raises:
        WorkspaceError: the folder does not exist, or a file or the journal cannot be read.
    """
    loaded = load_store(workspace)
    revision = loaded.revision
    journal = Journal(workspace)
    entries = lines = 0
    try:
        for entry in journal.entries():
            replay(loaded.store, entry)
            revision = entry.revision
            entries += 1
            lines += entry.removed.count(b"\n") + entry.added.count(b"\n")
        if entries > MANY or (lines > MANY and lines > 2 * len(loaded.store)):
            with contextlib.suppress(BlockingIOError), journal.writing(wait=False) as file:
                if journal.revision(file) == revision:
                    compact(loaded.store, str(workspace), revision)
    except JournalError as error:
        raise WorkspaceError(str(error), journal.path) from error
    return LoadedWorkspace(loaded.store, revision, loaded.files)


def compact(store: Store, workspace: str, revision: int) -> bytes:
    """Write a workspace's journal anew: what differs between the workspace's files and the store, and nothing of how it came.

    Whoever calls it holds the journal (`Journal.writing`). May run in a sandbox that may write a file.

    Args:
        store: what holds now.
        workspace: the folder.
        revision: the newest entry's.

    Returns:
        nothing of interest.

    Raises:
        OSError: it could not be written; the journal is as it was.
    """
    folder = Path(workspace)
    fresh, dump = folder / f"{NAME}.new", folder / f"{NAME}.dump"
    base = load_store(folder).store
    if any(_blank(quad) for quad in base):
        return (
            b""  # files name blank nodes anew each time they are read: nothing can be said of them from here
        )
    try:
        with fresh.open("wb") as file:
            if len(base):
                gone = [quad for quad in base if quad not in store]
                come = [quad for quad in store if quad not in base]
                pieces = iter([(_written(gone), _written(come))])
            else:
                store.dump(dump, format=RdfFormat.N_QUADS)
                pieces = ((b"", piece) for piece in _pieces(dump))
            for removed, added in pieces:
                entry = Entry(revision, removed, added)
                file.write(_head_of(entry) + removed + added)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(folder / NAME)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    finally:
        fresh.unlink(missing_ok=True)
        dump.unlink(missing_ok=True)
    return b""


def _blank(quad: Quad) -> bool:
    return any(isinstance(term, BlankNode) for term in (quad.subject, quad.object, quad.graph_name))


def _written(quads: list[Quad]) -> bytes:
    return serialize(quads, format=RdfFormat.N_QUADS) or b""


def _pieces(path: Path) -> Iterator[bytes]:
    """A file in pieces of whole lines; one empty piece when it is empty, so that the revision is kept."""
    with path.open("rb") as file:
        first = True
        while (piece := file.read(PIECE) + file.readline()) or first:
            yield piece
            first = False
