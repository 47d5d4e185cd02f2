"""Are two results the same? Solutions and graphs are compared up to the names of blank nodes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
X = "urn:x:"
FORMATS = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".rdf": RdfFormat.RDF_XML,
    ".trig": RdfFormat.TRIG,
}
RESULTS = {".srx": QueryResultsFormat.XML, ".srj": QueryResultsFormat.JSON, ".tsv": QueryResultsFormat.TSV}
Term = NamedNode | BlankNode | Literal | Triple


def triples(body: bytes, form: RdfFormat, base: str) -> list[Quad]:
    """The triples of a document, their graph left out."""
    quads = parse(body, format=form, base_iri=base, rename_blank_nodes=True)
    return [Quad(q.subject, q.predicate, q.object) for q in quads]


def same_graphs(left: Iterable[Quad], right: Iterable[Quad]) -> bool:
    """Equal up to blank nodes, as the index spells literals."""
    return canonical(left) == canonical(right)


def canonical(quads: Iterable[Quad]) -> Dataset:
    store = Store()
    store.extend(quads)
    dataset = Dataset(store)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def solutions_as_quads(rows: Iterable[list[tuple[str, Term]]], ordered: bool) -> list[Quad]:
    """Solutions as a graph, one blank node a row, so that they can be compared as graphs."""
    quads: list[Quad] = []
    for number, row in enumerate(rows):
        node = BlankNode(f"row{number}")
        quads.append(Quad(node, NamedNode(X + "is"), NamedNode(X + "row")))
        if ordered:
            quads.append(Quad(node, NamedNode(X + "index"), Literal(number)))
        for name, term in row:
            quads.append(Quad(node, NamedNode(X + "v:" + name), term))
    return quads


def rows_of(result: QuerySolutions) -> list[list[tuple[str, Term]]]:
    names = [v.value for v in result.variables]
    return [
        [(name, term) for name, term in zip(names, row, strict=True) if term is not None] for row in result
    ]


def expected_rows(body: bytes, suffix: str, base: str) -> tuple[list[list[tuple[str, Term]]] | bool, bool]:
    """Rows (or a truth value) of an expected result, and whether their order is said."""
    if suffix in RESULTS:
        result = parse_query_results(body, format=RESULTS[suffix])
        return (bool(result), False) if isinstance(result, QueryBoolean) else (rows_of(result), False)
    return _result_set(triples(body, FORMATS[suffix], base))


def _result_set(quads: list[Quad]) -> tuple[list[list[tuple[str, Term]]] | bool, bool]:
    """A result written with the DAWG result set vocabulary."""

    def objects(subject: Term, name: str) -> list[Term]:
        return [q.object for q in quads if q.subject == subject and q.predicate.value == RS + name]

    for quad in quads:
        if quad.predicate.value == RS + "boolean" and isinstance(quad.object, Literal):
            return quad.object.value == "true", False
    found: list[tuple[int, list[tuple[str, Term]]]] = []
    for quad in quads:
        if quad.predicate.value != RS + "solution":
            continue
        row = []
        for binding in objects(quad.object, "binding"):
            variable, value = objects(binding, "variable")[0], objects(binding, "value")[0]
            row.append((str(getattr(variable, "value", "")), value))
        index = objects(quad.object, "index")
        found.append((int(index[0].value) if index and isinstance(index[0], Literal) else -1, row))
    ordered = any(index >= 0 for index, _ in found)
    return [row for _, row in sorted(found, key=lambda pair: pair[0])], ordered


def once(rows: Iterable[list[tuple[str, Term]]]) -> list[list[tuple[str, Term]]]:
    """Each row once."""
    return [list(row) for row in dict.fromkeys(tuple(sorted(row, key=str)) for row in rows)]


def same_csv(left: bytes, right: bytes) -> bool:
    """CSV tells less than the others: lines are compared as multisets, blank nodes as equal."""

    def lines(body: bytes) -> list[tuple[tuple[str, str], ...]]:
        head, *rows = csv.reader(io.StringIO(body.decode("utf-8")), delimiter="\t" if b"\t" in body else ",")
        told = [["_:" if cell.startswith("_:") else cell for cell in row] for row in rows]
        return sorted(tuple(sorted(zip(head, row, strict=True))) for row in told)

    return lines(left) == lines(right)
