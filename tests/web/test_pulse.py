"""Health answers from what was seen a moment ago: whoever asks waits for nobody."""

from __future__ import annotations

import threading

from kizuna.engine.types import EngineState, EngineUnavailableError
from kizuna.web import pulse as module
from kizuna.web.pulse import Pulse

STATE = EngineState(True, 3, 10, 2, 0, 0, 1000)


def test_only_the_first_question_looks_itself() -> None:
    lookers: list[str] = []

    def look() -> EngineState:
        lookers.append(threading.current_thread().name)
        return STATE

    pulse = Pulse(look)
    assert pulse.last().state == STATE
    for _ in range(100):
        pulse.last()
    assert [name for name in lookers if name != "kizuna-pulse"] == [threading.current_thread().name]


def test_a_look_that_does_not_come_back_holds_nobody_up_and_means_not_ready_in_time() -> None:
    now = [0.0]
    stuck, first = threading.Event(), threading.Event()

    def look() -> EngineState:
        if first.is_set():
            stuck.wait(30)
        first.set()
        return STATE

    pulse = Pulse(look, clock=lambda: now[0])
    assert pulse.last().state == STATE
    now[0] += module.LOST - 1
    assert pulse.last().state == STATE
    now[0] += 2
    seen = pulse.last()
    assert (seen.state, seen.code) == (None, "engine-unavailable")
    stuck.set()


def test_an_error_of_the_engine_is_told() -> None:
    def look() -> EngineState:
        raise EngineUnavailableError("gone")

    assert Pulse(look).last().code == "engine-unavailable"
