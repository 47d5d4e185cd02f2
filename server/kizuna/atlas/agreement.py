"""The page of an agreement: its kind, parties, life and evidence. Plain data, no words, no HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kizuna.atlas.about import About, read_about
from kizuna.atlas.evidence import NOTHING, Backing, backing_by
from kizuna.atlas.lines import (
    STANDINGS,
    ActivityLine,
    EventLine,
    activity_lines,
    event_lines,
    strength,
)
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, Name, day, each, iri, local_name, named
from kizuna.atlas.vocabulary import Vocabulary, concept_iri
from kizuna.workspace.names import NS


@dataclass(frozen=True, slots=True)
class Party:
    """A party and where it stands, with its own dates (those of all parties where it has none)."""

    actor: Name
    status: Name | None
    signed: Day | None
    in_force: Day | None


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """Everything the page of an agreement shows."""

    about: About
    status: Name | None
    weight: Name | None
    signed: Day | None
    in_force: Day | None
    ended: Day | None
    expected_end: Day | None
    domains: tuple[Name, ...]
    frameworks: tuple[Name, ...]
    text_address: str | None
    parties: tuple[Party, ...]
    history: tuple[EventLine, ...]
    related: tuple[tuple[str, Name], ...]
    activities: tuple[ActivityLine, ...]
    backing: Backing


def read_agreement(reader: Reader, words: Vocabulary, agreement: str) -> AgreementPage | None:
    """Read the page of an agreement (or a negotiation); None when nothing is stated about it."""
    about = read_about(reader, words, agreement)
    if about is None:
        return None
    backing = backing_by(reader, reader.rows("evidence", thing=agreement), "statement")
    history = event_lines(reader.rows("events", thing=agreement), words, backing)
    derived = reader.rows("standing", thing=agreement)
    address = about.one(NS + "textAddress")
    return AgreementPage(
        about=about,
        status=words.concept(next(iter(each(iri, derived, "status")), None)),
        weight=words.concept(w.iri if (w := about.one(NS + "legalWeight")) else None),
        signed=_main(history, "signed", next(iter(each(day, derived, "signed")), None)),
        in_force=_main(history, "in-force", next(iter(each(day, derived, "inForce")), None)),
        ended=next(iter(each(day, derived, "ended")), None),
        expected_end=_expected(about),
        domains=words.concepts_in(n.iri for n in about.names(NS + "domain")),
        frameworks=about.names(NS + "underFramework"),
        text_address=address.iri if address and address.iri.startswith("http") else None,
        parties=_parties(reader, words, agreement, history),
        history=history,
        related=tuple(
            dict.fromkeys(
                (local_name(iri(row, "relation") or ""), named(row, "other"))
                for row in reader.rows("related-agreements", agreement=agreement)
            )
        ),
        activities=activity_lines(reader.rows("agreement-activities", agreement=agreement), words),
        backing=backing.get(agreement, NOTHING),
    )


def _main(history: tuple[EventLine, ...], kind: str, derived: Day | None) -> Day | None:
    """The derived date with the precision of the event it came from."""
    for event in history:
        if derived and local_name(event.kind.iri) == kind and event.date.value == derived.value:
            return event.date
    return derived


def _expected(about: About) -> Day | None:
    value = about.first(NS + "expectedEnd")
    precision = about.one(NS + "expectedEndPrecision")
    if value is None:
        return None
    return Day(date.fromisoformat(value[:10]), local_name(precision.iri) if precision else "day")


def _parties(
    reader: Reader, words: Vocabulary, agreement: str, history: tuple[EventLine, ...]
) -> tuple[Party, ...]:
    standing: dict[Name, str | None] = {}
    for row in reader.rows("agreement-parties", agreement=agreement):
        party, found = named(row, "party"), iri(row, "standing")
        status = STANDINGS.get(local_name(found)) if found else None
        standing[party] = min(standing.get(party), status, key=strength) if party in standing else status
    parties = [
        Party(
            actor=party,
            status=words.concept(concept_iri("status", status)) if status else None,
            signed=_of(history, "signed", party.iri),
            in_force=_of(history, "in-force", party.iri),
        )
        for party, status in standing.items()
    ]
    return tuple(sorted(parties, key=_party_order))


def _party_order(party: Party) -> tuple[int, int, str]:
    status = local_name(party.status.iri) if party.status else None
    return (strength(status), party.in_force.value.toordinal() if party.in_force else 0, party.actor.iri)


def _of(history: tuple[EventLine, ...], kind: str, actor: str) -> Day | None:
    same = [e for e in history if local_name(e.kind.iri) == kind]
    own = [e.date for e in same if e.party and e.party.iri == actor]
    per_party = kind == "in-force" and any(e.party for e in same)
    common = [] if per_party else [e.date for e in same if e.party is None]
    return min(own or common, default=None)
