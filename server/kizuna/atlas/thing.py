"""The page of any thing at all: what is stated about it, what points to it, what is inferred. Plain data."""

from __future__ import annotations

from dataclasses import dataclass

from kizuna.atlas.about import About, read_about
from kizuna.atlas.evidence import NOTHING, Backing, backing_by
from kizuna.atlas.lines import EventLine, event_lines
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Name, iri, named
from kizuna.atlas.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Pointer:
    """A statement that has the thing as its object."""

    subject: Name
    kind: Name | None
    property: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A statement about the thing that nobody typed in: derived by a rule or inferred by the ontology."""

    property: str
    value: Name
    graph: str


@dataclass(frozen=True, slots=True)
class ThingPage:
    """Everything the page of any thing shows. `pointers` and `derived` are cut at 200 lines, and say so."""

    about: About
    pointers: tuple[Pointer, ...]
    derived: tuple[Derived, ...]
    history: tuple[EventLine, ...]
    backing: Backing
    cut: bool


MOST = 200


def read_thing(reader: Reader, words: Vocabulary, thing: str) -> ThingPage | None:
    """Read the page of a thing; None when nothing is stated about it."""
    about = read_about(reader, words, thing)
    if about is None:
        return None
    backing = backing_by(reader, reader.rows("evidence", thing=thing), "statement")
    pointers = reader.rows("pointers", thing=thing)
    derived = reader.rows("derived", thing=thing)
    return ThingPage(
        about=about,
        pointers=tuple(
            dict.fromkeys(
                Pointer(
                    named(r, "subject"), words.class_name(iri(r, "subjectKind")), iri(r, "property") or ""
                )
                for r in pointers[:MOST]
            )
        ),
        derived=tuple(
            Derived(iri(r, "property") or "", named(r, "value"), iri(r, "graph") or "")
            for r in derived[:MOST]
            if iri(r, "value")
        ),
        history=event_lines(reader.rows("events", thing=thing), words, backing),
        backing=backing.get(thing, NOTHING),
        cut=len(pointers) > MOST or len(derived) > MOST,
    )
