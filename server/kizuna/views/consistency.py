"""What contradicts the ontology, as data with its evidence. Asks the view, changes nothing.

A contradiction doesn't stop a view from being built: whoever publishes, or looks, is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Store

from kizuna.views.ask import Term, solutions
from kizuna.views.proof import Fact, Select
from kizuna.views.rl.compile import compile_ontology
from kizuna.views.rl.model import CompiledOntology, Rule
from kizuna.views.why import body_query, variables


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """One contradiction.

    Args:
        rule: the constraint that is broken; its `name` is that of the OWL 2 RL rule, as "cax-dw".
        values: what the rule's variables stand for, sorted by name.
        facts: the facts that cannot be true together.
    """

    rule: Rule
    values: tuple[tuple[str, Term], ...]
    facts: tuple[Fact, ...]


def inconsistencies(select: Select, compiled: CompiledOntology) -> Iterator[Inconsistency]:
    """All contradictions of a view, constraint by constraint, each once.

    Two values of a functional property count as a contradiction although OWL would call them one thing: every
    thing has one name here (and different literals are different anyway).
    """
    for rule in compiled.constraints:
        seen: set[frozenset[Fact]] = set()
        for row in select(body_query(rule), {}):
            values = {name: row[name] for name in variables(rule) if name in row}
            if rule.distinct and values[rule.distinct[0]] == values[rule.distinct[1]]:
                continue
            facts = tuple(dict.fromkeys(Fact(*pattern.bound(values)) for pattern in rule.body))
            if frozenset(facts) not in seen:
                seen.add(frozenset(facts))
                yield Inconsistency(rule, tuple(sorted(values.items())), facts)


def inconsistencies_of(store: Store) -> tuple[Inconsistency, ...]:
    """All contradictions of a view that is in this process."""

    def select(text: str, values: Mapping[str, Term]) -> list[dict[str, Term]]:
        return solutions(store, text, values)

    return tuple(inconsistencies(select, compile_ontology(store)))
