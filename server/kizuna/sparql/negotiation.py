"""Content negotiation (RFC 9110 §12.5). Pure; touches nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_QUALITY = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\Z")
_MEMBER = re.compile(r'((?:[^,"]|"(?:[^"\\]|\\.)*")*)(?:,|\Z)')


@dataclass(frozen=True, slots=True)
class Wish:
    """One member of an Accept or Accept-Encoding field: a range without its parameters, and its weight."""

    range: str
    quality: float

    @property
    def specificity(self) -> int:
        """0 for a wildcard of everything, 1 for `type/*`, 2 for a full name."""
        if self.range in ("*/*", "*"):
            return 0
        return 1 if self.range.endswith("/*") else 2

    def covers(self, media_type: str) -> bool:
        """Does the range contain this media type (or coding)?"""
        if self.specificity == 0:
            return True
        if self.specificity == 1:
            return media_type.startswith(self.range[:-1])
        return media_type == self.range


def wishes(field: str | None) -> list[Wish]:
    """Read a field; members that make no sense are passed over. An absent or empty field wishes anything."""
    if field is None or not field.strip():
        return [Wish("*/*", 1.0)]
    found: list[Wish] = []
    for member in _MEMBER.findall(field):
        name, *parameters = (part.strip().lower() for part in member.split(";"))
        if not name or (name != "*" and "/" not in name and "=" in name):
            continue
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                quality = float(value) if _QUALITY.match(value.strip()) else 0.0
        found.append(Wish("*/*" if name == "*" else name, quality))
    return found


def quality_of(media_type: str, asked: Sequence[Wish]) -> tuple[float, int]:
    """The weight of a media type and how specific the range was that gave it; (0, -1) when nothing covers it."""
    best = (0.0, -1)
    for wish in asked:
        if wish.covers(media_type) and wish.specificity > best[1]:
            best = (wish.quality, wish.specificity)
    return best


@lru_cache(maxsize=512)
def choose(field: str | None, offered: tuple[str, ...]) -> str | None:
    """The media type to answer with.

    The heaviest wins; among equals the one that was named more exactly, then the server's order.

    Args:
        field: value of the Accept field, None when absent.
        offered: media types, the server's preference first.

    Returns:
        one of `offered`, or None when nothing is acceptable (406).
    """
    asked = wishes(field)
    best: tuple[float, int] = (0.0, -1)
    chosen = None
    for media_type in offered:
        weight = quality_of(media_type, asked)
        if weight[0] > 0 and weight > best:
            best, chosen = weight, media_type
    return chosen
