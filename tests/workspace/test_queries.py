"""The query library's header says what a query answers and what it asks for; values become terms, never text."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from kizuna.workspace.names import ID, NS, XSD
from kizuna.workspace.queries import (
    Parameter,
    ParameterError,
    QueryFileError,
    load_library,
    parse_query,
    with_prefixes,
)

TODAY = date(2026, 1, 2)
HEAD = """# title@en: T
# title@ja: 題
# description@en: D.
# description@ja: 説明。
# group: agreements
# param: a actor state:AAA
# param-label@en: a One of them
# param-label@ja: a 一方
SELECT ?x WHERE { ?x k:party ?a }
"""


def test_header_gives_titles_and_parameters() -> None:
    query = parse_query("x", HEAD)
    assert (query.title_en, query.title_ja, query.group) == ("T", "題", "agreements")
    assert query.parameters == (Parameter("a", "actor", "state:AAA", "一方", "One of them"),)
    assert query.bindings({}, TODAY) == {"a": NamedNode(ID + "state/AAA")}
    assert query.bindings({"a": ID + "state/BBB"}, TODAY) == {"a": NamedNode(ID + "state/BBB")}


@pytest.mark.parametrize("line", ["# title@ja: 題", "# group: agreements", "# param-label@en: a One of them"])
def test_a_missing_header_line_is_said(line: str) -> None:
    with pytest.raises(QueryFileError):
        parse_query("x", HEAD.replace(line + "\n", ""))


def test_an_unknown_parameter_type_is_refused() -> None:
    with pytest.raises(QueryFileError, match="NAME TYPE"):
        parse_query("x", HEAD.replace("a actor", "a colour"))


@pytest.mark.parametrize(
    ("type_", "text", "term"),
    [
        ("date", "today", Literal("2026-01-02", datatype=NamedNode(XSD + "date"))),
        ("date", "2010-05-06", Literal("2010-05-06", datatype=NamedNode(XSD + "date"))),
        ("integer", "7", Literal("7", datatype=NamedNode(XSD + "integer"))),
        ("language", "ja", Literal("ja")),
        ("text", '") } DROP ALL #', Literal('") } DROP ALL #')),
        ("kind", "k:TaxTreaty", NamedNode(NS + "TaxTreaty")),
        ("role", "role:member", NamedNode(ID + "role/member")),
    ],
)
def test_values_become_terms(type_: str, text: str, term: object) -> None:
    assert Parameter("x", type_, "", "", "").term(text, TODAY) == term


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("date", "2010"),
        ("integer", "x"),
        ("language", "fr"),
        ("actor", "<x>"),
        ("actor", "a b"),
        ("actor", ""),
    ],
)
def test_values_that_do_not_fit_are_refused_in_both_languages(type_: str, text: str) -> None:
    with pytest.raises(ParameterError) as caught:
        Parameter("x", type_, "", "", "").term(text, TODAY)
    assert caught.value.ja
    assert caught.value.en


def test_a_value_for_no_parameter_is_refused() -> None:
    with pytest.raises(ParameterError, match="no parameter 'b'"):
        parse_query("x", HEAD).bindings({"b": "1"}, TODAY)


def test_prefixes_are_added_only_where_used_and_missing() -> None:
    text = 'PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\nSELECT * { ?x k:party/k:seat state:AAA ; skos:note "ek:b", <role:c> }'
    added = with_prefixes(text)
    assert f"PREFIX k: <{NS}>" in added
    assert f"PREFIX state: <{ID}state/>" in added
    assert added.count("PREFIX skos:") == 1
    assert "PREFIX ek:" not in added
    assert "PREFIX role:" not in added


def test_a_library_is_read_by_path(tmp_path: Path) -> None:
    (tmp_path / "queries/sub").mkdir(parents=True)
    (tmp_path / "queries/sub/one.rq").write_text(HEAD, encoding="utf-8")
    assert list(load_library(tmp_path)) == ["sub/one"]
