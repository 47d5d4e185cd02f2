"""Derivation rules: reads `ontology/rules/*.rq`, orders them, runs them in a store.

A rule is one CONSTRUCT with a header of comments:

    # id: party-to
    # label@en: …            # label@ja: …
    # why@en: {actor} …      # why@ja: …        sentences; {variable} stands for a value of the solution
    # after: applies-to …    ids of rules whose results it reads (computed when left out)

Reads files only through `read_rules`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from kizuna.views.ask import construct
from kizuna.views.rl.order import components
from kizuna.views.strata import RuleCycle, cycles, readings
from kizuna.views.terms import DERIVED, RULE_TEXT, RULES_GRAPH
from kizuna.workspace.names import ID, NS

_HEADER = re.compile(r"^#\s*([a-z]+)(?:@([a-z]+))?:\s*(.*)$")
_CONSTRUCT = re.compile(r"\bCONSTRUCT\s*\{(?P<template>[^}]*)\}\s*WHERE\s*\{", re.IGNORECASE)


class RuleError(ValueError):
    """A rule file is not written as it should be; the message says which and why."""


class RuleCycleError(RuleError):
    """Rules depend on each other in circles; each is named with what is read of what.

    Args:
        circles: as found.
    """

    def __init__(self, circles: Sequence[RuleCycle]) -> None:
        self.circles = tuple(circles)
        told = " ".join(f"{str(circle)[0].upper()}{str(circle)[1:]}." for circle in circles)
        names = "; ".join(", ".join(sorted(circle.rules)) for circle in circles)
        super().__init__(f"Rules depend on each other in a circle: {names}. {told}")


@dataclass(frozen=True)
class DerivationRule:
    """One rule of `ontology/rules/`.

    Args:
        id: its name, as in the header.
        text: the whole file.
        labels: language to label.
        why: language to sentence template.
        after: ids of the rules that must run before it, as declared.
    """

    id: str
    text: str
    labels: tuple[tuple[str, str], ...]
    why: tuple[tuple[str, str], ...]
    after: tuple[str, ...] | None

    @property
    def iri(self) -> NamedNode:
        """The rule's own IRI."""
        return NamedNode(f"{ID}rule/{self.id}")

    def label(self, language: str) -> str:
        """Its label in `ja` or `en`."""
        return dict(self.labels)[language]

    def sentence(self, language: str) -> str:
        """Its sentence template in `ja` or `en`."""
        return dict(self.why)[language]

    def may_make(self, predicate: NamedNode) -> bool:
        """Whether its template can become a triple with that predicate (a quick look, never wrongly False)."""
        words = self.template.split()
        if len(words) < 3 or not words[1].startswith("k:"):
            return True
        return predicate.value == NS + words[1][2:]

    @cached_property
    def template(self) -> str:
        """The text between the braces after CONSTRUCT."""
        return self._parts[0]

    @cached_property
    def where(self) -> str:
        """The text between the braces after WHERE."""
        return self._parts[1]

    @cached_property
    def prologue(self) -> str:
        """The PREFIX lines."""
        return "".join(
            line + "\n" for line in self.text.splitlines() if line.lstrip().upper().startswith("PREFIX")
        )

    @cached_property
    def _parts(self) -> tuple[str, str]:
        body = "\n".join(line for line in self.text.splitlines() if not line.lstrip().startswith("#"))
        match = _CONSTRUCT.search(body)
        end = body.rfind("}")
        if match is None or end < match.end():
            raise RuleError(f"Rule {self.id}: write CONSTRUCT {{ … }} WHERE {{ … }}.")
        return match["template"].strip(), body[match.end() : end].strip()


def parse_rule(text: str, name: str) -> DerivationRule:
    """Read one rule.

    Args:
        text: content of the file.
        name: what to call it in a message.

    Raises:
        RuleError: something of the header is missing, or the query is no CONSTRUCT.
    """
    plain: dict[str, str] = {}
    tagged: dict[tuple[str, str], str] = {}
    for line in text.splitlines():
        match = _HEADER.match(line)
        if match and match[2]:
            tagged[match[1], match[2]] = match[3].strip()
        elif match:
            plain[match[1]] = match[3].strip()
    missing = [
        f"{key}@{lang}" for key in ("label", "why") for lang in ("ja", "en") if not tagged.get((key, lang))
    ]
    if "id" not in plain or missing:
        raise RuleError(f"Rule {name}: the header lacks {', '.join(missing or ['id'])}.")
    rule = DerivationRule(
        plain["id"],
        text,
        tuple((lang, tagged["label", lang]) for lang in ("en", "ja")),
        tuple((lang, tagged["why", lang]) for lang in ("en", "ja")),
        tuple(plain["after"].split()) if "after" in plain else None,
    )
    assert rule.where  # noqa: S101 (raises RuleError when the query has another form)
    return rule


def read_rules(folder: Path) -> tuple[DerivationRule, ...]:
    """Read and order the rules of a folder.

    Raises:
        RuleError: a file is not a rule, two have one id, or they depend on each other in a circle.
    """
    return ordered([parse_rule(path.read_text("utf-8"), path.name) for path in sorted(folder.glob("*.rq"))])


def ordered(rules: Sequence[DerivationRule]) -> tuple[DerivationRule, ...]:
    """Order rules so that each comes after those whose results it reads.

    What a rule reads is declared by `# after:`, or else found by looking for terms in its WHERE that another
    rule constructs.

    Raises:
        RuleError: two rules have one id, or `after` names none.
        RuleCycleError: there is a circle.
    """
    by_id = {rule.id: rule for rule in rules}
    if len(by_id) != len(rules):
        raise RuleError("Two rules have the same id.")
    for rule in rules:
        unknown = set(rule.after or ()) - by_id.keys()
        if unknown:
            raise RuleError(f"Rule {rule.id}: after names {', '.join(sorted(unknown))}, which is no rule.")
    found = readings(rules)
    circles = cycles(found)
    if circles:
        raise RuleCycleError(circles)
    edges = {
        identifier: sorted({r.maker for r in found if r.reader == identifier}) for identifier in sorted(by_id)
    }
    return tuple(by_id[component[0]] for component in components(edges))


@lru_cache(maxsize=8)
def _from_texts(texts: tuple[tuple[str, str], ...]) -> tuple[DerivationRule, ...]:
    return ordered([parse_rule(text, name) for name, text in texts])


def rules_of(store: Store) -> tuple[DerivationRule, ...]:
    """The rules that a store carries in its rules graph (see `rule_quads`), ordered.

    Raises:
        RuleError: as `read_rules`.
    """
    texts = sorted(
        (quad.subject.value, quad.object.value)
        for quad in store.quads_for_pattern(None, RULE_TEXT, None, RULES_GRAPH)
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal)
    )
    return _from_texts(tuple(texts))


def rule_quads(rules: Sequence[DerivationRule]) -> list[Quad]:
    """The rules as quads, so that a store carries them and a view is a function of the store alone."""
    return [Quad(rule.iri, RULE_TEXT, Literal(rule.text), RULES_GRAPH) for rule in rules]


def derive(store: Store, rules: Sequence[DerivationRule]) -> None:
    """Run the rules in order; what they construct goes to the derived graph of the same store."""
    for rule in rules:
        lines = construct(store, rule.text)
        if lines:
            store.bulk_load(lines, format=RdfFormat.N_TRIPLES, to_graph=DERIVED)
