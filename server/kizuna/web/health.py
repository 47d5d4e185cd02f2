"""/health for operators and load balancers: is the server alive, is the graph ready, which revision.

`/health/live` asks nothing of the graph: a process that answers it should not be restarted. `/health/ready` says
whether requests should be sent here. `/health` is both, with figures. All three answer from what was seen a moment ago
(pulse.py), so none of them waits behind queries.
"""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, current_app, g, jsonify

from kizuna.web.current import engine
from kizuna.web.pulse import Pulse

room = Blueprint("health", __name__)


def pulse() -> Pulse:
    """The application's pulse."""
    known = current_app.extensions.setdefault("kizuna-pulse", Pulse(engine().state))
    return cast(Pulse, known)


@room.get("/health/live")
def live() -> Response:
    """200 as long as this process answers; always JSON."""
    g.machine = True
    return jsonify(live=True)


@room.get("/health/ready")
def ready() -> tuple[Response, int]:
    """200 when the graph answers, else 503; always JSON."""
    g.machine = True
    seen = pulse().last()
    if seen.state is None:
        return jsonify(ready=False, code=seen.code), 503
    return jsonify(ready=seen.state.ready), 200 if seen.state.ready else 503


@room.get("/health")
def health() -> tuple[Response, int]:
    """200 when the graph answers, else 503; always JSON."""
    g.machine = True
    seen = pulse().last()
    state = seen.state
    if state is None:
        return jsonify(live=True, ready=False, code=seen.code), 503
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
