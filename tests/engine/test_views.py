"""Views: what they hold, how long they are kept, how the record moves on beneath them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pyoxigraph import Literal

from kizuna.engine.config import EngineConfig, pinned_days
from kizuna.engine.embedded import EmbeddedEngine, connect_embedded
from kizuna.engine.types import (
    EngineBusyError,
    PatchRefusedError,
    Question,
    View,
    ViewError,
)
from tests.engine.doubles import DOUBLES, EX, HOLD, STATED, THINGS
from tests.support.waiting import PATIENCE, until_midnight, wait_until

COUNT = f"SELECT (COUNT(*) AS ?n) {{ ?s <{EX}number> ?o }}"
DAY = f"SELECT ?day {{ <{EX}view> <{EX}about> ?day }}"
LABEL = f"SELECT ?l {{ <{EX}thing/0> <{EX}label> ?l }}"


def number(engine: EmbeddedEngine, view: View, text: str = COUNT) -> int:
    return int(engine.select(view, text)[0]["n"].value)  # type: ignore[union-attr]


def quad(subject: str, predicate: str, value: str) -> bytes:
    return f"<{EX}{subject}> <{EX}{predicate}> {value} <{STATED.value}> .\n".encode()


def test_a_view_of_the_past_differs_from_todays(engine: EmbeddedEngine) -> None:
    past = View(date(2004, 6, 30))
    assert number(engine, engine.today()) == THINGS
    assert number(engine, past) == THINGS // 4
    assert engine.select(past, DAY) == [{"day": Literal("2004-06-30")}]
    assert engine.revision(past) != engine.revision(engine.today())


def test_a_scenario_is_laid_over_the_record(engine: EmbeddedEngine) -> None:
    scenario = replace(engine.today(), scenario=("more",))
    assert number(engine, scenario) == THINGS + 1
    assert engine.revision(scenario) != engine.revision(engine.today())
    with pytest.raises(ViewError, match="no scenario 'unheard'"):
        engine.select(View(engine.today().as_of, None, ("unheard",)), COUNT)


def test_a_view_that_cannot_be_built_says_why(engine: EmbeddedEngine) -> None:
    with pytest.raises(ViewError, match="nothing is known before 1950"):
        engine.select(View(date(1949, 12, 31)), COUNT)
    with pytest.raises(ViewError, match="not available"):
        engine.select(View(date(2010, 1, 1), revision=-7), COUNT)


def test_a_view_keeper_that_crashes_or_hangs_harms_nobody(start: Callable[..., EmbeddedEngine]) -> None:
    engine = start(view_builder=f"{DOUBLES}:crashing_build_view", build_seconds=3.0)
    with pytest.raises(ViewError, match="ended while building"):
        engine.select(View(date(1999, 1, 1)), COUNT)
    with pytest.raises((ViewError, EngineBusyError)):
        engine.select(View(date(1998, 1, 1)), COUNT)
    assert number(engine, engine.today()) == THINGS


def test_a_builder_that_starts_a_thread_is_refused(start: Callable[..., EmbeddedEngine]) -> None:
    with pytest.raises(ViewError, match="started a thread"):
        number(start(view_builder=f"{DOUBLES}:threaded_build_view"), View(date(2010, 1, 1)))


def test_the_longest_unused_view_is_given_up_and_todays_never(start: Callable[..., EmbeddedEngine]) -> None:
    engine = start(max_views=2)
    today = replace(engine.today(), revision=0)
    number(engine, engine.today())
    days = [View(date(2000 + i, 1, 1), 0) for i in range(4)]
    for view in days[:2]:
        number(engine, view)
    wait_until(lambda: set(engine.views()) == {today, *days[:2]})
    engine.touch(days[0])
    number(engine, days[2])
    wait_until(lambda: set(engine.views()) == {today, days[0], days[2]})
    assert number(engine, days[1]) == THINGS // 20 * 2
    wait_until(lambda: len(engine.views()) == 3)
    wait_until(lambda: len(engine.resident_by_process()) <= 3 + 3 + 1 + 2)


@pytest.fixture
def hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """While this file exists, `held_build_view` builds."""
    file = tmp_path / "hold"
    monkeypatch.setenv(HOLD, str(file))
    return file


def test_a_view_that_takes_long_to_build_is_worth_a_second_try(
    start: Callable[..., EmbeddedEngine], hold: Path
) -> None:
    engine = start(view_builder=f"{DOUBLES}:held_build_view", view_seconds=0.2)
    hold.touch()
    with pytest.raises(EngineBusyError, match="still being built"):
        engine.select(View(date(2010, 1, 1)), COUNT)
    hold.unlink()
    wait_until(lambda: View(date(2010, 1, 1), 0) in engine.views())

    def answered() -> bool:
        try:
            return number(engine, View(date(2010, 1, 1))) == THINGS // 20 * 11
        except EngineBusyError:  # a busy machine may take as long to start a worker
            return False

    wait_until(answered)


def test_too_many_views_at_once_are_refused(start: Callable[..., EmbeddedEngine], hold: Path) -> None:
    engine = start(view_builder=f"{DOUBLES}:held_build_view", max_waiting_builds=2, view_seconds=PATIENCE)
    number(engine, engine.today())
    hold.touch()
    outcomes: list[int | str] = []

    def ask(year: int) -> None:
        try:
            outcomes.append(number(engine, View(date(year, 1, 1))))
        except EngineBusyError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=ask, args=(year,)) for year in range(2001, 2007)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(outcomes) == 3)
    assert outcomes == ["engine-busy"] * 3
    hold.unlink()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 6
    assert all(isinstance(outcome, int) for outcome in outcomes[3:])


def test_a_patch_moves_the_record_and_the_published_view(start: Callable[..., EmbeddedEngine]) -> None:
    engine = start()
    before = engine.revision(engine.today())
    assert engine.select(engine.today(), LABEL) == [{"l": Literal("もの 0", language="ja")}]
    added = quad("thing/0", "label", '"新しい"@ja') + quad(
        "thing/1", "number", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'
    )
    done = engine.apply(quad("thing/0", "label", '"もの 0"@ja') + quad("no", "such", '"quad"'), added)
    assert (done.revision, done.removed, done.added) == (1, 1, 1)
    assert engine.select(engine.today(), LABEL) == [{"l": Literal("新しい", language="ja")}]
    assert engine.revision(engine.today()) != before
    assert engine.state().revision == 1
    older = View(engine.today().as_of, revision=0)
    assert engine.select(older, LABEL) == [{"l": Literal("もの 0", language="ja")}]
    assert engine.revision(older) == before


def test_every_connected_process_sees_the_new_revision(start: Callable[..., EmbeddedEngine]) -> None:
    engine = start()
    with connect_embedded(engine.socket_path) as other:
        number(other, other.today())
        engine.apply(b"", quad("new", "number", '"1"'))
        wait_until(lambda: number(other, other.today()) == THINGS + 1)


def test_queries_go_on_while_the_next_view_is_built(start: Callable[..., EmbeddedEngine], hold: Path) -> None:
    engine = start(view_builder=f"{DOUBLES}:held_build_view")
    number(engine, engine.today())
    seen: list[list[int]] = [[], [], [], []]
    errors: list[BaseException] = []
    stop = threading.Event()

    def ask(mine: list[int]) -> None:
        try:
            while not stop.is_set():
                mine.append(number(engine, engine.today()))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=ask, args=(mine,)) for mine in seen]
    for thread in threads:
        thread.start()
    wait_until(lambda: all(seen))
    hold.touch()
    engine.apply(b"", quad("new", "number", '"1"'), wait_seconds=None)
    assert engine.state().revision == 0
    answered = [len(mine) for mine in seen]
    wait_until(lambda: all(len(mine) > before for mine, before in zip(seen, answered, strict=True)))
    hold.unlink()
    for i in range(2, 5):
        engine.apply(b"", quad(f"new{i}", "number", '"1"'), wait_seconds=None if i < 4 else PATIENCE)
    assert number(engine, engine.today()) == THINGS + 4
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    for mine in seen:  # nobody goes back to an earlier state
        assert mine == sorted(mine)
        assert mine[0] == THINGS


def test_a_patch_that_cannot_be_read_changes_nothing(start: Callable[..., EmbeddedEngine]) -> None:
    engine = start()
    with pytest.raises(PatchRefusedError, match="added quads do not parse"):
        engine.apply(quad("thing/0", "label", '"もの 0"@ja'), b"<not> quads")
    with pytest.raises(PatchRefusedError, match="not newer"):
        engine.apply(b"", quad("a", "b", '"c"'), revision=0)
    assert engine.run_in_fork(None, f"{DOUBLES}:count") == str(THINGS * 4).encode()
    assert engine.apply(b"", quad("a", "b", '"c"'), revision=41).revision == 41


def test_a_patch_whose_view_cannot_be_built_leaves_the_published_one(
    start: Callable[..., EmbeddedEngine],
) -> None:
    engine = start()
    number(engine, engine.today())
    with pytest.raises(ViewError, match="poisoned"):
        engine.apply(b"", quad("poison", "number", '"1"'))
    assert number(engine, engine.today()) == THINGS
    assert engine.state().revision == 0
    assert engine.apply(quad("poison", "number", '"1"'), quad("cure", "number", '"1"')).revision == 2
    assert number(engine, engine.today()) == THINGS + 1


def test_a_revision_before_the_start_comes_from_the_history(start: Callable[..., EmbeddedEngine]) -> None:
    engine = start(history=f"{DOUBLES}:history")
    assert engine.select(View(engine.today().as_of, revision=-1), LABEL) == []
    with pytest.raises(ViewError, match="no revision -2"):
        engine.select(View(engine.today().as_of, revision=-2), LABEL)


def test_what_a_sandbox_does_stays_there(engine: EmbeddedEngine) -> None:
    assert engine.run_in_fork(None, f"{DOUBLES}:wreck") == b"0"
    assert engine.run_in_fork(engine.today(), f"{DOUBLES}:wreck") == b"0"
    assert engine.run_in_fork(None, f"{DOUBLES}:count") == str(THINGS * 4).encode()
    assert engine.run_in_fork(engine.today(), f"{DOUBLES}:count") == str(THINGS * 4 + 1).encode()
    assert number(engine, engine.today()) == THINGS


def test_a_sandbox_gets_its_arguments_and_a_patch(engine: EmbeddedEngine) -> None:
    arguments = [b"\x00bytes", "text", 3, None, [1, {"a": "日本"}]]
    assert engine.run_in_fork(None, f"{DOUBLES}:echo", arguments) == repr(tuple(arguments)).encode()
    patch = (quad("thing/0", "label", '"もの 0"@ja'), quad("a", "b", '"c"') + quad("d", "e", '"f"'))
    assert engine.run_in_fork(None, f"{DOUBLES}:count", patch=patch) == str(THINGS * 4 + 1).encode()
    with pytest.raises(PatchRefusedError):
        engine.run_in_fork(None, f"{DOUBLES}:count", patch=(b"", b"not quads"))


def test_the_day_turns_at_midnight_of_the_configured_zone() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    assert pinned_days(datetime(2026, 11, 24, 12, 0, tzinfo=tokyo), 600) == (date(2026, 11, 24),)
    late = datetime(2026, 11, 24, 23, 51, tzinfo=tokyo)
    assert pinned_days(late, 600) == (date(2026, 11, 24), date(2026, 11, 25))


def test_tomorrows_view_is_built_before_midnight(start: Callable[..., EmbeddedEngine]) -> None:
    engine = start(ahead_seconds=13 * 3600.0)  # it is noon
    today = engine.today()
    wait_until(lambda: View(today.as_of + timedelta(days=1), 0) in engine.views())
    assert engine.today() == today


def test_the_day_turns_while_the_engine_runs(start: Callable[..., EmbeddedEngine]) -> None:
    today = EngineConfig(Path()).today()
    tomorrow = View(today + timedelta(days=1))
    engine = start(clock_offset_seconds=until_midnight(today) - 2.0, ahead_seconds=60.0)
    assert number(engine, View(today)) == THINGS
    wait_until(lambda: replace(tomorrow, revision=0) in engine.views())
    wait_until(lambda: engine.today() == tomorrow)
    answer = engine.query(engine.today(), Question(DAY, "text/csv"))
    assert answer.body.split()[1].decode() == tomorrow.as_of.isoformat()
    wait_until(lambda: engine.state().ready)
