"""A report as SARIF 2.1.0 (OASIS), which code hosts show beside the changed lines. Pure.

Notes are left out unless asked for: a code host would drown in them. Paths are relative to a base that has a name: for files
that of the repository's root, `%SRCROOT%`, as code hosts expect it; a file that was sent lies nowhere, so its base has no address.
Every result has a place, since code hosts refuse a log in which one has none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from kizuna import __version__
from kizuna.validation.report import Constraint, Finding, Language, Location, Report, Severity

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Base:
    """What the paths of a report are relative to (SARIF 2.1.0, section 3.14.14).

    Args:
        name: its name in the log.
        about: what it is, in English.
        uri: its absolute address with a slash at the end; "" when it has none.
        within: path from there to where the report's paths begin, such as `graph/`; "" when it is the same place.
        otherwise: path that is named for a finding of which no place is known; "" leaves it without one.
    """

    name: str = "%SRCROOT%"
    about: str = "The root of the repository, or of the workspace where there is none."
    uri: str = ""
    within: str = ""
    otherwise: str = ""


FILES: Final = Base()
SENT: Final = Base("SENT", "A document or a table that was sent: it lies in no folder.")
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


def _result(
    found: Finding, rules: dict[str, int], language: Language, base: Base, files: dict[str, int]
) -> dict[str, Any]:
    parts = [f"{found.focus_label[language]}: {found.message(language)}"]
    if found.path_label:
        parts.append(f"[{found.path_label[language]}]")
    if found.value_label:
        parts.append(f"→ {found.value_label[language]}")
    if found.fix(language):
        parts.append(found.fix(language))
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": found.focus, "kind": "resource"}]}
    place = found.location or (Location(base.otherwise) if base.otherwise else None)
    if place:
        uri = quote(base.within + place.path)
        index = files.setdefault(uri, len(files))
        location["physicalLocation"] = {
            "artifactLocation": {"uri": uri, "uriBaseId": base.name, "index": index},
            "region": {"startLine": place.line or 1},
        }
    if found.location and (found.location.field or found.location.cell):  # SARIF has lines, and no cells
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


def write(report: Report, language: Language, *, notes: bool = False, base: Base = FILES) -> str:
    """Write a report as SARIF.

    Args:
        report: what was found.
        language: of rules and messages.
        notes: include the notes.
        base: what the paths of its findings are relative to.
    """
    told = [found for found in report.findings if notes or found.severity > Severity.INFO]
    known = {constraint.id: constraint for constraint in report.constraints}
    known |= {found.constraint.id: found.constraint for found in told}
    order = {id_: index for index, id_ in enumerate(known)}
    files: dict[str, int] = {}
    results = [_result(found, order, language, base, files) for found in told]
    root: dict[str, Any] = {"description": {"text": base.about}}
    if base.uri:
        root["uri"] = base.uri
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
                "invocations": [{"executionSuccessful": True}],
                "originalUriBaseIds": {base.name: root},
                "artifacts": [
                    {"location": {"uri": uri, "uriBaseId": base.name}, "roles": ["analysisTarget"]}
                    for uri in files
                ],
                "results": results,
            }
        ],
    }
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"
