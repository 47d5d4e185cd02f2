"""Content codings: chosen by weight, the same bytes after decoding, one tag for all of them."""

from __future__ import annotations

import gzip

import pytest
import zstandard
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kizuna.web.coding import coded_bytes, coded_stream, coding_for

PAGE = "/actors/state/PHL?lang=en"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (None, None),
        ("", None),
        ("br", None),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("zstd;q=0, gzip", "gzip"),
        ("GZIP;q=0.1", "gzip"),
        ("gzip;q=0", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity;q=0, gzip;q=0.2", "gzip"),
        ("*", "zstd"),
        ("*;q=0", None),
        ("*;q=0, gzip", "gzip"),
        ("zstd;q=nonsense, gzip;q=0.3", "gzip"),
    ],
)
def test_the_heaviest_coding_that_is_wanted_is_taken(field: str | None, expected: str | None) -> None:
    assert coding_for(field) == expected


@given(st.lists(st.binary(max_size=5_000), max_size=20))
def test_blocks_come_back_as_they_were(blocks: list[bytes]) -> None:
    whole = b"".join(blocks)
    assert gzip.decompress(b"".join(coded_stream("gzip", blocks))) == whole
    packed = b"".join(coded_stream("zstd", blocks))
    assert zstandard.ZstdDecompressor().decompressobj().decompress(packed) == whole
    assert coded_bytes("zstd", whole) == coded_bytes("zstd", whole)


def test_pages_and_answers_share_one_tag_over_their_codings(client: FlaskClient) -> None:
    query = "/sparql?query=SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 200"
    for address in (PAGE, query, "/graphs?default&format=nt"):
        plain = client.get(address)
        for field, name in (("gzip", "gzip"), ("gzip, zstd", "zstd")):
            packed = client.get(address, headers={"Accept-Encoding": field})
            assert packed.headers["Content-Encoding"] == name, address
            assert packed.headers["ETag"] == plain.headers["ETag"]
            assert "Accept-Encoding" in packed.headers["Vary"]
            assert len(packed.data) * 2 < len(plain.data)
            again = client.get(
                address, headers={"Accept-Encoding": field, "If-None-Match": packed.headers["ETag"]}
            )
            assert again.status_code == 304
        unpacked = zstandard.ZstdDecompressor().decompressobj().decompress(packed.data)
        assert unpacked == plain.data


def test_a_long_answer_is_coded_block_by_block(client: FlaskClient) -> None:
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000"
    answer = client.get(
        "/sparql", query_string={"query": query, "format": "json"}, headers={"Accept-Encoding": "zstd"}
    )
    assert answer.headers["Content-Encoding"] == "zstd"
    body = zstandard.ZstdDecompressor().decompressobj().decompress(answer.data)
    assert len(body) > 2_000_000
    assert body.rstrip().endswith(b"}")
