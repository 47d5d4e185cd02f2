"""How the desk calls what a change speaks of: things by their names, values as people write them. Asks the engine once a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import pyoxigraph as ox
from flask import g
from markupsafe import Markup, escape
from pyoxigraph import Literal, NamedNode, Quad

from kizuna.validation.labels import short
from kizuna.web.current import engine, language, view
from kizuna.web.links import page_of
from kizuna.workspace.names import ID, RDFS, SKOS

MOST = 600
"""Things that are looked up for one page; a longer list is cut anyway."""
_NAMES = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?s ?l WHERE { VALUES ?s { %s } ?s skos:prefLabel|rdfs:label ?l }
"""
_LABELS = (SKOS + "prefLabel", RDFS + "label")


def learn(quads: Iterable[Quad]) -> None:
    """Look up the names of everything that some statements speak of; what they themselves call a thing counts too."""
    known = _known()
    wanted: dict[str, None] = {}
    for quad in quads:
        for term in (quad.subject, quad.object):
            if isinstance(term, NamedNode) and term.value not in known:
                wanted[term.value] = None
    asked = [str(NamedNode(iri)) for iri in list(wanted)[:MOST]]
    if asked:
        for row in engine().select(view(), _NAMES % " ".join(asked)):
            _call(cast(NamedNode, row["s"]).value, row["l"])
    for quad in quads:
        if quad.predicate.value in _LABELS and isinstance(quad.subject, NamedNode):
            _call(quad.subject.value, quad.object)


def _known() -> dict[str, dict[str, str]]:
    if "desk_names" not in g:
        g.desk_names = {}
    return cast("dict[str, dict[str, str]]", g.desk_names)


def _call(iri: str, label: object) -> None:
    if isinstance(label, Literal) and label.language in ("ja", "en"):
        _known().setdefault(iri, {}).setdefault(label.language, label.value)


def thing_words(iri: str) -> str:
    """What people call a thing, as far as it has been learnt; else its identifier."""
    names = _known().get(iri, {})
    other = "en" if language() == "ja" else "ja"
    if found := names.get(language()) or names.get(other):
        return found
    return iri[len(ID) :] if iri.startswith(ID) else short(iri)


def term_words(term: str) -> Markup:
    """An N-Triples term as people read it in a table of changes."""
    value = next(iter(ox.parse(f"<urn:s> <urn:p> {term} .", format=ox.RdfFormat.N_TRIPLES))).object
    if isinstance(value, NamedNode):
        words = escape(thing_words(value.value))
        return Markup('<a href="{}">{}</a>').format(page_of(value.value), words) if value.value.startswith(ID) else words  # fmt: skip
    if not isinstance(value, Literal):
        return escape(term)
    if value.language:
        return Markup('<span lang="{0}">{1}</span> <span class="fine">{0}</span>').format(
            value.language, value.value
        )
    return escape(value.value)
