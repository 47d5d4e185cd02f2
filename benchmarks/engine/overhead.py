"""The way to a worker and back, against the bare library in the same process."""

from __future__ import annotations

import threading
import time

from pyoxigraph import NamedNode, QueryResultsFormat, Store, parse_query_results

from benchmarks.engine.world import config, quantiles, todays_store
from kizuna.engine.embedded import EmbeddedEngine, start_embedded
from kizuna.engine.text import bind
from kizuna.engine.types import Limits, Question
from kizuna.workspace.names import ID

SMALL = "SELECT ?p ?o WHERE { ?thing ?p ?o } LIMIT 10"
LARGE = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 100000"
THING = {"thing": NamedNode(ID + "state/JPN")}
ROUNDS = 2_000


def bare(store: Store, text: str, form: QueryResultsFormat) -> bytes:
    result = store.query(text, use_default_graph_as_union=True)
    return result.serialize(format=form) or b""  # type: ignore[union-attr, arg-type]


def small(engine: EmbeddedEngine, store: Store) -> None:
    today = engine.today()
    constant = bind(SMALL, THING)
    question = Question(SMALL, "application/sparql-results+json", THING)
    base, base90 = quantiles(lambda: bare(store, constant, QueryResultsFormat.JSON), ROUNDS)
    own, own90 = quantiles(lambda: engine.query(today, question), ROUNDS)
    print(
        f"  10 rows as JSON: library {base:.3f} ms (p90 {base90:.3f}), engine {own:.3f} ms (p90 {own90:.3f}):"
    )
    print(f"    the round trip costs {own - base:.3f} ms at the median; aim: under 0.3 ms")

    def terms() -> None:
        list(
            parse_query_results(bare(store, constant, QueryResultsFormat.TSV), format=QueryResultsFormat.TSV)
        )

    base, _ = quantiles(terms, ROUNDS)
    own, own90 = quantiles(lambda: engine.select(today, SMALL, THING), ROUNDS)
    print(
        f"  10 rows as terms: library {base:.3f} ms, engine.select {own:.3f} ms (p90 {own90:.3f}); aim: under 0.5 ms"
    )


def large(engine: EmbeddedEngine, store: Store) -> None:
    today = engine.today()
    for name, form in (
        ("application/sparql-results+json", QueryResultsFormat.JSON),
        ("text/csv", QueryResultsFormat.CSV),
    ):
        question = Question(LARGE, name, limits=Limits(rows=None))
        base, _ = quantiles(lambda form=form: bare(store, LARGE, form), 5)  # type: ignore[misc]
        own, _ = quantiles(lambda question=question: engine.query(today, question), 5)  # type: ignore[misc]
        cut = Question(LARGE, name, limits=Limits(rows=50_000))
        half, _ = quantiles(lambda cut=cut: engine.query(today, cut), 5)  # type: ignore[misc]
        print(f"  up to 100,000 rows, {name}: library {base:.0f} ms, engine {own:.0f} ms ({own / base:.2f}×)")
        print(f"    cut at 50,000 rows: {half:.0f} ms ({half / base:.2f}×)")


def threads(engine: EmbeddedEngine) -> None:
    today = engine.today()
    for number in (1, 2, 4, 8):
        done = [0] * number
        stop = threading.Event()

        def ask(slot: int, done: list[int] = done, stop: threading.Event = stop) -> None:
            while not stop.is_set():
                engine.select(today, SMALL, THING)
                done[slot] += 1

        workers = [threading.Thread(target=ask, args=(slot,)) for slot in range(number)]
        for worker in workers:
            worker.start()
        time.sleep(1.5)
        stop.set()
        for worker in workers:
            worker.join()
        print(f"  {number} threads: {sum(done) / 1.5:,.0f} small selects a second")


def run() -> None:
    store = todays_store()
    with start_embedded(config()) as engine:
        engine.select(engine.today(), SMALL, THING)
        time.sleep(0.5)
        small(engine, store)
        large(engine, store)
        threads(engine)
        state = engine.state()
        print(f"  {state.quads:,} quads; keeper and workers hold {state.resident_bytes / 1e6:.0f} MB")
