"""The ways in which the views ask a store. Reads the given store only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    Variable,
)

Term = NamedNode | BlankNode | Literal | Triple


def solutions(store: Store, text: str, values: Mapping[str, Term] | None = None) -> list[dict[str, Term]]:
    """Solutions of a SELECT over the union of all graphs: variable to term, unbound ones left out.

    Args:
        store: what is asked.
        text: a SELECT; the names in `values` must be in its projection.
        values: variables with a fixed value.
    """
    found = cast(
        QuerySolutions,
        store.query(text, use_default_graph_as_union=True, substitutions=_substitutions(values)),
    )
    names = [variable.value for variable in found.variables]
    rows = []
    for solution in found:
        pairs = zip(names, solution, strict=True)
        rows.append({name: cast(Term, term) for name, term in pairs if term is not None})
    return rows


def construct(store: Store, text: str) -> bytes:
    """Triples of a CONSTRUCT over the union of all graphs, as N-Triples."""
    found = cast(QueryTriples, store.query(text, use_default_graph_as_union=True))
    return cast(bytes, found.serialize(format=RdfFormat.N_TRIPLES))


def _substitutions(values: Mapping[str, Term] | None) -> dict[Variable, Term] | None:
    return {Variable(name): term for name, term in values.items()} if values else None
