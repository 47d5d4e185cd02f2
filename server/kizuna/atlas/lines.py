"""The lines that tables on many pages share: an agreement, an event, an activity. Pure over query rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kizuna.atlas.agreement_facts import AgreementFacts
from kizuna.atlas.evidence import NOTHING, Backing
from kizuna.atlas.terms import Day, Name, day, each, iri, local_name, name, named
from kizuna.atlas.vocabulary import Vocabulary, concept_iri
from kizuna.engine.types import Row

STANDINGS = {
    "partyTo": "in-force",
    "provisionalPartyTo": "provisional",
    "signatoryTo": "signed",
    "adherentTo": "adopted",
    "formerPartyTo": "ended",
}
"""A party's own tie to an agreement, as a status word."""

STRENGTH = ("in-force", "provisional", "adopted", "signed", "negotiating", "suspended", "proposed", "ended")
"""Statuses from the strongest tie to the weakest."""


def strength(status: str | None) -> int:
    """Place of a status slug in STRENGTH; unknown ones come last."""
    return STRENGTH.index(status) if status in STRENGTH else len(STRENGTH)


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """An agreement in a table.

    Args:
        agreement: the agreement with its names.
        kind: its kind (a class of the ontology).
        status: where it stands as a whole, or for the actor the page is about.
        signed, in_force, ended: main dates as precisely as known.
        domains: the cooperation domains it is about.
        parties: how many parties it has; more than three is shown as multilateral.
        backing: the evidence for it.
    """

    agreement: Name
    kind: Name | None
    status: Name | None
    signed: Day | None
    in_force: Day | None
    ended: Day | None
    domains: tuple[Name, ...]
    parties: int
    backing: Backing = NOTHING

    @property
    def multilateral(self) -> bool:
        """More than three parties."""
        return self.parties > 3


@dataclass(frozen=True, slots=True)
class EventLine:
    """Something that happened on a known date (as precisely as known) to `thing`."""

    event: str
    kind: Name
    date: Day
    thing: Name | None
    party: Name | None
    note: Name | None = None
    backing: Backing = NOTHING


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """A project, transfer or programme in a table; `places` are the actor's parts in it (provider …)."""

    activity: Name
    kind: Name | None
    status: Name | None
    places: tuple[str, ...]
    latest: Day | None
    latest_kind: Name | None


def agreement_lines(
    rows: Iterable[Row],
    words: Vocabulary,
    facts: AgreementFacts,
    backing: Mapping[str, Backing] | None = None,
) -> tuple[AgreementLine, ...]:
    """One line an agreement, strongest and newest first, from rows that repeat it for each domain."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(named(row, "agreement").iri, []).append(row)
    lines = [
        _agreement_line(same, words, facts, (backing or {}).get(key, NOTHING))
        for key, same in grouped.items()
    ]
    return tuple(sorted(lines, key=agreement_order))


def talks_line(talks: Name, row: Row, words: Vocabulary, history: Iterable[EventLine]) -> AgreementLine:
    """Talks in a table of agreements: no dates of their own, backed by the evidence of their events.

    Args:
        talks: the negotiation.
        row: its row of the query `talks` (`agreementKind`, `status`).
        words: names of kinds and statuses.
        history: events among which the negotiation's own are looked for.
    """
    backing = NOTHING
    for event in history:
        if event.thing and event.thing.iri == talks.iri:
            backing = backing | event.backing
    kind, status = words.class_name(iri(row, "agreementKind")), words.concept(iri(row, "status"))
    return AgreementLine(talks, kind, status, None, None, None, (), 2, backing)


def _agreement_line(
    rows: list[Row], words: Vocabulary, facts: AgreementFacts, backing: Backing
) -> AgreementLine:
    row = rows[0]
    agreement = named(row, "agreement")
    standings = {local_name(s) for s in each(iri, rows, "standing")}
    own = min((STANDINGS[s] for s in standings if s in STANDINGS), key=strength, default=None)
    status = concept_iri("status", own) if own else iri(row, "status")
    return AgreementLine(
        agreement=agreement,
        kind=words.class_name(words.most_special(each(iri, rows, "agreementKind"))),
        status=words.concept(status),
        signed=facts.as_known(agreement.iri, min(each(day, rows, "signed"), default=None)),
        in_force=facts.as_known(agreement.iri, min(each(day, rows, "inForce"), default=None)),
        ended=day(row, "ended"),
        domains=words.concepts_in(each(iri, rows, "domain")),
        parties=facts.parties.get(agreement.iri, 0),
        backing=backing,
    )


def agreement_order(line: AgreementLine) -> tuple[bool, int, int, str]:
    """Sorts lines: at most three parties first, then the strongest tie, then the newest."""
    newest = line.in_force or line.signed
    return (
        line.multilateral,
        strength(local_name(line.status.iri)) if line.status else len(STRENGTH),
        -newest.value.toordinal() if newest else 0,
        line.agreement.iri,
    )


def event_lines(
    rows: Iterable[Row], words: Vocabulary, backing: Mapping[str, Backing] | None = None
) -> tuple[EventLine, ...]:
    """One line an event, in the order of the rows."""
    lines: dict[str, EventLine] = {}
    for row in rows:
        event, when, kind = iri(row, "event"), day(row, "date"), words.concept(iri(row, "eventKind"))
        if event is None or when is None or kind is None or event in lines:
            continue
        note = Name(event, *(_plain(row, v) for v in ("noteJa", "noteEn")))
        lines[event] = EventLine(
            event=event,
            kind=kind,
            date=when,
            thing=name(row, "thing"),
            party=name(row, "party"),
            note=note if note.ja or note.en else None,
            backing=(backing or {}).get(event, NOTHING),
        )
    return tuple(lines.values())


def _plain(row: Row, variable: str) -> str | None:
    value = row.get(variable)
    return str(value.value) if value is not None and hasattr(value, "value") else None


def activity_lines(rows: Iterable[Row], words: Vocabulary) -> tuple[ActivityLine, ...]:
    """One line an activity, the one with the newest event first."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(named(row, "activity").iri, []).append(row)
    lines = [_activity_line(same, words) for same in grouped.values()]
    return tuple(
        sorted(lines, key=lambda x: (-x.latest.value.toordinal() if x.latest else 0, x.activity.iri))
    )


def latest_event(rows: Iterable[Row], words: Vocabulary) -> tuple[Day | None, Name | None]:
    """Day and kind of the newest of the events (`date`, `eventKind`) that the rows repeat a thing for."""
    dated = [(d, iri(row, "eventKind")) for row in rows if (d := day(row, "date"))]
    newest = max(dated, key=lambda pair: pair[0], default=None)
    return (newest[0], words.concept(newest[1])) if newest else (None, None)


def _activity_line(rows: list[Row], words: Vocabulary) -> ActivityLine:
    latest, latest_kind = latest_event(rows, words)
    return ActivityLine(
        activity=named(rows[0], "activity"),
        kind=words.class_name(words.most_special(each(iri, rows, "activityKind"))),
        status=words.concept(iri(rows[0], "status")),
        places=tuple(sorted({local_name(p) for p in each(iri, rows, "relation")})),
        latest=latest,
        latest_kind=latest_kind,
    )
