"""Content coding (RFC 9110 §8.4) of answers. Pure but for zlib.

Only answers worth it are coded; the server's order of preference is kept among codings the client weighs alike.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache

from kizuna.sparql.negotiation import quality_of, wishes

WORTH_IT = 1_000
"""Bytes below which coding costs more than it saves."""
LEVEL = 4


@lru_cache(maxsize=256)
def accepts_gzip(field: str | None) -> bool:
    """Does the client take gzip at least as gladly as the plain bytes?

    Args:
        field: the Accept-Encoding field; an absent one asks for plain bytes.
    """
    if not field:
        return False
    asked = wishes(field)
    gzip = max(quality_of("gzip", asked), quality_of("x-gzip", asked), key=lambda q: q[1])
    plain = quality_of("identity", asked)
    return gzip[0] > 0 and (plain[1] < 0 or gzip[0] >= plain[0])


def gzip_bytes(body: bytes) -> bytes:
    """The body as one gzip member, without a time stamp: the same body gives the same bytes."""
    return b"".join(gzip_stream([body]))


def gzip_stream(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks as one gzip member, in bounded memory."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for block in blocks:
        if packed := packer.compress(block):
            yield packed
    yield packer.flush()
