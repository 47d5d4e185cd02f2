"""The counts and cuts of serialised rows hold against the library for arbitrary terms."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, Store, parse_query_results

from kizuna.engine import formats, serialise
from kizuna.engine.text import term_text

NASTY = [
    "},{",
    ',{"a":{"type":',
    "[{",
    "{}",
    ",{},",
    "<result>",
    "</results>",
    "\r\n",
    '"',
    '\\"',
    "\\",
    "\n",
    "\t",
    "日本",
]
WORDS = st.lists(st.sampled_from([*NASTY, "a", " ", "x"]), max_size=5).map("".join)
TERM = st.one_of(
    WORDS.map(Literal), WORDS.map(lambda w: Literal(w, language="ja")), st.integers(0, 9).map(Literal)
)
CELL = st.one_of(st.none(), TERM, st.just(NamedNode("http://x/,()")))
TABLE = st.lists(st.tuples(CELL, CELL), max_size=12)


def solutions(rows: list[tuple[object, object]]) -> QuerySolutions:
    cells = [["UNDEF" if cell is None else term_text(cell) for cell in row] for row in rows]  # type: ignore[arg-type]
    values = " ".join("(" + " ".join(row) + ")" for row in cells)
    result = Store().query(f"SELECT ?a ?type {{ VALUES (?a ?type) {{ {values} }} }}")
    assert isinstance(result, QuerySolutions)
    return result


def rows_in(media_type: str, body: bytes) -> int:
    if media_type == formats.JSON:
        return len(json.loads(body)["results"]["bindings"])
    if media_type == formats.XML:
        return body.count(b"<result>") if ET.fromstring(xml_safe(body)) is not None else -1  # noqa: S314
    if media_type == formats.CSV:
        text = body.decode()
        assert text.endswith("\r\n")
        return sum(1 for _ in csv.reader(io.StringIO(text, newline=""), strict=True)) - 1
    return len(list(parse_query_results(body, format=QueryResultsFormat.TSV)))  # type: ignore[arg-type]


def xml_safe(body: bytes) -> bytes:
    return body.replace(b"\r", b" ")


@pytest.mark.parametrize("media_type", formats.formats_for("solutions"))
@pytest.mark.parametrize("block", [1, 40, 65_536])
@given(rows=TABLE, limit=st.one_of(st.none(), st.integers(0, 13)))
@settings(max_examples=60, deadline=None)
def test_every_cut_leaves_exactly_so_many_whole_rows(
    media_type: str, block: int, rows: list[tuple[object, object]], limit: int | None
) -> None:
    pieces: list[bytes] = []
    writer = serialise.SolutionWriter(media_type, ["a", "type"], limit, None, pieces.append)
    writer.size = block
    form = formats.RESULT_FORMATS[media_type]

    def feed(sink: object) -> None:
        # The library hands over 8 KB at a time; smaller pieces put every possible cut inside a row.
        body = solutions(rows).serialize(format=form) or b""
        for at in range(0, len(body), 7):
            sink.write(body[at : at + 7])  # type: ignore[attr-defined]

    writer.run(feed)
    expected = len(rows) if limit is None else min(limit, len(rows))
    assert writer.rows == expected
    assert writer.truncated == (limit is not None and len(rows) > limit)
    body = b"".join(pieces)
    assert rows_in(media_type, body) == expected
    if not writer.truncated:
        assert body == solutions(rows).serialize(format=form)


@pytest.mark.parametrize("media_type", formats.formats_for("solutions"))
@given(rows=TABLE.filter(lambda rows: len(rows) > 3), room=st.integers(150, 600))
@settings(max_examples=60, deadline=None)
def test_a_bound_of_bytes_is_kept_with_whole_rows(
    media_type: str, rows: list[tuple[object, object]], room: int
) -> None:
    pieces: list[bytes] = []
    count, truncated = serialise.write_solutions(solutions(rows), media_type, None, room, pieces.append)
    body = b"".join(pieces)
    assert rows_in(media_type, body) == count
    assert truncated == (count < len(rows))
    header = solutions([]).serialize(format=formats.RESULT_FORMATS[media_type]) or b""
    assert len(body) <= max(room, len(header))


def test_the_library_is_told_to_stop_early() -> None:
    store = Store()
    store.update("INSERT { ?n <a:b> ?n } WHERE {}")
    numbers = " ".join(str(i) for i in range(300))
    result = store.query(
        f"SELECT * {{ VALUES ?a {{ {numbers} }} VALUES ?b {{ {numbers} }} VALUES ?c {{ {numbers} }} }}"
    )
    assert isinstance(result, QuerySolutions)
    pieces: list[bytes] = []
    assert serialise.write_solutions(result, formats.TSV, 10, None, pieces.append) == (10, True)
    assert sum(map(len, pieces)) < 1_000
