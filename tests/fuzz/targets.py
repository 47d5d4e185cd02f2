"""Everything that reads what strangers send, as functions of bytes: each ends, and raises nothing but what it declares.

The suite runs them with Hypothesis on texts near the real thing; `python -m tests.fuzz` with atheris on anything.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from functools import cache
from typing import Final

from pyoxigraph import NamedNode, Quad, Store

from kizuna.changes import documents, sheets
from kizuna.changes.documents import DocumentError
from kizuna.changes.mapping import built_in
from kizuna.changes.patch import PatchError, parse_patch
from kizuna.engine.text import tokens, unescape
from kizuna.sparql.guard import Policy, Refusal, examine_query, examine_update
from kizuna.sparql.negotiation import choose
from kizuna.sparql.protocol import HttpRequest, ProtocolError, read_request
from kizuna.sparql.updating import run
from kizuna.web.negotiation import choose as choose_page
from kizuna.web.negotiation import choose_language

GRAPH: Final = "https://w3id.org/kizuna/graph/data/fuzz"
POLICY: Final = Policy(frozenset(), 200_000, 200)
METHODS: Final = ("GET", "POST", "HEAD")
CONTENT_TYPES: Final = (
    "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update",
    "application/sparql-query; charset=utf-8", "text/plain", "", 'a/b; charset="',
)  # fmt: skip


@cache
def _store() -> Store:
    store = Store()
    store.add(Quad(NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:c"), NamedNode(GRAPH)))
    return store


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def protocol(data: bytes) -> None:
    """A request to /sparql: its method, type, query string and body."""
    kind = data[0] if data else 0
    head, _, body = data[1:].partition(b"\n")
    request = HttpRequest(METHODS[kind % 3], head, CONTENT_TYPES[kind // 3 % len(CONTENT_TYPES)], body)
    try:
        found = read_request(request)
    except ProtocolError:
        return
    assert found.kind in ("query", "update", "nothing")


def guard(data: bytes) -> None:
    """The text of a query or update, before anything runs."""
    text = _text(data)
    for examine in (examine_query, examine_update):
        with contextlib.suppress(Refusal):
            examine(text, POLICY)


def token_reader(data: bytes) -> None:
    """Tokens cover their text in order."""
    text = unescape(_text(data))
    at = 0
    for token in tokens(text):
        assert token.text
        found = text.find(token.text, at)
        assert found >= at
        at = found + len(token.text)


def update(data: bytes) -> None:
    """An update, carried out on a private copy as a sandbox does; the guard has seen it."""
    text = _text(data)
    try:
        examine_update(text, POLICY)
    except Refusal:
        return
    if "LOAD" in unescape(text).upper():
        return
    answer = run(Store(), text, "", None, None, "")
    assert answer.startswith((b"\0", b"{"))


def patch(data: bytes) -> None:
    """An RDF patch."""
    try:
        found = parse_patch(_text(data))
    except PatchError:
        return
    assert parse_patch(found.text()) == found


def document(data: bytes) -> None:
    """An RDF document, in the format that its first byte says."""
    media_types = tuple(documents.FORMATS)
    media_type = media_types[(data[0] if data else 0) % len(media_types)]
    answer = documents.read(_store(), data[1:], media_type, GRAPH, "add")
    assert set(json.loads(answer)) & {"patch", "problem"}


def table(data: bytes) -> None:
    """A table as CSV or XLSX, by the mapping that its first byte says."""
    names = sorted(built_in())
    number = data[0] if data else 0
    kind: sheets.Kind = "xlsx" if data[1:3] == b"PK" else "csv"
    answer = sheets.read(_store(), data[1:], kind, names[number % len(names)], GRAPH, "add")
    with contextlib.suppress(DocumentError, PatchError):
        sheets.read_answer(answer)


def fields(data: bytes) -> None:
    """Accept and Accept-Language."""
    text = _text(data)
    offered = ("text/html", "application/json", "text/turtle")
    assert choose(text, offered) in (*offered, None)
    assert choose_page(text, offered) in (*offered, None)
    assert choose_language(text, ("ja", "en"), "ja") in ("ja", "en")


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "protocol": protocol,
    "guard": guard,
    "tokens": token_reader,
    "update": update,
    "patch": patch,
    "document": document,
    "table": table,
    "fields": fields,
}

SEEDS: Final[dict[str, tuple[bytes, ...]]] = {
    "protocol": (
        b"\x00query=ASK%7B%7D&default-graph-uri=urn:x\n", b"\x01\nquery=SELECT+*+%7B%7D&update=CLEAR+ALL",
        b"\x04query=%E2%28%A1\nSELECT * {}", b"\x07using-graph-uri=a\nDELETE WHERE { ?s ?p ?o }",
    ),
    "guard": (
        b'PREFIX k: <urn:k:> SELECT ?s { ?s k:a "x\\"y" . SERVICE <http://a/> { ?s ?p ?o } } # c',
        b"SELECT * FROM NAMED <urn:a> WHERE { GRAPH ?g { ?s (<a>|^<b>)+ ?o } }", b"LO\\u0041D <http://a/>",
        b"INSERT DATA { <a> <b> '''x''' } ; LOAD SILENT <file:///etc/passwd> INTO GRAPH <urn:g>",
    ),
    "tokens": (b"SELECT ?a$b { <a\\u0062c> 'x'@en-GB, 1e9 , -2.5 , \"\"\"a\"b\"\"\"^^<t> . _:b a () } # x\n",),
    "update": (
        b"INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } } ; DELETE WHERE { ?s ?p ?o }", b"CLEAR ALL ; DROP GRAPH <a>",
        b"DELETE { ?s ?p ?o } INSERT { ?s ?p 'x' } USING <urn:g> WHERE { ?s ?p ?o }", b"COPY DEFAULT TO <urn:x>",
    ),
    "patch": (
        b"TX .\nA <urn:a> <urn:b> \"c\"@en <https://w3id.org/kizuna/graph/data/x> .\nTC .\n",
        b"H id <uuid:1> .\nD <urn:a> <urn:b> _:x <urn:g> .\n", b"A <urn:a> <urn:b> .\n",
    ),
    "document": tuple(
        bytes([number]) + text
        for number in range(8)
        for text in (
            b"<urn:a> <urn:b> <urn:c> .", b"@prefix a: <urn:> . a:a a:b [ a:c (1 2) ], 'x'@en .",
            b'{"@context": {"@vocab": "urn:"}, "@id": "urn:a", "b": [{"@value": "x", "@language": "ja"}]}',
            b"<?xml version='1.0'?><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='urn:a'/></rdf:RDF>",
            b"\xff\xfe\x00", b"\xfe\xff",
        )
    ),
    "table": (
        *(bytes([number]) + ",".join(built_in()[name].header).encode() + b"\n\"a\nb\",x,,1\n"
          for number, name in enumerate(sorted(built_in()))),
        b"\x00PK\x05\x06" + b"\0" * 18, b"\x00\xff\xfea", b"\x00\x00",
    ),
    "fields": (b"text/turtle;q=0.5, */*;q=0, text/html;level=1", b"ja;q=0.x, en-GB, *;q=1", b'a/b;c="d,e";q=1.0001'),
}  # fmt: skip
