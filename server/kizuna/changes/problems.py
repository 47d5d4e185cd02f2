"""What can go wrong with a change, told in both languages. Pure data."""

from __future__ import annotations

from kizuna.changes.report import GateReport


class ChangeError(Exception):
    """A change cannot go on. `code` is stable (docs/errors.md); `ja` and `en` say why."""

    def __init__(self, code: str, ja: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.ja = ja
        self.en = en

    def text(self, language: str) -> str:
        """Why, in a language."""
        return self.ja if language == "ja" else self.en


class BlockedError(ChangeError):
    """The gate found errors; the report says which."""

    def __init__(self, report: GateReport) -> None:
        count = len(report.violations)
        super().__init__(
            "change-blocked",
            f"誤りが{count}件あるため公開できません。",
            f"It cannot be published: {count} errors were found.",
        )
        self.report = report


class ReasonNeededError(ChangeError):
    """There are warnings, and no reason is stated why they are acceptable."""

    def __init__(self, report: GateReport) -> None:
        count = len(report.warnings)
        super().__init__(
            "reason-needed",
            f"警告が{count}件あります。公開するには、受け入れる理由を書いてください。",
            f"There are {count} warnings: state why they are acceptable.",
        )
        self.report = report


class ConflictError(ChangeError):
    """Somebody has published something in between that this change does not fit."""

    def __init__(self, base: int, newest: int) -> None:
        super().__init__(
            "change-conflict",
            f"版{base}をもとにした変更ですが、その後の公開(現在は版{newest})と食い違います。",
            f"The change was made on revision {base}; what was published since (now {newest}) does not fit it.",
        )
        self.base = base
        self.newest = newest


class ForbiddenError(ChangeError):
    """The person may not do this; says why."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__("not-permitted", ja, en)
