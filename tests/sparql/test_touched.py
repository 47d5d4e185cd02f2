"""What an update changed is found by comparing only what it can touch, and is what comparing everything finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Store

from kizuna.sparql.plain import difference, run_update, unpack
from kizuna.sparql.touched import Pattern, matching, touched
from kizuna.workspace.names import RDF

PREFIX = "PREFIX : <http://x/> "
EX = "http://x/"
START = b"""
<http://x/a> <http://x/p> <http://x/b> .
<http://x/a> <http://x/p> "1" .
<http://x/b> <http://x/q> _:one .
_:one <http://x/p> "two"@en .
<http://x/a> <http://x/p> <http://x/b> <http://x/g> .
<http://x/b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://x/c> <http://x/g> .
<http://x/c> <http://x/q> "3"^^<http://www.w3.org/2001/XMLSchema#integer> <http://x/h> .
"""


def filled() -> Store:
    store = Store()
    store.load(START, format=RdfFormat.N_QUADS)
    return store


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("INSERT DATA { :a :p 1, 'x'@en ; a :c . }", {(EX + "a", EX + "p", None, ""), ("a", "type", "c", "")}),
        ("DELETE DATA { GRAPH :g { :a :p -1.5 } }", {(EX + "a", EX + "p", None, EX + "g")}),
        ("DELETE WHERE { :a ?p ?o . GRAPH ?g { ?s :q :b } }", {("a", None, None, ""), (None, "q", "b", None)}),
        ("WITH :g DELETE { ?s :p ?o } INSERT { _:n :q ?o } WHERE { ?s :p ?o }", {(None, "p", None, "g"), (None, "q", None, "g")}),
        ("CLEAR SILENT GRAPH :g ; DROP DEFAULT ; CREATE GRAPH :h", {(None, None, None, "g"), (None, None, None, "")}),
        ("MOVE :g TO DEFAULT ; COPY GRAPH :g TO :h", {(None, None, None, "g"), (None, None, None, ""), (None, None, None, "h")}),
        ("INSERT DATA { :a :p [ :q ( ) ] . [ :q 1 ] }", {("a", "p", None, ""), (None, "q", None, ""), (None, "first", None, ""), (None, "rest", None, "")}),
        ("INSERT { :a :p true } USING :g USING NAMED :h WHERE { ?s ?p '}' # }\n }", {("a", "p", None, "")}),
    ],
)  # fmt: skip
def test_patterns_are_read_off_the_templates(text: str, patterns: set[tuple[str | None, ...]]) -> None:
    def full(name: str | None) -> str | None:
        if name in ("type", "first", "rest"):
            return RDF + name
        return EX + name if name and not name.startswith("http") else name

    assert set(touched(PREFIX + text) or ()) == {Pattern(*map(full, one)) for one in patterns}


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { :a :p ( 1 2 }",
        "INSERT DATA { :a :p [ :q 1 ; ; ) }",
        "INSERT DATA { [ :q 1 ] [ :q 2 ] }",
        "INSERT DATA { :a }",
        "INSERT DATA { :a :p :b {| :q 1 |} }",
        "INSERT DATA { :a :p :b ~ :r }",
        "INSERT DATA { :a :p <<( :a :p :b )>> }",
        r"INSERT DATA { :a :p <http://x/\u0062> }",
        "INSERT DATA { <a> :p :b }",
        "BASE <http://b/> PREFIX x: <y> INSERT DATA { x:a :p :b }",
        "INSERT DATA { other:a :p :b }",
        "DELETE { :a :p :b } WHERE { ?s ?p ?o",
        "CLEAR ALL",
        "DROP NAMED",
        "nonsense",
    ],
)
def test_what_is_not_understood_may_touch_everything(text: str) -> None:
    assert touched(PREFIX + text) is None


NODES = st.sampled_from([":a", ":b", ":c", "<http://x/d>", "?s", "?o", "_:n"])
VERBS = st.sampled_from([":p", ":q", "a", "?p"])
SIMPLE = st.one_of(
    NODES,
    st.sampled_from(
        ["1", "-2", "'1'", '"two"@en', "'3'^^<http://www.w3.org/2001/XMLSchema#integer>", "true"]
    ),
)
NESTED = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds("[ {} {} ]".format, VERBS, inner),
        st.builds("[ {} {} , {} ; ]".format, VERBS, inner, inner),
        st.lists(inner, max_size=2).map(lambda many: "( " + " ".join(many) + " )"),
        st.just("[]"),
    ),
    max_leaves=3,
)
OBJECTS = st.one_of(SIMPLE, SIMPLE, NESTED)
SUBJECTS = st.one_of(NODES, NODES, st.builds("[ {} {} ]".format, VERBS, SIMPLE), st.just("( 1 )"))
TRIPLE = st.builds(
    "{} {} {}".format, SUBJECTS, VERBS, st.lists(OBJECTS, min_size=1, max_size=2).map(", ".join)
)
MORE = st.builds("{} ; {} {} ;".format, TRIPLE, VERBS, OBJECTS)
TRIPLES = st.lists(st.one_of(TRIPLE, MORE), min_size=1, max_size=3).map(" . ".join)
GRAPHS = st.sampled_from([":g", ":h", "?g", ":new"])
QUADS = st.one_of(
    TRIPLES,
    st.builds("[ {} {} ] . {}".format, VERBS, SIMPLE, TRIPLES),
    st.builds("GRAPH {} {{ {} }}".format, GRAPHS, TRIPLES),
    st.builds("{} GRAPH {} {{ {} . }} .".format, TRIPLES, GRAPHS, TRIPLES),
)
WHERE = st.sampled_from(["?s ?p ?o", "GRAPH ?g { ?s ?p ?o }", "?s :p ?o BIND(:a AS ?p) BIND(:g AS ?g)", ""])
WITH = st.sampled_from(["", "WITH :g ", "WITH :new "])
USING = st.sampled_from(["", "USING :g ", "USING :g USING NAMED :h "])
ONE_GRAPH = st.sampled_from(["DEFAULT", ":g", "GRAPH :h", "GRAPH :new"])
OPERATION = st.one_of(
    st.builds("INSERT DATA {{ {} }}".format, QUADS),
    st.builds("DELETE DATA {{ {} }}".format, QUADS),
    st.builds("DELETE WHERE {{ {} }}".format, QUADS),
    st.builds("{}DELETE {{ {} }} {}WHERE {{ {} }}".format, WITH, QUADS, USING, WHERE),
    st.builds("{}INSERT {{ {} }} {}WHERE {{ {} }}".format, WITH, QUADS, USING, WHERE),
    st.builds("{}DELETE {{ {} }} INSERT {{ {} }} {}WHERE {{ {} }}".format, WITH, QUADS, QUADS, USING, WHERE),
    st.builds("{} {} TO {}".format, st.sampled_from(["ADD", "MOVE SILENT", "COPY"]), ONE_GRAPH, ONE_GRAPH),
    st.sampled_from(["CLEAR DEFAULT", "DROP GRAPH :g", "CREATE SILENT GRAPH :h", "CLEAR SILENT GRAPH :h"]),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(OPERATION, min_size=1, max_size=3).map(" ; ".join))
def test_any_update_gives_the_difference_that_comparing_everything_gives(text: str) -> None:
    store = filled()
    before = store.dump(format=RdfFormat.N_QUADS) or b""
    try:
        packed = run_update(store, PREFIX + text, "")
    except (SyntaxError, RuntimeError):
        return
    whole = difference(before, store.dump(format=RdfFormat.N_QUADS) or b"")
    assert [sorted(half.splitlines()) for half in unpack(packed)] == [
        sorted(half.splitlines()) for half in unpack(whole)
    ]


def test_an_update_that_can_touch_too_much_is_compared_as_a_whole() -> None:
    store = filled()
    everything = [Pattern(None, None, None, None)]
    assert matching(store, everything, 7) is not None
    assert matching(store, everything, 6) is None


def test_a_small_update_of_a_large_store_takes_no_time_of_its_size() -> None:
    import time

    store = Store()
    rows = "".join(f"<http://x/{n}> <http://x/p> <http://x/{n + 1}> .\n" for n in range(100_000))
    store.bulk_load(rows.encode(), format=RdfFormat.N_QUADS)
    started = time.process_time()
    for number in range(20):
        removed, added = unpack(
            run_update(
                store,
                PREFIX
                + f"DELETE {{ :{number} :p ?o }} INSERT {{ :{number} :q 'x' }} WHERE {{ :{number} :p ?o }}",
                "",
            )
        )
        assert (removed.count(b"\n"), added.count(b"\n")) == (1, 1)
    small = time.process_time() - started
    started = time.process_time()
    store.dump(format=RdfFormat.N_QUADS)
    assert (
        small < (time.process_time() - started) * 2
    )  # twenty updates; comparing everything dumps forty times
