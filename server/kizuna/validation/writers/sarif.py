"""A report as SARIF 2.1.0 (OASIS), which code hosts show beside the changed lines. Pure.

Notes are left out unless asked for: a code host would drown in them.
"""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote

from kizuna import __version__
from kizuna.validation.report import Constraint, Finding, Language, Report, Severity

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def _rule(constraint: Constraint, language: Language) -> dict[str, Any]:
    return {
        "id": constraint.id,
        "shortDescription": {"text": constraint.name[language]},
        "fullDescription": {"text": constraint.message[language]},
        "help": {"text": constraint.fix[language] or constraint.message[language]},
        "helpUri": constraint.iri,
        "defaultConfiguration": {"level": _LEVELS[constraint.severity]},
    }


def _result(found: Finding, rules: dict[str, int], language: Language) -> dict[str, Any]:
    parts = [f"{found.focus_label[language]}: {found.message(language)}"]
    if found.path_label:
        parts.append(f"[{found.path_label[language]}]")
    if found.value_label:
        parts.append(f"→ {found.value_label[language]}")
    if found.fix(language):
        parts.append(found.fix(language))
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": found.focus, "kind": "resource"}]}
    if found.location:
        place: dict[str, Any] = {
            "artifactLocation": {"uri": quote(found.location.path), "uriBaseId": "WORKSPACE"},
        }
        if found.location.line:
            place["region"] = {"startLine": found.location.line}
        location["physicalLocation"] = place
        if found.location.field or found.location.cell:  # SARIF has lines, and no cells
            named = found.location.cell or f"{found.location.line} [{found.location.field}]"
            location["logicalLocations"].append({"fullyQualifiedName": named, "kind": "cell"})
            parts.append(f"({found.location})")
    return {
        "ruleId": found.constraint.id,
        "ruleIndex": rules[found.constraint.id],
        "level": _LEVELS[found.severity],
        "message": {"text": " ".join(parts)},
        "locations": [location],
        "partialFingerprints": {
            "kizuna/v1": f"{found.constraint.id}|{found.focus}|{found.path or ''}|{found.value or ''}"
        },
    }


def write(report: Report, language: Language, *, notes: bool = False) -> str:
    """Write a report as SARIF.

    Args:
        report: what was found.
        language: of rules and messages.
        notes: include the notes.
    """
    told = [found for found in report.findings if notes or found.severity > Severity.INFO]
    known = {constraint.id: constraint for constraint in report.constraints}
    known |= {found.constraint.id: found.constraint for found in told}
    order = {id_: index for index, id_ in enumerate(known)}
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "kizuna validate",
                        "version": __version__,
                        "rules": [_rule(constraint, language) for constraint in known.values()],
                    }
                },
                "language": language,
                "columnKind": "unicodeCodePoints",
                "results": [_result(found, order, language) for found in told],
            }
        ],
    }
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"
