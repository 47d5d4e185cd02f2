"""What is seen of a query at a glance is what its tokens tell, whatever the text."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from benchmarks.sparql.mix import MIX, query
from hypothesis import given
from hypothesis import strategies as st

from kizuna.sparql import tokens
from kizuna.sparql.glance import glance
from kizuna.sparql.guard import Policy, Refusal, _examine_query, examine_query
from kizuna.sparql.protocol import read_pairs

PIECES = [
    " ", "\n", "\t", "# note\n", "#", "PREFIX ", "prefix k: <https://w3id.org/kizuna/ns#> ", "PREFIX : <a:b>", "PREFIX x:<rel>",
    "BASE <a:b> ", "SELECT", "select ", "ASK", "ask{", "CONSTRUCT ", "DESCRIBE ", "SELECT * ", "?s", "$x", "*", "{", "}", "(", ")",
    "[", "]", ".", ";", ",", "<a:b>", "<rel>", "<", ">", "<=", "k:from", "k:State", ":x", "a:b.c", "_:b", "'", '"', '"""', "'''",
    '"a # b"', "'x  y'", '"日本  語"', '"""a\n"b"""', "\\", "\\u0053", "\\'", "ERVICE ", "SERVICE ", "service", "ſervice", "FROM ",
    "FROM NAMED <a:g> ", "NOW()", "RAND()", "knows", "INSERT ", "LOAD ", "WITH", "LIMIT 5", "1.5e3", "@en", "^^xsd:date", "||", "&&",
    "!", "-", "+", "%41", "%", "`", "日本", "é", "\x00", "\x0b", "VERSION '1.2' ", "{ ?s a ?o }", "FILTER(?a < ?b)",
]  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=8).map(lambda found: "SELECT * " + " ".join(found)),
)
POLICIES = [Policy(max_depth=3), Policy(services=frozenset({"a:b"}))]


@given(TEXTS, st.sampled_from(POLICIES))
def test_a_glance_sees_what_the_tokens_tell(text: str, policy: Policy) -> None:
    form = glance(text, policy.max_depth)
    if form is None:
        return
    seen = _examine_query(text, policy)  # and does not refuse it
    assert seen.form == form
    assert not any((seen.volatile, seen.services, seen.relative, seen.from_graphs, seen.from_named_graphs))


@given(TEXTS)
def test_a_text_is_squeezed_at_one_go_as_token_by_token(text: str) -> None:
    if not tokens._ALL_SOLID.match(text):
        return
    found = tokens.tokenize(text)
    if all(token.kind != "unknown" for token in found):
        slowly = "".join(" " + t.text if t.spaced and i else t.text for i, t in enumerate(found))
        assert tokens.normalise(text) == slowly
    assert tokens.normalise(tokens.normalise(text)) == tokens.normalise(text)


@pytest.mark.parametrize("name", [name for name in MIX if "k:from" not in MIX[name]])
def test_the_queries_of_the_benchmark_need_no_closer_look(name: str) -> None:
    text = query(name, 3)
    assert glance(text, 200) == text.split("\n")[-1].split()[0]
    assert tokens._ALL_SOLID.match(text)


@pytest.mark.parametrize(
    "text", ["SELECT * { SERVICE <a:x> {} }", "ASK { \\u0053ERVICE <a:x> {} }", "select*{" + "(" * 999]
)
def test_what_is_refused_is_refused_at_a_glance_too(text: str) -> None:
    with pytest.raises(Refusal):
        examine_query(text, Policy())


RAW = [b"%", b"%4", b"%41", b"%e3%81%82", b"%C3", b"=", b"&", b"+", b"\r\n", b" ", b"a", b"_", "あ".encode(), b"%3D", b"%00", b"=3", b"D", b"\t", b";"]  # fmt: skip


@given(st.lists(st.sampled_from(RAW), max_size=10).map(b"".join))
def test_forms_are_read_as_the_standard_library_reads_them(raw: bytes) -> None:
    try:
        expected = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(UnicodeDecodeError):
            read_pairs(raw)
    else:
        assert read_pairs(raw) == expected
