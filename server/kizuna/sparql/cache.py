"""Remembers answers of the endpoint. In memory, bounded by bytes; touches nothing else.

An answer is kept under everything that it depends on: the view's token (which changes with every revision, date and
scenario), the normalised text, the values, the dataset, the format, and the limits. So a remembered answer is exact:
the same request to the same state. What belongs to a view that is past goes with the view (decision 0197). Queries that may answer otherwise the next time (RAND, NOW, UUID, SERVICE) are
never kept, nor is an answer that is larger than an eighth of the whole.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kizuna.engine.types import Answer, Limits, Term
from kizuna.sparql.tokens import normalise


@dataclass(frozen=True, slots=True)
class Key:
    """What an answer depends on: the state of the view, and all of it as a digest."""

    digest: str
    token: str

    @classmethod
    def of(
        cls,
        token: str,
        text: str,
        media_type: str,
        limits: Limits,
        bindings: Mapping[str, Term] | None = None,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
    ) -> Key:
        """The key of a request.

        Args:
            token: the view's revision token.
            text: the query as sent; white space and comments do not count.
            media_type: format asked of the engine.
            limits: only the rows and bytes count: a time limit never changes an answer that came.
            bindings: values by variable.
            default_graphs: the protocol's dataset.
            named_graphs: the protocol's dataset.
        """
        start = _start(
            token,
            media_type,
            (limits.rows, limits.result_bytes),
            None if default_graphs is None else tuple(default_graphs),
            None if named_graphs is None else tuple(named_graphs),
        )
        digest = start.copy()
        values = repr(sorted((name, str(term)) for name, term in bindings.items())) if bindings else "[]"
        given = values.encode("utf-8", "surrogatepass")
        digest.update(b"%d\0%s" % (len(given), given))
        digest.update(normalise(text).encode("utf-8", "surrogatepass"))
        return cls(digest.hexdigest(), token)

    def is_of(self, token: str) -> bool:
        """Is it the key of an answer of this view? A store that is followed adds to the view's token, after a hyphen."""
        return self.token == token or self.token.startswith(token + "-")

    def etag(self, media_type: str) -> str:
        """The weak entity tag (RFC 9110 §8.8.3): codings of the same answer share it, names of its type do not.

        It begins with the view's token, so that a write can be made on the condition that the view is still the one that
        was read (decision 0111).
        """
        return f'W/"{self.token}-{self.digest}-{_kind(media_type)}"'


@lru_cache(maxsize=256)
def _start(
    token: str,
    media_type: str,
    bounds: tuple[int | None, int | None],
    default_graphs: tuple[str, ...] | None,
    named_graphs: tuple[str, ...] | None,
) -> hashlib.blake2b:
    """The digest of what many requests have in common. Not to be updated: copied."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (token, media_type, repr(bounds), repr(default_graphs), repr(named_graphs)):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest


@lru_cache(maxsize=256)
def _kind(media_type: str) -> str:
    return hashlib.blake2b(media_type.encode(), digest_size=3).hexdigest()


def states_of(if_match: str) -> frozenset[str]:
    """The states of the view that an If-Match field names by entity tags of the endpoint."""
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(","))
    return frozenset(tag.partition("-")[0] for tag in tags if tag)


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """What the cache did so far."""

    answers: int
    size: int
    hits: int
    misses: int


class ResultCache:
    """Answers by key, the longest unused forgotten first. Safe to use from many threads.

    Args:
        max_bytes: bound on the bodies held; 0 keeps nothing.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._held = 0
        self._hits = 0
        self._misses = 0
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Answer | None:
        """The remembered answer, or None."""
        with self._lock:
            answer = self._answers.get(key)
            if answer is None:
                self._misses += 1
            else:
                self._hits += 1
                self._answers.move_to_end(key)
            return answer

    def room_for(self, size: int) -> bool:
        """Would an answer of this many bytes be kept?"""
        return size <= self._max // 8

    def put(self, key: Key, answer: Answer) -> None:
        """Remember an answer if it is small enough."""
        cost = len(answer.body) + 500
        if not self.room_for(cost):
            return
        with self._lock:
            if key in self._answers:
                return
            self._answers[key] = answer
            self._held += cost
            while self._held > self._max:
                _, dropped = self._answers.popitem(last=False)
                self._held -= len(dropped.body) + 500

    def drop(self, token: str | None) -> None:
        """Forget the answers of a view that is past; with None, all."""
        with self._lock:
            for key in [key for key in self._answers if token is None or key.is_of(token)]:
                self._held -= len(self._answers.pop(key).body) + 500

    def last(self, token: str) -> None:
        """Have the answers of a view that made room for others be the first ones to make room here."""
        with self._lock:
            for key in [key for key in reversed(self._answers) if key.is_of(token)]:
                self._answers.move_to_end(key, last=False)

    def figures(self) -> CacheFigures:
        """Figures for the metrics."""
        with self._lock:
            return CacheFigures(len(self._answers), self._held, self._hits, self._misses)
