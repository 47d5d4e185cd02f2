"""The list of agreements with its filters. Plain data, no words, no HTML."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kizuna.atlas.agreement_facts import read_facts
from kizuna.atlas.lines import AgreementLine, agreement_lines
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Name, iri, local_name, named, short
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.workspace.names import ID, NS

PAGE = 100


@dataclass(frozen=True, slots=True)
class AgreementFilter:
    """What is asked for; an empty field does not restrict.

    Args:
        kind: local name of a class; classes below it count as well.
        status: slug of a status.
        domain: slug of a domain; domains below it count as well.
        party: KIND/SLUG of a party.
        text: a part of a name.
    """

    kind: str = ""
    status: str = ""
    domain: str = ""
    party: str = ""
    text: str = ""
    start: int = 0


@dataclass(frozen=True, slots=True)
class ListedAgreement:
    """An agreement in the list, with its parties where they are few."""

    line: AgreementLine
    parties: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer, with the number of agreements behind each."""

    kinds: tuple[tuple[Name, int], ...]
    statuses: tuple[tuple[Name, int], ...]
    domains: tuple[tuple[Name, int], ...]
    parties: tuple[tuple[Name, int], ...]


@dataclass(frozen=True, slots=True)
class AgreementsPage:
    """One page of the list: `total` agreements fit the filter, `lines` start at `wanted.start`."""

    wanted: AgreementFilter
    total: int
    lines: tuple[ListedAgreement, ...]
    choices: Choices

    @property
    def following(self) -> int | None:
        """Where the next page starts, or None on the last."""
        after = self.wanted.start + PAGE
        return after if after < self.total else None

    @property
    def preceding(self) -> int | None:
        """Where the page before starts, or None on the first."""
        return max(0, self.wanted.start - PAGE) if self.wanted.start else None


def read_agreements(
    reader: Reader, words: Vocabulary, wanted: AgreementFilter, whole: bool = False
) -> AgreementsPage:
    """Read the agreements that fit; all of them with `whole`, else one page."""
    listed = reader.kept("agreements", lambda: _listed(reader, words))
    ancestors = reader.kept("broader domains", lambda: _broader(reader))
    choices = reader.kept("agreement choices", lambda: _choices(listed))
    fitting = [item for item in listed if _fits(item, wanted, words, ancestors)]
    start = min(max(wanted.start, 0), max(len(fitting) - 1, 0))
    shown = fitting if whole else fitting[start : start + PAGE]
    return AgreementsPage(replace(wanted, start=start), len(fitting), tuple(shown), choices)


def _listed(reader: Reader, words: Vocabulary) -> list[ListedAgreement]:
    names = {n.iri: n for n in (named(row, "actor") for row in reader.rows("actors"))}
    parties: dict[str, list[Name]] = {}
    domains: dict[str, list[str]] = {}
    for row in reader.rows("agreement-links"):
        agreement, party, domain = iri(row, "agreement"), iri(row, "party"), iri(row, "domain")
        if agreement and party:
            parties.setdefault(agreement, []).append(names.get(party, Name(party)))
        elif agreement and domain:
            domains.setdefault(agreement, []).append(domain)
    return [
        ListedAgreement(
            replace(line, domains=words.concepts_in(domains.get(line.agreement.iri, ()))),
            tuple(parties.get(line.agreement.iri, ())),
        )
        for line in agreement_lines(reader.rows("agreements"), words, read_facts(reader))
    ]


def _broader(reader: Reader) -> dict[str, frozenset[str]]:
    """All domains above each domain."""
    direct: dict[str, set[str]] = {}
    for row in reader.rows("domains"):
        domain, parent = iri(row, "domain"), iri(row, "parent")
        if domain and parent:
            direct.setdefault(domain, set()).add(parent)
    above: dict[str, frozenset[str]] = {}
    for domain in direct:
        seen: set[str] = set()
        queue = list(direct[domain])
        while queue:
            parent = queue.pop()
            if parent not in seen:
                seen.add(parent)
                queue.extend(direct.get(parent, ()))
        above[domain] = frozenset(seen)
    return above


def _fits(
    item: ListedAgreement, wanted: AgreementFilter, words: Vocabulary, above: dict[str, frozenset[str]]
) -> bool:
    line = item.line
    if wanted.kind and not (line.kind and words.is_a(line.kind.iri, NS + wanted.kind)):
        return False
    if wanted.status and not (line.status and local_name(line.status.iri) == wanted.status):
        return False
    if wanted.domain:
        domain = f"{ID}domain/{wanted.domain}"
        if not any(d.iri == domain or domain in above.get(d.iri, frozenset()) for d in line.domains):
            return False
    if wanted.party and not any(short(p.iri) == f"id/{wanted.party}" for p in item.parties):
        return False
    text = wanted.text.strip().casefold()
    return not text or any(text in (n or "").casefold() for n in (line.agreement.ja, line.agreement.en))


def _choices(listed: list[ListedAgreement]) -> Choices:
    kinds: dict[Name, int] = {}
    statuses: dict[Name, int] = {}
    domains: dict[Name, int] = {}
    parties: dict[Name, int] = {}
    for item in listed:
        for name, counts in ((item.line.kind, kinds), (item.line.status, statuses)):
            if name:
                counts[name] = counts.get(name, 0) + 1
        for name in item.line.domains:
            domains[name] = domains.get(name, 0) + 1
        for name in item.parties:
            parties[name] = parties.get(name, 0) + 1
    return Choices(_often(kinds), _often(statuses), _often(domains), _often(parties))


def _often(counts: dict[Name, int]) -> tuple[tuple[Name, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0].iri)))
