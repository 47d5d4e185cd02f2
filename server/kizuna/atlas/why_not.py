"""Why a thing is not (or is) what a definition asks for: its conditions, met and unmet, as plain data. Asks the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kizuna.atlas.why import Explainers, Known, Part, Statement, part, statement
from kizuna.engine.types import Engine, View
from kizuna.views.rl.model import Pattern, Slot, Var
from kizuna.views.rl.words import Language, article
from kizuna.views.terms import TYPE
from kizuna.views.why_not import Condition, WhyNot, is_defined, why_not
from kizuna.views.words import Speaker

KIND = {"ja": "「{}」に当たるもの", "en": "some {}"}
SOME = {"ja": "何らかのもの", "en": "something"}
AGAIN = {"ja": "{}（{}）", "en": "{} ({})"}
THERE_IS = {"ja": "{}がある。", "en": "There is {}."}
IS = {"ja": "{}は「{}」に当たる。", "en": "{} is {}."}
HAS = {"ja": "{} ―「{}」→ {}", "en": "{} — {} → {}"}
NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One condition of a definition.

    Args:
        holds: whether it is met.
        asks: what it asks for, pattern by pattern.
        facts: facts that meet it, or as much of it as is met.
        missing: the first pattern that nothing meets.
        detail: the same comparison with another defined class that the missing pattern names.
    """

    holds: bool
    asks: tuple[str, ...]
    facts: tuple[Statement, ...]
    missing: str | None
    detail: WhyNotPage | None


@dataclass(frozen=True, slots=True)
class WayLine:
    """One way to become a member: all conditions are needed."""

    lacking: int
    conditions: tuple[ConditionLine, ...]


@dataclass(frozen=True, slots=True)
class WhyNotPage:
    """A thing compared with the definition of a class. Without ways the class is not defined by conditions."""

    thing: Part
    class_: Part
    language: str
    member: bool
    ways: tuple[WayLine, ...]

    @property
    def lines(self) -> tuple[ConditionLine, ...]:
        """All conditions, way by way."""
        return tuple(line for way in self.ways for line in way.conditions)


@dataclass(frozen=True, slots=True)
class DefinedClass:
    """A class with a definition by conditions, and whether a thing is a member."""

    class_: Part
    member: bool


def read_why_not(
    explainers: Explainers,
    engine: Engine,
    view: View,
    class_: NamedNode,
    thing: NamedNode,
    language: Language,
) -> WhyNotPage:
    """Compare a thing with the definition of a class.

    Raises:
        EngineError: the engine could not answer.
    """

    def compare(known: Known) -> WhyNotPage:
        return _page(known.speaker(language), why_not(known.explainer, class_, thing), language)

    return explainers.use(engine, view, compare)


def read_defined_classes(
    explainers: Explainers, engine: Engine, view: View, thing: NamedNode | None, language: Language
) -> tuple[DefinedClass, ...]:
    """All classes that are defined by conditions, by their names; with what `thing` is a member of."""
    rows = (
        engine.select(view, f"SELECT ?thing ?c WHERE {{ ?thing {TYPE} ?c }}", {"thing": thing})
        if thing
        else []
    )
    own = {row["c"] for row in rows}

    def find(known: Known) -> tuple[DefinedClass, ...]:
        explainer, speaker = known.explainer, known.speaker(language)
        heads = {rule.head.object for rule in explainer.rules.values() if rule.head is not None}
        named = [head for head in heads if isinstance(head, NamedNode) and is_defined(explainer, head)]
        found = [DefinedClass(part(speaker, head), head in own) for head in named]
        return tuple(sorted(found, key=lambda each: each.class_.label))

    return explainers.use(engine, view, find)


def _page(speaker: Speaker, found: WhyNot, language: Language) -> WhyNotPage:
    ways = tuple(
        WayLine(way.lacking, tuple(_line(speaker, each, language) for each in way.conditions))
        for way in found.ways
    )
    return WhyNotPage(part(speaker, found.thing), part(speaker, found.class_), language, found.member, ways)


def _line(speaker: Speaker, condition: Condition, language: Language) -> ConditionLine:
    told = _Telling(speaker, condition.patterns, language)
    shown = condition.facts or condition.nearest
    return ConditionLine(
        holds=condition.holds,
        asks=tuple(told.sentence(pattern) for pattern in told.patterns),
        facts=tuple(statement(speaker, fact) for fact in shown),
        missing=told.sentence(condition.missing) if condition.missing else None,
        detail=_page(speaker, condition.detail, language) if condition.detail else None,
    )


class _Telling:
    """The patterns of one condition as sentences. What stands for "some thing" is told by its kind.

    It bears a letter where more than one sentence speaks of it.
    """

    def __init__(self, speaker: Speaker, patterns: Sequence[Pattern], language: Language) -> None:
        self._speaker, self._language = speaker, language
        self._kinds: dict[str, str] = {}
        for pattern in patterns:
            if pattern.predicate == TYPE and isinstance(pattern.subject, Var):
                self._kinds.setdefault(pattern.subject.name, _label(speaker, pattern.object))
        others = [p for p in patterns if p.predicate != TYPE]
        self._spoken_of = Counter(s.name for p in others for s in (p.subject, p.object) if isinstance(s, Var))
        self._letters: dict[str, str] = {}
        self.patterns = [p for p in patterns if not self._told_elsewhere(p)]

    def _told_elsewhere(self, pattern: Pattern) -> bool:
        """True for the kind of what another sentence speaks of: it is told there."""
        return (
            pattern.predicate == TYPE
            and isinstance(pattern.subject, Var)
            and pattern.subject.name in self._spoken_of
            and self._kinds[pattern.subject.name] == _label(self._speaker, pattern.object)
        )

    def sentence(self, pattern: Pattern) -> str:
        """A pattern as a sentence."""
        if pattern.predicate == TYPE and isinstance(pattern.subject, Var):
            return THERE_IS[self._language].format(
                KIND[self._language].format(_label(self._speaker, pattern.object))
            )
        subject = self._slot(pattern.subject)
        if pattern.predicate == TYPE:
            kind = self._slot(pattern.object)
            named = kind if self._language == "ja" else f"{article(kind)} {kind}"
            return IS[self._language].format(subject, named)
        return HAS[self._language].format(
            subject, self._speaker.label(pattern.predicate), self._slot(pattern.object)
        )

    def _slot(self, slot: Slot) -> str:
        if not isinstance(slot, Var):
            return self._speaker.label(slot)
        kind = self._kinds.get(slot.name)
        name = KIND[self._language].format(kind) if kind else SOME[self._language]
        if self._spoken_of[slot.name] < 2:
            return name
        letter = self._letters.setdefault(slot.name, NAMES[len(self._letters) % len(NAMES)])
        return AGAIN[self._language].format(name, letter)


def _label(speaker: Speaker, slot: Slot) -> str:
    return slot.name if isinstance(slot, Var) else speaker.label(slot)
