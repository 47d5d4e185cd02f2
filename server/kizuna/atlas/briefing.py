"""The briefing sheet of an actor, a pair or a framework: what a reader needs on one or two pages, with numbered sources.

A sheet is a function of the view and the language of its order alone: the same view gives the same sheet, byte for
byte. It is bounded; what the bounds leave out is counted. Plain data over a Reader; no words of any language, no HTML.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from kizuna.atlas.about import About
from kizuna.atlas.actor import ActorPage, Place, read_actor
from kizuna.atlas.compare import Gap
from kizuna.atlas.evidence import NOTHING, Backing, Evidence, backing_by
from kizuna.atlas.framework import FrameworkPage, RoleGroup, read_framework
from kizuna.atlas.lines import ActivityLine, AgreementLine, EventLine, activity_lines
from kizuna.atlas.reader import Reader
from kizuna.atlas.talks import OPEN
from kizuna.atlas.terms import Day, Name, local_name
from kizuna.atlas.vocabulary import Vocabulary

GROUPS: dict[str, tuple[str, ...]] = {
    "in-force": ("in-force", "provisional"),
    "political": ("adopted",),
    "signed": ("signed",),
    "talks": OPEN,
}
"""Groups of agreements on a sheet, and the statuses in each; ended ones are left to the page."""

MOST = {"in-force": 13, "political": 4, "signed": 5, "talks": 5}
MOST_WIDE = 24
MOST_SHARED = 20
MOST_ACTIVITIES = 6
MOST_CHANGES = 6
MOST_GAPS = 5
MOST_CITED = 2
MOST_PER_ROLE = 5
MOST_SOURCES = 30


@dataclass(frozen=True, slots=True)
class BriefAgreement:
    """An agreement or talks; `cites` are numbers of sources, `debt` marks general knowledge."""

    agreement: Name
    kind: Name | None
    status: Name | None
    signed: Day | None
    in_force: Day | None
    cites: tuple[int, ...]
    debt: bool


@dataclass(frozen=True, slots=True)
class BriefGroup:
    """The agreements of one group; `more` are not listed."""

    group: str
    lines: tuple[BriefAgreement, ...]
    more: int


@dataclass(frozen=True, slots=True)
class BriefPlace:
    """A framework with the roles of both sides in it."""

    framework: Name
    roles: tuple[Name, ...]
    other_roles: tuple[Name, ...]
    since: Day | None


@dataclass(frozen=True, slots=True)
class BriefActivity:
    """An activity with its latest event."""

    activity: Name
    kind: Name | None
    status: Name | None
    latest: Day | None
    latest_kind: Name | None
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BriefChange:
    """Something that happened lately."""

    date: Day
    thing: Name | None
    kind: Name
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BriefSheet:
    """Everything on a sheet.

    Args:
        subject: actor, pair or framework.
        about: the thing the sheet is about (the first of a pair).
        partner: the other side: the principal, the second of a pair, or None.
        figures: (key, number) at its head.
        wide: agreements of more than three parties that bind both sides.
        shared: frameworks with both sides in them; `alone` those without the partner.
        participants: a framework's participants by role, with the sources of each role.
        gaps: kinds that most peers have and this side has not.
        sources: the evidence cited, number 1 first; `uncited` more back what stands here.
    """

    subject: str
    about: About
    partner: Name | None
    region: Name | None
    capital: Name | None
    figures: tuple[tuple[str, int], ...]
    groups: tuple[BriefGroup, ...]
    wide: tuple[Name, ...]
    wide_more: int
    shared: tuple[BriefPlace, ...]
    shared_more: int
    alone: tuple[Name, ...]
    alone_more: int
    participants: tuple[tuple[RoleGroup, tuple[int, ...]], ...]
    activities: tuple[BriefActivity, ...]
    activities_more: int
    changes: tuple[BriefChange, ...]
    gaps: tuple[Gap, ...]
    domains: tuple[Name, ...]
    related: tuple[tuple[str, Name], ...]
    sources: tuple[Evidence, ...]
    debts: int

    @property
    def agreements(self) -> tuple[BriefAgreement, ...]:
        """All listed agreements."""
        return tuple(line for group in self.groups for line in group.lines)


class _Sources:
    """Numbers sources in the order in which they are first cited."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.cited: list[Evidence] = []
        self.debts = 0

    def cite(self, backing: Backing, most: int = 1) -> tuple[int, ...]:
        """The numbers of the best sources of a statement, at most `most`."""
        if backing.debt and not backing.evidence:
            self.debts += 1
        chosen: dict[str, Evidence] = {}
        for evidence in backing.evidence:
            chosen.setdefault(evidence.source, evidence)
        best = list(chosen.values())[:most]
        numbers = []
        for evidence in best:
            if evidence.source not in self.numbers and len(self.cited) < MOST_SOURCES:
                self.cited.append(evidence)
                self.numbers[evidence.source] = len(self.cited)
            if evidence.source in self.numbers:
                numbers.append(self.numbers[evidence.source])
        return tuple(sorted(numbers))


def brief_actor(
    reader: Reader, words: Vocabulary, actor: str, partner: str | None, subject: str = "actor"
) -> BriefSheet | None:
    """The sheet of an actor seen from a partner (the principal, or the other of a pair); None when it is unknown."""
    return reader.kept(
        ("briefing", subject, actor, partner),
        lambda: _brief_actor(reader, words, actor, partner, subject),
    )


def _brief_actor(
    reader: Reader, words: Vocabulary, actor: str, partner: str | None, subject: str
) -> BriefSheet | None:
    page = read_actor(reader, words, actor, partner)
    if page is None:
        return None
    other = page.principal.iri if page.principal else None
    activities = page.activities
    backing: Mapping[str, Backing] = {}
    if other:
        activities = activity_lines(reader.rows("pair-activities", actor=actor, principal=other), words)
        backing = backing_by(
            reader, reader.rows("briefing-activity-evidence", thing=actor, other=other), "activity"
        )
    sources = _Sources()
    near = [a for a in (*page.agreements, *page.talks) if not a.multilateral]
    groups = _groups(reader, near, sources)
    shared, alone = _shared(page)
    wide = [a.agreement for a in page.agreements if a.multilateral and _slug(a) in GROUPS["in-force"]]
    shown = _activities(activities, backing, sources)
    changes = _changes(page.history, sources)
    return BriefSheet(
        subject=subject,
        about=page.about,
        partner=page.principal,
        region=page.region,
        capital=page.capital or page.seat,
        figures=_figures(page, len(activities)),
        groups=groups,
        wide=tuple(wide[:MOST_WIDE]),
        wide_more=max(0, len(wide) - MOST_WIDE),
        shared=tuple(shared[:MOST_SHARED]),
        shared_more=max(0, len(shared) - MOST_SHARED),
        alone=tuple(alone[:MOST_WIDE]),
        alone_more=max(0, len(alone) - MOST_WIDE),
        participants=(),
        activities=shown,
        activities_more=len(activities) - len(shown),
        changes=changes,
        gaps=page.comparison.gaps[:MOST_GAPS] if page.comparison else (),
        domains=tuple(dict.fromkeys(d for a in near if _slug(a) in GROUPS["in-force"] for d in a.domains))[
            :8
        ],
        related=(),
        sources=tuple(sources.cited),
        debts=sources.debts,
    )


def brief_framework(reader: Reader, words: Vocabulary, framework: str) -> BriefSheet | None:
    """The sheet of a framework; None when it is unknown."""
    return reader.kept(("briefing", framework), lambda: _brief_framework(reader, words, framework))


def _brief_framework(reader: Reader, words: Vocabulary, framework: str) -> BriefSheet | None:
    page = read_framework(reader, words, framework)
    if page is None:
        return None
    sources = _Sources()
    backing = backing_by(
        reader, reader.rows("briefing-activity-evidence", thing=framework, other=framework), "activity"
    )
    participants = tuple((group, _role_cites(group, sources)) for group in page.groups)
    groups = _groups(reader, page.agreements, sources)
    activities = _activities(page.activities, backing, sources)
    return BriefSheet(
        subject="framework",
        about=page.about,
        partner=None,
        region=None,
        capital=None,
        figures=_framework_figures(page),
        groups=groups,
        wide=(),
        wide_more=0,
        shared=(),
        shared_more=0,
        alone=_former(page),
        alone_more=0,
        participants=participants,
        activities=activities,
        activities_more=len(page.activities) - len(activities),
        changes=_changes(page.history, sources),
        gaps=(),
        domains=page.domains,
        related=page.related,
        sources=tuple(sources.cited),
        debts=sources.debts,
    )


def _slug(line: AgreementLine) -> str | None:
    return local_name(line.status.iri) if line.status else None


def _figures(page: ActorPage, activities: int) -> tuple[tuple[str, int], ...]:
    figures = page.figures
    return (
        ("standing", figures.standing),
        ("signed", figures.signed),
        ("talks", figures.talks),
        ("shared", figures.shared),
        ("activities", activities),
    )


def _framework_figures(page: FrameworkPage) -> tuple[tuple[str, int], ...]:
    current = {p.actor.iri for g in page.groups for p in g.participants}
    return (
        ("members", page.members),
        ("others", len(current) - page.members),
        ("former", len(_former(page))),
        ("agreements", len(page.agreements)),
        ("activities", len(page.activities)),
    )


def _former(page: FrameworkPage) -> tuple[Name, ...]:
    """Who took part once and does no more in any role."""
    current = {p.actor for g in page.groups for p in g.participants}
    return tuple(dict.fromkeys(p.actor for p in page.former if p.actor not in current))


def _role_cites(group: RoleGroup, sources: _Sources) -> tuple[int, ...]:
    """The sources for the holders of a role, those that speak of most of them first."""
    counts: Counter[str] = Counter()
    evidence: dict[str, Evidence] = {}
    for participant in group.participants:
        for one in participant.backing.evidence:
            counts[one.source] += 1
            evidence.setdefault(one.source, one)
    best = sorted(counts, key=lambda source: (-counts[source], source))[:MOST_PER_ROLE]
    return sources.cite(Backing(tuple(evidence[source] for source in best)), MOST_PER_ROLE)


def _groups(reader: Reader, agreements: Sequence[AgreementLine], sources: _Sources) -> tuple[BriefGroup, ...]:
    groups = []
    for group, statuses in GROUPS.items():
        lines = sorted((a for a in agreements if _slug(a) in statuses), key=_newest_first)
        shown = lines[: MOST[group]]
        if shown:
            groups.append(
                BriefGroup(
                    group, tuple(_agreement(reader, a, sources) for a in shown), len(lines) - len(shown)
                )
            )
    return tuple(groups)


def _newest_first(line: AgreementLine) -> tuple[int, str]:
    newest = line.in_force or line.signed
    return (-newest.value.toordinal() if newest else 0, line.agreement.iri)


def _agreement(reader: Reader, line: AgreementLine, sources: _Sources) -> BriefAgreement:
    backing = line.backing
    if not backing:
        found = backing_by(reader, reader.rows("evidence", thing=line.agreement.iri), "statement")
        backing = reduce(or_, found.values(), NOTHING)
    return BriefAgreement(
        agreement=line.agreement,
        kind=line.kind,
        status=line.status,
        signed=line.signed,
        in_force=line.in_force,
        cites=sources.cite(backing, MOST_CITED),
        debt=backing.debt and not backing.evidence,
    )


def _shared(page: ActorPage) -> tuple[list[BriefPlace], list[Name]]:
    """The frameworks both take part in now, and those of the first alone."""
    places: dict[Name, list[Place]] = {}
    for place in page.current_places:
        places.setdefault(place.framework, []).append(place)
    shared, alone = [], []
    for framework, held in places.items():
        if page.principal and not held[0].principal_roles:
            alone.append(framework)
            continue
        dates = [p.since for p in held if p.since]
        shared.append(
            BriefPlace(
                framework,
                tuple(dict.fromkeys(p.role for p in held)),
                held[0].principal_roles,
                min(dates, default=None),
            )
        )
    return shared, alone


def _activities(
    lines: Sequence[ActivityLine], backing: Mapping[str, Backing], sources: _Sources
) -> tuple[BriefActivity, ...]:
    return tuple(
        BriefActivity(
            activity=a.activity,
            kind=a.kind,
            status=a.status,
            latest=a.latest,
            latest_kind=a.latest_kind,
            cites=sources.cite(backing.get(a.activity.iri, NOTHING)),
        )
        for a in lines[:MOST_ACTIVITIES]
    )


def _changes(history: Sequence[EventLine], sources: _Sources) -> tuple[BriefChange, ...]:
    newest = sorted(history, key=lambda e: (-e.date.value.toordinal(), e.event))[:MOST_CHANGES]
    return tuple(BriefChange(e.date, e.thing, e.kind, sources.cite(e.backing)) for e in newest)
