"""A query whose dates are named has the solutions it had; what is not plain is left as it was."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from benchmarks.generate import facts
from benchmarks.sparql.mix import query
from hypothesis import assume, given
from hypothesis import strategies as st
from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    RdfFormat,
    Store,
)

from kizuna.engine.ranges import LONGEST, DateRanges

XSD = "http://www.w3.org/2001/XMLSchema#"
HEAD = f"PREFIX k: <https://k.example/>\n# PREFIX k: <https://k.example/not/>\nPREFIX xsd: <{XSD}>\nPREFIX : <https://k.example/>\n"
OBJECTS = [
    *(f'"{year}-{day}"^^<{XSD}date>' for year in range(1998, 2006) for day in ("01-01", "06-30", "12-31")),
    f'"2001-06-30Z"^^<{XSD}date>', f'"2001-06-30+09:00"^^<{XSD}date>', f'"2001-13-45"^^<{XSD}date>', f'"-0400-01-01"^^<{XSD}date>',
    f'"12001-01-01"^^<{XSD}date>', f'"2001-06-30T00:00:00"^^<{XSD}dateTime>', f'"2001"^^<{XSD}gYear>', '"2001-06-30"', '"2001"@en',
    f'"5"^^<{XSD}integer>', "<https://k.example/iri>",
]  # fmt: skip
DATES = st.sampled_from(["1999-06-30", "2001-01-01", "2001-06-30", "2001-12-31", "2003-06-30", "2001-02-31"])
OPERATORS = st.sampled_from(["<", "<=", ">", ">=", "="])


def store() -> Store:
    made = Store()
    lines = []
    for number, one in enumerate(OBJECTS):
        graph = "<https://k.example/g>" if number % 3 == 0 else ""
        lines.append(f"<https://k.example/e{number}> <https://k.example/date> {one} {graph} .")
        lines.append(
            f"<https://k.example/e{number}> <https://k.example/of> <https://k.example/t{number % 4}> ."
        )
        if number % 2:
            lines.append(f"<https://k.example/e{number}> <https://k.example/date> {OBJECTS[number - 1]} .")
            lines.append(
                f"<https://k.example/t{number % 4}> <https://k.example/other> {one} <https://k.example/h> ."
            )
    made.load("\n".join(lines).encode(), format=RdfFormat.N_QUADS)
    return made


STORE = store()


@st.composite
def comparisons(draw: st.DrawFn, variable: str) -> str:
    date = draw(st.sampled_from(['"{}"^^xsd:date', "'{}'^^xsd:date", f'"{{}}"^^<{XSD}date>'])).format(
        draw(DATES)
    )
    operator = draw(OPERATORS)
    return f"{variable} {operator} {date}" if draw(st.booleans()) else f"{date} {operator} {variable}"


@st.composite
def queries(draw: st.DrawFn) -> str:
    day = draw(st.sampled_from(["?day", "$day"]))
    condition = " && ".join(draw(st.lists(comparisons(day), min_size=1, max_size=2)))
    if draw(st.integers(0, 5)) == 0:
        condition = f"({condition}) || ?x = 1"
    pattern = draw(
        st.sampled_from(
            [
                "?e k:date {d}", "?e k:of ?t ; :date {d}", "?e k:date {d} ; k:of ?t .", "?e k:of ?t . ?e k:date {d}",
                "?e k:date ?o , {d}", "?e ^k:of/k:date {d}", "?e k:of/k:other {d}", "[] k:date {d}", "?e ?p {d}",
                "OPTIONAL {{ ?e k:date {d} }}", "{{ ?e k:date {d} }}", "?e k:of ?t OPTIONAL {{ ?t k:other {d} }} ?e k:date {d}",
                "?e k:date {d} OPTIONAL {{ ?e k:of ?t . ?t k:other ?u FILTER(?u >= '2001-01-01'^^xsd:date) }}",
                "?e k:date {d} MINUS {{ ?e k:of k:t1 }}", "?e k:date {d} BIND({d} AS ?b)", "?e k:date {d} . ?x k:other {d}",
                "GRAPH ?g {{ ?e k:date {d} }}", "?e k:date {d} FILTER EXISTS {{ ?e k:of k:t2 }}", "?e k:date {d} VALUES ?e {{ k:e1 k:e4 k:e7 }}",
                "?e k:date {d} {{ SELECT ?t {{ ?t k:other {d} }} }}", "SELECT ?e {d} {{ ?e k:date {d} }}",
                "?e k:date {d} {{ ?e k:of k:t1 }} UNION {{ ?e k:of k:t2 }}",
            ]
        )
    ).format(d=day)  # fmt: skip
    form = draw(
        st.sampled_from(
            ["SELECT * {", "select ?day {", "SELECT (COUNT(*) AS ?n) WHERE {", "SELECT DISTINCT ?day {", "SELECT ?e FROM <https://k.example/g> {",
             "SELECT (EXISTS { ?day k:date ?x } AS ?y) {", "ASK {", "CONSTRUCT { ?e k:on ?day . ?day k:of ?e } WHERE {",
             "CONSTRUCT { ?e k:on [ k:day ?day ] } {", "DESCRIBE ?e {", "CONSTRUCT {} {"]
        )
    )  # fmt: skip
    return f"{HEAD}{form} {pattern} FILTER({condition}) }}"


def solutions(text: str) -> Counter[str] | bool:
    union = " FROM " not in text
    found = STORE.query(text, use_default_graph_as_union=union)
    if isinstance(found, QueryBoolean):
        return bool(found)
    return Counter(re.sub("_:[0-9a-f]+", "_:", str(one)) for one in found)


@given(queries())
def test_a_rewritten_query_has_the_same_solutions(text: str) -> None:
    rewritten = DateRanges(STORE).narrowed(text)
    if rewritten != text:
        assert solutions(rewritten) == solutions(text)


@given(queries(), st.lists(st.integers(1, 12), min_size=1, max_size=4))
def test_pages_of_a_query_are_cut_from_one_sequence(text: str, sizes: list[int]) -> None:
    """Each page by another worker, as it may happen: no row is met twice, none is left out."""
    assume("SELECT" in text.upper().partition("{")[0] and "COUNT" not in text)
    try:
        whole = rows(text)
    except SyntaxError:
        return  # a query within a pattern that may hold none
    start = 0
    for size in sizes:
        assert rows(f"{text} LIMIT {size} OFFSET {start}") == whole[start : start + size]
        start += size
    assert rows(f"{text} OFFSET {start}") == whole[start:]


def rows(text: str) -> list[str]:
    """The solutions in the order in which a new worker gives them."""
    rewritten = DateRanges(STORE).narrowed(text)
    found = STORE.query(rewritten, use_default_graph_as_union=" FROM " not in text)
    assert isinstance(found, QuerySolutions)
    return list(map(str, found))


@pytest.mark.parametrize("more", range(-40, 10))
def test_how_a_page_is_told_does_not_decide_whether_dates_are_named(more: int) -> None:
    text = f"{HEAD}SELECT * {{ ?e k:date ?day FILTER(?day >= '2005-01-01'^^xsd:date) }} #"
    text = text.replace("#", " " * (LONGEST + more - len(text)))
    named = DateRanges(STORE).narrowed(text) != text
    for page in (" LIMIT 9", " LIMIT 100 OFFSET 9", " offset\n1000000 limit 7", "LIMIT 1"):
        paged = text + page
        assert (DateRanges(STORE).narrowed(paged) != paged) == (DateRanges(STORE).narrowed(text) != text), (
            page
        )
    assert named == (len(text) <= LONGEST)


def test_the_range_of_a_year_is_named() -> None:
    large = Store()
    large.load(facts(3_000), format=RdfFormat.N_QUADS)
    text = query("events of a year", 5)
    rewritten = DateRanges(large).narrowed(text)
    assert rewritten.count("^^<http://www.w3.org/2001/XMLSchema#date>") > 2
    before, after = (
        [str(one) for one in large.query(one, use_default_graph_as_union=True)]  # type: ignore[union-attr]
        for one in (text, rewritten)
    )
    assert sorted(before) == sorted(after)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?e k:date ?day FILTER(?day >= '2001-01-01'^^xsd:date || ?day < '2000-01-01'^^xsd:date) }",
        "SELECT * { ?e k:date ?day FILTER(?day >= '2001-01-01'^^xsd:dateTime) }",
        "SELECT * { ?e k:date ?day FILTER(!(?day >= '2005-01-01'^^xsd:date)) }",
        "SELECT * { ?e k:date ?day FILTER(?day >= '1990-01-01'^^xsd:date) }",
        "SELECT * { ?e unknown:date ?day FILTER(?day >= '2005-01-01'^^xsd:date) }",
        "BASE <a:b> SELECT * { ?e k:date ?day FILTER(?day >= '2005-01-01'^^xsd:date) }",
        "CONSTRUCT WHERE { ?e k:date ?day FILTER(?day >= '2005-01-01'^^xsd:date) }",
        "DESCRIBE k:e1",
        "CONSTRUCT { ?e k:date ?day FILTER(?day >= '2005-01-01'^^xsd:date) }",
        "SELECT * { OPTIONAL { ?e k:date ?day } ?e k:date ?day FILTER(?day >= '2005-01-01'^^xsd:date) }",
    ],
)
def test_what_is_not_plain_or_not_worth_it_is_left_as_it_is(text: str) -> None:
    assert DateRanges(STORE).narrowed(HEAD + text) == HEAD + text


def test_many_literals_that_are_no_dates_are_no_reason_to_be_wrong() -> None:
    odd = Store()
    predicate = NamedNode("https://k.example/date")
    odd.extend(Quad(predicate, predicate, Literal(f"x{number}"), DefaultGraph()) for number in range(60))
    text = f"{HEAD}SELECT * {{ ?e k:date ?day FILTER(?day >= '2005-01-01'^^xsd:date) }}"
    assert DateRanges(odd).narrowed(text) == text
