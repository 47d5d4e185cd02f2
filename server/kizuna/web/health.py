"""/health for operators and load balancers: is the server alive, is the graph ready, which revision."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify

from kizuna.engine.types import EngineError
from kizuna.web.current import engine

room = Blueprint("health", __name__)


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
