"""A remembered answer is exact: the same question to the same state, and nothing more is held than was allowed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import BinaryIO, cast

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from kizuna.engine.types import Answer, Engine, Gone, Limits, Question, View
from kizuna.sparql.cache import Key, ResultCache
from kizuna.sparql.endpoint import Ask, Endpoint, Rules

JSON = "application/sparql-results+json"


def key(text: str = "ASK {}", token: str = "1", **changes: object) -> Key:  # noqa: S107
    given_: dict[str, object] = {"media_type": JSON, "limits": Limits(), **changes}
    return Key.of(token, text, **given_)  # type: ignore[arg-type]


def answer(size: int) -> Answer:
    return Answer("boolean", JSON, b"x" * size, None, False, 0.0)


def test_everything_an_answer_depends_on_is_in_the_key() -> None:
    base = key()
    assert key("ASK\n{} # comment") == base
    assert key(limits=Limits(seconds=99)) == base
    others = [
        key(token="2"),
        key("ASK { ?s ?p ?o }"),
        key(media_type="text/csv"),
        key(limits=Limits(rows=7)),
        key(limits=Limits(result_bytes=7)),
        key(bindings={"a": NamedNode("a:b")}),
        key(bindings={"a": Literal("a:b")}),
        key(bindings={"b": NamedNode("a:b")}),
        key(default_graphs=()),
        key(default_graphs=("a:b",)),
        key(named_graphs=("a:b",)),
    ]
    assert len({base, *others}) == len(others) + 1


def test_the_tag_tells_names_of_the_type_apart() -> None:
    assert key().etag("application/json") != key().etag(JSON)
    assert key().etag(JSON) == key().etag(JSON)
    assert key().etag(JSON).startswith('W/"')


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3_000)), max_size=60))
def test_the_bound_holds_and_what_comes_back_is_what_was_put(puts: list[tuple[int, int]]) -> None:
    cache = ResultCache(20_000)
    put: dict[Key, Answer] = {}
    for name, size in puts:
        kept = cache.get(key(str(name)))
        assert kept is None or kept == put[key(str(name))]
        if kept is None:
            put[key(str(name))] = answer(size)
            cache.put(key(str(name)), put[key(str(name))])
        figures = cache.figures()
        assert figures.size <= 20_000
        assert figures.size == sum(len(a.body) + 500 for a in cache._answers.values())


def test_the_longest_unused_goes_first_and_the_largest_is_not_kept() -> None:
    cache = ResultCache(16_000)
    for name in "abcdefgh":
        cache.put(key(name), answer(1_500))
    assert cache.get(key("a"))
    cache.put(key("i"), answer(1_500))
    assert cache.get(key("a"))
    assert cache.get(key("b")) is None
    cache.put(key("huge"), answer(3_000))
    assert cache.get(key("huge")) is None
    nothing = ResultCache(0)
    nothing.put(key(), answer(0))
    assert nothing.get(key()) is None


def test_what_belongs_to_a_view_that_is_past_goes_and_nothing_else() -> None:
    cache = ResultCache(100_000)
    for token in ("a", "ab", "a-store", "b"):
        for number in range(3):
            cache.put(key(str(number), token), answer(100))
    cache.drop("a")
    assert {one.token for one in cache._answers} == {"ab", "b"}
    assert cache.figures().size == 6 * 600
    cache.drop(None)
    assert (cache.figures().answers, cache.figures().size) == (0, 0)


def test_a_view_that_made_room_for_others_makes_room_in_the_cache_first() -> None:
    cache = ResultCache(4_800)
    for token, names in (("living", "12345"), ("gone", "678"), ("new", "abc")):
        if token == "new":
            cache.last("gone")
        for name in names:
            cache.put(key(name, token), answer(100))
    assert [one.token for one in cache._answers] == ["living"] * 5 + ["new"] * 3
    assert cache.figures().size == 4_800


class Turning:
    """An engine under which the record moves on while it answers; says what it is told to of views that go."""

    def __init__(self, moves: bool) -> None:
        self.token = "before"
        self.moves = moves
        self.hear: Callable[[Gone], None] = print

    def when_gone(self, hear: Callable[[Gone], None]) -> None:
        self.hear = hear

    def revision(self, _view: View) -> str:
        return self.token

    def query(self, _view: View, question: Question) -> Answer:
        if self.moves:
            self.token = "after"
        return Answer("boolean", question.media_type, self.token.encode(), None, False, 0.0)


def endpoint_of(engine: Turning) -> Endpoint:
    return Endpoint(cast(Engine, engine), Rules(), lambda: cast(BinaryIO, io.BytesIO()))


def test_an_answer_is_not_kept_for_a_view_that_may_not_have_given_it() -> None:
    engine = Turning(moves=True)
    endpoint = endpoint_of(engine)
    view = View(date(2026, 1, 1))
    first = endpoint.answer(Ask(view, "ASK {}", "me"))
    assert first.answer is not None
    assert first.answer.body == b"after"
    engine.token = "before"
    assert not endpoint.answer(Ask(view, "ASK {}", "me")).cached


def test_the_endpoint_forgets_what_its_engine_gives_up() -> None:
    engine = Turning(moves=False)
    endpoint = endpoint_of(engine)
    view = View(date(2026, 1, 1))
    endpoint.answer(Ask(view, "ASK {}", "me"))
    engine.hear(Gone("before", past=False))
    assert endpoint.answer(Ask(view, "ASK {}", "me")).cached
    engine.hear(Gone("before", past=True))
    assert endpoint.cache.figures().answers == 0
    assert not endpoint.answer(Ask(view, "ASK {}", "me")).cached
