"""A rule's query pointed at one conclusion finds what the rule's own query finds, and asks no more than it must."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from pyoxigraph import NamedNode

from kizuna.views import backward
from kizuna.views.ask import Term, solutions
from kizuna.views.build import bundled_rules
from kizuna.views.pointed import ask, point
from kizuna.views.proof import Fact
from kizuna.views.rules import DerivationRule
from kizuna.views.terms import DERIVED
from tests.views.facts import iri, view

STORE = view()
FACTS = [
    Fact(quad.subject, quad.predicate, quad.object)
    for quad in STORE.quads_for_pattern(None, None, None, DERIVED)
]


def select(text: str, values: Mapping[str, Term]) -> list[dict[str, Term]]:
    return solutions(STORE, text, values)


def whole(rule: DerivationRule) -> list[dict[str, Term]]:
    where = rule.where if not rule.where.upper().startswith("SELECT") else f"{{ {rule.where} }}"
    return solutions(STORE, f"{rule.prologue}SELECT * WHERE {{\n{where}\n}}")


def plain(rows: list[dict[str, Term]]) -> list[list[tuple[str, str]]]:
    return sorted(sorted((name, str(term)) for name, term in row.items()) for row in rows)


@pytest.mark.parametrize("rule", bundled_rules(), ids=lambda rule: rule.id)
def test_a_rule_pointed_at_a_conclusion_gives_the_solutions_of_the_rule(rule: DerivationRule) -> None:
    shape = backward.shape_of(rule)
    every = whole(rule)
    for fact in [fact for fact in FACTS if rule.may_make(fact.predicate)]:
        head = backward.matches(shape.head, fact)
        if head is None:
            continue
        expected = [row for row in every if all(row.get(name) == term for name, term in head.items())]
        assert plain(list(shape.solutions(select, head))) == plain(expected), fact


def test_a_sub_select_that_counts_is_asked_of_one_thing_at_a_time() -> None:
    [rule] = [rule for rule in bundled_rules() if rule.id == "has-agreement-with"]
    pointed = backward.shape_of(rule).pointed
    assert [names for _, names in pointed.apart] == [("agreement",)]
    assert "GROUP" not in pointed.text


def test_a_variable_that_a_query_projects_groups_or_tests_stays_one() -> None:
    text = "SELECT * WHERE { { SELECT ?a (MIN(?d) AS ?first) WHERE { ?x ?p ?a ; ?q ?d } GROUP BY ?a } FILTER(!BOUND(?z)) }"
    assert point("", text, None).kept >= {"a", "first", "z"}
    doubtful = 'SELECT * WHERE { ?x <http://a/?x> "what?x" }'
    assert "x" in point("", doubtful, None).kept


def test_values_are_written_where_they_can_be_and_given_beside_where_not() -> None:
    asked = []

    def watch(text: str, values: Mapping[str, Term]) -> list[dict[str, Term]]:
        asked.append((text, dict(values)))
        return []

    thing = iri("state/AAA")
    assert isinstance(thing, NamedNode)
    ask(
        watch,
        "SELECT * WHERE { ?s ?p ?o . ?s2 ?p ?o }",
        {"s": thing, "p": thing, "n": thing},
        frozenset({"p"}),
    )
    assert asked == [(f"SELECT * WHERE {{ {thing} ?p ?o . ?s2 ?p ?o }}", {"p": thing})]
