"""The part of the OpenAPI description that tells of the graph store, /graphs. Pure.

Source: SPARQL 1.1 Graph Store HTTP Protocol (W3C Recommendation, 21 March 2013) §4 and §5.
"""

from __future__ import annotations

from typing import Any, Final

from kizuna.sparql.description import RDF_FORMATS

Part = dict[str, Any]
PATCHES: Final = ("application/sparql-update", "application/rdf-patch")
REFUSALS: Final = ("400", "401", "403", "404", "406", "413", "429", "503")
"""Any request: wrong, without the sign-in a server may ask for, not allowed, unknown, unacceptable, too long, too many."""
WRITE_REFUSALS: Final = ("409", "412", "415")
"""A write besides: in conflict, on another revision than If-Match names, with a body that cannot be read."""
_TEXT: Final[Part] = {"schema": {"type": "string"}}


def paths(problem: Part, report: Part, location: Part, views: list[Part], wishes: list[Part]) -> Part:
    """The paths of the graph store.

    Args:
        problem: the answer to a request that is refused.
        report: the answer to a write that breaks the shapes.
        location: the header field that names what came of a write.
        views: parameters that choose the view that is read.
        wishes: parameters of a write.
    """
    named = [
        _parameter("graph", {"type": "string", "format": "uri"}, "IRI of the graph."),
        {**_parameter("default", {"type": "string"}, "The default graph."), "allowEmptyValue": True},
    ]
    by_path = {
        **_parameter(
            "path", {"type": "string", "minLength": 1}, "The graph https://w3id.org/kizuna/graph/PATH."
        ),
        "in": "path",
        "required": True,
    }
    found: Part = {}
    for path, start, name in (("/graphs", named, "graphs"), ("/graphs/{path}", [by_path], "graph-by-path")):
        found[path] = {
            "get": {
                "operationId": f"{name}-get",
                "tags": ["graphs"],
                "parameters": [*start, *views],
                "responses": _reading(problem),
            },
            **{
                method: {
                    "operationId": f"{name}-{method}",
                    "tags": ["graphs"],
                    "parameters": [*start, *wishes],
                    **({"requestBody": body} if body else {}),
                    "responses": _writing(problem, report, location),
                    "security": [{"token": []}],
                }
                for method, body in _BODIES.items()
            },
        }
    return found


def _parameter(name: str, schema: Part, description: str) -> Part:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


_DOCUMENT: Final[Part] = {
    "required": True,
    "content": {
        **dict.fromkeys(RDF_FORMATS, _TEXT),
        "multipart/form-data": {"schema": {"type": "object", "additionalProperties": {"type": "string"}}},
    },
}
_BODIES: Final[dict[str, Part | None]] = {
    "put": _DOCUMENT,
    "post": _DOCUMENT,
    "delete": None,
    "patch": {"required": True, "content": dict.fromkeys(PATCHES, _TEXT)},
}


def _reading(problem: Part) -> Part:
    good = {
        "description": "The graph, whole; the list of all graphs when none is named.",
        "headers": {"ETag": {"schema": {"type": "string"}}},
        "content": dict.fromkeys(RDF_FORMATS, _TEXT),
    }
    same = {"description": "The graph has not changed (If-None-Match)."}
    return {"200": good, "304": same, **dict.fromkeys(REFUSALS, problem)}


def _writing(problem: Part, report: Part, location: Part) -> Part:
    place = {"headers": {"Location": location}}
    return {
        "200": {"description": "The change is published."},
        "201": {"description": "A new graph is published.", **place},
        "202": {"description": "The change is a proposal now.", **place},
        "204": {"description": "The change is made, or nothing would change."},
        **dict.fromkeys((*REFUSALS, *WRITE_REFUSALS), problem),
        "422": {**report, "description": "The change breaks the shapes: the report."},
    }
