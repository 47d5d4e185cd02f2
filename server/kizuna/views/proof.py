"""What an explanation is made of: plain frozen data. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal as TypingLiteral

from pyoxigraph import NamedNode

from kizuna.views.ask import Term

Select = Callable[[str, Mapping[str, Term]], list[dict[str, Term]]]
"""Asks a view: text of a SELECT and fixed values; answers with rows. Over the union of all graphs."""

Kind = TypingLiteral["stated", "derived", "inferred"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One triple of a view."""

    subject: Term
    predicate: NamedNode
    object: Term

    def __str__(self) -> str:
        return f"{self.subject} {self.predicate} {self.object}"


@dataclass(frozen=True, slots=True)
class Absence:
    """What must not be there for a step to hold: patterns that have no solution together.

    Args:
        patterns: subject, predicate and object of each, in SPARQL's writing; a variable stands for "any".
    """

    patterns: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """Why a fact holds: a tree whose leaves are stated.

    Args:
        fact: what is shown.
        kind: stated (a leaf), derived (by a rule of `ontology/rules/`) or inferred (by OWL 2 RL).
        graphs: where it is stated; empty unless `kind` is "stated".
        rule: id of the rule of this step; None for a leaf.
        values: what the rule's variables stand for, sorted by name.
        premises: a proof of each fact that the step rests on.
        absences: what the step needs to be absent (derivation rules look at the whole view).
        height: longest way down to a leaf; 0 for a leaf.
    """

    fact: Fact
    kind: Kind
    graphs: tuple[NamedNode, ...] = ()
    rule: str | None = None
    values: tuple[tuple[str, Term], ...] = ()
    premises: tuple[Proof, ...] = ()
    absences: tuple[Absence, ...] = ()
    height: int = field(default=0, compare=False)

    def steps(self) -> Iterator[Proof]:
        """Every proof in the tree, premises before what rests on them, each fact once."""
        seen: set[Fact] = set()
        stack: list[tuple[Proof, bool]] = [(self, False)]
        while stack:
            proof, ready = stack.pop()
            if proof.fact in seen:
                continue
            if ready or not proof.premises:
                seen.add(proof.fact)
                yield proof
                continue
            stack.append((proof, True))
            stack.extend((premise, False) for premise in reversed(proof.premises))

    def leaves(self) -> tuple[Fact, ...]:
        """The stated facts that the whole rests on, each once."""
        return tuple(proof.fact for proof in self.steps() if proof.kind == "stated")
