"""Make words from data safe to print: a label may come from anybody's file. Pure."""

from __future__ import annotations

import re
from typing import Final

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def plain(words: str) -> str:
    """Put a replacement character for anything that steers a terminal, breaks a line or is no XML character."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", words)
