"""Open talks of an actor, with one other or with anybody: one rule for every page. Pure over a Reader."""

from __future__ import annotations

from collections.abc import Sequence

from kizuna.atlas.lines import AgreementLine, EventLine, talks_line
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import iri, local_name, name
from kizuna.atlas.vocabulary import Vocabulary

OPEN = ("negotiating", "suspended", "proposed")
"""Talks in one of these states are open: begun, halted, or asked for. What has not begun by the shown day, or is over, is not."""


def is_open(status: str | None) -> bool:
    """True when talks with this status (an IRI) are open."""
    return status is not None and local_name(status) in OPEN


def open_talks(
    reader: Reader, words: Vocabulary, one: str, other: str | None, history: Sequence[EventLine]
) -> tuple[AgreementLine, ...]:
    """The open talks of an actor as lines.

    Args:
        one: IRI of the actor.
        other: IRI of the actor with whom; None for anybody.
        history: events in which the dates of the talks are looked up.
    """
    lines: dict[str, AgreementLine] = {}
    for row in reader.rows("talks", principal=one):
        talks = name(row, "negotiation")
        if talks is None or talks.iri in lines or not is_open(iri(row, "status")):
            continue
        if other is None or iri(row, "actor") == other:
            lines[talks.iri] = talks_line(talks, row, words, history)
    return tuple(lines.values())
