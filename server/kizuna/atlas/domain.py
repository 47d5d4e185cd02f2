"""Cooperation domains: the tree, and the page of one with all that lies in it. Plain data, no words, no HTML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kizuna.atlas.about import About, read_about
from kizuna.atlas.actor_names import actor_names
from kizuna.atlas.agreement_facts import read_facts
from kizuna.atlas.compare import STANDING
from kizuna.atlas.lines import ActivityLine, AgreementLine, activity_lines, agreement_lines
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Name, each, iri, local_name, named, number
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.workspace.names import SKOS


@dataclass(frozen=True, slots=True)
class Branch:
    """A domain in the tree; the numbers include everything below it."""

    domain: Name
    agreements: int
    frameworks: int
    activities: int
    narrower: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class KindLine:
    """A thing with its kind."""

    thing: Name
    kind: Name | None


@dataclass(frozen=True, slots=True)
class Partner:
    """An actor with the number of agreements with the principal that stand in the domain."""

    actor: Name
    agreements: int


@dataclass(frozen=True, slots=True)
class DomainPage:
    """Everything the page of a domain shows; what lies in domains below it is included."""

    about: About
    broader: tuple[Name, ...]
    narrower: tuple[Name, ...]
    agreements: tuple[AgreementLine, ...]
    frameworks: tuple[KindLine, ...]
    activities: tuple[ActivityLine, ...]
    others: tuple[KindLine, ...]
    partners: tuple[Partner, ...]


def read_tree(reader: Reader) -> tuple[Branch, ...]:
    """The domain tree from its top, with numbers."""
    counts: dict[tuple[str, str], int] = {}
    for row in reader.rows("domain-counts"):
        domain, kind = iri(row, "domain"), iri(row, "class")
        if domain and kind:
            counts[domain, local_name(kind)] = number(row, "things")
    names: dict[str, Name] = {}
    parents: dict[str, set[str]] = {}
    for row in reader.rows("domains"):
        domain_name = named(row, "domain")
        names.setdefault(domain_name.iri, domain_name)
        parents.setdefault(domain_name.iri, set()).update(each(iri, [row], "parent"))

    def branch(domain: str, seen: frozenset[str]) -> Branch:
        below = sorted(d for d, above in parents.items() if domain in above and d not in seen)
        return Branch(
            domain=names[domain],
            agreements=counts.get((domain, "Agreement"), 0),
            frameworks=counts.get((domain, "Framework"), 0),
            activities=counts.get((domain, "Activity"), 0),
            narrower=tuple(branch(d, seen | {d}) for d in below),
        )

    tops = sorted(d for d, above in parents.items() if not above & set(parents))
    return tuple(branch(d, frozenset({d})) for d in tops)


def read_domain(reader: Reader, words: Vocabulary, domain: str, principal: str | None) -> DomainPage | None:
    """Read the page of a domain; None when nothing is stated about it."""
    about = read_about(reader, words, domain)
    if about is None:
        return None
    rows = reader.rows("domains")
    narrower = {n.iri: n for row in rows if iri(row, "parent") == domain and (n := named(row, "domain"))}
    agreements = agreement_lines(reader.rows("domain-agreements", domain=domain), words, read_facts(reader))
    return DomainPage(
        about=about,
        broader=words.concepts_in(n.iri for n in about.names(SKOS + "broader")),
        narrower=tuple(narrower.values()),
        agreements=agreements,
        frameworks=_kinds(reader, words, "framework", domain),
        activities=activity_lines(reader.rows("domain-activities", domain=domain), words),
        others=_kinds(reader, words, "other", domain),
        partners=_partners(reader, agreements, principal) if principal else (),
    )


def _partners(reader: Reader, agreements: Iterable[AgreementLine], principal: str) -> tuple[Partner, ...]:
    """Who has some of these agreements with the principal, at most three parties each, standing."""
    inside = {line.agreement.iri for line in agreements}
    shared: dict[str, set[str]] = {}
    for row in reader.rows("ties", principal=principal):
        actor, agreement, status = iri(row, "actor"), iri(row, "agreement"), iri(row, "status")
        if actor and agreement in inside and status and local_name(status) in STANDING:
            shared.setdefault(actor, set()).add(agreement)
    names = actor_names(reader)
    most_first = sorted(shared.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(Partner(names.get(actor, Name(actor)), len(own)) for actor, own in most_first)


def _kinds(reader: Reader, words: Vocabulary, variable: str, domain: str) -> tuple[KindLine, ...]:
    lines: dict[str, KindLine] = {}
    for row in reader.rows(f"domain-{variable}s", domain=domain):
        thing = named(row, variable)
        lines.setdefault(thing.iri, KindLine(thing, words.class_name(iri(row, f"{variable}Kind"))))
    return tuple(sorted(lines.values(), key=lambda x: (x.kind.iri if x.kind else "", x.thing.iri)))
