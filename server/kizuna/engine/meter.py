"""Count and cut rows in serialised results without touching each row in Python. Pure functions over bytes.

The library writes JSON, XML, CSV and TSV natively. What is needed on top is an exact number of rows, a cut after an exact
number, and a well-formed end after a cut. Each meter knows where a row starts in one format:

- TSV escapes line breaks in terms, so a line is a row (SPARQL 1.1 CSV/TSV §4).
- CSV may hold line breaks inside quotes (RFC 4180); a line end counts when the quotes before it are even.
- XML escapes `<` in text, so `<result>` is a row.
- JSON: outside strings `[{` and `,{` start a row and nothing else. Within strings they may stand too. A block where
  every such pair is followed by a variable of this query holds none in strings and is counted by a plain search;
  any other block is scanned string by string.

The tests hold these claims against the library with arbitrary terms.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from kizuna.engine import formats

_JSON_PARTS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[,]\{', re.DOTALL)


class Meter(ABC):
    """Finds rows in blocks of one answer. A block starts where the block before it ended; `first` marks the first."""

    suffix: bytes = b""
    """What makes the answer well formed after a cut."""

    @abstractmethod
    def boundary(self, block: bytes) -> int:
        """The last place in `block` before which all rows are whole; 0 when there is none."""

    @abstractmethod
    def places(self, block: bytes, first: bool) -> list[int]:
        """Every place in `block` where a row starts, in order. Cutting there leaves whole rows."""

    def count(self, block: bytes, first: bool) -> int:
        """How many rows `block` holds."""
        return len(self.places(block, first))


class _Lines(Meter):
    """TSV: a header line, then a line a row."""

    end: bytes = b"\n"

    def boundary(self, block: bytes) -> int:
        return block.rfind(self.end) + len(self.end) if self.end in block else 0

    def _ends(self, block: bytes) -> list[int]:
        return [match.end() for match in re.finditer(self.end, block)]

    def places(self, block: bytes, first: bool) -> list[int]:
        ends = self._ends(block)
        return ends[:-1] if first else [0, *ends[:-1]] if ends else []

    def count(self, block: bytes, first: bool) -> int:
        return block.count(self.end) - first


class _Csv(_Lines):
    """CSV as the library writes it: CRLF between rows, quotes doubled inside quotes."""

    end = b"\r\n"

    def boundary(self, block: bytes) -> int:
        at = block.rfind(self.end)
        while at >= 0 and block.count(b'"', 0, at) % 2:
            at = block.rfind(self.end, 0, at)
        return at + len(self.end) if at >= 0 else 0

    def _ends(self, block: bytes) -> list[int]:
        found, offset = [], 0
        for number, part in enumerate(block.split(b'"')):
            if number % 2 == 0:
                found += [offset + end for end in super()._ends(part)]
            offset += len(part) + 1
        return found

    def count(self, block: bytes, first: bool) -> int:
        if b'"' not in block:
            return super().count(block, first)
        return len(self._ends(block)) - first


class _Xml(Meter):
    suffix = b"</results></sparql>"
    start: Final = b"<result>"

    def boundary(self, block: bytes) -> int:
        return max(block.rfind(self.start), 0)

    def places(self, block: bytes, first: bool) -> list[int]:  # noqa: ARG002
        return [match.start() for match in re.finditer(self.start, block)]

    def count(self, block: bytes, first: bool) -> int:  # noqa: ARG002
        return block.count(self.start)


class _Json(Meter):
    """A cut falls before the comma that parts two rows, or right after the bracket that opens them (in the first block)."""

    suffix = b"]}}"

    def __init__(self, variables: Sequence[str]) -> None:
        names = [b"{" + json.dumps(name, ensure_ascii=False).encode() + b':{"type":' for name in variables]
        self.opening = [b"[" + name for name in names]
        self.later = [b"," + name for name in names]

    def boundary(self, block: bytes) -> int:
        best = 0
        for pattern in self.later:  # most rows begin with the same variable: the others look at the rest only
            best = max(best, block.rfind(pattern, best))
        return best

    def places(self, block: bytes, first: bool) -> list[int]:
        pairs = (match.start() for match in _JSON_PARTS.finditer(block))
        found = [at for at in pairs if block[at] == 0x2C or (first and block[at] == 0x5B)]
        return [at + (block[at] == 0x5B) for at in found]

    def count(self, block: bytes, first: bool) -> int:
        pairs = block.count(b",{") + (block.count(b"[{") if first else 0)
        sure = 0
        for pattern in self.opening + self.later if first else self.later:
            if sure == pairs:
                break
            sure += block.count(pattern)
        return pairs if sure == pairs else len(self.places(block, first))


@lru_cache(maxsize=256)
def meter_for(media_type: str, variables: tuple[str, ...]) -> Meter:
    """The meter for one answer.

    Args:
        media_type: one of the formats of solutions.
        variables: the projection, in order.
    """
    if media_type == formats.JSON:
        return _Json(variables)
    if media_type == formats.XML:
        return _Xml()
    return _Csv() if media_type == formats.CSV else _Lines()
