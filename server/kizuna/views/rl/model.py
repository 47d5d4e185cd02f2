"""Rules as plain frozen data: what the closure runs forwards and an explanation runs backwards. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

Term = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True, slots=True)
class Var:
    """A variable of a rule."""

    name: str


Slot = Var | NamedNode | Literal
Bindings = Mapping[str, Term]


def bind(*pairs: tuple[Slot | None, Term]) -> dict[str, Term] | None:
    """Values of the variables among the slots that make each slot its term (None is no term); None when there are none."""
    values: dict[str, Term] = {}
    for slot, term in pairs:
        if isinstance(slot, Var):
            if values.setdefault(slot.name, term) != term:
                return None
        elif slot != term:
            return None
    return values


@dataclass(frozen=True, slots=True)
class Pattern:
    """A triple pattern whose predicate is fixed.

    A class membership has `rdf:type` as predicate and a fixed class as object, or a variable in a rule about
    the schema itself.
    """

    subject: Slot
    predicate: NamedNode
    object: Slot

    def variables(self) -> tuple[str, ...]:
        """Names of the variables, in order of appearance, each once."""
        names = [slot.name for slot in (self.subject, self.object) if isinstance(slot, Var)]
        return tuple(dict.fromkeys(names))

    def bound(self, values: Bindings) -> tuple[Term, NamedNode, Term]:
        """The triple this pattern becomes under `values`.

        Raises:
            KeyError: a variable has no value.
        """
        subject = values[self.subject.name] if isinstance(self.subject, Var) else self.subject
        object_ = values[self.object.name] if isinstance(self.object, Var) else self.object
        return subject, self.predicate, object_


@dataclass(frozen=True, slots=True)
class Rule:
    """One instance rule: if every pattern of the body holds, the head holds.

    Args:
        id: stable name, unique in a compiled ontology.
        name: the rule of the OWL 2 profiles (section 4.3, tables 4 to 9) it specialises, as "prp-spo2".
        head: the conclusion; None for a rule of consistency, whose body must never hold.
        body: the premises, at least one.
        distinct: two variables that must have different values (for rules that compare).
        terms: the ontology terms that the rule speaks of, in the order of its sentence template.
    """

    id: str
    name: str
    head: Pattern | None
    body: tuple[Pattern, ...]
    distinct: tuple[str, str] | None = None
    terms: tuple[NamedNode | Literal, ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledOntology:
    """The rules of one ontology.

    Args:
        rules: what derives.
        constraints: what must not hold (rules without a head).
        ignored: axioms that OWL 2 RL gives no rule for, in words (empty for an ontology in the profile).
    """

    rules: tuple[Rule, ...]
    constraints: tuple[Rule, ...]
    ignored: tuple[str, ...]
