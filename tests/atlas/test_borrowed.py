"""Terms of other vocabularies have names in both languages, wherever a reader can meet them."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, parse

from kizuna.atlas.differences_lines import Lines
from kizuna.workspace.borrowed import BORROWED, borrowed
from kizuna.workspace.names import BASE, RDF, SH, SKOS

ROOT = Path(__file__).resolve().parents[2]


def test_every_property_of_other_vocabularies_in_the_workspace_has_both_names() -> None:
    used = set()
    for folder in ("ontology", "data"):
        for path in sorted((ROOT / folder).rglob("*.ttl")):
            for quad in parse(path.read_bytes(), format=RdfFormat.TURTLE):
                used.add(quad.predicate.value)
                if quad.predicate.value == RDF + "type" and isinstance(quad.object, NamedNode):
                    used.add(quad.object.value)
    foreign = {iri for iri in used if not iri.startswith((BASE, SH))}
    assert RDF + "type" in foreign
    assert sorted(foreign - set(BORROWED)) == []


def test_a_name_of_the_graph_goes_before_the_product_s_own() -> None:
    assert borrowed(SKOS + "broader", "広い") == ("広い", "broader word")
    assert borrowed(BASE + "ns#x", None, "x") == (None, "x")
    assert all(ja and en for ja, en in BORROWED.values())


def test_the_kinds_in_a_comparison_are_told_by_a_word_for_kind() -> None:
    name = Lines([]).name(RDF + "type")
    assert (name.ja, name.en) == ("種類", "kind")
