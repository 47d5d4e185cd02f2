"""Terms as a person writes them in an address or on the command line, and as they are written back. Pure; no I/O."""

from __future__ import annotations

import re
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from kizuna.views.ask import Term
from kizuna.workspace.names import BASE, PREFIXES, RDF, XSD

MOST_CHARACTERS: Final = 2000
_OURS: Final = re.compile(r"(?:id/|ns#|graph/)\S+\Z")
_PREFIXED: Final = re.compile(r"([a-z][a-z-]*):([^\s/<>\"{}|^`\\][^\s<>\"{}|^`\\]*)\Z")
_DATATYPE: Final = re.compile(r'(?s)(".*")\^\^xsd:([A-Za-z]+)\Z')


class TermError(ValueError):
    """A text names no term; the message is the text, cut."""


def term_of(text: str) -> NamedNode | Literal:
    """The term that a text names.

    Args:
        text: `id/KIND/SLUG` or `ns#NAME`, a prefixed name (`state:JPN`, `k:memberOf`), `a`, a whole IRI with or
            without `<>`, or a literal in quotes with `@language` or `^^xsd:TYPE`.

    Raises:
        TermError: it names none.
    """
    text = text.strip()
    try:
        return _term(text) if len(text) <= MOST_CHARACTERS else _refuse(text)
    except ValueError as error:
        raise TermError(text[:80]) from error


def iri_of(text: str) -> NamedNode:
    """Like `term_of`, for a place where only an IRI can stand.

    Raises:
        TermError: it names a literal, or nothing.
    """
    term = term_of(text)
    return term if isinstance(term, NamedNode) else _refuse(text)


def _refuse(text: str) -> NamedNode:
    raise TermError(text[:80])


def _term(text: str) -> NamedNode | Literal:
    if text == "a":
        return NamedNode(RDF + "type")
    if text.startswith('"'):
        return _literal(text)
    if text.startswith("<") and text.endswith(">"):
        return NamedNode(text[1:-1])
    if _OURS.match(text):
        return NamedNode(BASE + text)
    if re.match(r"(?:https?|urn|mailto):\S+\Z", text):
        return NamedNode(text)
    match = _PREFIXED.match(text)
    if match is None or match[1] not in PREFIXES:
        return _refuse(text)
    return NamedNode(PREFIXES[match[1]] + match[2])


def _literal(text: str) -> Literal:
    typed = _DATATYPE.match(text)
    if typed:
        text = f"{typed[1]}^^<{XSD}{typed[2]}>"
    try:
        quads = list(parse(f"<a:a> <a:a> {text} .".encode(), format=RdfFormat.N_TRIPLES))
    except SyntaxError as error:
        raise TermError(text[:80]) from error
    if len(quads) != 1 or not isinstance(quads[0], Quad) or not isinstance(found := quads[0].object, Literal):
        raise TermError(text[:80])
    return found


def text_of(term: Term) -> str:
    """How a term is written in an address: short for the product's own IRIs, and `term_of` reads it back."""
    if isinstance(term, NamedNode):
        iri = term.value
        return iri[len(BASE) :] if _OURS.match(iri[len(BASE) :]) and iri.startswith(BASE) else iri
    return str(term)
