"""Canonical Turtle keeps every triple and gives one text for one set of triples."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from kizuna.workspace.names import NS, PREFIXES, XSD
from kizuna.workspace.turtle import BlankNodeError, to_turtle

iris = st.one_of(
    st.sampled_from([base + local for base in PREFIXES.values() for local in ("a", "1", "a-b", "x.y")]),
    st.from_regex(r"https://example\.org/[a-z0-9/_.-]{0,8}(#[a-z0-9_.-]{0,4})?", fullmatch=True),
).map(NamedNode)
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
literals = st.one_of(
    text.map(Literal),
    st.builds(
        lambda value, tag: Literal(value, language=tag), text, st.sampled_from(["ja", "en", "ja-hira"])
    ),
    st.dates().map(lambda day: Literal(day.isoformat(), datatype=NamedNode(XSD + "date"))),
)
triples = st.lists(st.builds(Triple, iris, iris, st.one_of(iris, literals)), max_size=12)


@given(triples)
def test_what_is_written_reads_back_as_the_same_triples(facts: list[Triple]) -> None:
    written = to_turtle(facts)
    read = {quad.triple for quad in parse(io.BytesIO(written.encode()), format=RdfFormat.TURTLE)}
    assert read == set(facts)


@given(triples, st.randoms())
def test_order_and_repeats_make_no_difference(facts: list[Triple], random) -> None:
    shuffled = facts + facts[:2]
    random.shuffle(shuffled)
    assert to_turtle(shuffled) == to_turtle(facts)


def test_one_statement_a_line_with_the_type_first() -> None:
    thing = NamedNode("https://w3id.org/kizuna/id/state/ABC")
    facts = [
        Triple(thing, NamedNode(NS + "iso3"), Literal("ABC")),
        Triple(thing, NamedNode(PREFIXES["skos"] + "prefLabel"), Literal("あ", language="ja")),
        Triple(thing, NamedNode(PREFIXES["rdf"] + "type"), NamedNode(NS + "State")),
    ]
    assert to_turtle(facts, comment="States.").splitlines() == [
        "# States.",
        "@prefix k: <https://w3id.org/kizuna/ns#> .",
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .",
        "@prefix state: <https://w3id.org/kizuna/id/state/> .",
        "",
        "state:ABC",
        "    a k:State ;",
        '    k:iso3 "ABC" ;',
        '    skos:prefLabel "あ"@ja .',
    ]


def test_a_blank_node_is_refused_by_name() -> None:
    with pytest.raises(BlankNodeError, match="no blank nodes"):
        to_turtle([Triple(BlankNode("x"), NamedNode(NS + "iso3"), Literal("ABC"))])
