"""Scenarios side by side: what each changes alone, and what all change together. Asks the engine.

Each is compared with the record of the same day; equal changes make one line. A change that appears only when several are
laid over each other, or that one takes back from another, is an effect of their meeting and is told as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from kizuna.atlas.differences import KINDS, Change, Comparisons, read_differences
from kizuna.atlas.terms import Day, Name
from kizuna.engine.types import Engine, View

MOST_COMPARED: Final = 3


@dataclass(frozen=True, slots=True)
class Effect:
    """One change against the record.

    Args:
        kind, gained, subject, predicate, object, day: as in `Change`.
        scenarios: names of the scenarios that make it alone.
        together: whether it is there when all are laid over the record.
    """

    kind: str
    gained: bool
    subject: Name
    predicate: Name | None
    object: Name | None
    day: Day | None
    scenarios: tuple[str, ...]
    together: bool

    @property
    def meeting(self) -> bool:
        """Whether it is there, or not there, only because the scenarios meet."""
        return self.together != bool(self.scenarios)


@dataclass(frozen=True, slots=True)
class ScenarioComparison:
    """Scenarios side by side.

    Args:
        scenarios: their names with their titles.
        effects: kind by kind, in the order of `KINDS`.
        totals: how many changes each makes alone, in the order of `scenarios`, and all make together.
    """

    scenarios: tuple[Name, ...]
    effects: tuple[Effect, ...]
    totals: tuple[int, ...]

    def of(self, kind: str) -> tuple[Effect, ...]:
        """The effects of one kind."""
        return tuple(effect for effect in self.effects if effect.kind == kind)

    @property
    def meetings(self) -> tuple[Effect, ...]:
        """What comes of the meeting of several scenarios."""
        return tuple(effect for effect in self.effects if effect.meeting)


def compare_scenarios(
    comparisons: Comparisons, engine: Engine, record: View, scenarios: Sequence[tuple[Name, str]]
) -> ScenarioComparison:
    """Compare scenarios with each other and with all of them together.

    Args:
        record: the day and revision on which they are compared, without a scenario.
        scenarios: name with title, and the engine's name, of each.

    Raises:
        EngineError: a view cannot be built or read.
    """
    worlds = [(pinned,) for _, pinned in scenarios] + [tuple(pinned for _, pinned in scenarios)]
    found: list[tuple[Change, ...]] = []
    for world in worlds:
        there = replace(record, scenario=world)
        found.append(read_differences(comparisons, engine, ("", record), ("", there), ()).changes)
    together = set(found[-1])
    makers: dict[Change, list[str]] = {}
    for (name, _), changes in zip(scenarios, found[:-1], strict=True):
        for change in changes:
            makers.setdefault(change, []).append(name.iri)
    every = dict.fromkeys((*makers, *found[-1]))
    effects = [
        Effect(
            change.kind,
            change.gained,
            change.subject,
            change.predicate,
            change.object,
            change.day,
            tuple(makers.get(change, ())),
            change in together,
        )
        for change in every
    ]
    effects.sort(key=lambda effect: (KINDS.index(effect.kind), effect.subject.iri, not effect.gained))
    return ScenarioComparison(
        tuple(name for name, _ in scenarios), tuple(effects), tuple(len(changes) for changes in found)
    )
