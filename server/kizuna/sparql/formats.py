"""The result formats: media types, other names that clients use for them, short names, file endings. Pure.

Sources: SPARQL 1.1 Query Results JSON, XML, CSV and TSV; RDF 1.1 Turtle, N-Triples, N-Quads, TriG, RDF/XML; JSON-LD 1.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kizuna.engine.types import AnswerKind


@dataclass(frozen=True, slots=True)
class Format:
    """One result format.

    Args:
        name: short name, as in `?format=NAME` and as a file ending.
        media_type: the registered media type; the engine is asked for it.
        aliases: other media types that clients ask for and that the same bytes may be called.
        kinds: which kinds of answer it can carry.
        text: True when a charset parameter belongs to the type.
    """

    name: str
    media_type: str
    aliases: tuple[str, ...]
    kinds: frozenset[AnswerKind]
    text: bool = False


_SOLUTIONS: Final[frozenset[AnswerKind]] = frozenset({"solutions", "boolean"})
_GRAPH: Final[frozenset[AnswerKind]] = frozenset({"graph"})

FORMATS: Final = (
    Format("json", "application/sparql-results+json", ("application/json",), _SOLUTIONS),
    Format("xml", "application/sparql-results+xml", ("application/xml", "text/xml"), _SOLUTIONS),
    Format("csv", "text/csv", ("application/csv",), _SOLUTIONS, text=True),
    Format("tsv", "text/tab-separated-values", ("text/tsv", "text/plain"), _SOLUTIONS, text=True),
    Format("ttl", "text/turtle", ("application/x-turtle", "application/turtle"), _GRAPH, text=True),
    Format("nt", "application/n-triples", ("text/plain",), _GRAPH),
    Format("rdf", "application/rdf+xml", ("application/xml", "text/xml"), _GRAPH),
    Format("jsonld", "application/ld+json", ("application/json",), _GRAPH),
    Format("trig", "application/trig", ("application/x-trig",), _GRAPH),
    Format("nq", "application/n-quads", ("text/x-nquads",), _GRAPH),
)
SHORT_NAMES: Final = {
    "turtle": "ttl",
    "ntriples": "nt",
    "n-triples": "nt",
    "nquads": "nq",
    "n-quads": "nq",
    "rdfxml": "rdf",
    "rdf+xml": "rdf",
    "json-ld": "jsonld",
    "excel": "csv",
}
FORM_KINDS: Final[dict[str, AnswerKind]] = {
    "SELECT": "solutions",
    "ASK": "boolean",
    "CONSTRUCT": "graph",
    "DESCRIBE": "graph",
}


@lru_cache(maxsize=512)
def formats_for(kind: AnswerKind) -> tuple[Format, ...]:
    """The formats that can carry this kind of answer, the server's preference first."""
    return tuple(f for f in FORMATS if kind in f.kinds)


@lru_cache(maxsize=512)
def named_format(name: str, kind: AnswerKind) -> Format | None:
    """The format by short name or media type; None when there is none for this kind of answer."""
    wanted = name.strip().lower()
    wanted = SHORT_NAMES.get(wanted, wanted)
    for candidate in formats_for(kind):
        if wanted in (candidate.name, candidate.media_type, *candidate.aliases):
            return candidate
    return None


@lru_cache(maxsize=512)
def media_types_for(kind: AnswerKind) -> tuple[str, ...]:
    """All media types, registered ones first, that an answer of this kind can be called."""
    offered = formats_for(kind)
    return tuple(f.media_type for f in offered) + tuple(a for f in offered for a in f.aliases)


def rdf_format_of(media_type: str) -> Format | None:
    """The RDF format of a media type (parameters already stripped), for documents that come in."""
    wanted = media_type.strip().lower()
    for candidate in formats_for("graph"):
        if wanted in (candidate.media_type, *candidate.aliases):
            return candidate
    return None
