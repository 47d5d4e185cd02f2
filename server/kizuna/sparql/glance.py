"""What can be seen of most queries without splitting them into tokens. Pure; touches nothing.

Splitting a text takes longer than a small query takes the engine. So a text that holds nothing which would have to be looked
at closely is recognised by a few patterns, which the interpreter runs at one go. They are one-sided: whatever might matter
(an escape, a word that could be SERVICE, FROM or RAND even inside a string, deep brackets, an odd character) sends the text
to the tokens, which decide. The tests hold both ways to the same answer.
"""

from __future__ import annotations

import re
from typing import Final

from kizuna.sparql.shape import is_shallow
from kizuna.sparql.tokens import GAP, PLAIN_IRI

_HEAD: Final = re.compile(
    rf"""(?:{GAP}++|[Pp][Rr][Ee][Ff][Ii][Xx]{GAP}++(?:[A-Za-z][A-Za-z0-9_-]*+)?:{GAP}*+{PLAIN_IRI})*+
    ([Ss][Ee][Ll][Ee][Cc][Tt]|[Aa][Ss][Kk]|[Cc][Oo][Nn][Ss][Tt][Rr][Uu][Cc][Tt]|[Dd][Ee][Ss][Cc][Rr][Ii][Bb][Ee])
    (?=[\x20\t\r\n\#{{(*?$<])""",
    re.VERBOSE,
)
_CLOSE_LOOK: Final = re.compile(r"\\|\x00|SERVICE|FROM|BASE|VERSION|RAND|NOW|UUID")
"""Looked for in capitals, as the guard does."""
_RELATIVE: Final = re.compile(r'<(?![A-Za-z][A-Za-z0-9+.-]*+:)[^<>"{}|^`\\\x00-\x20]*+>')


def glance(text: str, max_depth: int) -> str | None:
    """The form of a query, in capitals, in which nothing has to be looked at closely; None for all others.

    Args:
        text: the query.
        max_depth: as for `shape.too_much`.
    """
    head = _HEAD.match(text)
    if (
        head is None
        or _CLOSE_LOOK.search(text.upper())
        or _RELATIVE.search(text)
        or not is_shallow(text, max_depth)
    ):
        return None
    return head[1].upper()
