"""N-Quads of two views, taken apart as far as a comparison needs. Pure; no I/O.

A dump is one engine's writing, one spelling a term, so lines can be compared as bytes; only what differs, and the names
of what is shown, is read as RDF.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from kizuna.atlas.terms import PRECISIONS, Day, Name, local_name
from kizuna.views.ask import Term
from kizuna.workspace.borrowed import borrowed
from kizuna.workspace.names import DCTERMS, NS, RDF, RDFS, SKOS

ACTORS: Final = (
    "party",
    "participant",
    "provider",
    "recipient",
    "partner",
    "contractor",
    "target",
    "involves",
)
"""Properties of a node that name the actors it is about."""
_READ: Final = (
    *ACTORS, "framework", "role", "eventOf", "eventKind", "eventParty", "date", "precision",
    "from", "fromPrecision", "to", "toPrecision", "status",
)  # fmt: skip
_LABELS: Final = (SKOS + "prefLabel", RDFS + "label", DCTERMS + "title")
WANTED: Final = {
    **{f"<{NS}{name}>".encode(): name for name in _READ},
    **{f"<{iri}>".encode(): "label" for iri in _LABELS},
    f"<{RDF}type>".encode(): "type",
}


class Lines:
    """The lines of two views together, by property and subject; IRIs stand in their brackets."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._values: dict[str, dict[bytes, list[bytes]]] = {name: {} for name in set(WANTED.values())}
        for line in lines:
            parts = line.split(b" ", 2)
            name = WANTED.get(parts[1]) if len(parts) == 3 else None
            if name is not None:
                self._values[name].setdefault(parts[0], []).append(parts[2])
        self.members: dict[str, set[str]] = {}
        for node in self._values["participant"]:
            for framework in self.iris(node, "framework"):
                self.members.setdefault(framework, set()).update(self.iris(node, "participant"))

    def subjects(self, name: str) -> Iterable[bytes]:
        """The subjects that have a property."""
        return self._values[name]

    def terms(self, subject: bytes, name: str) -> list[Term]:
        """The values of a property of a subject, each once."""
        raw = self._values[name].get(subject, ())
        return list(dict.fromkeys(_object(each) for each in raw))

    def iris(self, subject: bytes, name: str) -> list[str]:
        """Those values that are IRIs."""
        return [term.value for term in self.terms(subject, name) if isinstance(term, NamedNode)]

    def one(self, subject: bytes, name: str) -> str | None:
        """One value that is an IRI, the first by name; None when there is none."""
        return min(self.iris(subject, name), default=None)

    def day(self, subject: bytes, name: str, precision: str) -> Day | None:
        """A date with its precision."""
        found = sorted(t.value for t in self.terms(subject, name) if isinstance(t, Literal))
        how = local_name(self.one(subject, precision) or "day")
        return day_of(found[0], how) if found else None

    def name(self, iri: str) -> Name:
        """A thing with its names in both languages."""
        labels = {t.language: t.value for t in self.terms(_node(iri), "label") if isinstance(t, Literal)}
        return Name(iri, *borrowed(iri, labels.get("ja"), labels.get("en")))

    def actors(self, iri: str) -> set[str]:
        """The actors that a thing names as its parties, participants, providers …"""
        return {actor for name in ACTORS for actor in self.iris(_node(iri), name)}


def day_of(text: str, precision: str) -> Day | None:
    """A date, or None when the text is none."""
    try:
        return Day(date.fromisoformat(text[:10]), precision if precision in PRECISIONS else "day")
    except ValueError:
        return None


def quads_of(lines: Iterable[str]) -> list[Quad]:
    """N-Quads statements (without the full stop) read."""
    content = "".join(f"{line} .\n" for line in lines).encode()
    return [quad for quad in parse(content, format=RdfFormat.N_QUADS) if isinstance(quad, Quad)]


def _node(iri: str) -> bytes:
    return f"<{iri}>".encode()


def _object(rest: bytes) -> Term:
    """The object of `OBJECT <graph> .`."""
    if rest.startswith(b"<"):
        return NamedNode(rest[1 : rest.index(b">")].decode())
    [quad] = parse(b"<a:a> <a:a> " + rest, format=RdfFormat.N_QUADS)
    found: Term = quad.object
    return found


def by_subject(quads: Iterable[Quad]) -> Mapping[str, list[Quad]]:
    """Quads by their subjects."""
    found: dict[str, list[Quad]] = {}
    for quad in quads:
        if isinstance(quad.subject, NamedNode):
            found.setdefault(quad.subject.value, []).append(quad)
    return found
