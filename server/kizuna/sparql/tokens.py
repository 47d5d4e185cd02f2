"""Splits SPARQL text into tokens, without parsing it. Pure; touches nothing.

Grammar: SPARQL 1.1 §19.8 (terminals), with the terminals that 1.2 adds. The splitter never fails: what is no
terminal becomes a token of kind "unknown", and the engine's parser says what is wrong with it.

Code point escapes (`\\u0041`, §19.2) have two readings. SPARQL 1.1 replaces them before anything else; engines
that follow 1.2 replace them inside strings and IRIs only, so that an escaped quote does not end a string.
`readings` gives the text under each, for those who must be right under both (decision 0050).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

SHORT: Final = 20_000
"""Texts up to this length are remembered with their tokens."""
Kind = Literal["iri", "name", "blank", "variable", "string", "language", "number", "word", "mark", "unknown"]

_LETTER: Final = r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D" + (
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_CHARACTER: Final = _LETTER + r"_0-9\u00B7\u0300-\u036F\u203F-\u2040\-"
_ESCAPED: Final = r"\\[_~.\-!$&'()*+,;=/?#@%]"
_HEX: Final = r"%[0-9A-Fa-f]{2}"
_LOCAL: Final = (
    rf"(?:(?:[{_LETTER}_:0-9]|{_HEX}|{_ESCAPED})"
    rf"(?:(?:[{_CHARACTER}:]|{_HEX}|{_ESCAPED})|\.+(?=[{_CHARACTER}:%\\]))*+)?"
)
# Possessive quantifiers (*+, ++) keep the time linear in the text, however it is made.
_TOKEN: Final = re.compile(
    rf"""
    (?P<space>(?:[\x20\t\r\n]|\#[^\r\n]*+)++)
  | (?P<iri><[^<>"{{}}|^`\\\x00-\x20]*+(?:\\[uU][0-9A-Fa-f]++[^<>"{{}}|^`\\\x00-\x20]*+)*+>)
  | (?P<string>\"\"\"(?:[^"\\]|\\.|\"(?!\"\"))*+\"\"\"|\'\'\'(?:[^'\\]|\\.|'(?!\'\'))*+\'\'\'
      |"(?:[^"\\\n\r]|\\.)*+"|'(?:[^'\\\n\r]|\\.)*+')
  | (?P<blank>_:[{_LETTER}_0-9](?:[{_CHARACTER}]|\.+(?=[{_CHARACTER}]))*+)
  | (?P<name>(?:[{_LETTER}][{_CHARACTER}.]*+(?<!\.))?:{_LOCAL})
  | (?P<word>[A-Za-z][A-Za-z0-9_]*+(?![{_CHARACTER}.]))
  | (?P<words>[{_LETTER}][{_CHARACTER}.]*+)
  | (?P<variable>[?$][{_LETTER}_0-9][{_LETTER}_0-9\u00B7\u0300-\u036F\u203F-\u2040]*+)
  | (?P<language>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?:--[A-Za-z]++)?)
  | (?P<number>(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)[eE][+-]?[0-9]++|[0-9]*+\.[0-9]++|[0-9]++)
  | (?P<mark><<\(|\)>>|<<|>>|\{{\||\|\}}|\^\^|\|\||&&|<=|>=|!=|[{{}}()\[\],;.=!<>+\-*/|^?$~@&])
  | (?P<unknown>.)
    """,
    re.VERBOSE | re.DOTALL,
)
PLAIN_IRI: Final = r'<[^<>"{}|^`\\\x00-\x20]*+>'
GAP: Final = r"(?:[\x20\t\r\n]|\#[^\r\n]*+)"
_PLAIN_STRING: Final = (
    r'"""(?:[^"\\]|"(?!""))*+"""|\'\'\'(?:[^\'\\]|\'(?!\'\'))*+\'\'\'|"[^"\\\n\r]*+"|\'[^\'\\\n\r]*+\''
)
_SOLID: Final = rf"(?:{PLAIN_IRI}|{_PLAIN_STRING}|[A-Za-z0-9_:?$.,;(){{}}\[\]*+/|^!=<>&@~-])++"
_SOLIDS: Final = re.compile(rf"({_SOLID})|{GAP}++")
_ALL_SOLID: Final = re.compile(rf"(?:{_SOLID}|{GAP}++)*+\Z")
"""A text without escapes and odd characters: what stands between gaps can be found without telling its tokens apart."""
_PIECE: Final = re.compile(
    rf"(?P<word>[A-Za-z][A-Za-z0-9_]*+)|(?P<number>[0-9]*+\.[0-9]++|[0-9]++)|(?P<mark>[.\-])"
    rf"|(?P<unknown>[{_CHARACTER}])"
)
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


class Token(NamedTuple):
    """One terminal.

    Args:
        kind: which family of terminals.
        text: its text as written.
        start: offset of its first character.
        spaced: True when white space or a comment stands before it.
    """

    kind: Kind
    text: str
    start: int
    spaced: bool

    @property
    def upper(self) -> str:
        """The text in upper case, for comparing keywords."""
        return self.text.upper()


def tokenize(text: str) -> Sequence[Token]:
    """The tokens of a text, without white space and comments. Time is linear in the text."""
    return _remembered(text) if len(text) <= SHORT else _split(text)


@lru_cache(maxsize=128)
def _remembered(text: str) -> tuple[Token, ...]:
    """A request looks at its text several times: to examine it, to find its form, to normalise it."""
    return tuple(_split(text))


def _split(text: str) -> list[Token]:
    return list(iterate(text))


def iterate(text: str) -> Iterator[Token]:
    """As `tokenize`, one by one: for those who may have seen enough before the end."""
    spaced = False
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "space":
            spaced = True
            continue
        start = match.start()
        if kind == "words":  # no prefix and no single word: words, perhaps with dots and numbers between them
            for piece in _PIECE.finditer(match[0]):
                yield Token(piece.lastgroup, piece[0], start + piece.start(), spaced)  # type: ignore[arg-type]
                spaced = False
        else:
            yield Token(kind, match[0], start, spaced)  # type: ignore[arg-type]
        spaced = False


def unescape(text: str) -> str:
    """Replace code point escapes everywhere (SPARQL 1.1 §19.2); impossible code points stay as written."""

    def character(match: re.Match[str]) -> str:
        point = int(match[1] or match[2], 16)
        if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
            return match[0]
        return chr(point)

    return _ESCAPE.sub(character, text)


def readings(text: str) -> tuple[str, ...]:
    """The text as SPARQL 1.2 reads it and, where that differs, as SPARQL 1.1 reads it."""
    replaced = unescape(text)
    return (text,) if replaced == text else (text, replaced)


def normalise(text: str) -> str:
    """The text with each run of white space and comments made one space: equal results mean equal queries.

    A text with a token that is no terminal is returned unchanged, since nothing is known about it.
    """
    if _ALL_SOLID.match(text):
        return " ".join(filter(None, _SOLIDS.findall(text)))
    tokens = tokenize(text)
    if any(token.kind == "unknown" for token in tokens):
        return text
    return "".join(" " + t.text if t.spaced and i else t.text for i, t in enumerate(tokens))


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """The 1-based line and column of an offset."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
