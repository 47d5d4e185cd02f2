"""Reads a view through the named queries that stand in `atlas/queries/`. Asks the engine; no other I/O.

One query a need: the text of `NAME.rq` and its values go to the engine as they are. What was asked is kept, so
that a page can show "the query behind this". Answers are remembered by the engine's revision token; a
new revision or another as-of date has another token, so an old answer is never shown for a new view.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TypeVar, cast

from pyoxigraph import NamedNode

from kizuna.engine.types import Engine, Row, Term, View

T = TypeVar("T")
Key = tuple[str, str, tuple[tuple[str, str], ...]]
Kept = tuple[str, Hashable]


@cache
def query_text(name: str) -> str:
    """The text of the named query `name`.

    Raises:
        FileNotFoundError: there is no such query.
    """
    return (resources.files("kizuna.atlas") / "queries" / f"{name}.rq").read_text("utf-8")


@cache
def query_names() -> tuple[str, ...]:
    """The names of all queries of the atlas, sorted."""
    folder = resources.files("kizuna.atlas") / "queries"
    return tuple(sorted(f.name.removesuffix(".rq") for f in folder.iterdir() if f.name.endswith(".rq")))


@dataclass(slots=True)
class _Turn:
    """Whose turn it is to make something. A maker may ask for other things on the way, never for its own."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: int = 0


class AnswerMemory:
    """The latest answers, bounded by their total number of rows, and what was computed from them, bounded by
    number; both of the latest few views only, for what was computed from one view can take tens of megabytes, and after
    a change nobody asks for the view before. Every key begins with its view's token. Safe to use from many threads.
    """

    def __init__(self, rows: int = 200_000, made: int = 512, views: int = 4) -> None:
        self._limit = rows
        self._most_made = made
        self._most_views = views
        self._views: OrderedDict[str, None] = OrderedDict()
        self._made: OrderedDict[Kept, tuple[object, dict[str, Asked]]] = OrderedDict()
        self._making: dict[Kept, _Turn] = {}
        self._held = 0
        self._answers: OrderedDict[Key, tuple[Row, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> tuple[Row, ...] | None:
        """The remembered answer, or None."""
        with self._lock:
            answer = self._answers.get(key)
            if answer is not None:
                self._answers.move_to_end(key)
                self._views.move_to_end(key[0])
            return answer

    def _forget_views(self, token: str) -> None:
        """Note that a view is in use, and forget all about the longest unused ones beyond the bound."""
        self._views[token] = None
        self._views.move_to_end(token)
        while len(self._views) > self._most_views:
            self._drop(next(iter(self._views)))

    def _drop(self, token: str) -> None:
        self._views.pop(token, None)
        for kept in [kept for kept in self._made if kept[0] == token]:
            del self._made[kept]
        for key in [key for key in self._answers if key[0] == token]:
            self._held -= len(self._answers.pop(key)) + 1

    def knows(self, token: str) -> bool:
        """Whether anything of a view is remembered."""
        with self._lock:
            return token in self._views

    def forget(self, token: str) -> None:
        """Forget all about a view that nobody asks for any more."""
        with self._lock:
            self._drop(token)

    def get_made(self, key: Kept) -> tuple[object, dict[str, Asked]] | None:
        """What was computed under a key with the queries it took, or None."""
        with self._lock:
            found = self._made.get(key)
            if found is not None:
                self._made.move_to_end(key)
                self._views.move_to_end(key[0])
            return found

    @contextmanager
    def making(self, key: Kept) -> Iterator[None]:
        """The block in which one thread makes what others wait for, instead of making it once more each."""
        with self._lock:
            turn = self._making.setdefault(key, _Turn())
            turn.waiting += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.waiting -= 1
                if not turn.waiting:
                    self._making.pop(key, None)

    def put_made(self, key: Kept, made: object, asked: dict[str, Asked]) -> None:
        """Remember what was computed, forgetting the longest unused beyond the bound."""
        with self._lock:
            self._forget_views(key[0])
            self._made[key] = (made, asked)
            while len(self._made) > self._most_made:
                self._made.popitem(last=False)

    def put(self, key: Key, answer: tuple[Row, ...]) -> None:
        """Remember an answer, forgetting the longest unused ones beyond the bound."""
        cost = len(answer) + 1
        if cost > self._limit // 4:
            return
        with self._lock:
            if key in self._answers:
                return
            self._forget_views(key[0])
            self._answers[key] = answer
            self._held += cost
            while self._held > self._limit:
                _, dropped = self._answers.popitem(last=False)
                self._held -= len(dropped) + 1


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that was put, with its values."""

    name: str
    values: tuple[tuple[str, Term], ...]


class Reader:
    """One view, read by one page.

    Args:
        engine: whom to ask.
        view: the state of the graph to read.
        memory: remembered answers shared by all pages; None remembers nothing.
    """

    def __init__(self, engine: Engine, view: View, memory: AnswerMemory | None = None) -> None:
        self.engine = engine
        self.view = view
        self.memory = memory
        self._asked: dict[str, Asked] = {}
        self._token: str | None = None

    @property
    def asked(self) -> Mapping[str, Asked]:
        """What was asked so far, by the query's name (the last values of each)."""
        return self._asked

    @property
    def token(self) -> str:
        """The engine's revision token of this view."""
        if self._token is None:
            self._token = self.engine.revision(self.view)
        return self._token

    def rows(self, query: str, /, **values: str | Term) -> tuple[Row, ...]:
        """The answer to the named query; a `str` value is an IRI.

        Raises:
            EngineError: the engine could not answer.
        """
        bound = {key: NamedNode(v) if isinstance(v, str) else v for key, v in sorted(values.items())}
        self._asked[query] = Asked(query, tuple(bound.items()))
        key: Key = (self.token, query, tuple((name, str(value)) for name, value in bound.items()))
        if self.memory is not None and (known := self.memory.get(key)) is not None:
            return known
        answer = tuple(self.engine.select(self.view, query_text(query), bound))
        if self.memory is not None:
            self.memory.put(key, answer)
        return answer

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, remembered for this view under `key`, which names all else that it depends on.

        The queries that `make` asks count as asked by this page, whether it ran or was remembered.
        """
        if self.memory is None:
            return make()
        whole = (self.token, key)
        found = self.memory.get_made(whole)
        if found is None:
            with self.memory.making(whole):
                found = self.memory.get_made(whole) or self._make(self.memory, whole, make)
        self._asked.update(found[1])
        return cast(T, found[0])

    def _make(
        self, memory: AnswerMemory, whole: Kept, make: Callable[[], object]
    ) -> tuple[object, dict[str, Asked]]:
        outside, self._asked = self._asked, {}
        try:
            made = make()
        finally:
            inside, self._asked = self._asked, outside
        memory.put_made(whole, made, inside)
        return made, inside

    def first(self, query: str, /, **values: str | Term) -> Row | None:
        """The first row of the answer, or None when there is none."""
        rows = self.rows(query, **values)
        return rows[0] if rows else None
