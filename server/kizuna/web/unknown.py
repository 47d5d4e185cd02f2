"""What to say about a thing that nobody knows: 404, with the names that come nearest."""

from __future__ import annotations

import difflib

from flask import g
from flask_babel import gettext
from pyoxigraph import Literal, NamedNode

from kizuna.atlas.about import read_about
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Name, iri, kind_and_slug, name
from kizuna.web.current import as_of, desk, engine, language, reader
from kizuna.web.errors import ProblemError
from kizuna.web.links import page_of, thing_iri
from kizuna.workspace.names import ID

SUGGESTIONS = 5


def unknown_thing(kind: str, slug: str) -> ProblemError:
    """The error for an unknown thing, with up to five things whose IRI or name resembles it."""
    known: dict[str, Name] = {}
    for row in reader().rows("things-of-kind", prefix=Literal(f"{ID}{kind}/")):
        found = name(row, "thing")
        if found and iri(row, "thing"):
            known.setdefault(found.iri, found)
    near = _nearest(slug, known)
    detail = gettext(
        "“%(thing)s” is not in the graph as of %(day)s.",
        thing=f"{kind}/{slug}"[:120],
        day=as_of().isoformat(),
    )
    suggestions = [(n.label(language()), page_of(n.iri)) for n in near]
    elsewhere = g.get("asof") or g.get("scenario") or g.get("revision") is not None
    if elsewhere and (today := _known_today(f"{ID}{kind}/{slug}")):
        words = gettext("%(thing)s, as of today", thing=today.label(language()))
        suggestions.insert(0, (words, page_of(today.iri, asof=None, scenario=None, revision=None)))
    return ProblemError("unknown-thing", detail, tuple(suggestions))


def thing_at(kind: str, slug: str) -> str:
    """The IRI of the thing that an address names, however odd it is.

    Raises:
        ProblemError: no IRI can be written so; hence nothing is known under it.
    """
    thing = thing_iri(kind, slug)
    try:
        NamedNode(thing)
    except ValueError:
        raise unknown_thing(kind, slug) from None
    return thing


def _known_today(thing: str) -> Name | None:
    """The thing with its names when today's view knows it."""
    here = Reader(engine(), engine().today(), desk().memory)
    try:
        about = read_about(here, desk().words(here), thing)
    except ValueError:  # no IRI
        return None
    return about.thing if about else None


def _nearest(slug: str, known: dict[str, Name]) -> list[Name]:
    wanted = slug.casefold()
    words: dict[str, Name] = {}
    for thing in known.values():
        parts = kind_and_slug(thing.iri)
        for word in (parts[1] if parts else None, thing.ja, thing.en):
            if word:
                words.setdefault(word.casefold(), thing)
    starts = [thing for word, thing in words.items() if word.startswith(wanted) or wanted.startswith(word)]
    close = [words[w] for w in difflib.get_close_matches(wanted, words, n=SUGGESTIONS, cutoff=0.5)]
    return list(dict.fromkeys(close + starts))[:SUGGESTIONS]
