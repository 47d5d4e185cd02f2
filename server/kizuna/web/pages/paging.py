"""Where a page of a long list starts."""

from __future__ import annotations

from flask_babel import gettext

from kizuna.web.errors import ProblemError


def start_of(given: str | None) -> int:
    """The number in `?start=`; 0 when it is not given.

    Raises:
        ProblemError: `bad-filter`, when it is not a whole number.
    """
    if not given:
        return 0
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        raise ProblemError(
            "bad-filter", gettext("“%(given)s” is not the number of a line.", given=given[:40])
        )
    return int(given)
