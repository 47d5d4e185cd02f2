"""The derivation rules of a view with their order: what each reads, what must be absent for it, its stratum. Pure over the explainer."""

from __future__ import annotations

from dataclasses import dataclass

from kizuna.atlas.why import Explainers
from kizuna.engine.types import Engine, View
from kizuna.views.rl.words import Language
from kizuna.views.rules import ordered
from kizuna.views.strata import readings, strata


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A derivation rule.

    Args:
        rule: its id.
        label: its label.
        stratum: from 0; above all whose results must be absent for it.
        reads: ids of the rules whose results it reads.
        absent: ids of those whose results must be absent for it.
    """

    rule: str
    label: str
    stratum: int
    reads: tuple[str, ...]
    absent: tuple[str, ...]


def read_rules_told(
    explainers: Explainers, engine: Engine, view: View, language: Language
) -> tuple[RuleLine, ...]:
    """The rules of a view, stratum by stratum."""
    rules = ordered(tuple(explainers.known(engine, view).explainer.derivations.values()))
    levels, found = strata(rules), readings(rules)
    lines = []
    for rule in rules:
        own = [reading for reading in found if reading.reader == rule.id]
        absent = tuple(dict.fromkeys(r.maker for r in own if r.negative))
        reads = tuple(dict.fromkeys(r.maker for r in own if not r.negative))
        lines.append(RuleLine(rule.id, rule.label(language), levels[rule.id], reads, absent))
    return tuple(sorted(lines, key=lambda line: (line.stratum, line.rule)))
