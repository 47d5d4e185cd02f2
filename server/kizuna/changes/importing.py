"""Import tables into a workspace: which table is which, what each gives, as Turtle. Plain functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Store

from kizuna.changes.mapping import built_in
from kizuna.changes.tables import TableProblem, TableResult, read_table
from kizuna.workspace.names import NS
from kizuna.workspace.turtle import to_turtle


class UnknownTableError(ValueError):
    """No mapping has the table's name; `known` lists those there are."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.known = sorted(known)
        super().__init__(f"There is no mapping for a table '{name}' (there are: {', '.join(self.known)}).")


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """One table, read: its Turtle (empty with problems) and what is wrong."""

    name: str
    turtle: str
    rows: int
    problems: tuple[TableProblem, ...]


def actor_codes(store: Store) -> dict[str, str]:
    """Codes of the states and economies that a store holds, to their IRIs."""
    return {
        quad.object.value: quad.subject.value
        for quad in store.quads_for_pattern(None, NamedNode(NS + "iso3"), None, None)
        if isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode)
    }


def own_codes(table: TableResult) -> dict[str, str]:
    """Codes that a table of states itself brings."""
    return {
        triple.object.value: triple.subject.value
        for triple in table.triples
        if triple.predicate.value == NS + "iso3"
        and isinstance(triple.object, Literal)
        and isinstance(triple.subject, NamedNode)
    }


def import_table(name: str, text: str, actors: Mapping[str, str]) -> ImportedTable:
    """Read one table by the mapping of its name.

    Args:
        name: the table's name (a file name without suffix).
        text: the CSV text.
        actors: codes of states and economies (see `actor_codes`).

    Raises:
        UnknownTableError: no mapping has that name.
    """
    mappings = built_in()
    if name not in mappings:
        raise UnknownTableError(name, mappings)
    result = read_table(mappings[name], text, actors)
    turtle = "" if result.problems else to_turtle(result.triples)
    return ImportedTable(name, turtle, len(result.rows), tuple(result.problems))
