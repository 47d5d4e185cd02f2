"""Content negotiation as RFC 9110 (section 12.5) has it. Pure functions; no I/O, no Flask.

Werkzeug's own refuses `Accept: text/turtle; charset=utf-8`, which real clients send; here parameters other than
`q` are ignored, both in the header and in what is offered.
"""

from __future__ import annotations

from collections.abc import Sequence


def choose(accept: str, offered: Sequence[str]) -> str | None:
    """The offered media type that a client likes best.

    Args:
        accept: value of the Accept header; empty accepts everything.
        offered: media types in the server's order of preference.

    Returns:
        The best one (earlier offers win ties), or None when none is acceptable.
    """
    ranges = parse_accept(accept)
    if not ranges:
        return offered[0] if offered else None
    best: tuple[float, int] | None = None
    for index, media_type in enumerate(offered):
        quality = _quality(media_type, ranges)
        if quality > 0 and (best is None or quality > best[0]):
            best = (quality, index)
    return offered[best[1]] if best else None


def parse_accept(accept: str) -> list[tuple[str, float]]:
    """The media ranges of an Accept (or language ranges of an Accept-Language) header with their weights.

    A range whose weight does not parse counts as weight 0, so that it is never chosen by accident.
    """
    ranges = []
    for part in accept.split(","):
        pieces = [piece.strip() for piece in part.split(";")]
        if not pieces[0]:
            continue
        quality = 1.0
        for piece in pieces[1:]:
            key, _, value = piece.partition("=")
            if key.strip().lower() == "q":
                try:
                    quality = min(max(float(value), 0.0), 1.0)
                except ValueError:
                    quality = 0.0
        ranges.append((pieces[0].lower(), quality))
    return ranges


def _quality(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The weight of the most specific range that covers a media type; 0 when none does."""
    plain = media_type.split(";")[0].strip().lower()
    major = plain.split("/")[0]
    for wanted in (plain, f"{major}/*", "*/*"):
        found = [quality for name, quality in ranges if name == wanted]
        if found:
            return max(found)
    return 0.0


def choose_language(accept_language: str, offered: Sequence[str], default: str) -> str:
    """The offered language that a client likes best (RFC 4647 lookup: `ja-JP` finds `ja`)."""
    best, best_quality = default, 0.0
    for name, quality in parse_accept(accept_language):
        found = default if name == "*" else name.split("-")[0]
        if found in offered and quality > best_quality:
            best, best_quality = found, quality
    return best
