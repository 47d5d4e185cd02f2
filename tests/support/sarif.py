"""What the schema of SARIF 2.1.0 says against a log: the schema as Microsoft publishes it for its own tools, formats checked."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft4Validator, FormatChecker

_SCHEMA = (
    Path(__file__).parents[2]
    / "server/frontend/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
)


@cache
def _validator() -> Draft4Validator:
    return Draft4Validator(json.loads(_SCHEMA.read_text("utf-8")), format_checker=FormatChecker())


def faults(log: object) -> list[str]:
    """Each place where the log breaks the schema, and how."""
    found = _validator().iter_errors(log)
    return [f"/{'/'.join(str(part) for part in error.absolute_path)}: {error.message}" for error in found]
