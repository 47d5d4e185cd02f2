"""What a request asks for, by SPARQL 1.1 Protocol §2, and the status of what breaks it."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from kizuna.sparql.protocol import HttpRequest, Operation, ProtocolError, read_request

FORM = "application/x-www-form-urlencoded"
ASK = quote("ASK {}")


def get(query: str) -> Operation:
    return read_request(HttpRequest("GET", query.encode()))


def post(content_type: str, body: bytes, query: str = "") -> Operation:
    return read_request(HttpRequest("POST", query.encode(), content_type, body))


def test_the_three_ways_of_a_query_ask_the_same() -> None:
    data = "&default-graph-uri=http%3A%2F%2Fa%2F&default-graph-uri=http%3A%2F%2Fb%2F&named-graph-uri=http%3A%2F%2Fc%2F"
    by_get = get(f"query={ASK}{data}")
    assert by_get == Operation("query", "ASK {}", ("http://a/", "http://b/"), ("http://c/",), ())
    assert post(FORM, f"query={ASK}{data}".encode()) == by_get
    assert post(FORM + "; charset=UTF-8", f"query={ASK}".encode(), data[1:]) == by_get
    assert post("application/sparql-query", b"ASK {}", data[1:]) == by_get


def test_the_two_ways_of_an_update_ask_the_same() -> None:
    data = "using-graph-uri=http%3A%2F%2Fa%2F&using-named-graph-uri=http%3A%2F%2Fc%2F"
    form = post(FORM, f"update=CLEAR+ALL&{data}".encode())
    assert form == Operation("update", "CLEAR ALL", ("http://a/",), ("http://c/",), ())
    assert post("application/sparql-update; charset=utf-8", b"CLEAR ALL", data) == form


def test_other_parameters_are_kept() -> None:
    operation = get(f"query={ASK}&format=csv&as-of=2010-01-01&as-of=2011-01-01")
    assert operation.parameter("format") == "csv"
    assert operation.parameter("as-of") == "2011-01-01"
    assert operation.parameter("none") is None
    assert operation.default_graphs is None


def test_a_bare_get_asks_nothing() -> None:
    assert get("").kind == "nothing"


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (HttpRequest("GET", f"query={ASK}&query={ASK}".encode()), 400, "several-queries"),
        (HttpRequest("GET", b"update=CLEAR+ALL"), 400, "update-needs-post"),
        (HttpRequest("GET", b"query=%80"), 400, "not-unicode"),
        (HttpRequest("GET", f"query={ASK}&asof=2010-01-01&asof=2011-01-01".encode()), 400, "bad-parameter"),
        (HttpRequest("POST", b"format=csv", FORM, f"query={ASK}&format=json".encode()), 400, "bad-parameter"),
        (HttpRequest("GET", f"query={ASK}&using-graph-uri=a".encode()), 400, "wrong-parameter"),
        (HttpRequest("POST", b"", FORM, b"update=CLEAR+ALL&update=CLEAR+ALL"), 400, "several-updates"),
        (HttpRequest("POST", b"", FORM, b"update=CLEAR+ALL&query=ASK"), 400, "query-and-update"),
        (HttpRequest("POST", b"", FORM, b"a=b"), 400, "no-query"),
        (HttpRequest("POST", f"query={ASK}".encode(), FORM, b""), 400, "query-in-address"),
        (HttpRequest("POST", b"", "", f"query={ASK}".encode()), 415, "body-type"),
        (HttpRequest("POST", b"", "text/plain", b"ASK {}"), 415, "body-type"),
        (HttpRequest("POST", b"query=ASK", "application/sparql-query", b"ASK {}"), 400, "query-and-update"),
        (HttpRequest("POST", b"", "application/sparql-query", b"ASK { ?s ?p '\xff' }"), 400, "not-unicode"),
        (
            HttpRequest("POST", b"", "application/sparql-query; charset=utf-16", "ASK {}".encode("utf-16")),
            415,
            "not-unicode",
        ),
    ],
)
def test_what_breaks_the_protocol(request_: HttpRequest, status: int, code: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        read_request(request_)
    assert (caught.value.status, caught.value.code) == (status, code)
    assert caught.value.ja
    assert caught.value.en


def test_the_signature_of_a_file_is_no_part_of_its_query() -> None:
    file = HttpRequest("POST", b"", "application/sparql-query", "\ufeffASK {}".encode())
    assert read_request(file).text == "ASK {}"
    assert get("query=%EF%BB%BFASK%7B%7D&a=1&a=2").text == "ASK{}"
