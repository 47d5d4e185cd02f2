"""The product's own queries are not cut by what readers may ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kizuna.engine import formats
from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import EmbeddedEngine
from kizuna.engine.remote import RemoteEngine
from kizuna.engine.remote_client import Store
from kizuna.engine.remote_publish import Marker
from kizuna.engine.types import Answer, Limits, Question
from tests.engine.doubles import EX

NUMBERS = f"SELECT ?thing ?n WHERE {{ ?thing <{EX}number> ?n }}"
TIGHT = Limits(seconds=0.5, rows=1, memory_bytes=20_000_000, result_bytes=100)


def test_tight_limits_of_readers_leave_the_product_its_time_rows_and_memory(tmp_path: Path) -> None:
    own = EngineConfig(tmp_path, limits=TIGHT).own_limits
    usual = Limits()
    assert own.rows is None
    assert own.seconds >= 3 * usual.seconds
    assert own.memory_bytes == usual.memory_bytes
    assert own.result_bytes == usual.result_bytes


def test_wide_limits_of_readers_are_the_products_too(tmp_path: Path) -> None:
    wide = Limits(seconds=900.0, rows=5, memory_bytes=8_000_000_000, result_bytes=None)
    own = EngineConfig(tmp_path, limits=wide).own_limits
    assert (own.seconds, own.memory_bytes, own.result_bytes) == (900.0, 8_000_000_000, None)


def test_a_page_gets_all_rows_where_a_reader_gets_one(start: Callable[..., EmbeddedEngine]) -> None:
    engine = start(limits=Limits(rows=1))
    today = engine.today()
    answer = engine.query(today, Question(NUMBERS, formats.JSON, limits=engine.config.limits))
    assert (answer.rows, answer.truncated) == (1, True)
    assert len(engine.select(today, NUMBERS)) > 1


def test_a_store_behind_is_asked_by_the_same_limits(
    start: Callable[..., EmbeddedEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = RemoteEngine(
        start(limits=TIGHT), Store("http://127.0.0.1:9/", "http://127.0.0.1:9/"), writes=False
    )
    asked: list[Limits] = []

    def answered(_: Marker, question: Question) -> Answer:
        asked.append(question.limits)
        if question.text.startswith("ASK"):
            return Answer("boolean", formats.JSON, b'{"head":{},"boolean":true}', None, False, 0.0)
        return Answer(
            "solutions", formats.JSON, b'{"head":{"vars":[]},"results":{"bindings":[]}}', 0, False, 0.0
        )

    monkeypatch.setattr(remote, "_holds", lambda view: Marker("token"))
    monkeypatch.setattr(remote, "_asked", answered)
    assert remote.select(remote.today(), NUMBERS) == []
    assert remote.ask(remote.today(), "ASK {}")
    assert asked == [remote.config.own_limits] * 2
