"""A report as JSON, in both languages. Pure; the keys are stable and documented in docs/shapes.md."""

from __future__ import annotations

import json
from typing import Any

from kizuna.validation.report import Finding, Location, Report, Severity, Text


def _text(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"ja": text.ja, "en": text.en}


def _place(location: Location) -> dict[str, Any]:
    """Path and line; in a table also column, heading and, in a spreadsheet, the cell."""
    table = {"column": location.column, "field": location.field, "cell": location.cell}
    return {"path": location.path, "line": location.line, **{k: v for k, v in table.items() if v}}


def finding_to_dict(found: Finding) -> dict[str, Any]:
    """Spread one finding into plain values; a `null` says that there is none."""
    return {
        "severity": found.severity.shacl_name,
        "focus": found.focus,
        "focusLabel": _text(found.focus_label),
        "path": found.path,
        "pathLabel": _text(found.path_label),
        "value": found.value,
        "valueLabel": _text(found.value_label),
        "constraint": found.constraint.id,
        "name": _text(found.constraint.name),
        "message": _text(found.constraint.message),
        "fix": _text(found.constraint.fix),
        "shape": found.shape,
        "component": found.component,
        "location": _place(found.location) if found.location else None,
    }


def report_to_dict(report: Report) -> dict[str, Any]:
    """Spread a report into plain values, ready for JSON."""
    counts = report.counts()
    return {
        "conforms": report.conforms,
        "violations": counts[Severity.VIOLATION],
        "warnings": counts[Severity.WARNING],
        "notes": counts[Severity.INFO],
        "triples": report.triples,
        "constraints": len(report.constraints),
        "engine": report.engine,
        "seconds": round(report.seconds, 3),
        "findings": [finding_to_dict(found) for found in report.findings],
    }


def write(report: Report) -> str:
    """Write a report as JSON."""
    return json.dumps(report_to_dict(report), ensure_ascii=False, indent=2) + "\n"
