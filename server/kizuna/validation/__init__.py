"""Validation: shapes and data in, a report in words out.

`validate_workspace` and `validate_graphs` (run.py) give a `Report` (report.py); the writers (writers/) show it.
"""

from kizuna.validation.engines import DEFAULT_ENGINE, EngineName
from kizuna.validation.report import (
    EXIT_CLEAN,
    EXIT_UNREADABLE,
    EXIT_VIOLATIONS,
    Constraint,
    Finding,
    Language,
    Location,
    Report,
    Severity,
    Text,
)
from kizuna.validation.run import validate_graphs, validate_workspace

__all__ = [
    "DEFAULT_ENGINE",
    "EXIT_CLEAN",
    "EXIT_UNREADABLE",
    "EXIT_VIOLATIONS",
    "Constraint",
    "EngineName",
    "Finding",
    "Language",
    "Location",
    "Report",
    "Severity",
    "Text",
    "validate_graphs",
    "validate_workspace",
]
