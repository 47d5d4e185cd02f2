"""A patch that is kept as compressed lines, and the sorting that makes one without holding its quads. Pure; no I/O.

A table of 100,000 rows states more than half a million quads. As objects they take a kilobyte each; as sorted N-Quads,
compressed, a few bytes. A sandbox can open no file, so this is what "spooling" means there.
"""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import Quad, RdfFormat, Store, parse

from kizuna.changes.patch import Patch, PatchError, n_quads, parse_patch, stated

RUN: Final = 8_192
"""Lines that are sorted at a time."""
TOGETHER: Final = 2_000
"""Quads that are read at a time."""
_PIECE: Final = 1 << 15
_LEVEL: Final = 1
"""Sorted N-Quads are so much alike that the quickest compression makes them a tenth."""


@dataclass(frozen=True, slots=True)
class PackedPatch:
    """A patch as lines that are not unpacked before somebody asks for them.

    Args:
        gone: quads that go, as sorted N-Quads, compressed (RFC 1950).
        come: quads that come, likewise.
        removed: how many go.
        added: how many come.
    """

    gone: bytes = b""
    come: bytes = b""
    removed: int = 0
    added: int = 0

    def __len__(self) -> int:
        return self.removed + self.added

    def text(self) -> str:
        """Its one text, as `Patch.text`."""
        marked = ((b"D ", self.gone), (b"A ", self.come))
        return b"".join(mark + line + b"\n" for mark, packed in marked for line in _lines(packed)).decode()

    def patch(self) -> Patch:
        """It, as objects.

        Raises:
            PatchError: as `parse_patch`.
        """
        return parse_patch(self.text())


class Quads(Collection[Quad]):
    """Quads kept as compressed N-Quads; each passage reads them anew, some at a time.

    Args:
        packed: N-Quads, compressed; empty for none.
        count: how many.
    """

    def __init__(self, packed: bytes = b"", count: int = 0) -> None:
        self._packed, self._count = packed, count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Quad]:
        lines = _lines(self._packed)
        while some := list(islice(lines, TOGETHER)):
            for quad in parse(b"\n".join(some), format=RdfFormat.N_QUADS):
                # As the index has it, so that it equals what the index gives back.
                yield Quad(quad.subject, quad.predicate, quad.object, quad.graph_name)

    def __contains__(self, one: object) -> bool:
        return any(quad == one for quad in self)

    def lines(self) -> Iterator[bytes]:
        """Their N-Quads, one by one."""
        return _lines(self._packed)


@dataclass(frozen=True, slots=True)
class LeanPatch:
    """A patch as `Patch`, whose quads are read when they are asked for: a few bytes each instead of a kilobyte."""

    removed: Quads
    added: Quads

    def __len__(self) -> int:
        return len(self.removed) + len(self.added)

    def inverse(self) -> LeanPatch:
        """As `Patch.inverse`."""
        return LeanPatch(self.added, self.removed)

    def exact(self, store: Store) -> LeanPatch:
        """As `kizuna.changes.patch.exact`."""
        return LeanPatch(
            _packed(quad for quad in self.removed if quad in store),
            _packed(quad for quad in self.added if quad not in store),
        )

    def packed_text(self) -> bytes:
        """Its text, compressed."""
        packer = _Packer()
        for mark, quads in ((b"D ", self.removed), (b"A ", self.added)):
            for line in quads.lines():
                packer.add(mark + line)
        return packer.end()


def _packed(quads: Iterable[Quad]) -> Quads:
    rest = iter(quads)
    batches = iter(lambda: list(islice(rest, TOGETHER)), [])
    return _quads(line for some in batches for line in n_quads(some).splitlines())


def lean(text: bytes) -> LeanPatch:
    """Read the text of a patch without holding its quads.

    Args:
        text: compressed, and as `Patch.text` writes it: no quad twice.

    Raises:
        PatchError: as `parse_patch`.
    """
    halves = {b"D ": SortedLines(), b"A ": SortedLines()}
    lines = _lines(text)
    while some := list(islice(lines, TOGETHER)):
        if any(line[:2] not in halves for line in some):
            raise PatchError(
                "patch-syntax", "変更の行は A か D で始めてください。", "A change starts with A or D."
            )
        for mark, half in halves.items():
            found = [line[2:] for line in some if line[:2] == mark]
            try:
                quads = parse(b"\n".join(found), format=RdfFormat.N_QUADS)
                half.add(stated(q for q in quads if isinstance(q, Quad)))
            except SyntaxError as error:
                raise PatchError(
                    "patch-syntax", f"変更を読めません({error.msg})。", f"{error.msg}"
                ) from error
    gone, come = (_quads(half) for half in halves.values())
    return LeanPatch(gone, come)


def _quads(lines: Iterable[bytes]) -> Quads:
    packer = _Packer()
    for line in lines:
        packer.add(line)
    return Quads(packer.end(), packer.count)


def _lines(packed: bytes) -> Iterator[bytes]:
    """Lines of compressed text, a piece at a time."""
    unpacker = zlib.decompressobj()
    rest, waiting = b"", packed
    while waiting:
        text = rest + unpacker.decompress(waiting, _PIECE)
        waiting = unpacker.unconsumed_tail
        *whole, rest = text.split(b"\n")
        yield from whole
    yield from (line for line in (rest + unpacker.flush()).split(b"\n") if line)


class _Packer:
    """Compresses lines as they come."""

    def __init__(self) -> None:
        self.count = 0
        self._packer = zlib.compressobj(_LEVEL)
        self._packed: list[bytes] = []
        self._waiting: list[bytes] = []

    def add(self, line: bytes) -> None:
        """One more."""
        self.count += 1
        self._waiting.append(line)
        if len(self._waiting) == 1_024:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._packed.append(self._packer.compress(b"\n".join(self._waiting) + b"\n"))
            self._waiting.clear()

    def end(self) -> bytes:
        """All of them; empty when there were none."""
        self._flush()
        return b"".join([*self._packed, self._packer.flush()]) if self.count else b""


class SortedLines:
    """Lines in order, each once, however many there are: sorted in runs, the runs kept compressed and merged when read."""

    def __init__(self) -> None:
        self._runs: list[bytes] = []
        self._open: set[bytes] = set()

    def add(self, text: bytes) -> None:
        """Take lines, each ended by a line feed."""
        self._open.update(text.splitlines())
        if len(self._open) >= RUN:
            packer = _Packer()
            for line in sorted(self._open):
                packer.add(line)
            self._runs.append(packer.end())
            self._open.clear()

    def __iter__(self) -> Iterator[bytes]:
        last = b""
        for line in heapq.merge(*map(_lines, self._runs), sorted(self._open)):
            if line != last:
                yield line
                last = line


def difference(before: Iterable[bytes], after: Iterable[bytes]) -> PackedPatch:
    """The patch that leads from one set of quads to another, both as lines in order, each once."""
    halves = {False: _Packer(), True: _Packer()}
    waiting: tuple[bytes, bool] | None = None
    for line, comes in heapq.merge(((one, False) for one in before), ((one, True) for one in after)):
        if waiting is not None and waiting[0] == line:
            waiting = None  # in both: nothing changes
            continue
        if waiting is not None:
            halves[waiting[1]].add(waiting[0])
        waiting = (line, comes)
    if waiting is not None:
        halves[waiting[1]].add(waiting[0])
    gone, come = halves[False], halves[True]
    return PackedPatch(gone.end(), come.end(), gone.count, come.count)
