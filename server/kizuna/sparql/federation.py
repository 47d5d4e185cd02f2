"""SERVICE without letting the engine out: each clause is asked of its endpoint here and becomes a VALUES block.

Pure but for the `fetch` it is given. A SERVICE clause evaluates on its own and is then joined (SPARQL 1.1 Federated Query
§4), as VALUES is, so the answer is the same; nothing of the rest of the query is told to the other endpoint. Blank nodes of
the other endpoint become IRIs (`urn:kizuna:blank:…`), since VALUES cannot hold them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from kizuna.sparql.guard import after_prologue, prologue
from kizuna.sparql.tokens import Token, tokenize

Fetch = Callable[[str, str], bytes]
"""Asks an endpoint (IRI, query) for a result in the JSON format; raises ServiceError."""

MOST_ROWS: Final = 10_000


class ServiceError(Exception):
    """Another endpoint did not answer as SPARQL endpoints do."""


def federate(text: str, fetch: Fetch) -> str:
    """The query with every outermost SERVICE clause replaced by what its endpoint answers.

    Args:
        text: a query that the guard has let pass: each clause names an endpoint on the operator's list.
        fetch: asks an endpoint.

    Raises:
        ServiceError: an endpoint fails and the clause is not SILENT.
    """
    tokens = tokenize(text)
    head = prologue(tokens)
    end = after_prologue(tokens)
    declared = text[: tokens[end].start] if end < len(tokens) else ""
    pieces: list[str] = []
    done = at = 0
    while at < len(tokens):
        if tokens[at].kind != "word" or tokens[at].upper != "SERVICE":
            at += 1
            continue
        silent = tokens[at + 1].upper == "SILENT"
        target = at + 2 if silent else at + 1
        last = _end_of_group(tokens, target + 1)
        iri = head.resolve(tokens[target]) or ""
        group = text[tokens[target + 1].start : tokens[last].start + 1]
        pieces += [
            text[done : tokens[at].start],
            _values(iri, f"{declared}SELECT * WHERE {group}", fetch, silent),
        ]
        done = tokens[last].start + 1
        at = last + 1
    return "".join(pieces) + text[done:]


def _end_of_group(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for place in range(at, len(tokens)):
        if tokens[place].kind == "mark":
            depth += (tokens[place].text == "{") - (tokens[place].text == "}")
        if depth == 0:
            return place
    raise ServiceError("The SERVICE clause is not closed.")


def _values(iri: str, query: str, fetch: Fetch, silent: bool) -> str:
    try:
        return "{ " + values_of(fetch(iri, query)) + " }"
    except ServiceError:
        if silent:
            return "{ }"  # one solution that binds nothing (§3.1)
        raise


def values_of(body: bytes) -> str:
    """A result in the JSON format as a VALUES block.

    Raises:
        ServiceError: it is no such result, or has too many rows.
    """
    try:
        result = json.loads(body)
        names: list[str] = result["head"]["vars"]
        rows: list[dict[str, Any]] = result["results"]["bindings"]
        if len(rows) > MOST_ROWS:
            raise ServiceError(f"The other endpoint answers more than {MOST_ROWS} rows.")
        if not all(name.isidentifier() for name in names):
            raise ServiceError("The other endpoint names a variable that is none.")
        lines = ["(" + " ".join(_term(row.get(name)) for name in names) + ")" for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise ServiceError("The other endpoint does not answer in the JSON results format.") from error
    return "VALUES (" + " ".join("?" + name for name in names) + ") { " + " ".join(lines) + " }"


def _term(cell: dict[str, Any] | None) -> str:
    """A cell in query syntax; the library escapes literals and refuses what is no IRI."""
    if cell is None:
        return "UNDEF"
    value = cell["value"]
    if cell["type"] == "uri":
        return str(NamedNode(value))
    if cell["type"] == "bnode":
        return str(NamedNode(f"urn:kizuna:blank:{value}"))
    if "xml:lang" in cell:
        return str(Literal(value, language=cell["xml:lang"]))
    if "datatype" in cell:
        return str(Literal(value, datatype=NamedNode(cell["datatype"])))
    return str(Literal(value))
