"""What an update's text says of graphs, and writes the protocol's dataset (using-graph-uri) into it. Pure; works on tokens.

SPARQL 1.1 Protocol §2.2.3: the parameters mean what USING and USING NAMED in each operation would mean.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kizuna.sparql.guard import after_prologue
from kizuna.sparql.tokens import Token, tokenize

_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*\Z")


@dataclass(frozen=True, slots=True)
class UpdateOperation:
    """One operation of an update.

    Args:
        text: the operation with all declarations that it stands under: an update of its own.
        says_dataset: it has WITH or USING.
        nameless: where, in the whole update, it writes a triple without saying into which graph; None when nowhere.
    """

    text: str
    says_dataset: bool
    nameless: int | None


def operations(text: str) -> tuple[UpdateOperation, ...]:
    """The operations of an update, in order (SPARQL 1.1 §19.8, rule Update)."""
    tokens = tokenize(text)
    found: list[UpdateOperation] = []
    head = ""
    first = depth = 0
    for at in range(len(tokens) + 1):
        if at < len(tokens):
            depth += _step(tokens[at])
            if depth or tokens[at].text != ";" or tokens[at].kind != "mark":
                continue
        mine = tokens[first:at]
        first = at + 1
        body = after_prologue(mine)
        end = tokens[at].start if at < len(tokens) else len(text)
        begin = mine[body].start if body < len(mine) else end
        if body:
            head += text[mine[0].start : begin] + "\n"
        if body < len(mine):
            own = {one.upper for one in _outside(mine[body:])} & {"WITH", "USING"}
            nameless = None if "WITH" in own else _nameless(mine[body:])
            found.append(UpdateOperation(head + text[begin:end], bool(own), nameless))
    return tuple(found)


def _step(token: Token) -> int:
    return (token.text == "{") - (token.text == "}") if token.kind == "mark" else 0


def _outside(tokens: Sequence[Token]) -> list[Token]:
    """The words outside of all braces."""
    found, depth = [], 0
    for token in tokens:
        depth += _step(token)
        if not depth and token.kind == "word":
            found.append(token)
    return found


def _nameless(tokens: Sequence[Token]) -> int | None:
    """Offset of the first triple of a template (or of data) that stands in no GRAPH."""
    writes = False
    depth = named = 0
    for at, token in enumerate(tokens):
        if not depth and token.kind == "word":
            # In DELETE WHERE the pattern is the template as well.
            writes = token.upper in ("INSERT", "DELETE", "DATA") or (
                token.upper == "WHERE" and at > 0 and tokens[at - 1].upper == "DELETE"
            )
        step = _step(token)
        depth += step
        if not writes or not depth or step:
            named = named if depth > named else 0
            continue
        if token.kind == "word" and token.upper == "GRAPH" and not named:
            named = depth  # the group that follows is one deeper
        elif not named and token.text != ".":
            return token.start
    return None


def with_dataset(text: str, default_graphs: Sequence[str], named_graphs: Sequence[str]) -> str:
    """The update with USING clauses before each WHERE of its operations.

    `DELETE WHERE { P }` becomes `DELETE { P } USING … WHERE { P }`, which means the same (SPARQL 1.1 Update §3.1.3.3).

    Raises:
        ValueError: one of the graphs is no absolute IRI: it is refused, never repaired.
    """
    for iri in (*default_graphs, *named_graphs):
        if not _IRI.match(iri):
            raise ValueError(f"{iri[:200]!r} is no IRI")
    clause = "".join(f"USING <{iri}> " for iri in default_graphs)
    clause += "".join(f"USING NAMED <{iri}> " for iri in named_graphs)
    tokens = tokenize(text)
    pieces: list[str] = []
    done = depth = 0
    for at, token in enumerate(tokens):
        depth += (token.text == "{") - (token.text == "}") if token.kind == "mark" else 0
        if depth or token.kind != "word" or token.upper != "WHERE":
            continue
        pieces.append(text[done : token.start])
        done = token.start
        if at and tokens[at - 1].upper == "DELETE":
            pieces.append(_group(text, tokens, at + 1) + " ")
        pieces.append(clause)
    return "".join(pieces) + text[done:]


def _group(text: str, tokens: Sequence[Token], at: int) -> str:
    """The text of the group that begins at this token."""
    depth = 0
    for token in tokens[at:]:
        depth += (token.text == "{") - (token.text == "}") if token.kind == "mark" else 0
        if depth == 0:
            return text[tokens[at].start : token.start + len(token.text)]
    return ""
