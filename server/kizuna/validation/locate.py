"""Find where a thing is written down in a Turtle or TriG file. Pure: works on the text, opens nothing.

A small scanner, not a parser: it knows comments, strings, IRIs, prefixes and brackets, which is enough to see
where a statement starts (RDF 1.1 Turtle, section 6). The file has been parsed by a real parser before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

_TOKEN: Final = re.compile(
    r"""
      (?P<skip>\s+|\#[^\n]*)
    | (?P<string>\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    | (?P<iri><[^<>"{}|^`\s]*>)
    | (?P<directive>@prefix\b|@base\b|(?i:PREFIX\b|BASE\b)(?=[^:\w]))
    | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*|\^\^)
    | (?P<blank>_:[\w·.-]*[\w·-])
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w:]))
    | (?P<name>(?:[^\W\d][\w.-]*)?:(?:(?:\\.|%[0-9A-Fa-f]{2}|[\w:·-]|\.(?=[\w:%\\·.-]))*))
    | (?P<word>[A-Za-z]+)
    | (?P<mark>[][().;,])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_RDF_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_ESCAPED: Final = re.compile(r"\\(.)")
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def _absolute(iri: str, base: str) -> str:
    """Resolve an IRI. (`urljoin` alone would cut the empty fragment off a namespace such as `…/ns#`.)"""
    if not base or _ABSOLUTE.match(iri):
        return iri
    return urljoin(base, iri) + ("#" if iri.endswith("#") else "")


def statements(text: str, base: str = "") -> Iterator[tuple[str, str, int]]:
    """List `(subject, predicate, line)` for every predicate that a Turtle text writes for a named subject.

    Args:
        text: the file's text.
        base: IRI that relative IRIs are resolved against, until the text sets its own.

    Yields:
        IRIs of subject and predicate, and the 1-based line of the predicate (for the first predicate of a
        statement: the line of the subject).
    """
    prefixes: dict[str, str] = {}
    directive: list[str] = []  # tokens of the directive being read
    depth = 0
    subject: str | None = None
    subject_line = line = 1
    expect = "subject"

    def resolve(kind: str, lexeme: str) -> str | None:
        if kind == "iri":
            return _absolute(lexeme[1:-1], base)
        if kind == "name":
            prefix, _, local = lexeme.partition(":")
            return prefixes[prefix] + _ESCAPED.sub(r"\1", local) if prefix in prefixes else None
        return _RDF_TYPE if lexeme == "a" else None

    for match in _TOKEN.finditer(text):
        kind, lexeme = match.lastgroup or "other", match[0]
        here, line = line, line + lexeme.count("\n")
        if kind == "skip":
            continue
        if directive:
            directive.append(lexeme)
            if kind != "iri":
                continue
            if directive[0].lstrip("@").lower() == "base":
                base = _absolute(lexeme[1:-1], base)
            else:
                prefixes[directive[1].rstrip(":")] = _absolute(lexeme[1:-1], base)
            directive = []
            expect = "subject"
        elif kind == "directive":
            directive = [lexeme]
        elif kind == "mark" and lexeme in "[(":
            if depth == 0 and expect == "subject":
                subject, expect = None, "predicate"
            depth += 1
        elif kind == "mark" and lexeme in "])":
            depth -= 1
        elif depth:
            continue
        elif lexeme in ("{", "}"):  # a graph of TriG begins or ends (RDF 1.1 TriG, section 2)
            subject, expect = None, "subject"
        elif kind == "mark":
            expect = {".": "subject", ";": "predicate", ",": "object"}[lexeme]
        elif expect == "subject":
            subject, subject_line, expect = resolve(kind, lexeme), here, "first predicate"
        elif expect in ("predicate", "first predicate"):
            predicate = resolve(kind, lexeme)
            if subject is not None and predicate is not None:
                yield subject, predicate, subject_line if expect == "first predicate" else here
            expect = "object"


def line_of(text: str, subject: str, predicate: str | None = None, base: str = "") -> int | None:
    """Find the line of a subject in a Turtle text, or of one of its predicates (else of the subject).

    Returns:
        A 1-based line, or None when the text says nothing about the subject.
    """
    first: int | None = None
    for found, said, line in statements(text, base):
        if found != subject:
            continue
        if predicate is None or said == predicate:
            return line
        first = line if first is None else first
    return first
