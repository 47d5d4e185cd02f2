"""The media types an answer can have, by the form of the query. Pure constants and lookups.

Sources: SPARQL 1.1 results in JSON, XML, CSV and TSV; RDF 1.1 Turtle, TriG, N-Triples, N-Quads, RDF/XML, JSON-LD 1.1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from pyoxigraph import QueryResultsFormat, RdfFormat

from kizuna.engine.types import AnswerKind, UnsupportedFormatError

JSON: Final = "application/sparql-results+json"
XML: Final = "application/sparql-results+xml"
CSV: Final = "text/csv"
TSV: Final = "text/tab-separated-values"
TURTLE: Final = "text/turtle"
N_TRIPLES: Final = "application/n-triples"

RESULT_FORMATS: Final[dict[str, QueryResultsFormat]] = {
    JSON: QueryResultsFormat.JSON,
    XML: QueryResultsFormat.XML,
    CSV: QueryResultsFormat.CSV,
    TSV: QueryResultsFormat.TSV,
}
GRAPH_FORMATS: Final[dict[str, RdfFormat]] = {
    TURTLE: RdfFormat.TURTLE,
    N_TRIPLES: RdfFormat.N_TRIPLES,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
    "text/n3": RdfFormat.N3,
}


def formats_for(kind: AnswerKind) -> tuple[str, ...]:
    """The media types an answer of this kind can be had in, the preferred one first."""
    return tuple(GRAPH_FORMATS) if kind == "graph" else tuple(RESULT_FORMATS)


@lru_cache(maxsize=256)
def choose(asked: str, kind: AnswerKind) -> str:
    """The first of the asked media types (comma-separated, best first) that fits the kind.

    Raises:
        UnsupportedFormatError: none fits.
    """
    offered = formats_for(kind)
    for one in asked.split(","):
        name = one.split(";")[0].strip().lower()
        if name in offered:
            return name
    raise UnsupportedFormatError(
        f"The answer is of the kind '{kind}' and cannot be given as {asked or 'nothing'}; "
        f"it can be had as {', '.join(offered)}.",
        kind,
    )
