"""What follows from a proposal before it is published: stated, derived and inferred differences, and where they will be seen.

`tell` says in words what differs, where the difference is known (kizuna.changes.following). Where it is not, `compare` finds it inside a
fork of the record: it builds today's view without and with the patch, by the same function that builds every view.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from pyoxigraph import NamedNode, Quad, Store

from kizuna.changes.patch import apply, parse_patch
from kizuna.validation.labels import Labels
from kizuna.validation.report import Text
from kizuna.views.build import build_view
from kizuna.views.terms import DERIVED, INFERRED
from kizuna.workspace.names import ID, NS, RDF

JOB: Final = "kizuna.changes.consequences:compare"
MOST_LINES: Final = 300
Layer = Literal["stated", "derived", "inferred"]
_Line = tuple[Layer, bool, str, str, str, list[str]]
_Tie = tuple[str, str, str, str, bool]

_PARTY: Final = ("partyTo", "adherentTo", "signatoryTo", "provisionalPartyTo")
_TAKES_PART: Final = ("memberOf", "observerOf", "partnerOf", "takesPartIn")
_HAS_PAGE: Final = ("state", "economy", "framework", "agreement", "activity", "domain", "instrument", "negotiation",
                    "recommendation", "source", "international-organisation", "public-body", "company", "ngo")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One fact that comes or goes, in words.

    Args:
        layer: stated, derived or inferred.
        comes: False: it goes.
        subject: IRI.
        predicate: IRI.
        object: N-Triples term.
        words: subject, property, value as people call them.
    """

    layer: Layer
    comes: bool
    subject: str
    predicate: str
    object: str
    words: tuple[Text, Text, Text]


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a proposal would change.

    Args:
        counts: (layer, comes) to number of facts; all of them, also those not among `lines`.
        lines: the facts, stated ones first, at most 300.
        pages: IRIs and names of things whose pages change.
        cells: matrix cells that change: actor, and agreement kind or domain.
        ties: map lines that change: pairs of actors, and whether a tie comes or goes.
    """

    counts: dict[tuple[Layer, bool], int]
    lines: tuple[Line, ...]
    pages: tuple[tuple[str, Text], ...]
    cells: tuple[tuple[Text, Text], ...]
    ties: tuple[tuple[Text, Text, bool], ...]

    @property
    def total(self) -> int:
        """Number of facts that come or go."""
        return sum(self.counts.values())


def _copy(store: Store) -> Store:
    other = Store()
    other.bulk_extend(store)
    return other


def compare(store: Store, patch: bytes, day: str) -> bytes:
    """Build the view without and with a patch and tell what differs. To be run in a fork.

    Args:
        store: the record; changed.
        patch: patch text, UTF-8.
        day: as-of date, ISO.

    Returns:
        JSON for `read_answer`.
    """
    before = _copy(store)
    build_view(before, date.fromisoformat(day))
    apply(parse_patch(patch.decode()), store)
    build_view(store, date.fromisoformat(day))
    first, second = set(before), set(store)
    gone, come = first - second, second - first
    return _told(gone, come, Labels(store), store, _lines(gone, False, Labels(before)), _tied(gone, before))


def tell(
    store: Store,
    gone: set[Quad],
    come: set[Quad],
    go_back: Callable[[], None],
    go_on: Callable[[], None],
) -> bytes:
    """Tell a difference that is known, as `compare` does.

    Args:
        store: the view after it.
        gone: quads that only the view before had.
        come: quads that only the view after has.
        go_back: turns the store into the view before, where what has gone still has its names.
        go_on: turns it into the view after again.
    """
    go_back()
    old = Labels(store)
    lines, ties = _lines(gone, False, old), _tied(gone, store)
    go_on()
    return _told(gone, come, Labels(store), store, lines, ties)


def _told(
    gone: set[Quad], come: set[Quad], new: Labels, store: Store, old_lines: list[_Line], old_ties: list[_Tie]
) -> bytes:
    lines = old_lines + _lines(come, True, new)
    order: dict[str, int] = {"stated": 0, "derived": 1, "inferred": 2}
    lines.sort(key=lambda one: (order[str(one[0])], one[2], one[3], one[1], one[4]))
    counts = Counter((str(one[0]), bool(one[1])) for one in lines)
    changed = gone | come
    return json.dumps(
        {
            "counts": [[layer, comes, number] for (layer, comes), number in sorted(counts.items())],
            "lines": lines[:MOST_LINES],
            "pages": [[iri, *_words(new.thing(iri))] for iri in _pages(changed)],
            "cells": sorted({_pair(new, *cell) for cell in _cells(store, changed)}),
            "ties": sorted([*old_ties, *_ties(come, new, True)]),
        }
    ).encode()


def _tied(quads: set[Quad], store: Store) -> list[_Tie]:
    return _ties(quads, Labels(store), False)


def _ties(quads: set[Quad], labels: Labels, comes: bool) -> list[_Tie]:
    """Map lines among some facts."""
    return [
        (*_pair(labels, quad.subject.value, quad.object.value), comes)
        for quad in quads
        if quad.predicate.value == NS + "hasAgreementWith"
        and isinstance(quad.subject, NamedNode)
        and isinstance(quad.object, NamedNode)
        and quad.subject.value < quad.object.value
    ]


def _layer(quad: Quad) -> Layer:
    if quad.graph_name == DERIVED:
        return "derived"
    return "inferred" if quad.graph_name == INFERRED else "stated"


def _words(text: Text) -> tuple[str, str]:
    return text.ja, text.en


def _pair(labels: Labels, one: str, other: str) -> tuple[str, str, str, str]:
    return *_words(labels.thing(one)), *_words(labels.thing(other))


def _lines(quads: Iterable[Quad], comes: bool, labels: Labels) -> list[_Line]:
    found = []
    for quad in quads:
        if not isinstance(quad.subject, NamedNode):
            continue
        value = str(quad.object)
        words = [
            *_words(labels.thing(quad.subject.value)),
            *_words(labels.prop(quad.predicate.value)),
            *_words(labels.value(value, quad.object)),
        ]
        found.append((_layer(quad), comes, quad.subject.value, quad.predicate.value, value, words))
    return found


def _pages(quads: set[Quad]) -> list[str]:
    found = set()
    for quad in quads:
        for node in (quad.subject, quad.object):
            if isinstance(node, NamedNode) and node.value.startswith(ID):
                kind = node.value[len(ID) :].partition("/")[0]
                if kind in _HAS_PAGE and quad.predicate.value != RDF + "type":
                    found.add(node.value)
        if (
            isinstance(quad.subject, NamedNode)
            and quad.subject.value[len(ID) :].partition("/")[0] in _HAS_PAGE
        ):
            found.add(quad.subject.value)
    return sorted(found)


def _cells(store: Store, quads: set[Quad]) -> set[tuple[str, str]]:
    """Actor and row of the matrix: the kinds and domains of the agreements that an actor gains or loses."""
    found = set()
    named = {NS + name for name in _PARTY}
    for quad in quads:
        if not isinstance(quad.subject, NamedNode) or not isinstance(quad.object, NamedNode):
            continue
        if quad.predicate.value == NS + "cooperatesIn":
            found.add((quad.subject.value, quad.object.value))
        if quad.predicate.value in named:
            for kind in store.quads_for_pattern(quad.object, NamedNode(RDF + "type"), None, None):
                stated = kind.graph_name not in (DERIVED, INFERRED)
                if stated and isinstance(kind.object, NamedNode):
                    found.add((quad.subject.value, kind.object.value))
    return found


def read_answer(answer: bytes) -> Consequences:
    """What `compare` returned."""
    given = json.loads(answer)
    return Consequences(
        {(layer, comes): number for layer, comes, number in given["counts"]},
        tuple(
            Line(layer, comes, s, p, o, (Text(*w[0:2]), Text(*w[2:4]), Text(*w[4:6])))
            for layer, comes, s, p, o, w in given["lines"]
        ),
        tuple((iri, Text(ja, en)) for iri, ja, en in given["pages"]),
        tuple((Text(*one[0:2]), Text(*one[2:4])) for one in given["cells"]),
        tuple((Text(*one[0:2]), Text(*one[2:4]), one[4]) for one in given["ties"]),
    )
