"""Why a fact holds: the rules that made a view, run backwards to what is stated. Asks the view, changes nothing.

The search deepens step by step, so a proof is as flat as can be and never goes round in a circle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Quad, Store

from kizuna.views import backward
from kizuna.views.ask import Term, solutions
from kizuna.views.build import rules_for
from kizuna.views.proof import Absence, Fact, Kind, Proof, Select
from kizuna.views.rl.compile import compile_ontology, equality_rules
from kizuna.views.rl.model import CompiledOntology, Pattern, Rule, Slot, Var, bind
from kizuna.views.rl.plan import key_of
from kizuna.views.rl.schema import AXIOMS_QUERY
from kizuna.views.rules import DerivationRule, RuleError
from kizuna.views.terms import DERIVED, INFERRED, RULE_TEXT, RULES_GRAPH, SAME_AS, TYPE

MAX_HEIGHT: Final = 64
"""Steps from a fact down to what is stated, at most; no proof of a real view comes near."""

_GRAPHS = "SELECT DISTINCT ?s ?p ?o ?g WHERE { GRAPH ?g { ?s ?p ?o } }"
_EQUAL = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 1"
_STATED = f"SELECT ?p WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g NOT IN ({DERIVED}, {INFERRED})) }} LIMIT 1"
_RULE_TEXTS = f"SELECT ?s ?o WHERE {{ GRAPH {RULES_GRAPH} {{ ?s {RULE_TEXT} ?o }} }}"
_PREDICATES = "SELECT DISTINCT ?p WHERE { ?s ?p ?o }"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to reach a fact by one rule.

    Args:
        kind: which sort of rule.
        rule: its id.
        values: what its variables stand for.
        premises: the facts it rests on.
    """

    kind: Kind
    rule: str
    values: tuple[tuple[str, Term], ...]
    premises: tuple[Fact, ...]


class Explainer:
    """Explains the facts of one view. Remembers what it has found, so one a view is enough.

    Args:
        select: asks the view.
        compiled: the OWL 2 RL rules of the view's ontology.
        rules: the view's derivation rules.
    """

    def __init__(self, select: Select, compiled: CompiledOntology, rules: Sequence[DerivationRule]) -> None:
        self.select = _with_blank_nodes(select)
        self.compiled = compiled
        self.rules: dict[str, Rule] = {rule.id: rule for rule in compiled.rules}
        if self.select(_EQUAL, {"p": SAME_AS}):
            predicates = [row["p"] for row in self.select(_PREDICATES, {})]
            classes = {key[1] for rule in compiled.rules if rule.head for key in [key_of(rule.head)]}
            more = equality_rules(
                [term for term in predicates if isinstance(term, NamedNode)],
                [term for term in classes if term is not None],
            )
            self.rules.update((rule.id, rule) for rule in more)
        self.derivations: dict[str, DerivationRule] = {rule.id: rule for rule in rules}
        self._by_head: dict[tuple[NamedNode, NamedNode | None], list[Rule]] = defaultdict(list)
        for rule in self.rules.values():
            if rule.head is not None:
                self._by_head[key_of(rule.head)].append(rule)
        self._graphs: dict[Fact, tuple[NamedNode, ...]] = {}
        self._proofs: dict[Fact, Proof] = {}
        self._failed: dict[Fact, int] = {}
        self._ways: dict[Fact, tuple[list[Candidate], Iterator[Candidate]]] = {}
        self._floors: dict[NamedNode, int] = {}
        self._making: dict[NamedNode, tuple[DerivationRule, ...]] = {}

    def read_rules(self) -> Iterator[str]:
        """Take the derivation rules apart one by one, as proofs need them; gives the id of each once it is read.

        Each is read once a process, by the first proof that comes upon it: together half a second, for which nobody has to
        wait who reads them before.
        """
        for rule in self.derivations.values():
            with suppress(RuleError):  # told by the proof that would need it
                backward.shape_of(rule)
            yield rule.id

    # Asking ---------------------------------------------------------------------------------------------

    def explain(self, fact: Fact) -> Proof | None:
        """The flattest proof of a fact, or None when the view does not hold it."""
        if not self.graphs(fact):
            return None
        try:
            return self._best(fact, MAX_HEIGHT)
        finally:
            self._ways.clear()

    def graphs(self, fact: Fact) -> tuple[NamedNode, ...]:
        """The graphs that hold a fact (computed ones too), sorted."""
        known = self._graphs.get(fact)
        if known is None:
            rows = self.select(_GRAPHS, {"s": fact.subject, "p": fact.predicate, "o": fact.object})
            known = tuple(sorted((g for row in rows if isinstance(g := row["g"], NamedNode)), key=str))
            self._graphs[fact] = known
        return known

    def stated_in(self, fact: Fact) -> tuple[NamedNode, ...]:
        """The graphs in which a fact is stated."""
        return tuple(graph for graph in self.graphs(fact) if graph not in (DERIVED, INFERRED))

    def candidates(self, fact: Fact) -> Iterator[Candidate]:
        """Every way to reach a fact by one step from facts of the view."""
        if DERIVED in self.graphs(fact):
            for derivation in self._makers(fact.predicate):
                yield from self._derived(derivation, fact)
        if INFERRED in self.graphs(fact):
            class_ = fact.object if fact.predicate == TYPE and isinstance(fact.object, NamedNode) else None
            for rule in self._by_head.get((fact.predicate, class_), ()):
                yield from self._inferred(rule, fact)

    # Searching ------------------------------------------------------------------------------------------

    def _best(self, fact: Fact, limit: int) -> Proof | None:
        """The flattest proof of at most that height."""
        found = self._proofs.get(fact)
        if found is not None:
            return found if found.height <= limit else None
        graphs = self.stated_in(fact)
        if graphs:
            found = self._proofs[fact] = Proof(fact, "stated", graphs)
            return found
        for height in range(max(self._failed.get(fact, 0) + 1, self._floor(fact)), limit + 1):
            found = self._at(fact, height)
            if found is not None:
                self._proofs[fact] = found
                return found
            self._failed[fact] = height
        return None

    def _at(self, fact: Fact, height: int) -> Proof | None:
        for candidate in self._known_candidates(fact):
            if any(self._least(premise) >= height for premise in candidate.premises):
                continue
            proofs: list[Proof] = []
            for premise in candidate.premises:
                proof = self._best(premise, height - 1)
                if proof is None:
                    break
                proofs.append(proof)
            else:
                return self._proof(fact, candidate, proofs)
        return None

    def _known_candidates(self, fact: Fact) -> Iterator[Candidate]:
        """The ways to a fact, asked for once in a search: it comes back to them with every height that it tries."""
        if fact not in self._ways:
            self._ways[fact] = ([], self.candidates(fact))
        known, more = self._ways[fact]
        at = 0
        while True:
            if at == len(known):
                following = next(more, None)
                if following is None:
                    return
                known.append(following)
            yield known[at]
            at += 1

    def _least(self, fact: Fact) -> int:
        """A height below which there is surely no proof."""
        proof = self._proofs.get(fact)
        if proof is not None:
            return proof.height
        if self.stated_in(fact):
            return 0
        return max(self._failed.get(fact, 0) + 1, self._floor(fact))

    def _floor(self, fact: Fact) -> int:
        """The least height of a computed fact, as far as its predicate alone tells."""
        return self._floor_of(fact.predicate) if DERIVED in self.graphs(fact) else 1

    def _floor_of(self, predicate: NamedNode) -> int:
        known = self._floors.get(predicate)
        if known is None:
            self._floors[predicate] = 0
            makers = self._makers(predicate)
            if makers and not self.select(_STATED, {"p": predicate}):
                known = min(1 + self._floor_of_body(rule) for rule in makers)
            else:
                known = 0
            self._floors[predicate] = known
        return max(known, 1)

    def _makers(self, predicate: NamedNode) -> tuple[DerivationRule, ...]:
        """The derivation rules that may make a fact with that predicate."""
        known = self._making.get(predicate)
        if known is None:
            known = tuple(rule for rule in self.derivations.values() if rule.may_make(predicate))
            self._making[predicate] = known
        return known

    def _floor_of_body(self, rule: DerivationRule) -> int:
        links = backward.shape_of(rule).required
        known = (
            self._floors_below(link.predicate) for link in links if isinstance(link.predicate, NamedNode)
        )
        return max(known, default=0)

    def _floors_below(self, predicate: NamedNode) -> int:
        self._floor_of(predicate)
        return self._floors[predicate]

    def _proof(self, fact: Fact, candidate: Candidate, proofs: Sequence[Proof]) -> Proof:
        absent: tuple[Absence, ...] = ()
        if candidate.kind == "derived":
            shape = backward.shape_of(self.derivations[candidate.rule])
            absent = backward.absences(shape, dict(candidate.values))
        height = 1 + max((proof.height for proof in proofs), default=0)
        return Proof(
            fact, candidate.kind, (), candidate.rule, candidate.values, tuple(proofs), absent, height
        )

    def _derived(self, rule: DerivationRule, fact: Fact) -> Iterator[Candidate]:
        shape = backward.shape_of(rule)
        head = backward.matches(shape.head, fact)
        if head is None:
            return
        for values in shape.solutions(self.select, head):
            yield Candidate(
                "derived", rule.id, _sorted(values), backward.premises(self.select, shape, values)
            )

    def _inferred(self, rule: Rule, fact: Fact) -> Iterator[Candidate]:
        if rule.head is None:
            return
        head = _unify(rule.head, fact)
        if head is None:
            return
        for row in self.select(*_pointed(rule, head)):
            values = {name: row[name] for name in variables(rule) if name in row} | head
            if rule.distinct and values[rule.distinct[0]] == values[rule.distinct[1]]:
                continue
            facts = tuple(Fact(*pattern.bound(values)) for pattern in rule.body)
            if fact not in facts:
                yield Candidate("inferred", rule.id, _sorted(values), facts)

    # Checking -------------------------------------------------------------------------------------------

    def faults(self, proof: Proof) -> tuple[str, ...]:
        """What is wrong with a proof, step by step; nothing when it is sound.

        Each step is checked by the definition of its rule alone: a leaf must be stated, an inferred step must be
        an instance of its rule, and a derived step must be a solution of its rule's query.
        """
        return tuple(fault for step in proof.steps() for fault in self._faults_of(step))

    def _faults_of(self, step: Proof) -> Iterator[str]:
        if step.kind == "stated":
            if not self.stated_in(step.fact):
                yield f"{step.fact} is not stated."
            return
        values = dict(step.values)
        facts = tuple(premise.fact for premise in step.premises)
        if step.kind == "inferred":
            rule = self.rules.get(step.rule or "")
            if rule is None or rule.head is None:
                yield f"{step.fact}: there is no rule {step.rule}."
                return
            if Fact(*rule.head.bound(values)) != step.fact:
                yield f"{step.fact} is not what {rule.id} concludes."
            if tuple(Fact(*pattern.bound(values)) for pattern in rule.body) != facts:
                yield f"{step.fact}: the premises are not those of {rule.id}."
            if rule.distinct and values[rule.distinct[0]] == values[rule.distinct[1]]:
                yield f"{step.fact}: {rule.id} wants two different things."
            return
        derivation = self.derivations.get(step.rule or "")
        if derivation is None:
            yield f"{step.fact}: there is no rule {step.rule}."
            return
        shape = backward.shape_of(derivation)
        head = backward.matches(shape.head, step.fact)
        if head is None or any(values.get(name) != term for name, term in head.items()):
            yield f"{step.fact} is not what {derivation.id} concludes."
        elif not any(found == values for found in shape.solutions(self.select, head)):
            yield f"{step.fact}: the values are no solution of {derivation.id}."
        elif set(backward.premises(self.select, shape, values)) != set(facts):
            yield f"{step.fact}: the premises are not those of {derivation.id}."


def explainer_of(store: Store) -> Explainer:
    """An explainer of a view that is in this process."""

    def select(text: str, values: Mapping[str, Term]) -> list[dict[str, Term]]:
        return solutions(store, text, values)

    return Explainer(select, compile_ontology(store), rules_for(store))


def explainer_through(select: Select) -> Explainer:
    """An explainer of a view in another process, which is asked for its ontology and rules as well.

    Args:
        select: asks the view, as `functools.partial(engine.select, view)`. Whoever keeps the explainer for
            later should keep it under `engine.revision(view)`.
    """
    store = Store()
    for row in select(AXIOMS_QUERY, {}):
        subject, predicate = row["s"], row["p"]
        if isinstance(subject, NamedNode | BlankNode) and isinstance(predicate, NamedNode):
            store.add(Quad(subject, predicate, row["o"], RULES_GRAPH))
    for row in select(_RULE_TEXTS, {}):
        if isinstance(subject := row["s"], NamedNode):
            store.add(Quad(subject, RULE_TEXT, row["o"], RULES_GRAPH))
    return Explainer(select, compile_ontology(store), rules_for(store))


def _with_blank_nodes(select: Select) -> Select:
    """Let a blank node be a fixed value: a query cannot name one, so the rows are sorted out afterwards."""

    def asked(text: str, values: Mapping[str, Term]) -> list[dict[str, Term]]:
        blank = {name: term for name, term in values.items() if isinstance(term, BlankNode)}
        if not blank:
            return select(text, values)
        rows = select(text, {name: term for name, term in values.items() if name not in blank})
        return [row for row in rows if all(row.get(name) == term for name, term in blank.items())]

    return asked


@lru_cache(maxsize=4096)
def variables(rule: Rule) -> tuple[str, ...]:
    """All variables of a rule's body."""
    return tuple(dict.fromkeys(name for pattern in rule.body for name in pattern.variables()))


@lru_cache(maxsize=4096)
def body_query(rule: Rule) -> str:
    """A SELECT of all variables of a rule's body. Its constants are terms of the ontology."""
    names = " ".join(f"?{name}" for name in variables(rule)) or "(1 AS ?holds)"
    return f"SELECT DISTINCT {names} WHERE {{ {patterns(rule.body)} }}"


def _pointed(rule: Rule, head: Mapping[str, Term]) -> tuple[str, dict[str, Term]]:
    """The query of a rule's body with the conclusion's terms written in it, and those that cannot be written.

    A store plans by the text: with the terms in it, it begins at them (`views/pointed.py`).
    """
    written = {name: term for name, term in head.items() if isinstance(term, NamedNode)}
    names = [name for name in variables(rule) if name not in written]
    body = " ".join(
        f"{_write(p.subject, written)} {p.predicate} {_write(p.object, written)} ." for p in rule.body
    )
    shown = " ".join(f"?{name}" for name in names) or "(1 AS ?holds)"
    rest = {name: term for name, term in head.items() if name in names}
    return f"SELECT DISTINCT {shown} WHERE {{ {body} }}", rest


def patterns(body: Sequence[Pattern]) -> str:
    """Triple patterns in SPARQL's writing."""
    return " ".join(f"{_write(p.subject)} {p.predicate} {_write(p.object)} ." for p in body)


def _write(slot: Slot, known: Mapping[str, Term] = MappingProxyType({})) -> str:
    if not isinstance(slot, Var):
        return str(slot)
    return str(known[slot.name]) if slot.name in known else f"?{slot.name}"


def _unify(head: Pattern, fact: Fact) -> dict[str, Term] | None:
    return bind((head.subject, fact.subject), (head.object, fact.object))


def _sorted(values: Mapping[str, Term]) -> tuple[tuple[str, Term], ...]:
    return tuple(sorted(values.items()))
