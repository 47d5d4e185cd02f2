"""Writes the protocol's dataset of an update (using-graph-uri) into its text. Pure; works on tokens.

SPARQL 1.1 Protocol §2.2.3: the parameters mean what USING and USING NAMED in each operation would mean.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kizuna.sparql.tokens import Token, tokenize

_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*\Z")


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
