"""What a check of `kizuna doctor` hands back. Pure data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Args:
        check: stable name.
        grade: good, warning (it runs, but not well) or bad (it will not run).
        ja: what was found, and what to do, in Japanese.
        en: the same in English.
    """

    check: str
    grade: str
    ja: str
    en: str
