"""The guard: what would go outside, is too long or mixed up is refused, however it is spelt; nothing else is."""

from __future__ import annotations

import gc
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.sparql.guard import (
    Policy,
    Refusal,
    check_graphs,
    examine_query,
    examine_update,
    has_using,
)
from kizuna.sparql.tokens import normalise, readings, tokenize

NONE = Policy()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://x/> { ?s ?p ?o } }",
        "SELECT * { SERVICE ?s { ?s ?p ?o } }",
        "SELECT * { # c\n SERVICE\n# d\n<http://x/>\n{ ?s ?p ?o } }",
        "SELECT * { ?s ?p 'SERVICE' . SERVICE<http://x/>{ ?s ?p ?o } }",
        r"SELECT * { \u0053ERVICE <http://x/> { ?s ?p ?o } }",
        r"SELECT * { S\U00000045RVICE <http://x/> { ?s ?p ?o } }",
        # keywords glued to their neighbours, which a parser without a separate lexer accepts
        "PREFIX : <http://x/> SELECT * { SERVICE:a{ ?s ?p ?o } }",
        "PREFIX : <http://x/> SELECT * { ?s ?p trueSERVICE:a{ ?s ?p ?o } }",
        "SELECT * { ?s ?p trueSERVICE<http://x/>{ ?s ?p ?o } }",
        # a quote that one reading sees as the end of the string and the other does not
        r'SELECT ("a\u0022" AS ?x) { SERVICE <http://x/> { ?s ?p ?o } } #"',
        r"""SELECT ("a\u0022 AS ?x) { SERVICE <http://x/> { } } #" """,
        "SELECT * { { SELECT * { SERVICE <http://x/> { ?s ?p ?o } } } }",
        "SELECT * { FILTER EXISTS { SERVICE <http://x/> { ?s ?p ?o } } }",
    ],
)
def test_service_is_refused_however_it_is_spelt(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        examine_query(text, NONE)
    assert caught.value.code == "service-not-allowed"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'SERVICE <http://x/>' }",
        'SELECT * { ?s ?p """ SERVICE <http://x/> { } """ }',
        "SELECT * { ?s <http://x/SERVICE> ?SERVICE } # SERVICE <http://x/> {}",
        "PREFIX service: <http://x/> SELECT * { ?s service:port ?o . ?s ?p service:a ; service:b 1 }",
        "PREFIX load: <http://x/> SELECT * { ?s load:port ?o }",
        "SELECT * { ?a ?b ?c FILTER(?a < ?b && ?c > 1) }",
    ],
)
def test_the_word_alone_is_no_service(text: str) -> None:
    assert not examine_query(text, NONE).services


def test_an_endpoint_on_the_list_may_be_asked_and_no_other() -> None:
    policy = Policy(services=frozenset({"http://ally.example/sparql"}))
    text = "PREFIX a: <http://ally.example/> SELECT * { SERVICE SILENT %s { ?s ?p ?o } }"
    assert examine_query(text % "<http://ally.example/sparql>", policy).services
    assert examine_query(text % "a:sparql", policy).services
    for other in ("<http://ally.example/sparql2>", "?v", "a:x", "<sparql>"):
        with pytest.raises(Refusal, match="operator's list"):
            examine_query(text % other, policy)


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <http://x/>",
        "load silent <file:///etc/passwd> into graph <http://g/>",
        r"\u004COAD <http://x/>",
        "PREFIX : <http://x/> LOAD:a",
        "PREFIX a: <http://x/> INSERT DATA { a:b a:c a:d };LOAD<http://x/>",
        "INSERT DATA { <a:a> <a:b> 'x' } ; LOAD <http://x/>",
    ],
)
def test_load_is_refused_however_it_is_spelt(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        examine_update(text, NONE)
    assert caught.value.code == "load-not-allowed"


def test_updates_that_fetch_nothing_pass() -> None:
    examine_update("PREFIX load: <http://x/> INSERT DATA { load:a load:b 'LOAD <http://x/>' }", NONE)
    examine_update("DELETE WHERE { ?s ?p ?o }", NONE)
    with pytest.raises(Refusal):
        examine_update("INSERT { ?s ?p ?o } WHERE { SERVICE <http://x/> { ?s ?p ?o } }", NONE)


def test_query_and_update_are_not_taken_for_each_other() -> None:
    with pytest.raises(Refusal) as caught:
        examine_query("PREFIX a: <http://x/> DELETE WHERE { ?s ?p ?o }", NONE)
    assert caught.value.code == "update-as-query"
    with pytest.raises(Refusal) as caught:
        examine_update("BASE <http://x/> ASK {}", NONE)
    assert caught.value.code == "query-as-update"


def test_length_and_depth_are_bounded() -> None:
    with pytest.raises(Refusal) as caught:
        examine_query("ASK {}" + " " * 200_000, NONE)
    assert caught.value.code == "query-too-long"
    with pytest.raises(Refusal) as caught:
        examine_query("ASK " + "{" * 300 + "}" * 300, NONE)
    assert (caught.value.code, caught.value.line) == ("query-too-deep", 1)
    examine_query("ASK { ?s ?p '" + "{" * 300 + "' }", NONE)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { FILTER(" + "!" * 300 + "true) }",
        "ASK { FILTER(" + " || ".join(["?a = 1"] * 5_000) + ") }",
        "ASK { ?s " + "(" * 12 + "<a:p>" + ")*" * 12 + " ?o }",
    ],
)
def test_chains_that_exhaust_a_parser_are_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        examine_query(text, NONE)
    assert caught.value.code == "query-too-deep"


def test_long_but_honest_queries_pass() -> None:
    examine_query("ASK { ?s ((<a:p>/<a:q>)*|^<a:r>+)* ?o FILTER(!(!true)) FILTER(1 - -1 = 2) }", NONE)
    examine_query("ASK { FILTER(" + " || ".join(["?a = 1"] * 1_000) + ") }", NONE)
    examine_query("SELECT ((1 + 2) * (3 + (4)) AS ?x) { VALUES ?y { " + "<a:b> " * 10_000 + "} }", NONE)


@pytest.mark.parametrize("text", ["BASE", "PREFIX", "PREFIX a:", "PREFIX a: <a:> BASE", "VERSION"])
def test_a_declaration_that_is_cut_off_is_left_to_the_parser(text: str) -> None:
    assert examine_query(text, NONE).form is None
    with pytest.raises(Refusal) as caught:
        examine_query("PREFIX SERVICE", NONE)
    assert caught.value.code == "service-not-allowed"


@given(st.integers(1, 12), st.sampled_from(["{", "(", "[", "<< "]), st.sampled_from(["", "'{(['", "<a:b>"]))
def test_the_bound_of_depth_is_exact_whatever_else_the_text_holds(
    deep: int, opening: str, other: str
) -> None:
    text = f"ASK {other} " + opening * deep
    policy = Policy(max_depth=6)
    if deep > 6:
        with pytest.raises(Refusal, match="deep"):
            examine_query(text, policy)
    else:
        assert examine_query(text, policy).form == "ASK"


def test_what_the_tokens_tell() -> None:
    seen = examine_query(
        "BASE <http://b/> PREFIX g: <http://g/> SELECT * FROM <a> FROM NAMED g:b from g:c { ?s ?p ?o }", NONE
    )
    assert seen.form == "SELECT"
    assert seen.from_graphs == ("http://b/a", "http://g/c")
    assert seen.from_named_graphs == ("http://g/b",)
    assert not seen.volatile
    assert examine_query("SELECT (NOW() AS ?n) {}", NONE).volatile
    assert examine_query("DESCRIBE <a:b>", NONE).form == "DESCRIBE"
    assert examine_query("nonsense", NONE).form is None
    with pytest.raises(Refusal, match="remote documents"):
        check_graphs(seen.from_graphs, {"http://b/a"})
    assert has_using("DELETE { ?s ?p ?o } USING <a:b> WHERE { ?s ?p ?o }")
    assert not has_using("INSERT DATA { <a:a> <a:b> 'WITH USING' }")


PIECES = [*"\"'\\<>?:.#\n {}ab1@-_東%^", '"""', r"\u0022", "SERVICE", "a:b"]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_tokens_cover_the_text_in_order_and_normalising_settles(text: str) -> None:
    at = 0
    for token in tokenize(text):
        assert token.start >= at
        assert text.startswith(token.text, token.start)
        at = token.start + len(token.text)
    assert normalise(normalise(text)) == normalise(text)
    assert readings(text)[0] == text


def test_normalising_keeps_what_matters() -> None:
    assert normalise("ASK  {\n# c\n?s ?p ' a  # b' }") == "ASK { ?s ?p ' a  # b' }"
    assert normalise("ASK { ?s ?p 1.5 }") != normalise("ASK { ?s ?p 1 .5 }")


@pytest.mark.parametrize(
    "piece",
    ["1", "a", "東", "a.", '"', '"""', '\\"""', "<a", "a:%", "'\n", "@a-", "<\\u", "_:a", "1.e", "a:"],
)
def test_time_is_linear_in_the_text(piece: str, request: pytest.FixtureRequest) -> None:
    def once(text: str) -> float:
        start = time.process_time()
        tokenize(text)
        return time.process_time() - start

    def cpu_seconds(length: int) -> float:
        text = piece * (length // len(piece))
        return min(once(text) for _ in range(3))

    # The collector would walk through all that other tests hold: that is not the tokens' time.
    gc.disable()
    request.addfinalizer(gc.enable)
    # Eight times the text may cost thirty times as much on a busy machine; quadratic time would be sixty-four times.
    assert cpu_seconds(200_000) < 30 * cpu_seconds(25_000) + 0.2
