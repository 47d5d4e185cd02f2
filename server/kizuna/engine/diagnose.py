"""Say in plain words what a query's author did wrong. Pure functions over text."""

from __future__ import annotations

import re
from typing import Final

from kizuna.engine.text import UPDATE_WORDS, Token, first_word, tokens
from kizuna.engine.types import EngineError, QueryRefusedError, QuerySyntaxError

_PLACE: Final = re.compile(r"(?:error )?at (\d+):(\d+): (?:expected )?(?:one of )?(.*)", re.DOTALL)
_CLASS: Final = re.compile(r"\[[^\]]*(?:'\]'[^\]]*)?\](?:, )?")
_SENTENCE: Final = re.compile(r"(?:^|, )((?:The|Variable|IRI|Blank|Invalid|An?|It)\b[^,\"]* [^,\"]*)")
_SHOWN: Final = 12


def syntax_error(text: str, message: str) -> EngineError:
    """The error for a query that the library does not parse.

    Args:
        text: the query.
        message: the parser's words, such as `error at 3:10: expected OPTIONAL`.
    """
    if (word := first_word(text)) in UPDATE_WORDS:
        return QueryRefusedError(f"{word} is an update; a query is SELECT, ASK, CONSTRUCT or DESCRIBE.")
    return update_error(text, message)


def update_error(text: str, message: str) -> QuerySyntaxError:
    """As `syntax_error`, for a text that may be an update."""
    undeclared = _undeclared_prefix(text)
    if undeclared is not None:
        prefix, line, column = undeclared
        return QuerySyntaxError(
            f"The prefix '{prefix}' is not declared (line {line}, column {column}).", line, column
        )
    place = _PLACE.fullmatch(message.strip())
    if place is None:
        return QuerySyntaxError(message)
    line, column = int(place[1]), int(place[2])
    where = f"line {line}, column {column}"
    sentence = _SENTENCE.search(place[3])
    if sentence:
        return QuerySyntaxError(f"{sentence[1].strip()} ({where}).", line, column)
    expected = [word for word in _CLASS.sub("", place[3]).split(", ") if word.strip()]
    if not expected:
        return QuerySyntaxError(f"The query cannot be read at {where}.", line, column)
    shown = ", ".join(expected[:_SHOWN]) + (", …" if len(expected) > _SHOWN else "")
    return QuerySyntaxError(f"The query cannot be read at {where}: expected {shown}.", line, column)


def _undeclared_prefix(text: str) -> tuple[str, int, int] | None:
    """The first prefix that is used and not declared, with its line and column."""
    declared: set[str] = set()
    before = ""
    at = 0
    for token in tokens(text):
        if token.kind == "word" and before == "PREFIX":
            declared.add(token.text.partition(":")[0])
        elif (prefix := _prefix_of(token)) is not None and prefix not in declared:
            line = text.count("\n", 0, at) + 1
            return f"{prefix}:", line, at - (text.rfind("\n", 0, at) + 1) + 1
        if token.kind != "space":
            before = token.text.upper() if token.kind == "word" else ""
        at += len(token.text)
    return None


def _prefix_of(token: Token) -> str | None:
    if token.kind != "word" or ":" not in token.text or token.text.startswith(("_:", "@")):
        return None
    return token.text.partition(":")[0]
