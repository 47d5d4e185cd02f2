"""What a well-meant query gets: every form, every format, values, datasets, and exact limits."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from rdflib import Graph

from kizuna.engine import formats
from kizuna.engine.embedded import EmbeddedEngine, connect_embedded
from kizuna.engine.types import (
    Limits,
    QueryRefusedError,
    QuerySyntaxError,
    Question,
    UnsupportedFormatError,
)
from tests.engine.doubles import EX, STATED, THINGS, node

LABELS = f"SELECT ?s ?label WHERE {{ ?s <{EX}label> ?label }}"
TRIPLES = f"CONSTRUCT {{ ?s <{EX}called> ?l }} WHERE {{ ?s <{EX}label> ?l }}"


def rows_in(media_type: str, body: bytes) -> int:
    if media_type == formats.JSON:
        return len(json.loads(body)["results"]["bindings"])
    if media_type == formats.XML:
        return len(ET.fromstring(body).findall(".//{*}result"))  # noqa: S314 (our own answer)
    return len(body.splitlines()) - 1


@pytest.mark.parametrize("media_type", formats.formats_for("solutions"))
@pytest.mark.parametrize(
    ("limit", "rows", "cut"), [(None, THINGS, False), (THINGS, THINGS, False), (7, 7, True)]
)
def test_a_row_limit_cuts_exactly_and_is_said(
    engine: EmbeddedEngine, media_type: str, limit: int | None, rows: int, cut: bool
) -> None:
    answer = engine.query(engine.today(), Question(LABELS, media_type, limits=Limits(rows=limit)))
    assert (answer.kind, answer.media_type) == ("solutions", media_type)
    assert (answer.rows, answer.truncated) == (rows, cut)
    assert rows_in(media_type, answer.body) == rows


@pytest.mark.parametrize("media_type", formats.formats_for("graph"))
@pytest.mark.parametrize(
    ("limit", "rows", "cut"), [(None, THINGS, False), (THINGS, THINGS, False), (7, 7, True)]
)
def test_a_graph_answer_is_cut_after_exactly_so_many_triples(
    engine: EmbeddedEngine, media_type: str, limit: int | None, rows: int, cut: bool
) -> None:
    answer = engine.query(engine.today(), Question(TRIPLES, media_type, limits=Limits(rows=limit)))
    assert (answer.kind, answer.rows, answer.truncated) == ("graph", rows, cut)
    assert len(set(parse(answer.body, format=formats.GRAPH_FORMATS[media_type]))) == rows


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD reader
@pytest.mark.parametrize("form", ["turtle", "nt", "json-ld", "xml", "trig", "nquads"])
def test_other_libraries_read_what_is_written(engine: EmbeddedEngine, form: str) -> None:
    media_type = {
        "turtle": "text/turtle",
        "nt": "application/n-triples",
        "json-ld": "application/ld+json",
        "xml": "application/rdf+xml",
        "trig": "application/trig",
        "nquads": "application/n-quads",
    }[form]
    answer = engine.query(engine.today(), Question(TRIPLES, media_type))
    graph = Graph()
    graph.parse(data=answer.body, format="turtle" if form in {"trig", "nquads"} else form)
    assert len(graph) == THINGS


def test_an_answer_of_construct_is_a_set(engine: EmbeddedEngine) -> None:
    text = (
        f"CONSTRUCT {{ ?s a <{EX}Thing> . <{EX}all> <{EX}has> 1 }} WHERE {{ ?s ?p ?o . ?s <{EX}number> ?n }}"
    )
    answer = engine.query(engine.today(), Question(text, "application/n-triples"))
    lines = answer.body.splitlines()
    assert answer.rows == len(lines) == len(set(lines)) == THINGS + 1


def test_turtle_declares_the_prefixes_it_uses(engine: EmbeddedEngine) -> None:
    text = (
        "CONSTRUCT { <https://w3id.org/kizuna/id/state/JPN> a <https://w3id.org/kizuna/ns#State> } WHERE {}"
    )
    answer = engine.query(engine.today(), Question(text, "text/turtle"))
    assert b"@prefix k: <https://w3id.org/kizuna/ns#> ." in answer.body
    assert b"state:JPN a k:State ." in answer.body.replace(b"\n\t", b" ")


@pytest.mark.parametrize("media_type", formats.formats_for("boolean"))
def test_ask_answers_in_every_format(engine: EmbeddedEngine, media_type: str) -> None:
    answer = engine.query(engine.today(), Question("ASK { ?s ?p ?o }", media_type))
    assert (answer.kind, answer.rows, answer.truncated) == ("boolean", None, False)
    assert b"true" in answer.body


def test_empty_answers_are_well_formed(engine: EmbeddedEngine) -> None:
    nothing = f"<{EX}nobody> <{EX}label> ?x"
    for media_type in formats.formats_for("solutions"):
        answer = engine.query(engine.today(), Question(f"SELECT ?x {{ {nothing} }}", media_type))
        assert (answer.rows, answer.truncated, rows_in(media_type, answer.body)) == (0, False, 0)
    for media_type, form in formats.GRAPH_FORMATS.items():
        answer = engine.query(
            engine.today(), Question(f"CONSTRUCT {{ ?x a ?x }} WHERE {{ {nothing} }}", media_type)
        )
        assert (answer.rows, list(parse(answer.body, format=form))) == (0, [])


def test_describe_gives_the_statements_about_the_thing(engine: EmbeddedEngine) -> None:
    answer = engine.query(engine.today(), Question(f"DESCRIBE <{EX}thing/3>", "application/n-triples"))
    triples = set(parse(answer.body, format=RdfFormat.N_TRIPLES))
    about = {(t.predicate.value.removeprefix(EX)) for t in triples if t.subject == node("thing/3")}
    assert about == {"label", "number", "next", "from"}


def test_the_first_asked_format_that_fits_is_taken(engine: EmbeddedEngine) -> None:
    question = Question("ASK {}", "text/turtle, application/sparql-results+xml;q=0.9, text/csv")
    assert engine.query(engine.today(), question).media_type == formats.XML


def test_a_format_that_does_not_fit_says_what_the_answer_is(engine: EmbeddedEngine) -> None:
    with pytest.raises(UnsupportedFormatError) as caught:
        engine.query(engine.today(), Question(TRIPLES, "text/csv"))
    assert caught.value.kind == "graph"
    assert "text/turtle" in str(caught.value)


def test_a_limit_of_bytes_leaves_a_well_formed_answer(engine: EmbeddedEngine) -> None:
    for media_type in formats.formats_for("solutions"):
        limits = Limits(rows=None, result_bytes=20_000)
        answer = engine.query(engine.today(), Question(LABELS, media_type, limits=limits))
        assert answer.truncated
        assert answer.rows is not None
        assert 0 < rows_in(media_type, answer.body) == answer.rows < THINGS
        assert len(answer.body) <= 20_000


def test_values_are_terms_wherever_the_variable_stands(engine: EmbeddedEngine) -> None:
    thing = {"thing": node("thing/5"), "lang": Literal("ja")}
    today = engine.today()
    text = f"SELECT ?thing ?l WHERE {{ ?thing <{EX}label> ?l FILTER(LANG(?l) = ?lang) }}"
    assert engine.select(today, text, thing) == [
        {"thing": node("thing/5"), "l": Literal("もの 5", language="ja")}
    ]
    text = "SELECT (COUNT(?o) AS ?n) WHERE { { SELECT ?o WHERE { ?thing ?p ?o } } }"
    assert engine.select(today, text, thing)[0]["n"] == Literal(4)
    assert engine.ask(
        today, f"ASK {{ ?thing <{EX}number> ?n FILTER(?n = ?wanted) }}", {**thing, "wanted": Literal(5)}
    )
    question = Question("DESCRIBE ?thing", "application/n-triples", bindings=thing)
    assert engine.query(today, question).rows == 4


def test_hostile_values_stay_values(engine: EmbeddedEngine) -> None:
    evil = Literal('" } INSERT \\" \n } # <a> ?x')
    text = "SELECT ?v WHERE { BIND(1 AS ?one) FILTER(STRLEN(STR(?v)) > ?one) }"
    assert engine.select(engine.today(), text, {"v": evil}) == [{"v": evil}]


def test_terms_of_every_kind_come_back_as_they_are(engine: EmbeddedEngine) -> None:
    terms = [
        Literal('tab\t quote" back\\ line\n'),
        Literal("語", language="ja"),
        Literal("1.50", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal")),
        NamedNode(EX + "日本"),
        Triple(node("a"), node("b"), Literal(3)),
    ]
    for term in terms:
        assert engine.select(engine.today(), "SELECT ?v {}", {"v": term}) == [
            {"v": term if "1.50" not in str(term) else Literal("1.5", datatype=term.datatype)}  # type: ignore[union-attr]
        ]


def test_unbound_variables_have_no_key(engine: EmbeddedEngine) -> None:
    rows = engine.select(engine.today(), f"SELECT ?n ?none {{ <{EX}thing/1> <{EX}number> ?n }}")
    assert rows == [{"n": Literal(1)}]


def test_the_default_graph_is_the_union_unless_the_dataset_says_otherwise(engine: EmbeddedEngine) -> None:
    today = engine.today()
    count = "SELECT (COUNT(*) AS ?n) {0} WHERE {{ ?s <" + EX + "about> ?o }}"

    def how_many(question: Question) -> int:
        return int(engine.query(today, question).body.splitlines()[1])

    assert how_many(Question(count.format(""), "text/csv")) == 1
    assert how_many(Question(count.format(f"FROM <{STATED.value}>"), "text/csv")) == 0
    assert how_many(Question(count.format("FROM <" + EX + "graph/derived>"), "text/csv")) == 1
    assert how_many(Question(count.format(""), "text/csv", default_graphs=[STATED.value])) == 0
    assert how_many(Question(count.format(""), "text/csv", named_graphs=[EX + "graph/derived"])) == 0
    assert how_many(Question(count.format(f"FROM NAMED <{EX}graph/derived>"), "text/csv")) == 0
    graphs = "SELECT (COUNT(DISTINCT ?g) AS ?n) {{ GRAPH ?g {{ ?s ?p ?o }} }}".format()
    assert how_many(Question(graphs, "text/csv")) == 2
    assert how_many(Question(graphs, "text/csv", named_graphs=[STATED.value])) == 1


def test_a_syntax_error_says_where(engine: EmbeddedEngine) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        engine.query(engine.today(), Question("SELECT *\nWHERE { ?s ?p }", "text/csv"))
    assert caught.value.line == 2
    assert caught.value.column in {15, 16}
    with pytest.raises(QuerySyntaxError, match="prefix 'ex:' is not declared") as caught:
        engine.query(engine.today(), Question("SELECT *\n{ ?s\n ex:p ?o }", "text/csv"))
    assert (caught.value.line, caught.value.column) == (3, 2)


@pytest.mark.parametrize("text", ["INSERT DATA { <a:a> <a:b> 1 }", "LOAD <http://127.0.0.1/>", "CLEAR ALL"])
def test_an_update_is_no_query(engine: EmbeddedEngine, text: str) -> None:
    with pytest.raises(QueryRefusedError, match="is an update"):
        engine.query(engine.today(), Question(text, "text/csv"))


def test_a_query_has_a_longest_length(engine: EmbeddedEngine) -> None:
    text = "SELECT * { ?s ?p ?o } #" + "x" * engine.config.max_query_bytes
    with pytest.raises(QueryRefusedError, match="longer than"):
        engine.query(engine.today(), Question(text, "text/csv"))


def test_a_long_answer_comes_in_pieces(engine: EmbeddedEngine) -> None:
    text = f"SELECT ?a ?b {{ ?a <{EX}number> ?n . ?b <{EX}from> 2001 }}"
    whole = engine.query(engine.today(), Question(text, formats.TSV, limits=Limits(rows=None)))
    with engine.query_stream(engine.today(), Question(text, formats.TSV, limits=Limits(rows=None))) as stream:
        assert (stream.kind, stream.media_type, stream.end) == ("solutions", formats.TSV, None)
        pieces = list(stream)
    assert stream.end is not None
    assert stream.end.rows == whole.rows == THINGS * THINGS // 20
    assert len(pieces) > 3
    assert sum(map(len, pieces)) == len(whole.body)
    assert max(map(len, pieces)) < 2_000_000


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s ?o { ?s <http://example.org/from> ?o }",
        "SELECT DISTINCT ?o { ?s ?p ?o }",
        "SELECT ?o (COUNT(*) AS ?n) (SAMPLE(?s) AS ?one) { ?s ?p ?o } GROUP BY ?o",
        "SELECT ?s ?t { { ?s <http://example.org/next> ?t } UNION { ?t <http://example.org/next> ?s } }",
    ],
)
def test_pages_asked_of_different_web_processes_are_slices_of_one_answer(
    engine: EmbeddedEngine, text: str
) -> None:
    """Nothing orders these rows; each page comes from another worker, with connections of another process's kind."""
    view = engine.today()
    whole = engine.query(view, Question(text, formats.CSV, limits=Limits(rows=None))).body.splitlines()[1:]
    with connect_embedded(engine.socket_path) as other:
        for number in range(6):
            asked = (engine, other)[number % 2]
            paged = Question(f"{text} LIMIT 150 OFFSET {150 * number}", formats.CSV)
            rows = asked.query(view, paged).body.splitlines()[1:]
            assert rows == whole[150 * number : 150 * (number + 1)]
