"""Content negotiation by RFC 9110: weights, wildcards, parameters, and 406 when nothing fits."""

from __future__ import annotations

import pytest

from kizuna.sparql.formats import FORMATS, formats_for, media_types_for, named_format
from kizuna.sparql.negotiation import choose, wishes

SOLUTIONS = media_types_for("solutions")
GRAPH = media_types_for("graph")


@pytest.mark.parametrize(
    ("field", "chosen"),
    [
        (None, "application/sparql-results+json"),
        ("", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("text/csv", "text/csv"),
        ("text/csv; charset=utf-8", "text/csv"),
        ("TEXT/CSV;Q=0.3, application/sparql-results+xml;q=0.2", "text/csv"),
        ("text/csv;q=0.1, application/sparql-results+xml;q=0.9", "application/sparql-results+xml"),
        ("text/csv;q=0, */*;q=0.1", "application/sparql-results+json"),
        ("application/sparql-results+json;q=0, */*", "application/sparql-results+xml"),
        ("text/*", "text/csv"),
        ("text/csv, */*", "text/csv"),
        ("application/json", "application/json"),
        ("application/xml;q=0.5, text/html", "application/xml"),
        ("text/turtle", None),
        ("text/html", None),
        ("*/*;q=0", None),
        ("text/csv;q=2", None),
        ("text/csv;q=0.1234", None),
        (",,;,", "application/sparql-results+json"),
        ('text/csv;profile="a,b";q=0.4, image/png', "text/csv"),
    ],
)
def test_solutions(field: str | None, chosen: str | None) -> None:
    if field == ",,;,":
        assert wishes(field) == []
        assert choose(field, SOLUTIONS) is None
    else:
        assert choose(field, SOLUTIONS) == chosen


@pytest.mark.parametrize(
    ("field", "chosen"),
    [
        ("*/*", "text/turtle"),
        ("text/turtle; charset=utf-8", "text/turtle"),
        ("application/rdf+xml, text/turtle;q=0.9", "application/rdf+xml"),
        ("application/ld+json;profile=x", "application/ld+json"),
        ("application/n-triples,text/plain;q=0.5", "application/n-triples"),
        ("application/sparql-results+json", None),
    ],
)
def test_graphs(field: str, chosen: str | None) -> None:
    assert choose(field, GRAPH) == chosen


def test_every_format_is_reached_by_its_name_and_media_type() -> None:
    for kind in ("solutions", "boolean", "graph"):
        for form in formats_for(kind):
            assert named_format(form.name, kind) is form
            assert named_format(form.media_type, kind) is form
            assert choose(form.media_type, media_types_for(kind)) == form.media_type
    assert named_format("turtle", "solutions") is None
    assert named_format("turtle", "graph") is FORMATS[4]
