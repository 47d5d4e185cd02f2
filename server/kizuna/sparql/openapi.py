"""The OpenAPI 3.1 description of the endpoint, of the graph store, of the query library and of the desk's JSON. Pure.

Source: OpenAPI Specification 3.1.1. Every query of the library is one operation, its parameters typed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from kizuna.sparql import openapi_desk, openapi_graphs
from kizuna.sparql.formats import FORMATS, formats_for
from kizuna.sparql.openapi_graphs import REFUSALS, WRITE_REFUSALS
from kizuna.workspace.queries import THING_TYPES, LibraryQuery, Parameter

JSON: Final = "application/sparql-results+json"


def _schema(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if parameter.type == "date":
        schema = {"anyOf": [{"type": "string", "format": "date"}, {"const": "today"}]}
    elif parameter.type == "integer":
        schema = {"type": "integer"}
    elif parameter.type == "language":
        schema = {"type": "string", "enum": ["ja", "en"]}
    elif parameter.type in THING_TYPES or parameter.type == "role":
        schema["description"] = "An IRI, or a prefixed name such as state:XXX."
    if parameter.default:
        schema["default"] = int(parameter.default) if parameter.type == "integer" else parameter.default
    return schema


def _parameter(parameter: Parameter, language: str) -> dict[str, Any]:
    label = parameter.label_ja if language == "ja" else parameter.label_en
    return {
        "name": parameter.name,
        "in": "query",
        "required": not parameter.default,
        "description": label,
        "schema": _schema(parameter),
    }


def _content(kinds: Iterable[str]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for kind in kinds:
        for form in formats_for(kind):
            content[form.media_type] = {
                "schema": {"type": "object"} if form.name == "json" else {"type": "string"}
            }
    return content


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


_PROBLEM_FORMS: Final = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
    "text/html": {"schema": {"type": "string"}},
}
_PROBLEM: Final = {"$ref": "#/components/responses/Problem"}


def _responses(kinds: Iterable[str]) -> dict[str, Any]:
    good = {
        "description": "The answer.",
        "headers": {"Kizuna-Rows": _COUNT, "Kizuna-Truncated": _FLAG, "ETag": {"schema": {"type": "string"}}},
        "content": _content(kinds),
    }
    same = {"description": "The answer has not changed (If-None-Match)."}
    return {"200": good, "304": same, **dict.fromkeys(REFUSALS, _PROBLEM)}


_COUNT: Final = {"description": "Rows or triples in the answer.", "schema": {"type": "integer"}}
_FLAG: Final = {"description": "true when a limit cut the answer.", "schema": {"enum": ["true", "false"]}}


def _operation(query: LibraryQuery, language: str) -> dict[str, Any]:
    ja = language == "ja"
    graph = any(word in query.text.upper().split() for word in ("CONSTRUCT", "DESCRIBE"))
    return {
        "operationId": "query-" + query.name.replace("/", "-"),
        "summary": query.title_ja if ja else query.title_en,
        "description": query.description_ja if ja else query.description_en,
        "tags": [query.group],
        "parameters": [
            *(_parameter(one, language) for one in query.parameters),
            _ref("asof"),
            _ref("revision"),
            _ref("scenario"),
            _ref("format"),
            _ref("timeout"),
        ],
        "responses": _responses(["graph"] if graph else ["solutions"]),
    }


_WISHES = {
    "title": "What an update does, for those who review it.",
    "publish": "Publish an update at once, with this message.",
    "reason": "Why the warnings of an update are acceptable.",
}
_LOCATION = {"schema": {"type": "string", "format": "uri"}, "description": "The proposal's page."}


def _endpoint_operations() -> dict[str, Any]:
    dataset = [
        _ref("default-graph-uri"),
        _ref("named-graph-uri"),
        _ref("asof"),
        _ref("revision"),
        _ref("scenario"),
        _ref("format"),
        _ref("timeout"),
        _ref("rows"),
    ]
    text = {
        "name": "query",
        "in": "query",
        "required": True,
        "schema": {"type": "string"},
        "description": "The query.",
    }
    body = {
        "required": True,
        "content": {
            "application/sparql-query": {"schema": {"type": "string"}},
            "application/sparql-update": {"schema": {"type": "string"}},
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "properties": {"query": {"type": "string"}, "update": {"type": "string"}},
                    "oneOf": [{"required": ["query"]}, {"required": ["update"]}],
                }
            },
        },
    }
    responses = _responses(["solutions", "graph"])
    return {
        "get": {
            "operationId": "sparql-get",
            "tags": ["sparql"],
            "parameters": [text, *dataset],
            "responses": responses,
        },
        "post": {
            "operationId": "sparql-post",
            "tags": ["sparql"],
            "parameters": [*dataset, *(_ref(name) for name in _WISHES)],
            "requestBody": body,
            "responses": {
                **responses,
                "202": {"description": "The update is a proposal now.", "headers": {"Location": _LOCATION}},
                "204": {"description": "The update would change nothing."},
                **dict.fromkeys(WRITE_REFUSALS, _PROBLEM),
                "422": {**_report(), "description": "The update breaks the shapes: the report."},
            },
            # A query needs no token, an update does.
            "security": [{}, {"token": []}],
        },
    }


def _report() -> dict[str, Any]:
    """A SHACL report as a graph, or the error that holds it."""
    return {"content": {**_content(["graph"]), **_PROBLEM_FORMS}}


def _shared_parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def describe(queries: Iterable[LibraryQuery], base: str, version: str, language: str) -> dict[str, Any]:
    """The document.

    Args:
        queries: the library.
        base: address of the server, without a slash at the end.
        version: of the product.
        language: ja or en, for titles and descriptions.
    """
    graphs = {"type": "array", "items": {"type": "string", "format": "uri"}}
    names = [form.name for form in FORMATS] + ["excel"]
    paths: dict[str, Any] = {"/sparql": _endpoint_operations()}
    for query in queries:
        paths[f"/api/queries/{query.name}"] = {"get": _operation(query, language)}
    views = [_ref("asof"), _ref("revision"), _ref("scenario"), _ref("format")]
    wishes = [_ref(name) for name in _WISHES]
    paths.update(openapi_graphs.paths(_PROBLEM, _report(), _LOCATION, views, wishes))
    paths.update(openapi_desk.paths(_PROBLEM))
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "絆 Kizuna" if language == "ja" else "Kizuna",
            "version": version,
            "license": {"name": "CC BY 4.0", "identifier": "CC-BY-4.0"},
        },
        "servers": [{"url": base}],
        "paths": paths,
        "components": {
            "parameters": {
                "asof": _shared_parameter("asof", {"type": "string", "format": "date"}, "Day of the view."),
                "revision": _shared_parameter(
                    "revision",
                    {"type": "integer", "minimum": 0},
                    "What the record said at this commit; the newest when absent.",
                ),
                "scenario": _shared_parameter(
                    "scenario",
                    {"type": "string"},
                    "Scenarios laid over the record, in order, between commas.",
                ),
                "format": _shared_parameter(
                    "format", {"type": "string", "enum": names}, "Format of the answer."
                ),
                "timeout": _shared_parameter(
                    "timeout", {"type": "number", "exclusiveMinimum": 0}, "Seconds."
                ),
                "rows": _shared_parameter("rows", {"type": "integer", "minimum": 1}, "Rows at most."),
                "default-graph-uri": _shared_parameter(
                    "default-graph-uri", graphs, "Default graph of the dataset."
                ),
                "named-graph-uri": _shared_parameter(
                    "named-graph-uri", graphs, "Named graph of the dataset."
                ),
                **{name: _shared_parameter(name, {"type": "string"}, text) for name, text in _WISHES.items()},
            },
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "Token of an account."}
            },
            "responses": {
                "Problem": {
                    "description": "What went wrong, where, and what to do (RFC 9457).",
                    "content": dict(_PROBLEM_FORMS),
                }
            },
            "schemas": {
                **openapi_desk.SCHEMAS,
                "Problem": {
                    "type": "object",
                    "required": ["code", "status", "title", "detail", "what_to_do"],
                    "properties": {
                        "type": {"type": "string", "format": "uri"},
                        "code": {"type": "string"},
                        "status": {"type": "integer"},
                        "title": {"type": "string"},
                        "detail": {"type": "string"},
                        "what_to_do": {"type": "string"},
                    },
                },
            },
        },
    }
