"""A table becomes exactly the triples its mapping declares, and a wrong cell is named with its place."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from kizuna.changes.cells import first_day
from kizuna.changes.csvs import csv_rows
from kizuna.changes.documents import DocumentError
from kizuna.changes.importing import import_table
from kizuna.changes.mapping import MappingError, built_in, parse_mapping
from kizuna.changes.tables import TableProblem, TableRow, understood
from kizuna.workspace.names import ID, NS, PREFIXES, RDF, XSD

ACTORS = {"AAA": ID + "state/AAA", "BBB": ID + "economy/BBB"}


def table(name: str, *rows: str) -> str:
    return "\n".join([",".join(built_in()[name].header), *rows]) + "\n"


def read(name: str, text: str) -> tuple[list[TableRow], list[TableProblem]]:
    problems: list[TableProblem] = []
    return list(understood(built_in()[name], csv_rows(text.encode()), ACTORS, problems)), problems


def date(text: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + "date"))


def test_a_participation_row_gives_a_dated_sourced_node() -> None:
    text = table("participations", "quad,AAA,member,2007-05,,statement,some-source,注,note")
    ((row,), _) = read("participations", text)
    node = NamedNode(ID + "participation/quad-aaa-member-2007-05")
    k = PREFIXES["k"]
    assert set(row.triples) == {
        Triple(node, NamedNode(RDF + "type"), NamedNode(k + "Participation")),
        Triple(node, NamedNode(k + "framework"), NamedNode(ID + "framework/quad")),
        Triple(node, NamedNode(k + "participant"), NamedNode(ID + "state/AAA")),
        Triple(node, NamedNode(k + "role"), NamedNode(ID + "role/member")),
        Triple(node, NamedNode(k + "from"), date("2007-05-01")),
        Triple(node, NamedNode(k + "fromPrecision"), NamedNode(ID + "precision/month")),
        Triple(node, NamedNode(k + "fromKind"), Literal("statement")),
        Triple(node, NamedNode(k + "evidence"), NamedNode(ID + "evidence/some-source")),
        Triple(node, NamedNode(PREFIXES["skos"] + "note"), Literal("注", language="ja")),
        Triple(node, NamedNode(PREFIXES["skos"] + "note"), Literal("note", language="en")),
    }


def test_a_row_without_source_says_that_it_is_general_knowledge() -> None:
    text = table("participations", "quad,BBB,member,2007,,,,,")
    ((row,), _) = read("participations", text)
    assert any(
        triple.predicate.value == NS + "verification"
        and triple.object == NamedNode(ID + "verification/general-knowledge")
        for triple in row.triples
    )


def test_a_source_row_brings_its_evidence_node() -> None:
    text = table("sources", "s1,Title,en,Ministry,https://example.org/a,en,2020-01-02,2026-11-24,official")
    ((row,), _) = read("sources", text)
    assert Triple(
        NamedNode(ID + "evidence/s1"), NamedNode(NS + "source"), NamedNode(ID + "source/s1")
    ) in set(row.triples)


def test_absences_take_a_kind_of_agreement_or_a_framework() -> None:
    text = table("absences", "AAA;BBB,tax-treaty,2026-11-24,,,", "AAA,framework/quad,2026,,,")
    rows, problems = read("absences", text)
    assert not problems
    objects = {triple.object for row in rows for triple in row.triples}
    assert NamedNode(NS + "TaxTreaty") in objects
    assert NamedNode(ID + "framework/quad") in objects


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("quad,ZZZ,member,2007,,,,,", "actor"),
        ("quad,AAA,member,2007-13,,,,,", "from"),
        ("quad,AAA,member,2007-02-30,,,,,", "from"),
        ("quad,AAA,,2007,,,,,", "role"),
        (",AAA,member,2007,,,,,", "framework"),
        ("quad,AAA,member,2007,,,bad key,,", "sources"),
    ],
)
def test_a_wrong_cell_is_named_with_line_and_column_in_both_languages(row: str, column: str) -> None:
    rows, (problem,) = read("participations", table("participations", "", row))
    assert (problem.line, problem.column) == (3, column)
    assert not rows
    assert problem.text("ja") != problem.text("en")
    assert f"[{column}]" in problem.text("en")


def test_wrong_header_wrong_count_and_repeated_rows_are_problems() -> None:
    assert "header" in read("participations", "a,b\n")[1][0].en
    assert "cells" in read("participations", table("participations", "quad,AAA"))[1][0].en
    twice = table("participations", "quad,AAA,member,2007,,,,,", "quad,AAA,member,2007,,,,,")
    assert "line 2" in read("participations", twice)[1][0].en


def test_a_table_with_problems_gives_no_turtle() -> None:
    text = table("participations", "quad,ZZZ,member,,,,,,")
    assert import_table("participations", text.encode(), ACTORS).turtle == ""


def test_an_unknown_table_lists_the_known_ones() -> None:
    with pytest.raises(DocumentError, match="participations"):
        import_table("nothing", b"", ACTORS)


def test_dates_keep_their_precision() -> None:
    assert [first_day(text)[1] for text in ("2016", "2016-04", "2016-04-30")] == ["year", "month", "day"]


@pytest.mark.parametrize(
    "text",
    [
        "not toml = ",
        "iri = 'x'\n[title]\nja='a'\nen='b'\n[columns.x]\nas='nothing'",
        "iri = 'x'\n[title]\nja='a'\nen='b'\n[columns.x]\nproperty='nope:x'",
        "iri = 'x'\n[title]\nja='a'\nen='b'\n[columns.x]\ncolour='red'",
        "iri = 'x'",
    ],
)
def test_a_wrong_mapping_is_refused(text: str) -> None:
    with pytest.raises(MappingError):
        parse_mapping("t", text)
