"""What a validation found, as frozen data that every writer and page can read. No I/O.

A finding keeps both languages, so that the same report can be shown in either.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal

Language = Literal["ja", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("ja", "en")

EXIT_CLEAN: Final = 0
EXIT_VIOLATIONS: Final = 1
EXIT_UNREADABLE: Final = 2


class Severity(IntEnum):
    """How much a finding weighs. Violations block, warnings ask, notes inform.

    The names follow SHACL (section 2.1.4), where a note is `sh:Info`.
    """

    INFO = 0
    WARNING = 1
    VIOLATION = 2

    @property
    def shacl_name(self) -> str:
        """The local name in the SHACL vocabulary."""
        return self.name.capitalize()


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages."""

    ja: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True, slots=True)
class Location:
    """Where a statement stands.

    Args:
        path: file, relative to the workspace, with forward slashes; the name of a file that was sent.
        line: 1-based; None when only the file is known. In a table the row.
        column: 1-based column of a table.
        field: heading of that column.
        cell: sheet and cell of a spreadsheet, such as `Sheet1!C3`.
    """

    path: str
    line: int | None = None
    column: int | None = None
    field: str = ""
    cell: str = ""

    def __str__(self) -> str:
        place = self.cell or self.line
        return (f"{self.path}:{place}" if place else self.path) + (f" [{self.field}]" if self.field else "")


@dataclass(frozen=True, slots=True)
class Constraint:
    """One rule of the shapes.

    Args:
        iri: its IRI in the shapes graph; stable.
        severity: what breaking it means.
        name: short name of the rule.
        message: what is wrong when it is broken.
        fix: what would be right.
    """

    iri: str
    severity: Severity
    name: Text
    message: Text
    fix: Text

    @property
    def id(self) -> str:
        """The part of the IRI that people cite, such as `from-before-to`."""
        return self.iri.rpartition("#")[2]


@dataclass(frozen=True, slots=True)
class Finding:
    """One constraint broken by one thing.

    Args:
        focus: IRI of the thing (or `_:…`).
        focus_label: what people call it.
        path: IRI of the property, when the finding is about one.
        path_label: what people call the property.
        value: the offending value in N-Triples form, when there is one.
        value_label: the value as people read it.
        constraint: the rule.
        component: local name of the SHACL constraint component.
        location: where the thing is written down, when known.
    """

    focus: str
    focus_label: Text
    path: str | None
    path_label: Text | None
    value: str | None
    value_label: Text | None
    constraint: Constraint
    component: str
    location: Location | None = None

    @property
    def severity(self) -> Severity:
        """How much the finding weighs."""
        return self.constraint.severity

    @property
    def shape(self) -> str:
        """IRI of the shape that was not met."""
        return self.constraint.iri

    def message(self, language: Language) -> str:
        """Say what is wrong."""
        return self.constraint.message[language]

    def fix(self, language: Language) -> str:
        """Say what would be right."""
        return self.constraint.fix[language]


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one validation.

    Args:
        findings: the heaviest first, then by thing and rule.
        constraints: every rule that was applied.
        triples: size of what was validated (ontology included).
        engine: name of the SHACL engine.
        seconds: how long the engine took.
    """

    findings: tuple[Finding, ...]
    constraints: tuple[Constraint, ...]
    triples: int
    engine: str
    seconds: float

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings of one severity."""
        return tuple(finding for finding in self.findings if finding.severity == severity)

    def counts(self) -> dict[Severity, int]:
        """How many findings of each severity, the heaviest first; zero included."""
        counted = Counter(finding.severity for finding in self.findings)
        return {severity: counted[severity] for severity in sorted(Severity, reverse=True)}

    @property
    def conforms(self) -> bool:
        """True when nothing blocks: warnings and notes do not."""
        return not any(finding.severity == Severity.VIOLATION for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """The exit code of `kizuna validate`: 0 nothing blocks, 1 there are violations."""
        return EXIT_CLEAN if self.conforms else EXIT_VIOLATIONS
