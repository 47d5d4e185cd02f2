"""Works out what an update would change in the record, without changing it. Asks the engine for a private copy; no other I/O.

An update reads what its sender can read and more of it: the published view of today with its derived and inferred statements,
and what the record says of days to come. It writes stated graphs alone (decision 0110).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, Store

from kizuna.engine.diagnose import update_error
from kizuna.engine.types import ForkingEngine, Limits, View
from kizuna.sparql import plain
from kizuna.sparql.explained import Explained
from kizuna.sparql.tokens import line_and_column
from kizuna.sparql.using import UpdateOperation, operations, with_dataset

JOB: Final = "kizuna.sparql.updating:run"
HIDDEN_JOB: Final = "kizuna.views.asof:hidden"


@dataclass(frozen=True, slots=True)
class Update:
    """An update as it came.

    Args:
        text: SPARQL Update.
        base: what relative IRIs rest on, "" for none.
        default_graphs: the protocol's dataset (using-graph-uri), None when it says none.
        named_graphs: the protocol's dataset (using-named-graph-uri), None when it says none.
        graph: the one graph that is read and written (PATCH of the graph store), "" for all.
    """

    text: str
    base: str = ""
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    graph: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What would change: N-Quads that go and that come."""

    removed: bytes
    added: bytes


class UpdateProblem(Explained):
    """The update cannot be carried out. Codes: `query-syntax`, `update-failed`, `patch-graph`."""


def evaluate(engine: ForkingEngine, view: View, update: Update, limits: Limits) -> Effect:
    """What an update would change.

    Args:
        engine: whom to ask.
        view: today's, at the revision that the update is based on.
        update: what to carry out; the guard has let it pass.
        limits: of the work.

    Raises:
        UpdateProblem: it cannot be carried out.
        EngineError: time, memory, or no place for it.
    """
    hidden = engine.run_in_fork(None, HIDDEN_JOB, (view.as_of.isoformat(),), limits=limits)
    asked = (
        update.text,
        update.base,
        _listed(update.default_graphs),
        _listed(update.named_graphs),
        update.graph,
    )
    answer = engine.run_in_fork(view, JOB, asked, patch=(b"", hidden), limits=limits)
    if answer[:1] == b"{":
        given = json.loads(answer)
        raise UpdateProblem(given["code"], given["ja"], given["en"], given["line"], given["column"])
    removed, added = plain.unpack(answer[1:])
    return Effect(removed, added)


def _listed(graphs: Sequence[str] | None) -> list[str] | None:
    return None if graphs is None else list(graphs)


def run(
    store: Store, text: str, base: str, default: list[str] | None, named: list[str] | None, graph: str
) -> bytes:
    """Carry an update out on a private copy. To be run in a fork; arguments as of `Update`.

    Returns:
        a packed difference behind one zero byte, or JSON with the problem.
    """
    try:
        return b"\0" + (
            plain.patch_graph(store, graph, text, base) if graph else _run(store, text, base, default, named)
        )
    except SyntaxError as error:
        problem = _unreadable(text, error)
    except UpdateProblem as refused:
        problem = refused
    except (OSError, RuntimeError, ValueError) as error:
        ja, en = (
            f"更新を実行できません。エンジンの言葉（英語）: {error}",
            f"The update cannot be carried out: {error}",
        )
        problem = UpdateProblem("update-failed", ja, en)
    told = {name: getattr(problem, name) for name in ("code", "ja", "en", "line", "column")}
    return json.dumps(told).encode()


def _unreadable(text: str, error: SyntaxError) -> UpdateProblem:
    found = update_error(text, error.msg or str(error))
    ja = f"更新文を読めません。構文解析器の言葉（英語）: {found}"
    return UpdateProblem("query-syntax", ja, f"The update cannot be read. {found}", found.line, found.column)


def _run(store: Store, text: str, base: str, default: list[str] | None, named: list[str] | None) -> bytes:
    _parse(text, base)
    steps = operations(text)
    _expect_names(text, steps)

    def carry_out() -> None:
        for step in steps:
            store.update(_with_graphs(store, step, default, named), base_iri=base or None)

    return plain.changed(store, text, carry_out)


def _parse(text: str, base: str) -> None:
    """Raises SyntaxError with the place in the whole text, as its operations one by one would not."""
    try:
        Store().update(text, base_iri=base or None)
    except (OSError, RuntimeError, ValueError):
        return  # it parses; what an empty store cannot do says nothing


def _expect_names(text: str, steps: Sequence[UpdateOperation]) -> None:
    for step in steps:
        if step.nameless is not None:
            raise UpdateProblem(
                "patch-graph",
                "どのグラフを変えるのかが示されていません。GRAPH <…> { … } か WITH <…> で指定してください"
                "(既定グラフは全グラフの合併で、書き込めません)。",
                "It is not said which graph is changed: write GRAPH <…> { … } or WITH <…> "
                "(the default graph is the union of all graphs and cannot be written).",
                *line_and_column(text, step.nameless),
            )


def _with_graphs(
    store: Store, step: UpdateOperation, default: list[str] | None, named: list[str] | None
) -> str:
    """The operation with its dataset: its own, the protocol's, or the union of all graphs, as for queries."""
    if step.says_dataset:
        return step.text
    if default is not None or named is not None:
        return with_dataset(step.text, default or (), named or ())
    every = [graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode)]
    return with_dataset(step.text, every, every)
