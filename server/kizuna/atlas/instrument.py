"""Policy instruments (laws, strategies, principles …): the list, and the page of one. Plain data."""

from __future__ import annotations

from dataclasses import dataclass

from kizuna.atlas.about import About, read_about
from kizuna.atlas.evidence import NOTHING, Backing, backing_by
from kizuna.atlas.lines import EventLine, event_lines
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, Name, day, iri, local_name, name, named
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.workspace.names import NS


@dataclass(frozen=True, slots=True)
class InstrumentLine:
    """An instrument in the list, with its newest event."""

    instrument: Name
    kind: Name | None
    issuer: Name | None
    latest: Day | None
    latest_kind: Name | None


@dataclass(frozen=True, slots=True)
class InstrumentPage:
    """Everything the page of an instrument shows."""

    about: About
    issuers: tuple[Name, ...]
    law_number: Name | None
    text_address: str | None
    domains: tuple[Name, ...]
    related: tuple[tuple[str, Name], ...]
    history: tuple[EventLine, ...]
    backing: Backing


def read_instruments(reader: Reader, words: Vocabulary) -> tuple[InstrumentLine, ...]:
    """All instruments, the one with the newest event first."""
    lines: dict[str, InstrumentLine] = {}
    for row in reader.rows("instruments"):
        found, latest = named(row, "instrument"), day(row, "date")
        known = lines.get(found.iri)
        if known and not (latest and (known.latest is None or latest > known.latest)):
            continue
        lines[found.iri] = InstrumentLine(
            instrument=found,
            kind=words.class_name(iri(row, "instrumentKind")),
            issuer=name(row, "issuer"),
            latest=latest,
            latest_kind=words.concept(iri(row, "eventKind")),
        )
    return tuple(
        sorted(
            lines.values(), key=lambda x: (-x.latest.value.toordinal() if x.latest else 0, x.instrument.iri)
        )
    )


def read_instrument(reader: Reader, words: Vocabulary, instrument: str) -> InstrumentPage | None:
    """Read the page of an instrument; None when nothing is stated about it."""
    about = read_about(reader, words, instrument)
    if about is None:
        return None
    backing = backing_by(reader, reader.rows("evidence", thing=instrument), "statement")
    address = about.one(NS + "textAddress")
    return InstrumentPage(
        about=about,
        issuers=about.names(NS + "issuer"),
        law_number=about.words(NS + "lawNumber"),
        text_address=address.iri if address and address.iri.startswith("http") else None,
        domains=words.concepts_in(n.iri for n in about.names(NS + "domain")),
        related=tuple(
            dict.fromkeys(
                (local_name(iri(r, "relation") or ""), named(r, "other"))
                for r in reader.rows("related-instruments", instrument=instrument)
            )
        ),
        history=event_lines(reader.rows("events", thing=instrument), words, backing),
        backing=backing.get(instrument, NOTHING),
    )
