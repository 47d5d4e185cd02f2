"""A derivation rule's query, pointed at one conclusion. Pure functions over texts; queries are run by whoever holds the view.

A store plans a query by its text and doesn't know which variables will be given: it may begin at the far end, or build the
whole set that an OPTIONAL joins with, for every event of the record. So the terms of the conclusion are written into the text
where they are known, in the store's own spelling of an IRI (which holds nothing that could end it), and a sub-select that counts
is asked for one thing at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import NamedNode

from kizuna.views.ask import Term
from kizuna.views.proof import Select

_SUBSELECT = re.compile(r"\{\s*SELECT\b", re.IGNORECASE)
_HEAD = re.compile(r"SELECT\b(.*?)(?:\bWHERE\b|\{)", re.IGNORECASE | re.DOTALL)
_GROUPED = re.compile(r"\bGROUP\s+BY\b((?:\s+\?\w+)+)", re.IGNORECASE)
_NAMED = re.compile(r"\bAS\s+\?(\w+)|\bBOUND\s*\(\s*\?(\w+)", re.IGNORECASE)
_VARIABLE = re.compile(r"\?(\w+)")
_DOUBTFUL = re.compile(r"<[^<>\s]*\?[^<>\s]*>|[\"'][^\"'\n]*\?")


@dataclass(frozen=True, slots=True)
class Pointed:
    """A rule's SELECT, ready to be asked about one conclusion.

    Args:
        text: the SELECT of all variables, without the sub-selects that are asked apart.
        sketch: what it needs at least, as a cheap query; None where the whole is as cheap.
        apart: sub-selects that bind nothing but what the rest binds: each with the variables that it is asked about.
        kept: variables that must stay variables.
    """

    text: str
    sketch: str | None
    apart: tuple[tuple[str, tuple[str, ...]], ...]
    kept: frozenset[str]

    def solutions(self, select: Select, given: Mapping[str, Term]) -> Iterator[dict[str, Term]]:
        """All solutions with those values."""
        if self.sketch is not None and not ask(select, self.sketch, given, self.kept):
            return
        held: dict[tuple[int, tuple[Term, ...]], bool] = {}
        for row in ask(select, self.text, given, self.kept):
            values = {**row, **given}
            if all(self._holds(select, at, values, held) for at in range(len(self.apart))):
                yield values

    def _holds(
        self,
        select: Select,
        at: int,
        values: Mapping[str, Term],
        held: dict[tuple[int, tuple[Term, ...]], bool],
    ) -> bool:
        text, names = self.apart[at]
        key = (at, tuple(values[name] for name in names))
        if key not in held:
            held[key] = bool(select(text, dict(zip(names, key[1], strict=True))))
        return held[key]


def point(prologue: str, text: str, sketch: str | None) -> Pointed:
    """Take a SELECT apart as far as it can be pointed.

    Args:
        prologue: its PREFIX lines.
        text: the whole SELECT, prologue included.
        sketch: see `Pointed`.
    """
    rest, apart = _apart(prologue, text)
    if _DOUBTFUL.search(text):  # a question mark that begins no variable
        kept = frozenset(_VARIABLE.findall(text))
    else:
        parts = (*_HEAD.findall(rest), *_GROUPED.findall(rest))
        named = (one or other for one, other in _NAMED.findall(rest))
        kept = frozenset([*named, *(name for part in parts for name in _VARIABLE.findall(part))])
    return Pointed(rest, sketch, apart, kept)


def _apart(prologue: str, text: str) -> tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """The text without the sub-selects that only say of things of the rest whether they count, and those."""
    body = text[len(prologue) :]
    found = []
    for match in reversed(list(_SUBSELECT.finditer(body))):
        end = _closed(body, match.start())
        inner = body[match.start() + 1 : end - 1].strip()
        head = _HEAD.match(inner)
        rest = body[: match.start()] + body[end:]
        if head is None or " AS " in head[1].upper() or _depth(body, match.start()) != 1:
            continue
        names = tuple(_VARIABLE.findall(head[1]))
        if names and set(names) <= set(_VARIABLE.findall(_required(rest))):
            found.append((prologue + inner, names))
            body = rest
    return prologue + body, tuple(found)


def _required(text: str) -> str:
    """The text without what stands in inner braces: what is in there need not be bound."""
    inner = re.compile(r"\{[^{}]*\}")
    start, end = text.index("{") + 1, text.rindex("}")
    body = text[start:end]
    while inner.search(body):
        body = inner.sub(" ", body)
    return body


def _closed(text: str, start: int) -> int:
    """Where the brace that opens at `start` is closed, plus one."""
    depth = 0
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return at + 1
    return len(text)


def _depth(text: str, start: int) -> int:
    return text.count("{", 0, start) - text.count("}", 0, start)


def ask(
    select: Select, text: str, given: Mapping[str, Term], kept: frozenset[str] = frozenset()
) -> list[dict[str, Term]]:
    """Ask a query with values: written into its text where they can be, given beside it where not.

    Args:
        select: asks the view.
        text: a SELECT.
        given: the values; names that the text doesn't hold are passed over.
        kept: variables that must stay variables.
    """
    written = {  # a literal may stand where only a name can be written
        name: str(term) for name, term in given.items() if name not in kept and isinstance(term, NamedNode)
    }
    beside = {name: term for name, term in given.items() if name not in written and _has(text, name)}
    return select(_VARIABLE.sub(lambda match: written.get(match[1], match[0]), text), beside)


@lru_cache(maxsize=4096)
def _has(text: str, name: str) -> bool:
    return name in _VARIABLE.findall(text)
