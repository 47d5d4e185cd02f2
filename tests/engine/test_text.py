"""Query text: its words, and values put into it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store, Triple

from kizuna.engine.diagnose import syntax_error
from kizuna.engine.text import BindingError, bind, first_word, has_dataset, tokens
from kizuna.engine.types import QueryRefusedError, QuerySyntaxError

V = {"v": NamedNode("http://x/1")}


@given(st.text(alphabet=st.sampled_from("?$v{}()<>\"'\\#\n .;,:@-_aFROM09^|*/"), max_size=60))
def test_tokens_lose_nothing(text: str) -> None:
    assert "".join(token.text for token in tokens(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM <http://g> {}", True),
        ("SELECT *\nfrom named<http://g> {}", True),
        ("ASKFROM<http://g>{}", True),
        ('ASK { FILTER(?x = "\\u0022 FROM \\u0022") }', False),
        ("SELECT * { ?s ?p 'from' } # FROM", False),
        ('SELECT * { ?s ?p """ FROM " """ }', False),
        ("PREFIX from: <http://FROM/> SELECT ?from { ?from from:FROM <FROM> }", False),
    ],
)
def test_a_dataset_of_ones_own_is_recognised(text: str, expected: bool) -> None:
    assert has_dataset(text) is expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("PREFIX load: <http://insert> # delete\n ask {}", "ASK"),
        ("insert data {}", "INSERT"),
        ("BASE <http://x/> WITH <g> DELETE {} WHERE {}", "WITH"),
        ("", ""),
    ],
)
def test_the_first_word_says_what_is_asked(text: str, word: str) -> None:
    assert first_word(text) == word


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("ASK { ?v ?p ?o }", "ASK { <http://x/1> ?p ?o }"),
        ("ASK { $v ?p '?v' } # ?v", "ASK { <http://x/1> ?p '?v' } # ?v"),
        ("SELECT ?v ?o { ?v ?p ?o }", "SELECT (<http://x/1> AS ?v) ?o { <http://x/1> ?p ?o }"),
        (
            "ASK { ?vv ?p ?o FILTER(?o<?v && ?v>?o) }",
            "ASK { ?vv ?p ?o FILTER(?o< <http://x/1> && <http://x/1>>?o) }",
        ),
        ("ASK { FILTER(BOUND( ?v )) }", "ASK { FILTER(true) }"),
        (
            "SELECT * { ?s ?p ?o } ORDER BY ?v ?s",
            "SELECT * { ?s ?p ?o  BIND(<http://x/1> AS ?v) } ORDER BY (<http://x/1>) ?s",
        ),
        ("DESCRIBE ?v", "DESCRIBE <http://x/1>"),
    ],
)
def test_a_variable_becomes_a_term(text: str, bound: str) -> None:
    assert bind(text, V) == bound


@pytest.mark.parametrize("text", ["SELECT * { BIND(1 AS ?v) }", "SELECT * { VALUES (?x ?v) { (1 2) } }"])
def test_a_variable_that_the_query_assigns_takes_no_value(text: str) -> None:
    with pytest.raises(BindingError, match="assigned inside"):
        bind(text, V)


def test_a_blank_node_is_no_value() -> None:
    with pytest.raises(BindingError, match="blank node"):
        bind("ASK { ?v ?p ?o }", {"v": BlankNode("b")})
    with pytest.raises(BindingError, match="blank node"):
        bind("ASK { ?v ?p ?o }", {"v": Triple(NamedNode("a:a"), NamedNode("a:b"), BlankNode("b"))})


QUERIES = [
    "SELECT ?v ?o WHERE { ?v <p:label> ?o } ORDER BY ?v ?o",
    "SELECT ?v (COUNT(?o) AS ?n) WHERE { ?v ?p ?o } GROUP BY ?v HAVING(COUNT(?o) > 0) ORDER BY ?v",
    "SELECT ?v ?n WHERE { { SELECT ?v (COUNT(?o) AS ?n) WHERE { ?v ?p ?o } GROUP BY ?v } }",
    "SELECT ?v ?o WHERE { ?v <p:next> ?o MINUS { ?v <p:label> 'b' } } ORDER BY ?o",
    "SELECT ?v ?o WHERE { ?v <p:next> ?o MINUS { ?v <p:label> 'none' } } ORDER BY ?o",
    "SELECT ?v ?x WHERE { ?x <p:next> ?v OPTIONAL { ?v <p:label> ?l } FILTER(BOUND(?v)) } ORDER BY ?x",
    "SELECT DISTINCT ?v WHERE { { ?v <p:label> ?a } UNION { ?a <p:next> ?v } }",
    "SELECT ?v ?o WHERE { ?v <p:next> ?o FILTER NOT EXISTS { ?v <p:label> 'b' } } ORDER BY ?o",
]


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("name", ["a", "b", "c", "nobody"])
def test_a_value_answers_like_keeping_only_the_rows_that_have_it(text: str, name: str) -> None:
    store = Store()
    store.update(
        "INSERT DATA { <n:a> <p:label> 'a' ; <p:next> <n:b> . <n:b> <p:label> 'b' ; <p:next> <n:c> , <n:a> . <n:c> <p:next> <n:a> }"
    )
    node = NamedNode(f"n:{name}")

    def rows(query: str) -> list[dict[str, object]]:
        result = store.query(query)
        assert isinstance(result, QuerySolutions)
        names = [variable.value for variable in result.variables]
        return [{n: row[n] for n in names} for row in result]

    assert rows(bind(text, {"v": node})) == [row for row in rows(text) if row["v"] == node]


XML_SAFE = st.text(st.characters(codec="utf-8"), max_size=20)


@given(XML_SAFE)
def test_any_text_is_a_value_and_nothing_else(text: str) -> None:
    result = Store().query(bind("SELECT ?v ?one { BIND(1 AS ?one) }", {"v": Literal(text)}))
    assert isinstance(result, QuerySolutions)
    assert [(row["v"], row["one"]) for row in result] == [(Literal(text), Literal(1))]


def test_line_numbers_stay() -> None:
    text = "SELECT ?v\nWHERE {\n ?v ?p ?o\n}"
    assert bind(text, {"v": Literal("a\nb")}).count("\n") == text.count("\n")


def error_of(text: str) -> Exception:
    try:
        Store().query(text)
    except SyntaxError as error:
        return syntax_error(text, error.msg or str(error))
    raise AssertionError("no error")


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("SELECT * {", "cannot be read at line 1, column 11", 1),
        ("PREFIX a: <http://a/>\nSELECT * { ?s b:c ?o }", "The prefix 'b:' is not declared", 2),
        ("SELECT ?x { ?s ?p ?o } GROUP BY ?y", "The SELECT contains a variable that is unbound", 1),
        ("PREFIX a: <b>\nSELECT * { a:b ?p ?o }", "IRI parsing failed", 1),
    ],
)
def test_a_mistake_is_told_in_words_with_its_place(text: str, words: str, line: int) -> None:
    error = error_of(text)
    assert isinstance(error, QuerySyntaxError)
    assert words in str(error)
    assert error.line == line
    assert not re.search(r"\\u\{|\.\.=", str(error)), "the parser's character classes are noise"


def test_an_update_is_recognised_as_such() -> None:
    assert isinstance(error_of("PREFIX a: <http://a/> DELETE WHERE { ?s ?p ?o }"), QueryRefusedError)
