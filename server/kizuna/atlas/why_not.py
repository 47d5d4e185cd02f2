"""Why a thing is not (or is) what a definition asks for: its conditions, met and unmet, as plain data. Asks the engine."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode

from kizuna.atlas.why import Explainers, Known, Part, Statement, part, statement
from kizuna.engine.types import Engine, View
from kizuna.views.rl.model import Pattern, Slot, Var
from kizuna.views.rl.words import Language
from kizuna.views.terms import TYPE
from kizuna.views.why_not import Condition, WhyNot, is_defined, why_not
from kizuna.views.words import Speaker

SOME = {"ja": "ある{}", "en": "some {}"}
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
    names: dict[str, str] = {}
    asks = tuple(_pattern(speaker, pattern, names, language) for pattern in condition.patterns)
    shown = condition.facts or condition.nearest
    return ConditionLine(
        holds=condition.holds,
        asks=asks,
        facts=tuple(statement(speaker, fact) for fact in shown),
        missing=_pattern(speaker, condition.missing, names, language) if condition.missing else None,
        detail=_page(speaker, condition.detail, language) if condition.detail else None,
    )


def _pattern(speaker: Speaker, pattern: Pattern, names: dict[str, str], language: Language) -> str:
    """A pattern as a sentence; what stands for "some thing" is called A, B, …"""
    subject = _slot(speaker, pattern.subject, names, language)
    object_ = _slot(speaker, pattern.object, names, language)
    if pattern.predicate == TYPE:
        return f"{subject}は{object_}である。" if language == "ja" else f"{subject} is a {object_}."
    predicate = speaker.label(pattern.predicate)
    return (
        f"{subject} ―「{predicate}」→ {object_}"
        if language == "ja"
        else f"{subject} — {predicate} → {object_}"
    )


def _slot(speaker: Speaker, slot: Slot, names: dict[str, str], language: Language) -> str:
    if not isinstance(slot, Var):
        return speaker.label(slot)
    name = names.setdefault(slot.name, NAMES[len(names) % len(NAMES)])
    return SOME[language].format(name)
