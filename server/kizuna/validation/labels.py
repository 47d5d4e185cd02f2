"""What people call a thing, a property or a value of the graph under validation. Pure functions over a store.

A statement node (a participation, an event, a piece of evidence) has no name of its own: it is called by
the things it joins, as in "Japan, NATO (partner)".
"""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

from kizuna.validation.catalogue import text_of
from kizuna.validation.report import Text
from kizuna.workspace.borrowed import BORROWED
from kizuna.workspace.names import DCTERMS, NS, PREFIXES, RDFS, SKOS

_NAMES: Final = (SKOS + "prefLabel", RDFS + "label")
_JOINED: Final = (
    ("participant", "framework", "role"),
    ("eventOf", "eventKind", "eventParty", "date"),
    ("recommendation", "bearingThing"),
    ("framework", "role", "asOf"),
    ("principal", "agreementKind", "asOf"),
    ("absentActor", "agreementKind", "framework"),
)
"""Properties that tell a statement node apart, by kind of node; the first row that fits names it."""
TELLING: Final = (DCTERMS + "title", NS + "source", *sorted({NS + name for row in _JOINED for name in row}))
"""All properties, beside labels, by which `Labels` calls a thing."""


def short(iri: str) -> str:
    """Shorten an IRI by the product's prefixes, such as `agreement:jp-ph-raa`; unchanged when none fits.

    >>> short("https://w3id.org/kizuna/id/agreement/jp-ph-raa")
    'agreement:jp-ph-raa'
    """
    best = max((ns for ns in PREFIXES.values() if iri.startswith(ns)), key=len, default=None)
    if best is None or "/" in iri[len(best) :]:
        return iri
    prefix = next(name for name, namespace in PREFIXES.items() if namespace == best)
    return f"{prefix}:{iri[len(best) :]}"


class Labels:
    """Looks names up in a store's default graph and remembers them."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._known: dict[str, Text] = {}

    def thing(self, iri: str) -> Text:
        """Name a thing: its own label, or what it joins, or its short IRI."""
        if iri not in self._known:
            self._known[iri] = Text(short(iri), short(iri))  # guards against things that name each other
            self._known[iri] = self._name(iri)
        return self._known[iri]

    def prop(self, iri: str) -> Text:
        """Name a property by its label in the vocabulary, one of another vocabulary by the word that all pages use."""
        words = BORROWED.get(iri)
        return self.thing(iri) if words is None else Text(*words)

    def value(self, n3: str, term: object) -> Text:
        """Name a value: a thing by its label, a literal by its text."""
        if isinstance(term, ox.NamedNode):
            return self.thing(term.value)
        if isinstance(term, ox.Literal):
            return Text(term.value, term.value)
        return Text(n3, n3)

    def _objects(self, subject: ox.NamedNode, predicate: str) -> list[object]:
        quads = self._store.quads_for_pattern(subject, ox.NamedNode(predicate), None, None)
        return sorted((quad.object for quad in quads), key=str)

    def _name(self, iri: str) -> Text:
        if iri.startswith("_:"):
            return Text("名のないノード", "unnamed node")
        node = ox.NamedNode(iri)
        for predicate in _NAMES:
            if (own := text_of(self._store, node, predicate)) is not None:
                return own
        titles = [term for term in self._objects(node, DCTERMS + "title") if isinstance(term, ox.Literal)]
        if titles:
            return Text(titles[0].value, titles[0].value)
        if sources := self._objects(node, NS + "source"):
            return self.value(str(sources[0]), sources[0])
        for row in _JOINED:
            parts = [self._objects(node, NS + name) for name in row]
            if parts[0] and parts[1]:
                words = [self.value(str(term), term) for part in parts for term in part]
                return Text("、".join(word.ja for word in words), ", ".join(word.en for word in words))
        return Text(short(iri), short(iri))
