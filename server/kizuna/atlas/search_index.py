"""An index of names in memory, and how well a query fits each thing in it. Pure; no I/O.

Four tiers, never mixed: the whole name, the beginning of a name, words in it, words nearly in it. Within a tier the
closeness of the fit decides, then the weight that the thing brings along. What two or more actors are named in one word
for ("日英伊") is found through its parties.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kizuna.atlas.search_text import allowed, distance, even, is_japanese, pairs, tokens

EXACT, PREFIX, WORDS, NEAR = range(4)
TIERS = ("exact", "prefix", "words", "near")
MOST_ACTORS = 6
MOST_COMPLETIONS = 400
TIED = 0.55
TITLE = 0.75
"""A name of less weight is a title, a sentence that merely begins so."""
ALIKE = 0.6
"""Dice coefficient of pairs of characters from which a word is like another, where no word is within a few slips."""
PART = 0.5
"""Share of pairs of characters that a Japanese run must have in common with a name to be near it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of one thing. `weight` (0–1) says how much of a name it is; `whole` that it can be the whole query."""

    thing: int
    text: str
    key: str
    weight: float
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that fits. `tier` is one of TIERS, `entry` the name that fitted (None: found through its parties)."""

    thing: int
    tier: int
    score: float
    entry: Entry | None


Fits = dict[int, tuple[float, Entry | None]]
"""For one word of the query: how well it fits each thing (0–1), and by which name."""


@dataclass(slots=True)
class NameIndex:
    """Names of things, ready to be searched.

    Args:
        priors: weight of each thing (0–20): its kind, its ties with the principal.
        ties: for each thing the actors it is between.
        actors: which things are actors.
    """

    entries: list[Entry]
    priors: Sequence[float]
    ties: Sequence[frozenset[int]]
    actors: frozenset[int]
    _whole: dict[str, list[Entry]] = field(default_factory=dict)
    _wholes: list[str] = field(default_factory=list)
    _words: dict[str, list[Entry]] = field(default_factory=dict)
    _vocabulary: list[str] = field(default_factory=list)
    _near: dict[str, list[str]] = field(default_factory=dict)
    _characters: dict[str, list[Entry]] = field(default_factory=dict)
    _tied: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entry in self.entries:
            if entry.whole:
                self._whole.setdefault(entry.key.replace(" ", ""), []).append(entry)
            for token in set(tokens(entry.key)):
                if is_japanese(token):
                    for gram in {*pairs(token), *token}:
                        self._characters.setdefault(gram, []).append(entry)
                self._words.setdefault(token, []).append(entry)
        self._wholes = sorted(self._whole)
        self._vocabulary = sorted(self._words)
        for word in self._vocabulary:
            if allowed(word):
                for gram in set(pairs(word)):
                    self._near.setdefault(gram, []).append(word)
        for thing, actors in enumerate(self.ties):
            for actor in actors:
                self._tied.setdefault(actor, []).append(thing)

    def find(self, query: str) -> list[Hit]:
        """All things that fit a query, the best first."""
        key = even(query)
        words = tokens(key)
        if not words:
            return []
        best: dict[int, Hit] = {}
        self._by_name(key.replace(" ", ""), best)
        self._by_words(words, best)
        return sorted(best.values(), key=lambda hit: (hit.tier, -hit.score, hit.thing))

    def actors_in(self, query: str) -> list[int]:
        """The actors that a query names one after another and nothing else; empty when it does not."""
        return self._spell(even(query).replace(" ", ""))

    def _add(self, best: dict[int, Hit], thing: int, tier: int, score: float, entry: Entry | None) -> None:
        hit = Hit(thing, tier, score + self.priors[thing], entry)
        known = best.get(thing)
        if known is None or (hit.tier, -hit.score) < (known.tier, -known.score):
            best[thing] = hit

    def _by_name(self, compact: str, best: dict[int, Hit]) -> None:
        for entry in self._whole.get(compact, ()):
            self._add(best, entry.thing, EXACT, 40 * entry.weight, entry)
        for whole in _from(self._wholes, compact):
            for entry in self._whole[whole]:
                share = len(compact) / len(whole)
                tier = PREFIX if entry.weight >= TITLE else WORDS
                self._add(best, entry.thing, tier, 20 * entry.weight + 20 * share, entry)

    def _by_words(self, words: Sequence[str], best: dict[int, Hit]) -> None:
        fits = [self._fit(word, last=place == len(words) - 1) for place, word in enumerate(words)]
        for thing in {thing for fit in fits for thing in fit}:
            found = [fit[thing] for fit in fits if thing in fit]
            share = len(found) / len(fits)
            if share < 0.5:
                continue
            quality = sum(q for q, _ in found) / len(fits)
            entry = max(found, key=lambda item: item[0])[1]
            sure = share == 1 and all(q >= 0.5 for q, _ in found)
            brevity = 4 * min(1.0, sum(map(len, words)) / len(entry.key)) if entry else 2.0
            self._add(best, thing, WORDS if sure else NEAR, 40 * quality + brevity, entry)

    def _fit(self, word: str, last: bool) -> Fits:
        """How well one word fits; the last one may still be incomplete."""
        fits: Fits = {}
        for entry in self._words.get(word, ()):
            _keep(fits, entry.thing, entry.weight, entry)
        if is_japanese(word):
            self._fit_run(word, fits)
        elif last and len(word) > 1:
            for longer in _from(self._vocabulary, word):
                for entry in self._words[longer]:
                    _keep(fits, entry.thing, (0.6 + 0.3 * len(word) / len(longer)) * entry.weight, entry)
        self._fit_near(word, fits)
        self._fit_ties(word, fits)
        return fits

    def _fit_run(self, run: str, fits: Fits) -> None:
        """A run of Japanese anywhere in a name; else most of its pairs of characters."""
        if len(run) == 1:
            for entry in self._characters.get(run, ()):
                _keep(fits, entry.thing, 0.55 * entry.weight, entry)
            return
        grams = set(pairs(run))
        counts: dict[int, int] = {}
        held: dict[int, Entry] = {}
        for gram in grams:
            for entry in self._characters.get(gram, ()):
                counts[id(entry)] = counts.get(id(entry), 0) + 1
                held[id(entry)] = entry
        for key, count in counts.items():
            entry = held[key]
            if count == len(grams) and run in entry.key:
                whole = 0.8 if entry.key.startswith(run) else 0.7
                _keep(fits, entry.thing, (whole + 0.1 * len(run) / len(entry.key)) * entry.weight, entry)
            elif len(grams) > 2 and count / len(grams) >= PART:
                _keep(fits, entry.thing, 0.45 * entry.weight * count / len(grams), entry)

    def _fit_near(self, word: str, fits: Fits) -> None:
        most = allowed(word)
        if not most or (not is_japanese(word) and word in self._words):
            return
        grams = set(pairs(word))
        counts: dict[str, int] = {}
        for gram in grams:
            for other in self._near.get(gram, ()):
                counts[other] = counts.get(other, 0) + 1
        least = max(1, len(grams) - 3 * most)
        near = {
            other: 0.48 - 0.1 * slips
            for other, count in counts.items()
            if count >= least and other != word and (slips := distance(word, other, most)) <= most
        }
        if not near and not fits:
            near = {
                other: 0.3 * likeness
                for other, count in counts.items()
                if (likeness := 2 * count / (len(grams) + len(set(pairs(other))))) >= ALIKE
            }
        for other, quality in near.items():
            for entry in self._words[other]:
                _keep(fits, entry.thing, quality * entry.weight, entry)

    def _fit_ties(self, word: str, fits: Fits) -> None:
        """What is between the actors that a word names (one actor, or several one after another)."""
        named = [entry.thing for entry in self._whole.get(word, ()) if entry.thing in self.actors]
        actors = [min(named, key=lambda a: -self.priors[a])] if named else self._spell(word)
        if not actors:
            return
        wanted = frozenset(actors)
        for thing in self._tied.get(actors[0], ()):
            between = self.ties[thing]
            if wanted <= between:
                spare = len(between) - len(wanted)
                _keep(fits, thing, TIED + 0.25 / (1 + spare), None)

    def _spell(self, compact: str) -> list[int]:
        """Read a text as names of two or more different actors, the longest names first."""
        reading = self._read(compact, MOST_ACTORS, {})
        return reading if reading and len(set(reading)) == len(reading) > 1 else []

    def _read(self, rest: str, most: int, known: dict[tuple[str, int], list[int] | None]) -> list[int] | None:
        if not rest:
            return []
        if not most:
            return None
        if (rest, most) in known:
            return known[rest, most]
        known[rest, most] = None
        for length in range(min(len(rest), 40), 0, -1):
            head = [e.thing for e in self._whole.get(rest[:length], ()) if e.thing in self.actors]
            if not head or (length < 3 and not is_japanese(rest[:length])):
                continue
            tail = self._read(rest[length:], most - 1, known)
            if tail is not None:
                known[rest, most] = [max(head, key=lambda a: self.priors[a]), *tail]
                break
        return known[rest, most]


def _keep(fits: Fits, thing: int, quality: float, entry: Entry | None) -> None:
    if thing not in fits or quality > fits[thing][0]:
        fits[thing] = (quality, entry)


def _from(ordered: Sequence[str], start: str) -> Iterable[str]:
    """The texts of a sorted list that begin with `start` and are longer, at most MOST_COMPLETIONS."""
    place = bisect_left(ordered, start)
    for text in ordered[place : place + MOST_COMPLETIONS]:
        if not text.startswith(start):
            return
        if text != start:
            yield text
