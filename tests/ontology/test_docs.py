"""The documentation of the vocabulary is complete: every term is listed, and nothing that does not exist."""

from __future__ import annotations

import re

from rdflib import OWL, RDF, RDFS, Literal, URIRef

from .support import ONTOLOGY, K, file

DOCS = ONTOLOGY.parent / "docs"


def terms() -> dict[str, URIRef]:
    graph = file("kizuna")
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    found = {term for kind in kinds for term in graph.subjects(RDF.type, kind) if isinstance(term, URIRef)}
    return {str(term).removeprefix(str(K)): term for term in found if str(term).startswith(str(K))}


def test_every_class_and_property_has_a_row_with_its_labels() -> None:
    text = (DOCS / "ontology.md").read_text("utf-8")
    rows = {
        name: (ja, en)
        for name, ja, en in re.findall(r"^\| `k:(\w+)` \| ([^|]+) \| ([^|]+) \|", text, re.MULTILINE)
    }
    for name, term in terms().items():
        labels = {
            label.language: str(label)
            for label in file("kizuna").objects(term, RDFS.label)
            if isinstance(label, Literal)
        }
        assert rows.get(name) == (labels["ja"], labels["en"]), name


def test_the_documentation_names_no_term_that_does_not_exist() -> None:
    known = terms()
    for page in ("ontology.md", "glossary.md", "shapes.md"):
        for name in re.findall(r"`k:(\w+)`", (DOCS / page).read_text("utf-8")):
            assert name in known, (page, name)


def test_every_list_is_documented() -> None:
    text = (DOCS / "glossary.md").read_text("utf-8")
    for scheme in ("role", "event-kind", "legal-weight", "status", "precision", "confidence", "verification"):
        assert f"`{scheme}`" in text


def test_the_glossary_has_both_languages_and_says_what_not_to_say() -> None:
    text = (DOCS / "glossary.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]*) \|$", text, re.MULTILINE)
    assert len(rows) > 40
    for english, japanese, meaning, _ in rows:
        assert english.strip()
        assert japanese.strip()
        assert meaning.strip()
    assert "nation" in text
