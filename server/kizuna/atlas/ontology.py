"""The ontology and the named graphs, as pages: every term with names, definition, example. Plain data."""

from __future__ import annotations

from dataclasses import dataclass

from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Name, iri, local_name, named, number, text
from kizuna.atlas.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Term:
    """A class or property of the ontology."""

    term: Name
    sort: str
    definition: Name
    example: Name
    above: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class OntologyPage:
    """All terms, classes first."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class GraphSize:
    """A named graph and how many triples it holds."""

    graph: str
    triples: int


def read_ontology(reader: Reader, words: Vocabulary) -> OntologyPage:
    """All terms of the product's own namespace."""
    terms: dict[str, Term] = {}
    above: dict[str, list[Name]] = {}
    for row in reader.rows("terms"):
        found = named(row, "term")
        parent = iri(row, "parent")
        if parent:
            above.setdefault(found.iri, []).append(_name(words, parent))
        terms.setdefault(
            found.iri,
            Term(
                term=found,
                sort=local_name(iri(row, "sort") or ""),
                definition=Name(found.iri, text(row, "definitionJa"), text(row, "definitionEn")),
                example=Name(found.iri, text(row, "exampleJa"), text(row, "exampleEn")),
                above=(),
            ),
        )
    complete = [
        Term(t.term, t.sort, t.definition, t.example, tuple(dict.fromkeys(above.get(t.term.iri, ()))))
        for t in terms.values()
    ]
    return OntologyPage(tuple(sorted(complete, key=lambda t: (t.sort != "Class", local_name(t.term.iri)))))


def _name(words: Vocabulary, term: str) -> Name:
    return words.classes.get(term) or words.properties.get(term) or Name(term)


def read_graphs(reader: Reader) -> tuple[GraphSize, ...]:
    """All named graphs of the view."""
    return tuple(
        GraphSize(graph, number(row, "triples"))
        for row in reader.rows("graphs")
        if (graph := iri(row, "graph"))
    )
