"""Whether a text has a shape that exhausts parsers: long chains of operators, deep brackets. Pure; stops at the first that is too much.

The tokens are taken one by one, so that a text made to be hostile costs as many of them as show that it is, not all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from kizuna.sparql.tokens import SHORT, Token, iterate, tokenize

_UNARY: Final = frozenset({"!", "+", "-"})
_QUANTIFIERS: Final = frozenset({"*", "+", "?"})
MOST_QUANTIFIED: Final = 8
"""Path groups with a quantifier inside each other; the engine's parser takes 2^n steps for n of them."""
MOST_JOINED: Final = 20
"""Operators `||` and `&&`, in multiples of the depth allowed."""
_OPENING: Final = frozenset({"{", "(", "[", "<<", "<<(", "{|"})
_CLOSING: Final = frozenset({"}", ")", "]", ">>", ")>>", "|}"})


class TooMuch(NamedTuple):
    """What is too much, and the offset of the token that shows it."""

    what: Literal["chain", "depth"]
    at: int


def too_much(text: str, max_depth: int) -> TooMuch | None:
    """The first place where a text is too much for a parser; None when there is none.

    Args:
        text: a query or update.
        max_depth: deepest nesting of brackets, and longest chain of unary operators, that is allowed.
    """
    if _may_chain(text, max_depth) and (found := _chain(_tokens(text), max_depth)) is not None:
        return TooMuch("chain", found.start)
    if _may_nest(text, max_depth) and (found := _nesting(_tokens(text), max_depth)) is not None:
        return TooMuch("depth", found.start)
    return None


def is_shallow(text: str, max_depth: int) -> bool:
    """Whether so few operators and brackets are there that `too_much` finds nothing, wherever they stand."""
    return not _may_chain(text, max_depth) and not _may_nest(text, max_depth)


def _tokens(text: str) -> Iterable[Token]:
    return tokenize(text) if len(text) <= SHORT else iterate(text)


def _may_chain(text: str, max_depth: int) -> bool:
    """False when there are too few of these characters for any such chain: most queries need no closer look."""
    return (
        sum(map(text.count, _UNARY)) > max_depth
        or text.count("||") + text.count("&&") > max_depth
        or text.count(")") > MOST_QUANTIFIED
    )


def _may_nest(text: str, max_depth: int) -> bool:
    """False when there are too few brackets; every opening one holds one of these characters."""
    return sum(map(text.count, "{([<")) > max_depth


def _chain(tokens: Iterable[Token], max_depth: int) -> Token | None:
    """The token with which a chain without brackets is too long: `!!!!…`, `a || b || …`, `((p)*)*…`."""
    unary = joined = quantified = 0
    closed = False
    for token in tokens:
        if token.kind != "mark":
            unary = quantified = 0
            closed = False
            continue
        unary = unary + 1 if token.text in _UNARY else 0
        joined += token.text in ("||", "&&")
        if token.text in _QUANTIFIERS:
            quantified += closed
        elif closed or token.text != ")":
            quantified = 0
        closed = token.text == ")"
        if unary > max_depth or joined > MOST_JOINED * max_depth or quantified > MOST_QUANTIFIED:
            return token
    return None


def _nesting(tokens: Iterable[Token], max_depth: int) -> Token | None:
    """The bracket that is nested too deeply."""
    depth = 0
    for token in tokens:
        if token.kind != "mark":
            continue
        if token.text in _OPENING:
            depth += 1
            if depth > max_depth:
                return token
        elif token.text in _CLOSING:
            depth -= 1
    return None
