"""The query behind a page, as text that runs anywhere: the named query with its values written in. Pure.

This is the one place of the atlas that turns a value into query text. It only ever *shows* text; what the engine runs
is the query as it stands in its file, with bindings. A value that cannot be written safely is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pyoxigraph import Literal, NamedNode

from kizuna.engine.types import Term

_TOKENS = re.compile(r"#[^\n]*|<[^<>\"{}|^`\\\x00-\x20]*>|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|\{")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def write_term(term: Term) -> str:
    """SPARQL text of an IRI or a literal (SPARQL 1.1, section 19.8).

    A `NamedNode` cannot hold a character that no IRI may hold: making one refuses it.

    Raises:
        ValueError: the term is neither IRI nor literal.
    """
    if isinstance(term, NamedNode):
        return f"<{term.value}>"
    if isinstance(term, Literal):
        quoted = '"' + "".join(_ESCAPES.get(c, c) for c in term.value) + '"'
        if term.language:
            return f"{quoted}@{term.language}"
        return f"{quoted}^^{write_term(term.datatype)}"
    raise ValueError("only IRIs and literals can be values of a query")


def title_of(text: str, language: str = "en") -> str | None:
    """What a query answers, from its header (`# title@en: …`); None when it does not say."""
    found = re.search(rf"^# title@{language}: (.+)$", text, re.MULTILINE)
    return found.group(1).strip() if found else None


def with_values(text: str, values: Sequence[tuple[str, Term]]) -> str:
    """The query with its values as a VALUES block at the head of its outermost group.

    Args:
        text: a SELECT or CONSTRUCT query of the atlas.
        values: variable names (no question mark) and terms.
    """
    if not values:
        return text
    names = " ".join(f"?{name}" for name, _ in values)
    terms = " ".join(write_term(term) for _, term in values)
    block = f"{{\n  VALUES ({names}) {{ ({terms}) }}"
    opened = 0
    wanted = 2 if re.search(r"^CONSTRUCT\b", text, re.MULTILINE) else 1
    for token in _TOKENS.finditer(text):
        if token.group() == "{":
            opened += 1
            if opened == wanted:
                return text[: token.start()] + block + text[token.end() :]
    raise ValueError("the query has no group to put values into")
