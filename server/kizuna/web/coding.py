"""Content coding (RFC 9110 §8.4) of answers: Zstandard (RFC 8878) and gzip. Pure but for the two libraries.

Only answers worth it are coded; among codings that the client weighs alike the smaller and faster one is taken.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, Literal

import zstandard

from kizuna.sparql.negotiation import quality_of, wishes

Coding = Literal["zstd", "gzip"]
WORTH_IT: Final = 1_000
"""Bytes below which coding costs more than it saves."""
GZIP_LEVEL: Final = 4
ZSTD_LEVEL: Final = 3
"""Its window of 2 MB stays below the 8 MB that every client must manage (RFC 9659)."""
_NAMES: Final[tuple[tuple[Coding, tuple[str, ...]], ...]] = (
    ("zstd", ("zstd",)),
    ("gzip", ("gzip", "x-gzip")),
)


@lru_cache(maxsize=256)
def coding_for(field: str | None) -> Coding | None:
    """The coding that the client takes most gladly, and at least as gladly as the plain bytes; None for these.

    Args:
        field: the Accept-Encoding field; an absent or empty one asks for plain bytes.
    """
    if not field or not field.strip():
        return None
    asked = wishes(field)
    plain = quality_of("identity", asked)
    least = plain[0] if plain[1] > 0 else 0.0  # a wildcard speaks of what is not named
    best: tuple[float, Coding | None] = (0.0, None)
    for coding, names in _NAMES:
        weight = max((quality_of(name, asked) for name in names), key=lambda found: found[1])[0]
        if weight > best[0] and weight >= least:
            best = (weight, coding)
    return best[1]


def coded_bytes(coding: Coding, body: bytes) -> bytes:
    """The body in a coding, without a time stamp: the same body gives the same bytes."""
    if coding == "zstd":
        return zstandard.ZstdCompressor(ZSTD_LEVEL).compress(body)
    return b"".join(_gzip([body]))


def coded_stream(coding: Coding, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks in a coding, in bounded memory."""
    return _zstd(blocks) if coding == "zstd" else _gzip(blocks)


def _gzip(blocks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for block in blocks:
        if packed := packer.compress(block):
            yield packed
    yield packer.flush()


def _zstd(blocks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zstandard.ZstdCompressor(ZSTD_LEVEL).compressobj()
    for block in blocks:
        if packed := packer.compress(block):
            yield packed
    yield packer.flush()
