"""Search by any name in use: what is indexed, how much each kind weighs, and the results by kind. Pure over a Reader.

The index is a function of the rows of two queries and of the principal; it is kept by the view's revision token.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from kizuna.atlas.reader import Reader
from kizuna.atlas.search_index import NEAR, TIERS, Entry, Hit, NameIndex
from kizuna.atlas.search_text import even
from kizuna.atlas.terms import Name, iri
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.engine.types import Row
from kizuna.workspace.names import DCTERMS, NS, SKOS

FIELDS = {
    SKOS + "prefLabel": 1.0,
    NS + "abbreviation": 0.98,
    SKOS + "altLabel": 0.96,
    NS + "kana": 0.96,
    NS + "officialName": 0.94,
    NS + "iso3": 0.9,
    NS + "iso2": 0.9,
    NS + "formerName": 0.8,
    NS + "lawNumber": 0.8,
    DCTERMS + "title": 0.7,
}
"""Properties that name a thing, and how much of a name each is."""

KIND_WEIGHT = 0.6
"""How much of a name the name of a thing's kind is: "access agreement" finds all of them, after what is called so."""

SMALL_WORDS = ("and", "of", "on", "for", "the", "with")

GROUPS: dict[str, tuple[str, float]] = {
    "state": ("State", 9.0),
    "economy": ("Economy", 8.0),
    "framework": ("Framework", 8.0),
    "organisation": ("InternationalOrganisation", 6.0),
    "domain": ("Domain", 6.0),
    "agreement": ("Agreement", 5.0),
    "negotiation": ("Negotiation", 4.0),
    "activity": ("Activity", 4.0),
    "instrument": ("PolicyInstrument", 4.0),
    "recommendation": ("Recommendation", 4.0),
    "body": ("Organisation", 3.0),
    "source": ("Source", 0.0),
}
"""Groups of results: the class that makes each (the first that fits), and its weight in the ranking."""

OTHER = "other"
PER_GROUP = 8
MOST_LISTED = 100
LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True)
class Result:
    """A thing that was found.

    Args:
        matched: the name that fitted, where it is not one of the thing's labels.
        fit: exact, prefix, words or near.
    """

    thing: Name
    kind: Name | None
    group: str
    matched: str | None
    fit: str


@dataclass(frozen=True, slots=True)
class ResultGroup:
    """The results of one group, the best first; `total` counts those that are not listed, too."""

    group: str
    total: int
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What a query found.

    Args:
        query: as it was given.
        group: the only group that is shown, or empty.
        actors: the actors that the query names one after another.
        total: all that was found, whatever its group.
        groups: the groups, that with the best result first.
        best: the best result of all.
    """

    query: str
    group: str
    actors: tuple[Name, ...]
    total: int
    groups: tuple[ResultGroup, ...]
    best: Result | None

    @property
    def results(self) -> tuple[Result, ...]:
        """All listed results, group by group."""
        return tuple(result for group in self.groups for result in group.results)


@dataclass(frozen=True, slots=True)
class _Found:
    name: Name
    kind: str | None
    group: str


class Catalogue:
    """The index with the things it is about."""

    def __init__(self, things: list[_Found], index: NameIndex) -> None:
        self.things = things
        self.index = index

    def result(self, hit: Hit, words: Vocabulary) -> Result:
        """A hit as it is shown."""
        found = self.things[hit.thing]
        labels = {even(text) for text in (found.name.ja, found.name.en) if text}
        entry = hit.entry
        told = entry is not None and entry.whole and entry.key not in labels
        return Result(
            thing=found.name,
            kind=words.class_name(found.kind),
            group=found.group,
            matched=entry.text if told and entry else None,
            fit=TIERS[hit.tier],
        )


def read_catalogue(reader: Reader, words: Vocabulary, principal: str | None) -> Catalogue:
    """The index of the reader's view, made once for each of its states."""
    rows, ties = reader.rows("search-names"), reader.rows("search-ties")
    return reader.kept(("search", principal), lambda: catalogue_of(rows, ties, words, principal))


def catalogue_of(
    rows: tuple[Row, ...], ties: tuple[Row, ...], words: Vocabulary, principal: str | None
) -> Catalogue:
    """Make the index of the rows of `search-names` and `search-ties`."""
    names: dict[str, list[tuple[str, str, str | None]]] = {}
    kinds: dict[str, set[str]] = {}
    for row in rows:
        thing, kind, named_by, name = (row.get(v) for v in ("thing", "thingKind", "property", "name"))
        if not (thing and kind and named_by and name):
            continue
        subject = str(getattr(thing, "value", ""))
        kinds.setdefault(subject, set()).add(str(getattr(kind, "value", "")))
        names.setdefault(subject, []).append(
            (
                str(getattr(named_by, "value", "")),
                str(getattr(name, "value", "")),
                getattr(name, "language", None),
            )
        )
    numbers = {thing: number for number, thing in enumerate(names)}
    between: list[set[int]] = [set() for _ in names]
    for row in ties:
        whose, actor = iri(row, "thing"), iri(row, "actor")
        if whose in numbers and actor in numbers:
            between[numbers[whose]].add(numbers[actor])
    things: list[_Found] = []
    entries: list[Entry] = []
    for number, (subject, texts) in enumerate(names.items()):
        kind_iri = words.most_special(kinds[subject])
        things.append(_Found(_label(subject, texts), kind_iri, _group(kind_iri, words)))
        entries.extend(_entries(number, dict.fromkeys(texts), words.class_name(kind_iri)))
    actors = frozenset(
        n for n, t in enumerate(things) if t.group in ("state", "economy", "organisation", "body")
    ) | {actor for whom in between for actor in whom}
    index = NameIndex(
        entries, _priors(things, between, numbers.get(principal or "")), [*map(frozenset, between)], actors
    )
    return Catalogue(things, index)


def _label(thing: str, texts: list[tuple[str, str, str | None]]) -> Name:
    labels: dict[str | None, str] = {lang: text for prop, text, lang in texts if prop == SKOS + "prefLabel"}
    if labels:
        return Name(thing, labels.get("ja"), labels.get("en"))
    titles: dict[str | None, str] = {lang: text for prop, text, lang in texts if prop == DCTERMS + "title"}
    return Name(thing, titles.get("ja", next(iter(titles.values()), None)), titles.get("en"))


def _entries(number: int, texts: dict[tuple[str, str, str | None], None], kind: Name | None) -> list[Entry]:
    entries: dict[str, Entry] = {}
    for named_by, text, _ in texts:
        key, weight = even(text), FIELDS.get(named_by, 0.5)
        if key and (key not in entries or entries[key].weight < weight):
            entries[key] = Entry(number, text, key, weight)
    for word in (kind.ja, kind.en, initials(kind.en or "")) if kind else ():
        if word and (key := even(word)) not in entries:
            entries[key] = Entry(number, word, key, KIND_WEIGHT, whole=False)
    return list(entries.values())


def initials(kind: str) -> str:
    """What people call a kind for short: "RAA" for a reciprocal access agreement; empty below three letters."""
    letters = [word[0] for word in kind.replace("-", " ").split() if word not in SMALL_WORDS]
    return "".join(letters).upper() if len(letters) > 2 else ""


def _group(kind: str | None, words: Vocabulary) -> str:
    if kind:
        for group, (class_name, _) in GROUPS.items():
            if words.is_a(kind, NS + class_name):
                return group
    return OTHER


def _priors(things: list[_Found], between: list[set[int]], principal: int | None) -> list[float]:
    """The weight of each thing: its kind, and how much it has to do with the principal."""
    together: Counter[int] = Counter()
    if principal is not None:
        for tied in between:
            if principal in tied:
                together.update(tied)
    return [
        GROUPS.get(thing.group, ("", 1.0))[1]
        + min(4.0, math.log2(1 + together[number]) / 2)
        + (3.0 if principal is not None and principal in between[number] else 0.0)
        for number, thing in enumerate(things)
    ]


def search(
    reader: Reader,
    words: Vocabulary,
    principal: str | None,
    query: str,
    group: str = "",
    most: int = PER_GROUP,
) -> SearchPage:
    """Find things by name.

    Args:
        query: what was typed; only the first 200 characters count.
        group: one of GROUPS to list only that group, at length.
        most: how many results of each group are listed.
    """
    query = query[:LONGEST_QUERY]
    catalogue = read_catalogue(reader, words, principal)
    hits = catalogue.index.find(query) if query.strip() else []
    grouped: dict[str, list[Hit]] = {}
    for hit in hits:
        grouped.setdefault(catalogue.things[hit.thing].group, []).append(hit)
    shown = {group: grouped.get(group, [])} if group else grouped
    return SearchPage(
        query=query,
        group=group,
        actors=tuple(catalogue.things[a].name for a in catalogue.index.actors_in(query)),
        total=len(hits),
        groups=tuple(
            ResultGroup(
                g,
                len(found),
                tuple(catalogue.result(h, words) for h in found[: MOST_LISTED if group else most]),
            )
            for g, found in shown.items()
            if found
        ),
        best=catalogue.result(hits[0], words) if hits else None,
    )


def suggest(
    reader: Reader, words: Vocabulary, principal: str | None, query: str, most: int = 8
) -> tuple[Result, ...]:
    """The best results whatever their kind, for a list under the search box."""
    catalogue = read_catalogue(reader, words, principal)
    hits = catalogue.index.find(query[:LONGEST_QUERY]) if query.strip() else []
    sure = [h for h in hits if h.tier < NEAR] or hits
    return tuple(catalogue.result(hit, words) for hit in sure[:most])
