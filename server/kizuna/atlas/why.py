"""Why a fact of a view holds, for a page, a command or another program: the proof as plain data. Asks the engine.

An explainer remembers what it found, so one is kept for each view (by the view's token) and dropped after many
questions, lest it remember everything. It answers one thread at a time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Final, TypeVar

from pyoxigraph import NamedNode

from kizuna.atlas.terms import local_name
from kizuna.atlas.why_terms import text_of
from kizuna.engine.types import Engine, View
from kizuna.views.ask import Term
from kizuna.views.consistency import inconsistencies
from kizuna.views.proof import Absence, Fact, Proof
from kizuna.views.rl.words import Language, reason, rule_label
from kizuna.views.supports import removals
from kizuna.views.terms import DERIVED, INFERRED
from kizuna.views.why import Explainer, explainer_through
from kizuna.views.words import Backing, Speaker, sentences
from kizuna.workspace.names import NS, PREFIXES

T = TypeVar("T")
KEPT_EXPLAINERS: Final = 4
KEPT_PAGES: Final = 200
QUESTIONS: Final = 2000
"""Questions after which an explainer is made anew."""
MOST_FACTS: Final = 50
MOST_CONTRADICTIONS: Final = 50

_BETWEEN = (
    f"SELECT DISTINCT ?s ?p ?o WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g IN ({DERIVED}, {INFERRED})) }} "
    f"ORDER BY ?p LIMIT {MOST_FACTS}"
)
_ANYWHERE = f"SELECT DISTINCT ?s ?p ?o WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }} ORDER BY ?p LIMIT {MOST_FACTS}"
_WORDS_OF = {prefix: iri for iri, prefix in PREFIXES.items()}


@dataclass(frozen=True, slots=True)
class Part:
    """A term with its name: `address` is how it stands in an address, `iri` is empty for a literal."""

    address: str
    label: str
    iri: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact to be shown: its three terms and the sentence they make."""

    subject: Part
    predicate: Part
    object: Part
    text: str


@dataclass(frozen=True, slots=True)
class WhySource:
    """Where a stated fact comes from. `iri` is None for general knowledge not yet sourced."""

    iri: str | None
    title: str
    address: str | None
    checked: str | None
    confidence: str | None


@dataclass(frozen=True, slots=True)
class WhyStep:
    """One step of a proof.

    Args:
        number: from 1; what a step rests on has smaller numbers.
        kind: stated, derived or inferred.
        statement: what it shows.
        because: why it holds, as a sentence.
        rule: id of the rule, None for what is stated.
        rule_iri: its IRI, for a derivation rule.
        rule_label: its label.
        rule_text: its text as it is run: SPARQL, or premises and conclusion.
        rests_on: numbers of the steps it rests on.
        absent: what must not be there for it to hold.
        graphs: IRIs of the graphs in which it is stated.
        sources: where it comes from.
        uncertain: whether it is a date known by its year or month only, within which the view's day falls: it counts as having
            come, and may have come after.
    """

    number: int
    kind: str
    statement: Statement
    because: str
    rule: str | None
    rule_iri: str | None
    rule_label: str
    rule_text: str
    rests_on: tuple[int, ...]
    absent: tuple[str, ...]
    graphs: tuple[str, ...]
    sources: tuple[WhySource, ...]
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """Records that would take the fact away if they all went."""

    records: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class WhyPage:
    """The proof of one fact, told in one language.

    Args:
        statement: the fact.
        language: of all sentences.
        steps: premises before what rests on them; the last one is the fact.
        removals: choices of records whose going would remove it, the smallest first.
        removals_complete: False when there are more than were looked for.
    """

    statement: Statement
    language: str
    steps: tuple[WhyStep, ...]
    removals: tuple[Removal, ...]
    removals_complete: bool

    @property
    def by_number(self) -> dict[int, WhyStep]:
        """The steps by their numbers."""
        return {step.number: step for step in self.steps}

    @property
    def uncertain(self) -> bool:
        """Whether it rests on a date that may have come after the view's day."""
        return any(step.uncertain for step in self.steps)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Facts that cannot be true together.

    Args:
        rule: the constraint, as the OWL 2 RL rules call it.
        because: what it demands.
        facts: the clash.
    """

    rule: str
    because: str
    facts: tuple[Statement, ...]


@dataclass(slots=True)
class Known:
    """What is kept for one view."""

    explainer: Explainer
    lock: threading.Lock = field(default_factory=threading.Lock)
    asked: int = 0
    contradictions: dict[str, tuple[Contradiction, ...]] = field(default_factory=dict)
    speakers: dict[Language, Speaker] = field(default_factory=dict)
    pages: OrderedDict[tuple[Fact, Language], WhyPage | None] = field(default_factory=OrderedDict)

    def speaker(self, language: Language) -> Speaker:
        """Who puts this view into words; remembers the names."""
        return self.speakers.setdefault(language, Speaker(self.explainer.select, language))


class Explainers:
    """The explainers of an application's latest views. Safe to use from many threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._lock = threading.Lock()

    def use(self, engine: Engine, view: View, question: Callable[[Known], T]) -> T:
        """Ask the explainer of a view something, alone.

        Raises:
            EngineError: the engine could not answer.
        """
        known = self.known(engine, view)
        with known.lock:
            known.asked += 1
            return question(known)

    def known(self, engine: Engine, view: View) -> Known:
        """What is kept for a view, made when needed."""
        token = engine.revision(view)
        with self._lock:
            known = self._known.get(token)
            if known is not None and known.asked < QUESTIONS:
                self._known.move_to_end(token)
                return known
        made = Known(explainer_through(partial(engine.select, view)))
        with self._lock:
            self._known[token] = made
            while len(self._known) > KEPT_EXPLAINERS:
                self._known.popitem(last=False)
        return made


def facts_between(engine: Engine, view: View, subject: Term, object_: Term) -> tuple[Fact, ...]:
    """The computed facts from one thing to another; when there are none, the stated ones."""
    for text in (_BETWEEN, _ANYWHERE):
        rows = engine.select(view, text, {"s": subject, "o": object_})
        found = [Fact(subject, p, object_) for row in rows if isinstance(p := row["p"], NamedNode)]
        if found:
            return tuple(sorted(dict.fromkeys(found), key=lambda fact: _rank(fact.predicate.value)))
    return ()


def _rank(iri: str) -> tuple[bool, str]:
    return not iri.startswith(NS), iri


def holds(engine: Engine, view: View, fact: Fact) -> bool:
    """Whether a view holds a fact: asked before an explainer is, which would remember each question."""
    values = {"s": fact.subject, "p": fact.predicate, "o": fact.object}
    return bool(engine.select(view, "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 1", values))


def read_why(
    explainers: Explainers, engine: Engine, view: View, fact: Fact, language: Language
) -> WhyPage | None:
    """The proof of a fact in words; None when the view does not hold it.

    Raises:
        EngineError: the engine could not answer.
    """
    if not holds(engine, view, fact):
        return None
    return explainers.use(engine, view, lambda known: _remembered(known, fact, language, view.as_of))


def _remembered(known: Known, fact: Fact, language: Language, as_of: date) -> WhyPage | None:
    key = (fact, language)
    if key not in known.pages:
        known.pages[key] = _tell(known.explainer, known.speaker(language), fact, language, as_of)
        while len(known.pages) > KEPT_PAGES:
            known.pages.popitem(last=False)
    return known.pages[key]


def _tell(
    explainer: Explainer, speaker: Speaker, fact: Fact, language: Language, as_of: date
) -> WhyPage | None:
    proof = explainer.explain(fact)
    if proof is None:
        return None
    proofs = {step.fact: step for step in proof.steps()}
    steps = []
    for told in sentences(explainer, proof, language, speaker):
        step = proofs[told.fact]
        steps.append(
            WhyStep(
                number=told.number,
                kind=step.kind,
                statement=statement(speaker, told.fact),
                because=told.because,
                rule=step.rule,
                rule_iri=explainer.derivations[step.rule].iri.value
                if step.kind == "derived" and step.rule
                else None,
                rule_label=told.rule,
                rule_text=_rule_text(explainer, step),
                rests_on=told.rests_on,
                absent=tuple(_absent(absence) for absence in step.absences),
                graphs=tuple(graph.value for graph in step.graphs),
                sources=tuple(_source(backing) for backing in told.backing),
                uncertain=speaker.certainty(told.fact, as_of) == "uncertain",
            )
        )
    gone = removals(explainer, fact)
    sets = tuple(
        Removal(tuple(part(speaker, record) for record in sorted(records, key=str))) for records in gone.sets
    )
    return WhyPage(statement(speaker, fact), language, tuple(steps), sets, gone.complete)


def statement(speaker: Speaker, fact: Fact) -> Statement:
    """A fact as it is shown."""
    subject, predicate = part(speaker, fact.subject), part(speaker, fact.predicate)
    object_ = replace(part(speaker, fact.object), label=speaker.object(fact))
    return Statement(subject, predicate, object_, speaker.statement(fact))


def part(speaker: Speaker, term: Term) -> Part:
    """A term as it is shown."""
    return Part(text_of(term), speaker.label(term), term.value if isinstance(term, NamedNode) else "")


def _source(backing: Backing) -> WhySource:
    address = backing.address
    if address is not None and not address.startswith(("https://", "http://")):
        address = None  # no `javascript:` address of the data becomes a link
    iri = backing.source.value if backing.source else None
    return WhySource(iri, backing.title, address, backing.checked, backing.confidence)


def _rule_text(explainer: Explainer, step: Proof) -> str:
    if step.kind == "derived":
        return explainer.derivations[step.rule or ""].text
    if step.kind == "stated":
        return ""
    rule = explainer.rules[step.rule or ""]
    body = " .\n".join(_pattern(p.subject, p.predicate, p.object) for p in rule.body)
    head = rule.head
    return f"{body}\n⇒ {_pattern(head.subject, head.predicate, head.object) if head else '⊥'}"


def _pattern(*slots: object) -> str:
    return " ".join(
        shortened(str(slot)) if isinstance(slot, NamedNode) else f"?{getattr(slot, 'name', slot)}"
        for slot in slots
    )


def shortened(text: str) -> str:
    """An IRI in SPARQL's writing (`<…>`) by its prefix, where it has one."""
    iri = text[1:-1]
    if text[:1] != "<":
        return text
    name = local_name(iri)
    prefix = _WORDS_OF.get(iri[: len(iri) - len(name)])
    return f"{prefix}:{name}" if prefix else text


def _absent(absence: Absence) -> str:
    return " . ".join(" ".join(shortened(term) for term in pattern) for pattern in absence.patterns)


def read_contradictions(
    explainers: Explainers, engine: Engine, view: View, language: Language
) -> tuple[Contradiction, ...]:
    """The contradictions of a view, at most fifty, with the facts that clash; remembered for the view."""
    known = explainers.known(engine, view)
    with known.lock:
        found = known.contradictions.get(language)
        if found is None:
            found = known.contradictions[language] = _contradictions(
                known.explainer, known.speaker(language), language
            )
        return found


def _contradictions(explainer: Explainer, speaker: Speaker, language: Language) -> tuple[Contradiction, ...]:
    found = []
    for clash in inconsistencies(explainer.select, explainer.compiled):
        terms = tuple(speaker.label(term) for term in clash.rule.terms)
        because = reason(clash.rule.name, terms, language)
        facts = tuple(statement(speaker, fact) for fact in clash.facts)
        label = f"{rule_label(clash.rule.name, language)} ({clash.rule.name})"
        found.append(Contradiction(label, because, facts))
        if len(found) == MOST_CONTRADICTIONS:
            break
    return tuple(found)
