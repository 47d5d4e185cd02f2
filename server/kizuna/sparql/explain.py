"""What a query does: its algebra, with the rows that match each pattern and the time that takes. Changes nothing.

The engine calls `explain` by name in a sealed fork, on a private copy of the view, under the limits of a query: reading
the algebra (by rdflib, which only parses here) and counting cost no more than a query may.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

from pyoxigraph import QuerySolutions, Store
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import BNode, Identifier, Variable

MODULES: Final = ("kizuna.sparql.explain",)
MOST_STEPS: Final = 200
_NO_STEPS: Final = ("Relational", "Conditional", "Builtin", "TrueFilter", "OrderCondition")
_SHOWN: Final = ("expr", "var", "vars", "PV", "start", "length", "datasetClause", "term", "res")


# rdflib looks up its plugins at the first use, which opens files; a sealed fork opens none. So: use it once before.
translateQuery(
    parseQuery(
        "SELECT (COUNT(*) AS ?n) { ?s ?p 1 OPTIONAL { ?s ?p 'a'@en } FILTER(?s > 1) } GROUP BY ?s LIMIT 1"
    )
)


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of the algebra.

    Args:
        depth: how deep it stands.
        operation: its name in SPARQL's algebra (SPARQL 1.1 §18.2), or "triple" or "whole query".
        detail: what it works on.
        rows: how many solutions it has by itself, None when that was not counted.
        milliseconds: how long counting took.
    """

    depth: int
    operation: str
    detail: str
    rows: int | None = None
    milliseconds: float | None = None


def explain(store: Store, text: str, union: bool) -> bytes:
    """The steps of a query, as JSON.

    Args:
        store: the private copy.
        text: the query.
        union: the default graph is the union of all graphs.

    Raises:
        SyntaxError: it does not parse.
    """
    started = time.perf_counter()
    result = store.query(text, use_default_graph_as_union=union)
    rows = (
        sum(1 for _ in result)
        if not hasattr(result, "__bool__") or isinstance(result, QuerySolutions)
        else None
    )
    whole = Step(0, "whole query", "", rows, (time.perf_counter() - started) * 1000)
    try:
        algebra = translateQuery(parseQuery(text)).algebra
    except Exception as error:  # what rdflib does not know (SPARQL 1.2), the engine may know well
        steps = [whole, Step(1, "algebra", f"not available: {type(error).__name__}: {error}"[:200])]
    else:
        steps = [whole, *_steps(store, algebra, 1, union)]
    return json.dumps([asdict(step) for step in steps[:MOST_STEPS]], ensure_ascii=False).encode()


def _steps(store: Store, part: Any, depth: int, union: bool) -> Iterable[Step]:
    if not isinstance(part, CompValue):
        return
    if part.name == "BGP":
        triples = list(part.triples)
        if triples:
            yield _counted(store, triples, depth, "BGP", union)
            if len(triples) > 1:
                for triple in triples:
                    yield _counted(store, [triple], depth + 1, "triple", union)
        return
    yield Step(depth, part.name, _detail(part))
    for value in part.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, CompValue) and not one.name.startswith(
                ("Relational", "Conditional", "Builtin")
            ):
                yield from _steps(store, one, depth + 1, union)


def _counted(store: Store, triples: list[Any], depth: int, name: str, union: bool) -> Step:
    pattern = " . ".join(" ".join(_written(term) for term in triple) for triple in triples)
    started = time.perf_counter()
    rows: int | None = None
    try:
        result = store.query(
            f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}", use_default_graph_as_union=union
        )
        if isinstance(result, QuerySolutions):
            rows = int(next(result)["n"].value)
    except (SyntaxError, ValueError, RuntimeError):
        rows = None
    return Step(
        depth, name, pattern if len(triples) == 1 else "", rows, (time.perf_counter() - started) * 1000
    )


def _written(term: Any) -> str:
    if isinstance(term, BNode):
        return f"_:{term}"
    if isinstance(term, Identifier) or hasattr(term, "n3"):
        return str(term.n3())
    return str(term)


def _detail(part: CompValue) -> str:
    words = []
    for key, value in part.items():
        if key not in _SHOWN or value is None or getattr(value, "name", "") == "TrueFilter":
            continue
        many = value if isinstance(value, (list, set, tuple)) else [value]
        shown = [_written(one) if isinstance(one, Identifier) else _expression(one) for one in many]
        if shown:
            words.append(" ".join(sorted(shown) if isinstance(value, set) else shown))
    return " ; ".join(words)[:300]


def _expression(value: Any) -> str:
    if isinstance(value, Variable):
        return str(value.n3())
    if not isinstance(value, CompValue):
        return str(value)
    inner = []
    for key, one in value.items():
        if key == "_vars" or one is None:
            continue
        for item in one if isinstance(one, list) else [one]:
            inner.append(_written(item) if isinstance(item, Identifier) else _expression(item))
    return f"{value.name}({', '.join(inner)})"
