"""/metrics: figures for Prometheus. Counts in memory, or in the folder that several web processes share.

What is counted never holds a value that a reader chose: labels are routes, forms of queries and codes of outcomes,
so their number is bounded. Sources: Prometheus text exposition format 0.0.4; OpenMetrics 1.0.
"""

from __future__ import annotations

import ipaddress
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from functools import cache
from typing import Final, cast

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from kizuna import __version__
from kizuna.engine.text import first_word
from kizuna.engine.types import Engine, EngineError
from kizuna.sparql.endpoint import Endpoint
from kizuna.web.current import desk, engine, settings
from kizuna.web.errors import ProblemError
from kizuna.web.replies import BEGUN
from kizuna.web.shared import SHARED_VARIABLE

FORMS: Final = {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}
FORWARDED: Final = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")
COUNTED_WITHIN: Final = 0.5
"""Seconds within which an answer of the lane is counted."""
BUCKETS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series each, which nobody reads
room = Blueprint("metrics", __name__)


class EngineFigures:
    """Asks the engine for its figures when they are read."""

    def __init__(self, asked: Engine) -> None:
        self.engine = asked

    def collect(self) -> Iterator[Metric]:
        """The engine's figures; only `kizuna_ready` when it does not answer."""
        try:
            state = self.engine.state()
        except EngineError:
            yield GaugeMetricFamily("kizuna_ready", "1 when the graph answers.", value=0)
            return
        yield GaugeMetricFamily("kizuna_ready", "1 when the graph answers.", value=int(state.ready))
        yield GaugeMetricFamily(
            "kizuna_revision", "Number of the newest published commit.", value=state.revision
        )
        yield CounterMetricFamily("kizuna_commits", "Commits of the record, all told.", value=state.revision)
        yield GaugeMetricFamily("kizuna_quads", "Quads of the published view.", value=state.quads)
        yield GaugeMetricFamily("kizuna_workers", "Query workers that live.", value=state.workers)
        yield GaugeMetricFamily("kizuna_workers_busy", "Queries being answered.", value=state.busy)
        yield CounterMetricFamily("kizuna_workers_killed", "Workers ended by a limit.", value=state.killed)
        yield CounterMetricFamily("kizuna_views_built", "Views built from the record.", value=state.built)
        yield CounterMetricFamily(
            "kizuna_views_advanced",
            "Views brought to a newer revision by the difference.",
            value=state.advanced,
        )
        yield GaugeMetricFamily(
            "kizuna_engine_resident_bytes", "Memory of keeper and workers.", value=state.resident_bytes
        )
        build = GaugeMetricFamily("kizuna_build_info", "Version of the product.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build


class Figures:
    """The counts of one application."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.requests = Counter(
            "kizuna_http_requests", "Requests by route and status.", ["route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "kizuna_http_seconds", "Time to an answer.", ["kind"], buckets=BUCKETS, registry=registry
        )
        self.queries = Counter(
            "kizuna_queries", "Queries by form and outcome.", ["form", "outcome"], registry=registry
        )
        self.query_seconds = Histogram(
            "kizuna_query_seconds", "Time of queries.", ["form"], buckets=BUCKETS, registry=registry
        )
        self.cache = Counter(
            "kizuna_cache", "Queries by the result cache's help.", ["outcome"], registry=registry
        )
        # Labels are few; to find the child of a label takes longer than to count.
        self._requests = cache(self.requests.labels)
        self._seconds = cache(self.seconds.labels)
        self._queries = cache(self.queries.labels)
        self._query_seconds = cache(self.query_seconds.labels)
        self._cache = cache(self.cache.labels)
        gauge = {"multiprocess_mode": "livesum", "registry": registry}
        self.waiting = Gauge("kizuna_queries_waiting", "Queries that wait for a place.", **gauge)  # type: ignore[arg-type]
        self.cache_bytes = Gauge("kizuna_cache_bytes", "Memory of remembered answers.", **gauge)  # type: ignore[arg-type]
        self.cache_answers = Gauge("kizuna_cache_answers", "Remembered answers.", **gauge)  # type: ignore[arg-type]
        self._soon: deque[tuple[str, str, str, float, str]] = deque()
        self._endpoint: object = None
        self._counting = threading.Lock()
        self._wanted = threading.Event()
        self._clerk: threading.Thread | None = None

    def request(self, route: str, status: int, kind: str, took: float) -> None:
        """Count a request; `kind` is query or page, `took` in seconds."""
        self._requests(route, str(status)).inc()
        self._seconds(kind).observe(took)

    def query(self, form: str, outcome: str, took: float, remembered: str | None) -> None:
        """Count a query by its form (in capitals), its outcome, and whether its answer was remembered (hit or miss)."""
        label = form.lower() if form in FORMS else "other"
        self._queries(label, outcome).inc()
        self._query_seconds(label).observe(took)
        if remembered:
            self._cache(remembered).inc()

    def count_soon(
        self, route: str, form: str, outcome: str, took: float, remembered: str, endpoint: object
    ) -> None:
        """Count an answered query as `request`, `query` and `endpoint` do, within COUNTED_WITHIN seconds and not on its way:
        where processes share their counts, each is written to a file, and there are seven.
        """
        self._endpoint = endpoint
        self._soon.append((route, form, outcome, took, remembered))
        if not self._wanted.is_set():
            self._wanted.set()
            if self._clerk is None:
                self._employ()

    def _employ(self) -> None:
        with self._counting:
            if self._clerk is None:
                self._clerk = threading.Thread(target=self._count_on, name="counts", daemon=True)
                self._clerk.start()

    def _count_on(self) -> None:
        while True:
            self._wanted.wait()
            time.sleep(COUNTED_WITHIN)
            self._wanted.clear()
            self.catch_up()

    def catch_up(self) -> None:
        """Count what is still to be counted."""
        with self._counting:
            if not self._soon:
                return
            while self._soon:
                route, form, outcome, took, remembered = self._soon.popleft()
                self.request(route, 200, "query", took)
                self.query(form, outcome, took, remembered)
            self.endpoint(self._endpoint)

    def endpoint(self, endpoint: object) -> None:
        """Note how full the endpoint is."""
        if isinstance(endpoint, Endpoint):
            self.waiting.set(endpoint.admission.waiting())
            cached = endpoint.cache.figures()
            self.cache_bytes.set(cached.size)
            self.cache_answers.set(cached.answers)

    def text(self, asked: Engine) -> bytes:
        """Everything, as Prometheus reads it: of all web processes where they share a folder."""
        self.catch_up()
        shown = CollectorRegistry()
        if os.environ.get(SHARED_VARIABLE):
            MultiProcessCollector(shown)  # type: ignore[no-untyped-call]
        else:
            shown = self.registry
        own = CollectorRegistry()
        own.register(EngineFigures(asked))
        return generate_latest(shown) + generate_latest(own)


def figures() -> Figures:
    """The application's counts."""
    return cast(Figures, current_app.extensions["kizuna-metrics"])


def install(app: Flask) -> None:
    """Count every request of an application. Its endpoint must be installed when requests come."""
    app.extensions["kizuna-metrics"] = Figures()
    app.before_request(_begin)
    app.after_request(_count)


def _begin() -> None:
    g.metrics_begun = request.environ.get(BEGUN) or time.perf_counter()


def _count(response: Response) -> Response:
    kept = figures()
    took = time.perf_counter() - g.metrics_begun
    route = request.url_rule.rule if request.url_rule else "(none)"
    text = g.get("query_text")
    kept.request(route, response.status_code, "query" if text is not None else "page", took)
    if text is not None:
        cut = response.headers.get("Kizuna-Truncated") == "true"
        outcome = g.get("problem_code") or ("truncated" if cut else "answered")
        kept.query(first_word(text), outcome, took, response.headers.get("Kizuna-Cache"))
        kept.endpoint(current_app.extensions.get("kizuna-sparql"))
    return response


def may_read() -> bool:
    """Whether whoever asks may read the metrics: by the setting, anybody, nobody, or this machine alone.

    A request that came through a proxy is not from this machine, even if the proxy is and even if nobody said so.
    """
    allowed = settings().metrics
    if allowed != "local":
        return bool(allowed == "all")
    if not desk().settings.proxy_hops and any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


@room.get("/metrics")
def metrics() -> Response:
    """The figures; 404 for whoever may not read them."""
    g.machine = True
    if not may_read():
        raise ProblemError("not-found", request.path)
    figures().endpoint(current_app.extensions.get("kizuna-sparql"))
    response = Response(figures().text(engine()))
    response.headers["Content-Type"] = CONTENT_TYPE_LATEST
    response.headers["Cache-Control"] = "no-store"
    return response
