"""A query for a range of dates, told which dates there are in it. Reads a worker's store; changes nothing.

The library keeps no index of values: `?e k:date ?day FILTER(?day >= … && ?day <= …)` makes it read every date of the view. A
worker's store never changes, so it can know the few thousand different dates of a predicate, and says at the head of the group
which of them can pass: `VALUES ?day { … }`. The filter stays. So the solutions are the same ones: those that pass the filter have
one of these dates (whatever is no plain date, and might pass, is named as well), and `VALUES` names each once.

Only what is plain is rewritten: the outermost group, which begins with triple patterns, one of which binds the variable by a
predicate with a name. Whether and how a query is rewritten rests on the view and on its text without LIMIT and OFFSET, so pages of
one query are cut from one sequence. See docs/decisions/0170-dates-in-a-range-are-named.md and 0196.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store, Variable

from kizuna.engine.text import Token, tokens

MOST_NAMED: Final = 2_000
"""Dates that a query is told at most."""
WORTH_IT: Final = 4
"""The range holds at most one date in so many of all that there are: else reading them all is as fast."""
MOST_ODD: Final = 50
"""Literals of a predicate that are no plain dates, which are always named; with more of them nothing is rewritten."""
LONGEST: Final = 20_000
"""Characters of a query that is looked at, but for its LIMIT and OFFSET."""
_PAGE: Final = re.compile(r"\b(?:LIMIT|OFFSET)\s+\d+\s*", re.IGNORECASE | re.ASCII)
_DATE: Final = "http://www.w3.org/2001/XMLSchema#date"
_MAY_ASK: Final = re.compile(
    r"[<>]=?\s*['\"]\d{4}-\d\d-\d\d['\"]\^\^|['\"]\d{4}-\d\d-\d\d['\"]\^\^\S+?\s*[<>]"
)
_PLAIN: Final = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_HEAD_ENDS: Final = frozenset(
    {"OPTIONAL", "MINUS", "UNION", "GRAPH", "SERVICE", "BIND", "VALUES", "FILTER", "SELECT"}
)
_ODD_MARKS: Final = frozenset({"[", "]", "(", ")", "|", "^", "/", "*", "+", "!", "<", ">"})
_LEAST: Final = ""
_MOST: Final = "~"


@dataclass(slots=True)
class _Range:
    """Bounds on one variable, as plain dates; both stay outside by at most the bound itself (the filter decides)."""

    low: str = _LEAST
    high: str = _MOST

    def narrow(self, operator: str, date: str) -> None:
        if operator.startswith(">"):
            self.low = max(self.low, date)
        elif operator.startswith("<"):
            self.high = min(self.high, date)
        else:
            self.low, self.high = max(self.low, date), min(self.high, date)


@dataclass(frozen=True, slots=True)
class _Known:
    """The literals of one predicate: plain dates in order, and all others."""

    dates: list[str]
    odd: list[str]


class DateRanges:
    """Rewrites the queries of one worker.

    Args:
        store: the view; it must not change any more.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, _Known | None] = {}

    def narrowed(self, text: str) -> str:
        """The query, with the dates named that its ranges hold; as it is where nothing can be said."""
        if "^^" not in text or _too_long(text) or "\\" in text or not _MAY_ASK.search(text):
            return text
        found = _ranges(text)
        if found is None:
            return text
        at, bounds = found
        named = ""
        for variable, (predicate, bound) in bounds.items():
            dates = self._within(predicate, bound)
            if dates is not None:
                named += f" VALUES {variable} {{ {' '.join(dates)} }} "
        return text[:at] + named + text[at:] if named else text

    def _within(self, predicate: str, bound: _Range) -> list[str] | None:
        if predicate not in self._known:
            self._known[predicate] = self._look(predicate)
        known = self._known[predicate]
        if known is None:
            return None
        first = bisect.bisect_left(known.dates, bound.low)
        last = bisect.bisect_right(known.dates, bound.high)
        inside = max(last - first, 0)
        if inside * WORTH_IT > len(known.dates) or inside > MOST_NAMED:
            return None
        return [f'"{date}"^^<{_DATE}>' for date in known.dates[first:last]] + known.odd

    def _look(self, predicate: str) -> _Known | None:
        """All literals of a predicate, in whichever graph; None when too many are no plain dates."""
        text = f"SELECT DISTINCT ?o {{ ?s {NamedNode(predicate)} ?o }}"
        result = self._store.query(text, use_default_graph_as_union=True)
        if not isinstance(result, QuerySolutions):
            return None
        dates: list[str] = []
        odd: list[str] = []
        wanted = Variable("o")
        for solution in result:
            term = solution[wanted]
            if not isinstance(term, Literal):
                continue  # nothing else can be compared with a date
            if term.datatype.value == _DATE and _PLAIN.match(term.value):
                dates.append(term.value)
            elif len(odd) < MOST_ODD:
                odd.append(str(term))
            else:
                return None
        return _Known(sorted(dates), sorted(odd))


def _too_long(text: str) -> bool:
    """Is a query too long to be looked at? The same for all its pages, however many digits they are told by."""
    return len(text) > LONGEST and len(_PAGE.sub("", text)) > LONGEST


def _ranges(text: str) -> tuple[int, dict[str, tuple[str, _Range]]] | None:
    """Where the outermost group begins, and the ranges on variables that a named predicate binds there."""
    pieces: list[tuple[int, Token]] = []
    place = 0
    for token in tokens(text):
        if token.kind != "space":
            pieces.append((place, token))
        place += len(token.text)
    words = [token for _, token in pieces]
    opening = _outermost(words)
    if opening is None:
        return None
    prefixes = _prefixes(words[:opening])
    bound = _bound(words, opening + 1, prefixes)
    if not bound:
        return None
    ranges = _filters(words, opening, prefixes, frozenset(bound))
    both = {variable: (bound[variable], found) for variable, found in ranges.items()}
    return (pieces[opening][0] + 1, both) if both else None


def _prefixes(words: Sequence[Token]) -> dict[str, str]:
    return {
        words[at + 1].text[:-1]: words[at + 2].text[1:-1]
        for at in range(len(words) - 2)
        if words[at].text.upper() == "PREFIX"
        and words[at + 1].text.endswith(":")
        and words[at + 2].kind == "iri"
    }


def _outermost(words: Sequence[Token]) -> int | None:
    """Index of the brace that opens the query's group; None where there is none, or IRIs rest on a BASE."""
    form = None
    round_ = curly = 0
    template = False  # the braces of CONSTRUCT's own are not a group
    for at, token in enumerate(words):
        upper = token.text.upper()
        if token.kind == "word" and upper == "BASE":
            return None
        if form is None and token.kind == "word" and upper in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"):
            form = upper
            template = upper == "CONSTRUCT"
            if template and (at + 1 == len(words) or words[at + 1].text != "{"):
                return None  # its short form has no filters
        if token.kind == "sign":
            round_ += (token.text == "(") - (token.text == ")")
            if template:
                curly += (token.text == "{") - (token.text == "}")
                template = bool(curly) or token.text != "}"
            elif token.text == "{":
                return at if form is not None and not round_ else None
    return None


def _iri(token: Token, prefixes: dict[str, str]) -> str | None:
    if token.kind == "iri":
        return token.text[1:-1] if ":" in token.text else None  # a relative one rests on an address
    prefix, colon, local = token.text.partition(":")
    if token.kind != "word" or not colon or prefix not in prefixes or "%" in local or "@" in token.text:
        return None
    iri = prefixes[prefix] + local
    return iri if ":" in iri else None


def _bound(words: Sequence[Token], start: int, prefixes: dict[str, str]) -> dict[str, str]:
    """Variables that the triple patterns at the head of the group bind as objects, with their predicate."""
    found: dict[str, str] = {}
    part: list[Token] = []  # of the present subject: `s p o` or, after a semicolon, `p o`
    fresh = True

    def end() -> None:
        wanted = 3 if fresh else 2
        if len(part) == wanted and part[-1].kind == "variable" and (iri := _iri(part[-2], prefixes)):
            found.setdefault(part[-1].text, iri)

    for token in words[start:]:
        sign = token.text if token.kind == "sign" else ""
        if sign in _ODD_MARKS:
            return {}
        if sign in ("{", "}") or (token.kind == "word" and token.text.upper() in _HEAD_ENDS):
            end()
            break
        if sign in (".", ";"):
            end()
            fresh = sign == "."
            part = []
        elif sign == ",":
            end()
            part = part[:-1] if part else []
        else:
            part.append(token)
    return found


def _filters(
    words: Sequence[Token], opening: int, prefixes: dict[str, str], variables: frozenset[str]
) -> dict[str, _Range]:
    """What the filters directly in the group say of these variables by nothing but comparisons with dates."""
    found: dict[str, _Range] = {}
    depth = 0
    for at in range(opening, len(words)):
        token = words[at]
        if token.kind == "sign":
            depth += (token.text == "{") - (token.text == "}")
            if not depth:
                break
        if depth == 1 and token.kind == "word" and token.text.upper() == "FILTER":
            for variable, operator, date in _comparisons(words, at + 1, prefixes):
                if variable in variables:
                    found.setdefault(variable, _Range()).narrow(operator, date)
    return found


def _comparisons(words: Sequence[Token], at: int, prefixes: dict[str, str]) -> list[tuple[str, str, str]]:
    """`( ?v >= "…"^^xsd:date && … )`: the comparisons, or none when anything else stands in it."""
    if at >= len(words) or words[at].text != "(":
        return []
    found: list[tuple[str, str, str]] = []
    at += 1
    while True:
        end = at
        while end < len(words) and words[end].text not in ("&", ")"):
            end += 1
        one = _comparison(words[at:end], prefixes)
        if one is None or end >= len(words):
            return []
        found.append(one)
        if words[end].text == ")":
            return found
        if end + 1 >= len(words) or words[end + 1].text != "&":
            return []
        at = end + 2


def _comparison(words: Sequence[Token], prefixes: dict[str, str]) -> tuple[str, str, str] | None:
    if len(words) < 6 or len(words) > 7:
        return None
    if words[0].kind == "variable":
        variable, operator, literal = words[0], words[1:-4], words[-4:]
        turned = {"<": "<", ">": ">", "=": "="}
    else:
        variable, operator, literal = words[-1], words[4:-1], words[:4]
        turned = {"<": ">", ">": "<", "=": "="}
    sign = "".join(token.text for token in operator)
    date = literal[0].text[1:-1]
    plain = literal[0].kind == "string" and _PLAIN.match(date)
    typed = literal[1].text == literal[2].text == "^" and _iri(literal[3], prefixes) == _DATE
    if variable.kind != "variable" or sign not in ("<", "<=", ">", ">=", "=") or not plain or not typed:
        return None
    return variable.text, turned[sign[0]], date
