"""The part of the OpenAPI description that tells what the desk answers programs as JSON. Pure."""

from __future__ import annotations

from typing import Any, Final

from kizuna.sparql.openapi_graphs import REFUSALS

Part = dict[str, Any]
_TEXT: Final[Part] = {"type": "string"}
_NUMBER: Final[Part] = {"type": "integer"}
_MAYBE_NUMBER: Final[Part] = {"type": ["integer", "null"]}


def _object(required: Part, optional: Part | None = None, *, more: bool = False) -> Part:
    told: Part = {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
    }
    return told if more else {**told, "additionalProperties": False}


def _of(name: str) -> Part:
    return {"$ref": f"#/components/schemas/{name}"}


_PUBLICATION: Final[Part] = {
    "revision": {**_NUMBER, "description": "Its number; the revision of the record after it."},
    "time": {"type": "string", "format": "date-time"},
    "written_by": {**_TEXT, "description": "Account that wrote the change."},
    "published_by": {**_TEXT, "description": "Account that published it."},
    "message": _TEXT,
    "proposal": {**_MAYBE_NUMBER, "description": "The proposal it was; null when there was none."},
}
_PATCH: Final[Part] = {**_TEXT, "description": "The change as RDF Patch."}
SCHEMAS: Final[Part] = {
    "Publication": _object(_PUBLICATION),
    "PublicationWithPatch": _object({**_PUBLICATION, "patch": _PATCH}),
    "Statement": _object(
        {
            "predicate": {"type": "string", "format": "uri"},
            "object": {**_TEXT, "description": "An N-Triples term."},
            "graph": {**_TEXT, "description": "The graph, without its common beginning."},
            "by": {
                "anyOf": [_of("Publication"), {"type": "null"}],
                "description": "The newest publication that made it; null when it was in the files from the start.",
            },
        }
    ),
    "History": _object(
        {
            "thing": {**_TEXT, "description": "The IRI asked about; empty for all that was published."},
            "published": {"type": "array", "items": _of("Publication")},
            "said": {"type": "array", "items": _of("Statement")},
        }
    ),
    "Job": _object(
        {
            "id": _NUMBER,
            "kind": {"enum": ["import", "validation"]},
            "title": _TEXT,
            "author": _TEXT,
            "state": {"enum": ["waiting", "running", "done", "failed", "cancelled", "interrupted"]},
            "stage": _TEXT,
            "done": _NUMBER,
            "total": _MAYBE_NUMBER,
            "proposal": _MAYBE_NUMBER,
            "message": _TEXT,
            "alive": {"type": "boolean"},
            "percent": _MAYBE_NUMBER,
            "words": {**_TEXT, "description": "What it is doing, in the language asked for."},
        }
    ),
    "ProposalReport": _object(
        {
            "proposal": _NUMBER,
            "state": {"enum": ["draft", "open", "published", "rejected", "withdrawn"]},
            "patch": _PATCH,
            "missing": {
                "type": "array",
                "items": _TEXT,
                "description": "Statements it removes that are gone.",
            },
            "conforms": {"type": "boolean"},
            "violations": _NUMBER,
            "warnings": _NUMBER,
            "notes": _NUMBER,
            "findings": {"type": "array", "items": {"type": "object"}},
        },
        more=True,
    ),
}
"""What the answers look like, by name."""


def paths(problem: Part) -> Part:
    """The desk's pages that answer programs with `Accept: application/json`.

    Args:
        problem: the answer to a request that is refused.
    """
    return {
        "/desk/history": _reading("desk-history", "History", problem, _thing()),
        "/desk/commits/{number}": _reading("desk-commit", "PublicationWithPatch", problem, _numbered()),
        "/desk/proposals/{number}": _reading("desk-proposal", "ProposalReport", problem, _numbered()),
        "/desk/jobs/{number}": _reading("desk-job", "Job", problem, _numbered()),
    }


def _thing() -> Part:
    return {
        "name": "thing",
        "in": "query",
        "required": False,
        "schema": {"type": "string"},
        "description": "IRI of the thing; all that was published when absent.",
    }


def _numbered() -> Part:
    return {"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}


def _reading(operation: str, schema: str, problem: Part, parameter: Part) -> Part:
    good = {
        "description": "As JSON for programs; else the page.",
        "content": {"application/json": {"schema": _of(schema)}, "text/html": {"schema": _TEXT}},
    }
    return {
        "get": {
            "operationId": operation,
            "tags": ["desk"],
            "parameters": [parameter],
            "responses": {"200": good, **dict.fromkeys(REFUSALS, problem)},
            "security": [{}, {"token": []}],
        }
    }
