"""/health for operators and load balancers: is the server alive, is the graph ready, which revision.

`/health/live` asks nothing of the graph: a process that answers it should not be restarted. `/health/ready` says
whether requests should be sent here. `/health` is both, with figures.
"""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify

from kizuna.engine.types import EngineError
from kizuna.web.current import engine

room = Blueprint("health", __name__)


@room.get("/health/live")
def live() -> Response:
    """200 as long as this process answers; always JSON."""
    g.machine = True
    return jsonify(live=True)


@room.get("/health/ready")
def ready() -> tuple[Response, int]:
    """200 when the graph answers, else 503; always JSON."""
    g.machine = True
    try:
        is_ready = engine().state().ready
    except EngineError as error:
        return jsonify(ready=False, code=error.code), 503
    return jsonify(ready=is_ready), 200 if is_ready else 503


@room.get("/health")
def health() -> tuple[Response, int]:
    """200 when the graph answers, else 503; always JSON."""
    g.machine = True
    try:
        state = engine().state()
    except EngineError as error:
        return jsonify(live=True, ready=False, code=error.code), 503
    body = jsonify(
        live=True,
        ready=state.ready,
        revision=state.revision,
        quads=state.quads,
        workers=state.workers,
        busy=state.busy,
        killed=state.killed,
        resident_bytes=state.resident_bytes,
    )
    return body, 200 if state.ready else 503
