"""What the text of a patch tells without being read into quads as a whole. Pure; no I/O.

All take texts as `Patch.text` writes them and the ledger keeps them: `D` lines, then `A` lines, one quad a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Quad, RdfFormat, parse

from kizuna.changes.patch import PatchError, parse_patch

_SUBJECT: Final = re.compile(r"^[AD] <([^>]*)>", re.MULTILINE)
_ADDED: Final = re.compile(r"^A <([^>]*)>", re.MULTILINE)
_OBJECT: Final = re.compile(r" <([^>]*/id/[^>]*)> <[^>]*> \.$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Head:
    """The first changes of a patch.

    Args:
        removed: quads that go, the first ones.
        added: quads that come, likewise.
        total: how many there are in all.
    """

    removed: tuple[Quad, ...]
    added: tuple[Quad, ...]
    total: int

    def __len__(self) -> int:
        return self.total

    def things(self) -> tuple[str, ...]:
        """IRIs of what these are about, sorted."""
        return tuple(sorted({q.subject.value for q in self.removed + self.added}))  # type: ignore[union-attr]


def head_of(text: str, most: int) -> Head:
    """The first changes of a patch: as many of what goes and of what comes as are wanted.

    Raises:
        PatchError: as `parse_patch`.
    """
    at = _border(text)
    some = parse_patch(_first(text, 0, at, most) + _first(text, at, len(text), most))
    return Head(some.removed, some.added, text.count("\n"))


def halves_of(text: str) -> tuple[bytes, bytes]:
    """Removed and added as N-Quads, for the engine's `apply`.

    Raises:
        PatchError: a line is no change.
    """
    at = _border(text)
    halves = []
    for mark, half in (("D ", text[:at]), ("A ", text[at:])):
        lines = half.splitlines(keepends=True) if "\r" not in half else half.split("\n")
        if any(line[:2] != mark for line in lines if line.strip()):
            removed, added = parse_patch(text).halves()  # written by hand: in any order, with remarks
            return removed, added
        halves.append("".join(line[2:] for line in lines).encode())
    return halves[0], halves[1]


def things_of(text: str) -> tuple[str, ...]:
    """IRIs that a patch is about: its subjects, and the things its statement nodes are about, for the history of each."""
    return tuple(sorted({*_SUBJECT.findall(text), *_OBJECT.findall(text)}))


def added_about(text: str, things: Iterable[str]) -> frozenset[str]:
    """Those of some things about which a patch adds something."""
    wanted = frozenset(things)
    return frozenset(found[1] for found in _ADDED.finditer(text) if found[1] in wanted)


def added_to(text: str, thing: str) -> Iterator[Quad]:
    """What a patch adds about one thing."""
    begin = f"A <{thing}> "
    lines = [line[2:] for line in text.split("\n") if line.startswith(begin)]
    yield from parse("\n".join(lines).encode(), format=RdfFormat.N_QUADS)


def _border(text: str) -> int:
    """Where the `A` lines begin."""
    if text.startswith("A "):
        return 0
    at = text.find("\nA ")
    return len(text) if at < 0 else at + 1


def _first(text: str, begin: int, end: int, most: int) -> str:
    """The first lines of a part of a text."""
    at = begin
    for _ in range(most):
        next_line = text.find("\n", at, end)
        if next_line < 0:
            return text[begin:end]
        at = next_line + 1
    return text[begin:at]


__all__ = ["Head", "PatchError", "added_about", "added_to", "halves_of", "head_of", "things_of"]
