"""An answer of "no" that says why, in both languages. Pure."""

from __future__ import annotations


class Explained(Exception):  # noqa: N818 - it is an answer, not a fault
    """Why something cannot be done.

    Args:
        code: stable (docs/errors.md).
        ja: the sentence in Japanese.
        en: the sentence in English.
        line: where in the text, from 1; None when it is nowhere in particular.
        column: the same within the line.
    """

    def __init__(
        self, code: str, ja: str, en: str, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(en)
        self.code = code
        self.ja = ja
        self.en = en
        self.line = line
        self.column = column
