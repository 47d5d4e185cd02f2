"""A published view is brought to the newer revision by the difference; whatever goes wrong with that, it is built anew."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pyoxigraph import Literal

from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import EmbeddedEngine
from kizuna.engine.record import Record
from kizuna.engine.types import View
from kizuna.engine.viewkeeper import LATER_SECONDS, preparation
from kizuna.engine.wire import pack_steps, unpack_steps
from tests.engine.doubles import DOUBLES, EX, THINGS, load
from tests.engine.test_views import number, quad
from tests.support.waiting import wait_until

ADVANCED = f"ASK {{ <{EX}view> <{EX}advanced> ?how }}"
Start = Callable[..., EmbeddedEngine]


def test_the_next_revision_is_reached_by_the_difference(start: Start) -> None:
    engine = start(view_advance=DOUBLES)
    old = replace(engine.today(), revision=0)
    assert number(engine, old) == THINGS
    wait_until(lambda: engine.state().quads > 0)
    quads = engine.state().quads
    for count in (1, 2, 3):
        done = engine.apply(b"", quad(f"new/{count}", "number", f'"{count}"'))
        assert engine.state().revision == done.revision == count
        assert number(engine, engine.today()) == THINGS + count
        assert engine.ask(engine.today(), ADVANCED)
    wait_until(lambda: engine.state().quads == quads + 4)
    assert number(engine, old) == THINGS  # a revision of the past is built again when asked for
    assert not engine.ask(old, ADVANCED)


@pytest.mark.parametrize("name", ["anew", "crash"])
def test_what_the_difference_cannot_tell_is_built_anew(start: Start, name: str) -> None:
    engine = start(view_advance=DOUBLES)
    number(engine, engine.today())
    engine.apply(b"", quad(name, "number", '"1"'))
    assert number(engine, engine.today()) == THINGS + 1
    assert not engine.ask(engine.today(), ADVANCED)
    engine.apply(b"", quad("more", "number", '"1"'))
    assert engine.ask(engine.today(), ADVANCED)


def test_tomorrows_view_near_midnight_follows_as_well(start: Start) -> None:
    engine = start(view_advance=DOUBLES, ahead_seconds=24 * 3600.0)
    tomorrow = engine.today().as_of + timedelta(days=1)
    number(engine, View(tomorrow))
    engine.apply(b"", quad("new", "number", '"1"'))
    assert number(engine, View(tomorrow)) == THINGS + 1
    assert engine.ask(View(tomorrow), ADVANCED)


def test_nobody_sees_a_revision_under_the_name_of_another(start: Start) -> None:
    engine = start(view_advance=DOUBLES, workers=4)
    wrong: list[tuple[int, int]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            revision = engine.state().revision
            found = number(engine, replace(engine.today(), revision=revision))
            if found != THINGS + revision:
                wrong.append((revision, found))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for count in range(1, 16):
            engine.apply(b"", quad(f"new/{count}", "number", f'"{count}"'))
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert wrong == []


def test_steps_travel_and_lead_from_a_revision_to_the_present(tmp_path: object) -> None:
    record = Record(load(tmp_path).store, 0)  # type: ignore[arg-type]
    record.apply(b"", quad("a", "number", '"1"'), 3)
    record.apply(quad("a", "number", '"1"'), quad("b", "number", '"1"'), 5)
    steps = record.way_on(0)
    assert steps is not None
    assert len(steps) == 2
    assert unpack_steps(pack_steps(steps)) == list(steps)
    assert record.way_on(3) == steps[1:]
    assert record.way_on(4) is None
    assert Literal("1") in {one.object for one in record.store}


def test_only_todays_view_is_prepared_at_once_and_a_scenarios_never() -> None:
    config = EngineConfig(workspace=Path(), view_advance=DOUBLES)
    today = config.today()
    assert preparation(config, View(today)) == 0
    assert preparation(config, View(today - timedelta(days=400))) == LATER_SECONDS
    assert preparation(config, View(today, scenario=("more",))) is None
    assert preparation(replace(config, view_advance=None), View(today)) is None
