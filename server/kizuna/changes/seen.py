"""Which names a table has had, and in which line, in memory that does not grow with it. Plain data; no I/O."""

from __future__ import annotations

from array import array
from hashlib import blake2b


class Seen:
    """Fingerprints of names (64 bits of BLAKE2b, RFC 7693) in a table of fixed size, with linear probing.

    Two names of 200,000 have the same fingerprint once in a billion tables.

    Args:
        most: how many names there can be.
    """

    def __init__(self, most: int) -> None:
        self._mask = (1 << (2 * most).bit_length()) - 1
        self._prints = array("Q", bytes(8 * (self._mask + 1)))
        self._lines = array("L", bytes(array("L").itemsize * (self._mask + 1)))

    def first(self, name: str, line: int) -> int:
        """The line in which a name was first: this one, if it is new."""
        mark = (
            int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") or 1
        )
        slot = mark & self._mask
        while self._prints[slot] not in (0, mark):
            slot = (slot + 1) & self._mask
        if not self._prints[slot]:
            self._prints[slot], self._lines[slot] = mark, line
        return self._lines[slot]
