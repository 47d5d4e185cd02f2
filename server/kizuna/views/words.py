"""Proofs as sentences, in Japanese and English, with the sources of what is stated. Asks the view only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal, NamedNode

from kizuna.views.ask import Term
from kizuna.views.asof import Certainty, Precision, certainty
from kizuna.views.proof import Fact, Proof, Select
from kizuna.views.rl.words import Language, article, reason, rule_label
from kizuna.views.terms import LABEL, TYPE, ns
from kizuna.views.why import Explainer
from kizuna.workspace.borrowed import borrowed
from kizuna.workspace.names import DCTERMS, GRAPH, ID, RDFS, SKOS

_LABELS = f"SELECT ?s ?l WHERE {{ ?s <{SKOS}prefLabel>|<{RDFS}label> ?l }}"
_EVENT = (
    "PREFIX k: <https://w3id.org/kizuna/ns#> SELECT ?s ?kind ?date ?precision WHERE "
    "{ ?s k:eventKind ?kind ; k:date ?date OPTIONAL { ?s k:precision ?precision } }"
)
_PARTICIPATION = (
    "PREFIX k: <https://w3id.org/kizuna/ns#> SELECT ?s ?actor ?framework WHERE "
    "{ ?s k:participant ?actor ; k:framework ?framework }"
)
_BACKING = (
    "PREFIX k: <https://w3id.org/kizuna/ns#> SELECT ?s ?source ?title ?address ?checked ?confidence WHERE { "
    f"?s k:evidence ?e . ?e k:source ?source . OPTIONAL {{ ?source <{DCTERMS}title> ?title }} "
    "OPTIONAL { ?source k:address ?address } OPTIONAL { ?e k:checked ?checked } "
    "OPTIONAL { ?e k:confidence ?confidence } } ORDER BY ?source"
)
_UNSOURCED = "PREFIX k: <https://w3id.org/kizuna/ns#> SELECT ?s ?how WHERE { ?s k:verification ?how }"
_VALUE = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"
_PRECISIONS = {ns("date"): ns("precision"), ns("from"): ns("fromPrecision"), ns("to"): ns("toPrecision")}
_BRACES = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Backing:
    """A source of a stated fact.

    Args:
        source: the source's IRI; None for general knowledge not yet sourced.
        title: its title, or how the fact was verified.
        address: where it can be read, if anywhere.
        checked: when it was last looked at.
        confidence: label of how sure we are.
    """

    source: NamedNode | None
    title: str
    address: str | None = None
    checked: str | None = None
    confidence: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One step of a proof in words.

    Args:
        number: from 1, premises before what rests on them.
        fact: what the step shows.
        text: the fact as a sentence.
        because: why it holds.
        rule: label of the rule; empty for what is stated.
        rests_on: numbers of the sentences that it rests on.
        backing: sources, for what is stated.
    """

    number: int
    fact: Fact
    text: str
    because: str
    rule: str
    rests_on: tuple[int, ...]
    backing: tuple[Backing, ...]


class Speaker:
    """Puts the facts of one view into words.

    Args:
        select: asks the view.
        language: "ja" or "en".
    """

    def __init__(self, select: Select, language: Language) -> None:
        self._select = select
        self._language: Language = language
        self._labels: dict[Term, str] = {}

    def label(self, term: Term) -> str:
        """The name of a thing, in the language if there is one, else in another, else the end of its IRI."""
        known = self._labels.get(term)
        if known is None:
            known = self._labels[term] = self._look_up(term)
        return known

    def statement(self, fact: Fact) -> str:
        """A fact as a short sentence."""
        subject, predicate, object_ = self.label(fact.subject), self.label(fact.predicate), self.object(fact)
        japanese = self._language == "ja"
        if fact.predicate == TYPE:
            return (
                f"{subject}は{object_}である。" if japanese else f"{subject} is {article(object_)} {object_}."
            )
        if fact.predicate == LABEL:
            return (
                f"{subject}は「{object_}」と呼ばれる。" if japanese else f"{subject} is called “{object_}”."
            )
        return (
            f"{subject} ―「{predicate}」→ {object_}" if japanese else f"{subject} — {predicate} → {object_}"
        )

    def object(self, fact: Fact) -> str:
        """The object of a fact: a date as far as it is known, anything else by its name."""
        return self.precise(fact) if fact.predicate in _PRECISIONS else self.label(fact.object)

    def certainty(self, fact: Fact, as_of: date) -> Certainty | None:
        """Whether what a fact about a date tells had happened by a day; None for any other fact."""
        if fact.predicate not in _PRECISIONS or not isinstance(fact.object, Literal):
            return None
        try:
            day = date.fromisoformat(fact.object.value[:10])
        except ValueError:
            return None
        how = _precision(self._precision_of(fact))
        return certainty(day, how, as_of)

    def day(self, value: Literal, precision: Term | None) -> str:
        """A date as far as it is known: 2016年4月, 2016-04."""
        how = _precision(precision)
        try:
            day = date.fromisoformat(value.value[:10])
        except ValueError:
            return value.value
        if self._language == "ja":
            parts = [f"{day.year}年", f"{day.month}月", f"{day.day}日"]
            return "".join(parts[: {"year": 1, "month": 2}.get(how, 3)])
        return day.isoformat()[: {"year": 4, "month": 7}.get(how, 10)]

    def backing(self, fact: Fact) -> tuple[Backing, ...]:
        """Sources of the statement that a fact belongs to."""
        found = [
            Backing(
                source,
                row["title"].value if isinstance(row.get("title"), Literal) else self.label(source),  # type: ignore[union-attr]
                _value(row.get("address")),
                _value(row.get("checked")),
                self.label(row["confidence"]) if "confidence" in row else None,
            )
            for row in self._select(_BACKING, {"s": fact.subject})
            if isinstance(source := row["source"], NamedNode)
        ]
        if not found:
            rows = self._select(_UNSOURCED, {"s": fact.subject})
            found = [Backing(None, self.label(row["how"])) for row in rows]
        return tuple(dict.fromkeys(found))

    def precise(self, fact: Fact) -> str:
        """The date of a fact about a date, as far as it is known."""
        if not isinstance(fact.object, Literal):
            return self.label(fact.object)
        return self.day(fact.object, self._precision_of(fact))

    def _precision_of(self, fact: Fact) -> Term | None:
        rows = self._select(_VALUE, {"s": fact.subject, "p": _PRECISIONS[fact.predicate]})
        return rows[0]["o"] if rows else None

    def _look_up(self, term: Term) -> str:
        if isinstance(term, Literal):
            return term.value
        if not isinstance(term, NamedNode):
            return str(term)
        labels = {
            value.language or "": value.value
            for row in self._select(_LABELS, {"s": term})
            if isinstance(value := row["l"], Literal)
        }
        for language in (self._language, "en", "ja", *sorted(labels)):
            if language in labels:
                return labels[language]
        if own := borrowed(term.value)[self._language == "en"]:
            return own
        if term.value.startswith(ID + "event/"):
            for row in self._select(_EVENT, {"s": term}):
                if isinstance(row["date"], Literal):
                    return f"{self.label(row['kind'])} {self.day(row['date'], row.get('precision'))}"
        if term.value.startswith(ID + "participation/"):
            for row in self._select(_PARTICIPATION, {"s": term}):
                return f"{self.label(row['actor'])} – {self.label(row['framework'])}"
        return term.value.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]


def sentences(
    explainer: Explainer, proof: Proof, language: Language, speaker: Speaker | None = None
) -> tuple[Sentence, ...]:
    """A proof as numbered sentences, what is stated first where it can be.

    Args:
        explainer: the one that made the proof.
        proof: what to tell.
        language: "ja" or "en".
        speaker: one of that language that knows names of the view already.
    """
    speaker = speaker or Speaker(explainer.select, language)
    numbers: dict[Fact, int] = {}
    told: list[Sentence] = []
    for step in proof.steps():
        number = numbers[step.fact] = len(told) + 1
        rests_on = tuple(sorted({numbers[premise.fact] for premise in step.premises}))
        because, rule = _because(explainer, speaker, step, language)
        backing = speaker.backing(step.fact) if step.kind == "stated" else ()
        text = speaker.statement(step.fact)
        told.append(Sentence(number, step.fact, text, because, rule, rests_on, backing))
    return tuple(told)


def _because(explainer: Explainer, speaker: Speaker, step: Proof, language: Language) -> tuple[str, str]:
    if step.kind == "stated":
        where = ("、" if language == "ja" else ", ").join(g.value.removeprefix(GRAPH) for g in step.graphs)
        return (f"{where} に記録されている。" if language == "ja" else f"Stated in {where}."), ""
    if step.kind == "inferred":
        rule = explainer.rules[step.rule or ""]
        terms = tuple(speaker.label(term) for term in rule.terms)
        return reason(rule.name, terms, language), rule_label(rule.name, language)
    derivation = explainer.derivations[step.rule or ""]
    dated = {
        premise.fact.object: speaker.precise(premise.fact)
        for premise in step.premises
        if premise.fact.predicate in _PRECISIONS
    }
    values = {name: dated.get(term) or speaker.label(term) for name, term in step.values}
    text = _BRACES.sub(lambda match: values.get(match[1], match[0]), derivation.sentence(language))
    return text, derivation.label(language)


def _precision(term: Term | None) -> Precision:
    word = term.value.rsplit("/", 1)[-1] if isinstance(term, NamedNode) else ""
    return "year" if word == "year" else "month" if word == "month" else "day"


def _value(term: Term | None) -> str | None:
    return term.value if isinstance(term, Literal | NamedNode) else None
