"""The SPARQL 1.1 Protocol: what a request asks for. Pure: a request as plain data in, an operation or an error out.

Source: SPARQL 1.1 Protocol (W3C Recommendation, 21 March 2013) §2. The checks are stricter than most servers': a
parameter given twice, a body of an unstated type or text that is not UTF-8 is an error, never a guess.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote_to_bytes

FORM_TYPE: Final = "application/x-www-form-urlencoded"
QUERY_TYPE: Final = "application/sparql-query"
UPDATE_TYPE: Final = "application/sparql-update"
Pairs = Sequence[tuple[str, str]]
_BROKEN_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")

QUERY_DATASET: Final = ("default-graph-uri", "named-graph-uri")
UPDATE_DATASET: Final = ("using-graph-uri", "using-named-graph-uri")


class ProtocolError(Exception):
    """The request breaks the protocol. Carries the HTTP status, a stable code and the message in ja and en."""

    def __init__(self, status: int, code: str, ja: str, en: str) -> None:
        super().__init__(en)
        self.status = status
        self.code = code
        self.ja = ja
        self.en = en


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request, as far as the protocol looks at it.

    Args:
        method: GET, HEAD or POST.
        query_string: what stands after the question mark, undecoded.
        content_type: value of the Content-Type field, "" when absent.
        body: the bytes of the body.
    """

    method: str
    query_string: bytes = b""
    content_type: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Operation:
    """What is asked.

    Args:
        kind: query, update, or nothing (then the service describes itself).
        text: the query or update.
        default_graphs: the protocol's dataset, None when it says none.
        named_graphs: the same for named graphs.
        parameters: all other parameters, in order.
    """

    kind: Literal["query", "update", "nothing"]
    text: str
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    parameters: tuple[tuple[str, str], ...]

    def parameter(self, name: str) -> str | None:
        """The value of another parameter (the last, if there are several of one that nothing reads), or None."""
        values = [value for key, value in self.parameters if key == name]
        return values[-1] if values else None


ONCE: Final = frozenset(
    {
        "asof",
        "revision",
        "scenario",
        "format",
        "timeout",
        "rows",
        "query-id",
        "download",
        "title",
        "publish",
        "reason",
    }
)
"""Parameters of the product's own that mean one thing: given twice, one of them would be passed over without a word."""


def _decode(raw: bytes, where_ja: str, where_en: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ProtocolError(
            400, "not-unicode", f"{where_ja}が UTF-8 ではありません。", f"The {where_en} is not UTF-8."
        ) from None


def _pairs(raw: bytes, where_ja: str, where_en: str) -> list[tuple[str, str]]:
    _decode(raw, where_ja, where_en)
    try:
        return read_pairs(raw)
    except UnicodeDecodeError:
        raise ProtocolError(
            400, "not-unicode", f"{where_ja}が UTF-8 ではありません。", f"The {where_en} is not UTF-8."
        ) from None


def read_pairs(raw: bytes) -> list[tuple[str, str]]:
    """Names and values of a form or a query string, as `urllib.parse.parse_qsl` reads them (keep_blank_values), but in a
    tenth of the time: a query is full of escapes, and that takes each one by itself.

    Raises:
        UnicodeDecodeError: what an escape stands for is not UTF-8.
    """
    found = []
    for pair in raw.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            found.append((_plain(name), _plain(value)))
    return found


def _plain(raw: bytes) -> str:
    raw = raw.replace(b"+", b" ")
    if b"%" in raw:
        if _BROKEN_ESCAPE.search(raw):
            raw = unquote_to_bytes(raw)
        else:
            # `%41` in one encoding is `=41` in the other, which is decoded without a loop.
            raw = a2b_qp(raw.replace(b"=", b"=3D").replace(b"%", b"="))
    return raw.decode("utf-8")


def media_type_of(content_type: str) -> tuple[str, str]:
    """The media type without parameters, and its charset ("" when not said), in lower case."""
    name, *parameters = (part.strip() for part in content_type.split(";"))
    charset = ""
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset":
            charset = value.strip().strip('"').lower()
    return name.lower(), charset


def _operation(
    kind: Literal["query", "update"], text: str, pairs: Pairs, allowed: Sequence[str], own: Sequence[str]
) -> Operation:
    other = UPDATE_DATASET if kind == "query" else QUERY_DATASET
    for name, _ in pairs:
        if name in other:
            raise ProtocolError(
                400,
                "wrong-parameter",
                f"{name} は {kind} には使えません。",
                f"The parameter {name} does not belong to a {kind}.",
            )
    default = tuple(value for name, value in pairs if name == allowed[0])
    named = tuple(value for name, value in pairs if name == allowed[1])
    given = bool(default or named)
    rest = tuple((name, value) for name, value in pairs if name not in (*allowed, *own))
    if len(rest) > 1:
        _once(rest)
    # Editors put a signature at the head of a file; it is no part of the text.
    text = text.removeprefix("\ufeff")
    return Operation(kind, text, default if given else None, named if given else None, rest)


def _once(pairs: Pairs) -> None:
    names = [name for name, _ in pairs if name in ONCE]
    for name in names:
        if names.count(name) > 1:
            raise ProtocolError(
                400,
                "bad-parameter",
                f"{name} は一度だけ指定してください。",
                f"Give '{name}' once.",
            )


def _single(pairs: Pairs, name: str) -> str | None:
    values = [value for key, value in pairs if key == name]
    if len(values) > 1:
        raise ProtocolError(
            400,
            f"several-{'queries' if name == 'query' else 'updates'}",
            f"{name} は一つだけ指定してください（{len(values)} 個あります）。",
            f"Give one '{name}', not {len(values)}.",
        )
    return values[0] if values else None


def _utf8_only(charset: str) -> None:
    if charset not in ("", "utf-8", "utf8"):
        raise ProtocolError(
            415,
            "not-unicode",
            f"文字コードは UTF-8 だけです（{charset} は使えません）。",
            f"Only UTF-8 is understood, not {charset}.",
        )


def _from_pairs(pairs: Pairs, *, may_update: bool) -> Operation:
    query, update = _single(pairs, "query"), _single(pairs, "update")
    if query is not None and update is not None:
        raise ProtocolError(
            400,
            "query-and-update",
            "query と update は同時に送れません。",
            "Send a 'query' or an 'update', not both.",
        )
    if update is not None:
        if not may_update:
            raise ProtocolError(
                400,
                "update-needs-post",
                "更新は POST の本文で送ってください。",
                "An update must be sent in the body of a POST request.",
            )
        return _operation("update", update, pairs, UPDATE_DATASET, ("update",))
    if query is not None:
        return _operation("query", query, pairs, QUERY_DATASET, ("query",))
    return Operation("nothing", "", None, None, tuple(pairs))


def read_request(request: HttpRequest) -> Operation:
    """What a request to the endpoint asks.

    Raises:
        ProtocolError: with the status the protocol gives for it.
    """
    in_address = _pairs(request.query_string, "アドレスの問い合わせ部分", "query string of the address")
    if request.method in ("GET", "HEAD"):
        return _from_pairs(in_address, may_update=False)
    media_type, charset = media_type_of(request.content_type)
    _utf8_only(charset)
    if media_type == FORM_TYPE:
        in_body = _pairs(request.body, "本文", "body")
        if any(name in ("query", "update") for name, _ in in_address):
            raise ProtocolError(
                400,
                "query-in-address",
                "POST では query と update を本文に入れてください。",
                "In a POST request 'query' and 'update' stand in the body, not in the address.",
            )
        operation = _from_pairs([*in_body, *in_address], may_update=True)
        if operation.kind == "nothing":
            raise ProtocolError(
                400,
                "no-query",
                "query も update もありません。",
                "There is neither a 'query' nor an 'update'.",
            )
        return operation
    if media_type in (QUERY_TYPE, UPDATE_TYPE):
        if any(name in ("query", "update") for name, _ in in_address):
            raise ProtocolError(
                400,
                "query-and-update",
                "本文とアドレスの両方に問い合わせがあります。",
                "There is a query in the body and another in the address.",
            )
        text = _decode(request.body, "本文", "body")
        if media_type == QUERY_TYPE:
            return _operation("query", text, in_address, QUERY_DATASET, ())
        return _operation("update", text, in_address, UPDATE_DATASET, ())
    raise ProtocolError(
        415,
        "body-type",
        f"本文の種類 {media_type or '（なし）'} は読めません。使える種類: {FORM_TYPE}, {QUERY_TYPE}, {UPDATE_TYPE}",
        f"A body of type {media_type or '(none)'} cannot be read. Use {FORM_TYPE}, {QUERY_TYPE} or {UPDATE_TYPE}.",
    )
