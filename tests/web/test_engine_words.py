"""What the engine reports is said in the reader's language, whole."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from kizuna.engine.types import EngineBusyError, EngineError, QuerySyntaxError, QueryTimeoutError
from kizuna.engine.words import words_of

LATIN_SENTENCE = re.compile(r"[A-Za-z]+(?: [a-z]+){2,}")


def detail(client: FlaskClient, query: str, language: str) -> str:
    answer = client.get(
        "/sparql", query_string={"query": query, "lang": language}, headers={"Accept": "text/csv"}
    )
    assert answer.status_code == 400
    return str(answer.get_json()["detail"])


def test_an_undeclared_prefix_is_told_once_and_in_one_language(client: FlaskClient) -> None:
    query = "SELECT * { ?s nope:p ?o }"
    assert detail(client, query, "ja") == "1 行 15 列： 接頭辞「nope:」が宣言されていません。"
    assert detail(client, query, "en") == "Line 1, column 15: The prefix 'nope:' is not declared."


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p }",
        "SELEKT",
        "SELECT ?x { } GROUP BY ?y",
        "ASK { } LIMIT x",
        "SELECT (1 AS ?x) (2 AS ?x) {}",
    ],
)
def test_syntax_errors_are_japanese_sentences_with_the_parsers_words_marked(
    client: FlaskClient, query: str
) -> None:
    said = detail(client, query, "ja")
    own, _, parser = said.partition("構文解析器の言葉（英語）:")
    assert "問い合わせを読めません" in own
    assert not LATIN_SENTENCE.search(own), said
    assert parser == "" or parser.strip()


def test_sentences_of_the_engine_are_known_and_others_are_marked() -> None:
    for error in (
        QueryTimeoutError("The query took longer than it may and was ended."),
        EngineBusyError("No worker came free within 10 seconds. Please try again."),
    ):
        assert not re.search(r"[A-Za-z]{3}", words_of(error, "ja"))
        assert words_of(error, "en") == str(error)
    assert words_of(EngineError("Something new."), "ja") == "エンジンの言葉（英語）: Something new."
    assert words_of(QuerySyntaxError("Odd (line 1, column 2).", 1, 2), "en") == "Odd."
