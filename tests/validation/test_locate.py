"""A report can say on which line a thing, or one of its properties, is written."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.validation.locate import line_of, statements
from kizuna.workspace.turtle import to_turtle

from .support import GOOD, REPOSITORY

EX = "https://example.org/"

TEXT = """# a comment with <https://example.org/a> and "quotes"
@prefix ex: <https://example.org/> .
PREFIX f: <https://example.org/f#>
@base <https://example.org/base/> .

ex:a a ex:C ;
  ex:says "a . b ; c" , 'single' , \"\"\"long "text"
with # no comment . and
more\"\"\"@en-GB ;
  ex:number 1.5 , -2e3 , 4 ;   # . ; ,
  ex:list ( ex:b [ ex:inner ex:a ; ex:p "x" ] ) ;
  ex:is true .

<b> ex:knows ex:a.b ; f:x%20y ex:c\\,d .
[ ex:p ex:q ] ex:of ex:a .
_:n ex:p ex:a .
ex:d ex:p ex:e ; .
ex:p-q.r ex:p ex:e .
"""


@pytest.mark.parametrize(
    ("subject", "predicate", "line"),
    [
        ("a", None, 6),
        ("a", "says", 7),
        ("a", "number", 10),
        ("a", "list", 11),
        ("a", "is", 12),
        ("a", "never", 6),
        ("base/b", None, 14),
        ("base/b", "f#x%20y", 14),
        ("d", "p", 17),
        ("p-q.r", None, 18),
        ("inner", None, None),
        ("nobody", None, None),
    ],
)
def test_a_subject_and_its_properties_are_found(
    subject: str, predicate: str | None, line: int | None
) -> None:
    assert line_of(TEXT, EX + subject, predicate and EX + predicate) == line


def test_what_stands_inside_brackets_is_not_taken_for_a_statement() -> None:
    assert EX + "inner" not in {predicate for _, predicate, _ in statements(TEXT)}


def test_relative_addresses_follow_the_base_that_is_given() -> None:
    assert line_of("<x> a <y> .", "https://example.org/x", base="https://example.org/") == 1
    text = "@prefix : <ns#> .\n:x a <y> ."
    assert line_of(text, "https://example.org/ns#x", base="https://example.org/") == 2


def test_a_namespace_keeps_its_hash_when_there_is_a_base() -> None:
    text = "@prefix ex: <https://example.org/ns#> .\nex:x a ex:Y ."
    assert line_of(text, "https://example.org/ns#x", base="https://example.org/graph/a") == 2


@pytest.mark.parametrize("room", ["ontology", "shapes"])
def test_every_named_subject_that_a_parser_sees_is_found(room: str) -> None:
    for path in sorted((REPOSITORY / room).rglob("*.ttl")):
        parsed = {
            (quad.subject.value, quad.predicate.value)
            for quad in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE)
            if isinstance(quad.subject, ox.NamedNode)
        }
        assert {
            (subject, predicate) for subject, predicate, _ in statements(path.read_text("utf-8"))
        } == parsed


def test_the_line_is_the_line_on_which_the_words_stand() -> None:
    text = GOOD.read_text("utf-8")
    line = line_of(text, "https://w3id.org/kizuna/id/activity/gift", "https://w3id.org/kizuna/ns#currency")
    assert line is not None
    assert text.splitlines()[line - 1].strip() == 'k:currency "JPY" ;'


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("pq"), st.text(max_size=20)), max_size=8))
def test_whatever_text_a_value_holds_the_subjects_are_found(rows: list[tuple[str, str, str]]) -> None:
    # A lone surrogate is no character of a UTF-8 file.
    clean = [(s, p, v.encode("utf-8", "replace").decode()) for s, p, v in rows]
    triples = [ox.Triple(ox.NamedNode(EX + s), ox.NamedNode(EX + p), ox.Literal(v)) for s, p, v in clean]
    text = to_turtle(triples)
    assert {(s, p) for s, p, _ in statements(text)} == {(EX + s, EX + p) for s, p, _ in clean}


@given(st.text(max_size=200))
def test_any_text_is_read_to_its_end_without_failing(text: str) -> None:
    list(statements(text))
