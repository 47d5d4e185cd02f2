"""How the desk calls what a change speaks of: things by their names, values as people write them. Asks the engine.

What has no name of its own (an event, a participation, a piece of evidence) is called by what it joins, as in a report of the
gate: "Agreement on …, signature, 1951-09-08". That takes two more questions, put only where a page has such a thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import pyoxigraph as ox
from flask import g
from markupsafe import Markup, escape
from pyoxigraph import Literal, NamedNode, Quad, Store

from kizuna.validation.labels import TELLING, Labels, short
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
_SAID = "SELECT ?s ?p ?o WHERE { VALUES ?s { %s } VALUES ?p { %s } ?s ?p ?o }"
_PROPERTIES = " ".join(str(NamedNode(iri)) for iri in (*_LABELS, *TELLING))


def learn(quads: Sequence[Quad], things: Iterable[str] = ()) -> None:
    """Look up the names of everything that some statements speak of; what they themselves call a thing counts too.

    Args:
        quads: statements that a page shows.
        things: IRIs that it shows besides.
    """
    known = _known()
    wanted: dict[str, None] = {iri: None for iri in things if iri not in known}
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
    if nameless := [iri for iri in wanted if iri.startswith(ID) and iri not in known][:MOST]:
        _learn_by_what_they_join(nameless, quads)


def _learn_by_what_they_join(nameless: Sequence[str], quads: Iterable[Quad]) -> None:
    """Call things that have no label by what they join; what the view does not know, by what the statements say."""
    store = Store()
    _read(store, nameless)
    met = {quad.subject for quad in store}
    told = (
        quad for quad in quads if quad.predicate.value in (*_LABELS, *TELLING) and quad.subject not in met
    )
    store.extend(Quad(quad.subject, quad.predicate, quad.object) for quad in told)
    _read(store, {quad.object.value for quad in store if isinstance(quad.object, NamedNode)} - set(nameless))
    labels = Labels(store)
    for iri in nameless:
        name = labels.thing(iri)
        if name.en != short(iri):
            _known()[iri] = {"ja": name.ja, "en": name.en}


def _read(store: Store, things: Iterable[str]) -> None:
    """Put what the view says of some things, as far as it tells what they are called, into a store."""
    asked = " ".join(str(NamedNode(iri)) for iri in things)
    for row in engine().select(view(), _SAID % (asked, _PROPERTIES)) if asked else ():
        store.add(Quad(cast(NamedNode, row["s"]), cast(NamedNode, row["p"]), row["o"]))


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
