"""CSV for spreadsheets: no cell of an answer is taken for a formula. Pure functions over bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

BOM: Final = b"\xef\xbb\xbf"
_STARTS: Final = (b"=", b"+", b"-", b"@", b"\t", b"\r")
_SUSPECT: Final = re.compile(rb'(?:^|[,\n])"?[=+\-@\t\r]')
_CELL: Final = re.compile(rb'"(?:[^"]|"")*"|(?<![^,\n])[=+\-@\t][^,\r\n]*')
"""A quoted cell, or a bare one that begins as a formula does. The writer quotes whatever holds a comma, a quote or a line end (RFC 4180)."""
_NUMBER: Final = re.compile(rb"[+-](?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def _harmless(found: re.Match[bytes]) -> bytes:
    cell = found[0]
    quote, text = (b'"', cell[1:]) if cell.startswith(b'"') else (b"", cell)
    return quote + b"'" + text if text.startswith(_STARTS) and not _NUMBER.fullmatch(cell) else cell


def _end_of_rows(block: bytes, inside: bool) -> int:
    """Where the last row that ends in a block ends; 0: none does. Looks at each byte once.

    Args:
        inside: whether the block begins within quotes, where a line end ends no row.
    """
    parts = block.split(b'"')
    end = len(block)
    for number in range(len(parts) - 1, -1, -1):
        begin = end - len(parts[number])
        if (number + inside) % 2 == 0 and (found := parts[number].rfind(b"\n")) >= 0:
            return begin + found + 1
        end = begin - 1
    return 0


def _rows(text: bytes) -> bytes:
    return _CELL.sub(_harmless, text) if _SUSPECT.search(text) else text


def without_formulas(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same CSV with a byte order mark, and an apostrophe before what a spreadsheet would calculate; numbers stay numbers.

    Args:
        blocks: the text, cut anywhere.
    """
    yield BOM
    kept: list[bytes] = []
    inside = False
    for block in blocks:
        end = _end_of_rows(block, inside)
        inside ^= block.count(b'"') % 2 == 1
        if end:
            yield _rows(b"".join((*kept, block[:end])))
            kept = []
        kept.append(block[end:])
    if rest := b"".join(kept):
        yield _rows(rest)
