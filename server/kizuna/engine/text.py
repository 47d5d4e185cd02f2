"""What the engine must know of a query's text: its words, and where a variable may be replaced by a term.

Pure functions over text; no I/O. This is the only file that turns a term into query text. It never looks at raw
text with a plain search: everything goes through `tokens`, which knows comments, strings and IRIs.

Why values are written into the text rather than given to the library's own substitution: that one is refused
for variables outside the projection, and the planner does not see the value (measured: 2.3 ms against 0.03 ms
for a three-way join; docs/decisions/0021).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

Term = NamedNode | BlankNode | Literal | Triple

_TOKEN: Final = re.compile(
    r"""
      (?P<space>\s+|\#[^\n\r]*)
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*(?:\\[uU][^<>"{}|^`\\\x00-\x20]*)*>)
    | (?P<string>\"\"\"(?:[^"\\]|\\.|\"(?!\"\"))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''
        |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    | (?P<variable>[?$]\w+)
    | (?P<word>(?:[\w:%@]|\\[_~.\-!$&'()*+,;=/?\#@%])
        (?:[\w:%@]|\\[_~.\-!$&'()*+,;=/?\#@%]|[.-](?=[\w:%\\.-]*[\w:%\\-]))*)
    | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FROM: Final = re.compile(r"(?:ask|construct)?from(?:named)?", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")

UPDATE_WORDS: Final = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}
)
QUERY_WORDS: Final = frozenset({"SELECT", "CONSTRUCT", "ASK", "DESCRIBE"})


class Token(NamedTuple):
    """A piece of query text. `kind` is space, iri, string, variable, word or sign."""

    kind: str
    text: str


def unescape(text: str) -> str:
    r"""Replace `\uXXXX` and `\UXXXXXXXX` anywhere, as SPARQL 1.1 §19.2 does before anything else."""

    def one(match: re.Match[str]) -> str:
        code = int(match[1] or match[2], 16)
        return chr(code) if code < 0x110000 else match[0]

    return _ESCAPE.sub(one, text) if "\\" in text else text


def tokens(text: str) -> Iterator[Token]:
    """Split query text. Every character lands in exactly one token."""
    for match in _TOKEN.finditer(text):
        yield Token(match.lastgroup or "sign", match[0])


def first_word(text: str) -> str:
    """The word that says what the request is (SELECT, INSERT …), upper case; "" when there is none."""
    for kind, piece in tokens(unescape(text)):
        if kind == "word" and (word := piece.upper()) in UPDATE_WORDS | QUERY_WORDS:
            return word
    return ""


def has_dataset(text: str) -> bool:
    """Whether the query names its own dataset with FROM or FROM NAMED.

    The library ignores FROM when it is told to take the union of all graphs as default graph, so the engine must know.
    Escapes are left as they stand, as the library leaves them outside strings and IRIs; it also reads keywords that
    touch each other.
    """
    if "from" not in text.lower():
        return False
    return any(kind == "word" and _FROM.fullmatch(piece) for kind, piece in tokens(text))


class BindingError(ValueError):
    """A value cannot be given to this variable of this query."""


def term_text(term: Term) -> str:
    """A term in query syntax, written by the library itself.

    Raises:
        BindingError: a blank node, which would act as a variable.
    """
    if isinstance(term, BlankNode):
        raise BindingError("A blank node cannot be given as a value: in a query it acts as a variable.")
    if isinstance(term, Triple):
        parts = (term.subject, term.predicate, term.object)
        return "<<( " + " ".join(term_text(part) for part in parts) + " )>>"
    return str(term)


def bind(text: str, values: Mapping[str, Term]) -> str:
    """Replace variables by terms, everywhere in the query, sub-queries included.

    A projected variable stays a column: `SELECT ?v` becomes `SELECT (term AS ?v)`. Lines keep their numbers.

    Args:
        text: a query.
        values: variable name (no question mark) to term. Names that do not occur are ignored.

    Raises:
        BindingError: the query itself assigns the variable (AS, VALUES), or the value is a blank node.
    """
    if not values:
        return text
    written = {name: term_text(term) for name, term in values.items()}
    return "".join(
        written[piece.name] if isinstance(piece, _Slot) else piece
        for piece in _template(text, frozenset(values))
    )


class _Slot(NamedTuple):
    name: str


@lru_cache(maxsize=1024)
def _template(text: str, names: frozenset[str]) -> tuple[str | _Slot, ...]:
    return tuple(_Binder(list(tokens(text)), names).run())


@dataclass(slots=True)
class _Frame:
    """What a bare variable means at the present place of a group: pattern, select, group, order or values."""

    mode: str = "pattern"
    brackets: int = 0


class _Binder:
    """One pass over the tokens of a query."""

    def __init__(self, stream: list[Token], names: frozenset[str]) -> None:
        self.stream = stream
        used = {t.text[1:] for t in stream if t.kind == "variable"}
        self.names = frozenset(names & used)
        self.out: list[str | _Slot] = []
        self.frames = [_Frame()]
        self.fresh = 0
        self.star = False
        self.after_brace: list[str | _Slot] = []

    def run(self) -> list[str | _Slot]:
        skip_to = -1
        before = ""
        for at, token in enumerate(self.stream):
            if at <= skip_to:
                continue
            if token.kind == "variable" and token.text[1:] in self.names:
                self._variable(token.text[1:], before)
            elif self._word(at) == "BOUND" and (end := self._end_of_bound(at)) >= 0:
                self.out.append("true")
                skip_to = end
            else:
                self._other(at, token)
            if token.kind != "space":
                before = self._word(at)
        return self.out

    def _word(self, at: int) -> str:
        token = self.stream[at] if at < len(self.stream) else Token("space", "")
        return token.text.upper() if token.kind == "word" else ""

    def _next(self, at: int) -> int:
        at += 1
        while at < len(self.stream) and self.stream[at].kind == "space":
            at += 1
        return at

    def _end_of_bound(self, at: int) -> int:
        """Index of the closing bracket of BOUND(?v) when ?v is given a value, else -1."""
        picked = []
        for _ in range(3):
            at = self._next(at)
            picked.append(self.stream[at].text if at < len(self.stream) else "")
        return at if picked[0] == "(" and picked[1][1:] in self.names and picked[2] == ")" else -1

    def _fresh(self, name: str) -> str:
        self.fresh += 1
        return f"?{name}__{self.fresh}"

    def _variable(self, name: str, before: str) -> None:
        frame = self.frames[-1]
        if before == "AS" or frame.mode == "values":
            raise BindingError(f"?{name} is assigned inside the query and cannot be given a value.")
        mode = frame.mode if frame.brackets == 0 else "pattern"
        if mode == "select":
            # A sub-query's column gets a name of its own: the outer ?v stands for the term already.
            column = f"?{name}" if len(self.frames) == 1 else self._fresh(name)
            self.out += ["(", _Slot(name), f" AS {column})"]
        elif mode == "group":
            self.out += ["(", _Slot(name), f" AS {self._fresh(name)})"]
        elif mode == "order":
            self.out += ["(", _Slot(name), ")"]
        else:
            if self.out and self.out[-1] == "<":
                self.out.append(" ")  # less-than and an IRI would read as the beginning of a triple term
            self.out.append(_Slot(name))

    def _other(self, at: int, token: Token) -> None:
        frame = self.frames[-1]
        word = self._word(at)
        if word == "SELECT":
            frame.mode = "select"
        elif word in {"WHERE", "FROM", "HAVING", "LIMIT", "OFFSET"}:
            frame.mode = "pattern"
        elif word in {"GROUP", "ORDER"} and self._word(self._next(at)) == "BY":
            frame.mode = word.lower()
        elif word == "VALUES":
            frame.mode = "values"
        elif word == "MINUS" and not self.star:
            self._minus(at)
            return
        elif token.kind == "sign":
            self._sign(token.text, frame)
        self.out.append(token.text)
        if token.text == "{" and self.after_brace:
            self.out += self.after_brace
            self.after_brace = []

    def _sign(self, sign: str, frame: _Frame) -> None:
        if sign == "(":
            frame.brackets += 1
        elif sign == ")":
            frame.brackets -= 1
        elif sign == "*" and frame.mode == "select" and len(self.frames) == 1 and frame.brackets == 0:
            self.star = True
        elif sign == "{":
            frame.mode = "pattern"
            self.frames.append(_Frame())
        elif sign == "}" and len(self.frames) > 1:
            self.frames.pop()
            if len(self.frames) == 1 and self.star:
                self.star = False
                for name in sorted(self.names):
                    self.out += [" BIND(", _Slot(name), f" AS ?{name}) "]

    def _minus(self, at: int) -> None:
        """Keep what MINUS rests on: a variable shared by both sides. A term is not shared, a bound copy is."""
        start = self._next(at)
        depth, inside, end = 0, set(), start
        while end < len(self.stream):
            piece = self.stream[end]
            depth += {"{": 1, "}": -1}.get(piece.text, 0) if piece.kind == "sign" else 0
            if piece.kind == "variable":
                inside.add(piece.text[1:])
            if depth == 0:
                break
            end += 1
        shared = {name: self._fresh(name) for name in sorted(inside & self.names)}
        copies: list[str | _Slot] = []
        for name, copy in shared.items():
            copies += [" BIND(", _Slot(name), f" AS {copy}) "]
        self.out += [*copies, self.stream[at].text]
        if copies and start < len(self.stream) and self.stream[start].text == "{":
            # The group opens here; its own brace still comes through the main pass.
            self.after_brace = copies
