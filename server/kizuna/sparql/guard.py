"""What may be asked at all: looks at the tokens of a query or update and refuses outgoing requests, texts that
are too long or too deep, and mixed-up forms, each with a sentence in ja and en. Pure; touches nothing.

The wall is the engine's: its workers cannot open a socket. The guard stands in front so that the answer is a
sentence. It reads tokens, never the raw text by a pattern, and it reads them under both readings of code point
escapes. Engines without a separate lexer accept a keyword glued to its neighbour (`SERVICE:x{`, `trueSERVICE`), so
keywords are looked for inside words and prefixes as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import urljoin

from kizuna.sparql.explained import Explained
from kizuna.sparql.glance import glance
from kizuna.sparql.shape import too_much
from kizuna.sparql.tokens import SHORT, Token, line_and_column, readings, tokenize

QueryForm = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
QUERY_FORMS: Final[tuple[QueryForm, ...]] = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATE_FORMS: Final = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}
)
_SCHEME: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
VOLATILE: Final = frozenset({"RAND", "NOW", "UUID", "STRUUID", "SERVICE"})


class Refusal(Explained):
    """The guard says no."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator allows.

    Args:
        services: endpoints that SERVICE may name; empty means none.
        max_characters: longest text of a query or update.
        max_depth: deepest nesting of braces and parentheses.
    """

    services: frozenset[str] = field(default_factory=frozenset)
    max_characters: int = 200_000
    max_depth: int = 200


@dataclass(frozen=True, slots=True)
class Examined:
    """What a query's tokens tell.

    Args:
        form: the query form, None when there is none to be seen (the engine's parser will say why).
        from_graphs: IRIs of FROM clauses, in order.
        from_named_graphs: IRIs of FROM NAMED clauses, in order.
        volatile: True when the same text may have another answer the next time (RAND, NOW, UUID …).
        services: True when a SERVICE clause is there (and allowed).
        relative: True when an IRI is relative and the text says no BASE.
    """

    form: QueryForm | None
    from_graphs: tuple[str, ...]
    from_named_graphs: tuple[str, ...]
    volatile: bool
    services: bool
    relative: bool


def after_prologue(tokens: Sequence[Token]) -> int:
    """Index of the first token after BASE, PREFIX and VERSION declarations."""
    at = 0
    while at < len(tokens) and tokens[at].kind == "word":
        word = tokens[at].upper
        if word in ("BASE", "VERSION"):
            at += 2
        elif word == "PREFIX":
            at += 3
        else:
            break
    return min(at, len(tokens))  # a declaration may be cut off


@dataclass(frozen=True, slots=True)
class Prologue:
    """The declarations at the head of a query."""

    base: str
    prefixes: dict[str, str]

    def resolve(self, token: Token) -> str | None:
        """The IRI that an IRI or a prefixed name stands for; None when it cannot be told."""
        if token.kind == "iri":
            return urljoin(self.base, token.text[1:-1]) if self.base else token.text[1:-1]
        if token.kind == "name":
            prefix, _, local = token.text.partition(":")
            if prefix in self.prefixes:
                return self.prefixes[prefix] + local.replace("\\", "")
        return None


def prologue(tokens: Sequence[Token]) -> Prologue:
    """Read the declarations at the head of a query."""
    base = ""
    prefixes: dict[str, str] = {}
    end = after_prologue(tokens)
    at = 0
    while at + 1 < end:
        word = tokens[at].upper
        if word == "BASE" and tokens[at + 1].kind == "iri":
            base = urljoin(base, tokens[at + 1].text[1:-1])
        elif word == "PREFIX" and at + 2 < len(tokens) and tokens[at + 2].kind == "iri":
            prefixes[tokens[at + 1].text[:-1]] = urljoin(base, tokens[at + 2].text[1:-1])
        at += 3 if word == "PREFIX" else 2
    return Prologue(base, prefixes)


def query_form(tokens: Sequence[Token]) -> QueryForm | None:
    """The form of a query, from its first word after the prologue."""
    at = after_prologue(tokens)
    word = tokens[at].upper if at < len(tokens) else ""
    for form in QUERY_FORMS:
        if word == form:
            return form
    return None


def _is_update(tokens: Sequence[Token]) -> bool:
    at = after_prologue(tokens)
    return at < len(tokens) and tokens[at].upper in UPDATE_FORMS


def _check_size(text: str, policy: Policy) -> None:
    if len(text) > policy.max_characters:
        raise Refusal(
            "query-too-long",
            f"問い合わせが長すぎます（{len(text):,} 文字）。上限は {policy.max_characters:,} 文字です。",
            f"The query has {len(text):,} characters; {policy.max_characters:,} are allowed.",
        )
    if "\x00" in text:
        raise Refusal("query-syntax", "問い合わせに NUL 文字があります。", "The query holds a NUL character.")


def _check_shape(text: str, policy: Policy) -> None:
    """Refuse what parsers answer by deep recursion, before more than it takes to see it is read."""
    found = too_much(text, policy.max_depth)
    if found is None:
        return
    place = line_and_column(text, found.at)
    if found.what == "chain":
        raise Refusal(
            "query-too-deep",
            "演算子の連なりが長すぎます。短く書き直してください。",
            "The chain of operators is too long for a parser; write it in a shorter way.",
            *place,
        )
    raise Refusal(
        "query-too-deep",
        f"括弧の入れ子が深すぎます（上限 {policy.max_depth} 段）。",
        f"Brackets are nested more than {policy.max_depth} deep.",
        *place,
    )


def _service_at(tokens: Sequence[Token], at: int) -> bool:
    """Does a SERVICE clause begin at this token (or inside it)?"""
    token = tokens[at]
    if token.kind == "word":
        return "SERVICE" in token.upper
    if token.kind == "name" and "SERVICE" in token.text.partition(":")[0].upper():
        return at + 1 < len(tokens) and tokens[at + 1].text == "{"
    return False


def _check_services(text: str, tokens: Sequence[Token], policy: Policy) -> bool:
    if "SERVICE" not in text.upper():
        return False  # a token that holds the word is a piece of the text
    found = False
    head = prologue(tokens)
    for at, token in enumerate(tokens):
        if not _service_at(tokens, at):
            continue
        place = line_and_column(text, token.start)
        if not policy.services:
            raise Refusal(
                "service-not-allowed",
                "SERVICE は使えません。この接続点は外部へ問い合わせません（設定 services が空です）。",
                "SERVICE is not available: this endpoint asks no other endpoint (the setting 'services' is empty).",
                *place,
            )
        target = at + 1
        if target < len(tokens) and tokens[target].upper == "SILENT":
            target += 1
        iri = head.resolve(tokens[target]) if target < len(tokens) and token.upper == "SERVICE" else None
        if iri not in policy.services:
            shown = iri or (tokens[target].text if target < len(tokens) else "")
            raise Refusal(
                "service-not-allowed",
                f"SERVICE {shown} は許可されていません。許可: {', '.join(sorted(policy.services))}",
                f"SERVICE {shown} is not on the operator's list. Allowed: {', '.join(sorted(policy.services))}",
                *place,
            )
        found = True
    return found


def _check_load(text: str, tokens: Sequence[Token]) -> None:
    if "LOAD" not in text.upper():
        return
    depth = 0
    for at, token in enumerate(tokens):
        if token.kind == "mark":
            depth += (token.text == "{") - (token.text == "}")
        loads = (token.kind == "word" and "LOAD" in token.upper) or (
            token.kind == "name"
            and depth == 0
            and "LOAD" in token.text.partition(":")[0].upper()
            and not (at and tokens[at - 1].upper == "PREFIX")
        )
        if loads:
            raise Refusal(
                "load-not-allowed",
                "LOAD は使えません。文書は自分で取得し、グラフストアに送ってください。",
                "LOAD is not available: fetch the document yourself and send it to the graph store.",
                *line_and_column(text, token.start),
            )


def _from_clauses(tokens: Sequence[Token]) -> tuple[list[str], list[str]]:
    head = prologue(tokens)
    plain: list[str] = []
    named: list[str] = []
    for at in range(after_prologue(tokens), len(tokens)):
        token = tokens[at]
        if token.text == "{" or (token.kind == "word" and token.upper == "WHERE"):
            break
        if token.kind != "word" or token.upper != "FROM" or at + 1 >= len(tokens):
            continue
        is_named = tokens[at + 1].upper == "NAMED"
        target = at + 2 if is_named else at + 1
        iri = head.resolve(tokens[target]) if target < len(tokens) else None
        if iri is not None:
            (named if is_named else plain).append(iri)
    return plain, named


def _is_relative(tokens: Sequence[Token]) -> bool:
    if any(t.kind == "word" and t.upper == "BASE" for t in tokens[: after_prologue(tokens)]):
        return False
    return any(t.kind == "iri" and not _SCHEME.match(t.text) for t in tokens)


def examine_query(text: str, policy: Policy) -> Examined:
    """Look at a query; what was seen of a short text is remembered.

    Raises:
        Refusal: it is too long or too deep, is an update, or would ask an endpoint that is not allowed.
    """
    return _remembered(text, policy) if len(text) <= SHORT else _examine_query(text, policy)


@lru_cache(maxsize=512)
def _remembered(text: str, policy: Policy) -> Examined:
    if len(text) <= policy.max_characters and (form := glance(text, policy.max_depth)) is not None:
        return _AT_A_GLANCE[form]
    return _examine_query(text, policy)


_AT_A_GLANCE: Final[dict[str, Examined]] = {
    form: Examined(form, (), (), False, False, False) for form in QUERY_FORMS
}


def _examine_query(text: str, policy: Policy) -> Examined:
    _check_size(text, policy)
    services = False
    for reading in readings(text):
        _check_shape(reading, policy)
        tokens = tokenize(reading)
        if _is_update(tokens):
            raise Refusal(
                "update-as-query",
                "これは更新です。query ではなく update として POST してください。",
                "This is an update: send it by POST as 'update', not as 'query'.",
            )
        services = _check_services(reading, tokens, policy) or services
    tokens = tokenize(text)
    shouted = text.upper()
    plain, named = _from_clauses(tokens) if "FROM" in shouted else ([], [])
    return Examined(
        form=query_form(tokens),
        from_graphs=tuple(plain),
        from_named_graphs=tuple(named),
        volatile=services
        or (
            any(word in shouted for word in VOLATILE)
            and any(t.kind == "word" and t.upper in VOLATILE for t in tokens)
        ),
        services=services,
        relative=_is_relative(tokens),
    )


def examine_update(text: str, policy: Policy) -> None:
    """Look at an update.

    Raises:
        Refusal: it is too long or too deep, is a query, or would fetch something.
    """
    _check_size(text, policy)
    for reading in readings(text):
        _check_shape(reading, policy)
        tokens = tokenize(reading)
        if query_form(tokens) is not None:
            raise Refusal(
                "query-as-update",
                "これは問い合わせです。update ではなく query として送ってください。",
                "This is a query: send it as 'query', not as 'update'.",
            )
        _check_services(reading, tokens, policy)
        _check_load(reading, tokens)


def check_graphs(wanted: Sequence[str], known: Collection[str]) -> None:
    """Refuse graphs that the view does not hold: they would have to be fetched.

    Raises:
        Refusal: one of them is not there.
    """
    for graph in wanted:
        if graph not in known:
            raise Refusal(
                "graph-not-here",
                f"グラフ <{graph}> はここにありません。外部の文書は読み込みません。一覧: /graphs",
                f"There is no graph <{graph}> here, and remote documents are not read. The graphs there are: /graphs",
            )


def has_using(text: str) -> bool:
    """Does an update say its dataset itself (USING or WITH)? Then the protocol may not say another one."""
    return any(t.kind == "word" and t.upper in ("USING", "WITH") for t in tokenize(text))
