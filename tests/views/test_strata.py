"""Rules that depend on each other: what is read, where an absence is asked for, and circles told by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.views.build import bundled_rules
from kizuna.views.rules import DerivationRule, RuleCycleError, ordered, parse_rule, read_rules
from kizuna.views.strata import Reading, cycles, groups, readings, strata

HEAD = "# id: {id}\n# label@en: x\n# label@ja: x\n# why@en: x\n# why@ja: x\n{after}PREFIX k: <https://w3id.org/kizuna/ns#>\n"


def rule(name: str, makes: str, where: str, after: str | None = None) -> DerivationRule:
    declared = "" if after is None else f"# after: {after}\n"
    text = HEAD.format(id=name, after=declared) + f"CONSTRUCT {{ ?a k:{makes} ?b }} WHERE {{ {where} }}"
    return parse_rule(text, name)


@pytest.mark.parametrize(
    ("where", "positive", "negative"),
    [
        ("?a k:p ?b . MINUS { ?a k:q ?b }", {"p"}, {"q"}),
        ("?a k:p ?b FILTER NOT EXISTS { ?a k:q ?b . { ?b k:r ?c } }", {"p"}, {"q", "r"}),
        ("?a k:p ?b OPTIONAL { ?a k:q ?c } FILTER(!BOUND(?c))", {"p"}, {"q"}),
        ("?a k:p ?b OPTIONAL { ?a k:q ?c }", {"p", "q"}, set()),
        ("{ SELECT ?a (COUNT(?x) AS ?b) WHERE { ?a k:q ?x } GROUP BY ?a } ?a k:p ?b", {"p"}, set()),
        ("?a k:p ?b . FILTER(?b > 1) ?b k:q ?c", {"p", "q"}, set()),
    ],
)
def test_what_is_asked_for_and_what_must_be_absent_are_told_apart(
    where: str, positive: set[str], negative: set[str]
) -> None:
    found: dict[bool, set[str]] = {False: set(), True: set()}
    for text, absent in groups(where):
        found[absent] |= {word[2:] for word in text.split() if word.startswith("k:")}
    assert found[False] >= positive
    assert found[True] >= negative
    assert not found[False] & negative


def test_a_circle_through_an_absence_is_named_with_what_is_read_of_what() -> None:
    rules = [
        rule("win", "wins", "?a k:move ?b MINUS { ?b k:wins ?c }"),
        rule("other", "move", "?a k:edge ?b"),
    ]
    [circle] = cycles(readings(rules))
    assert circle.negative
    assert circle.readings == (Reading("win", "wins", "win", True),)
    with pytest.raises(
        RuleCycleError,
        match=r"circle: win\. A circle through an absence: win reads the absence of k:wins by win",
    ):
        ordered(rules)


def test_a_circle_without_an_absence_is_told_as_such() -> None:
    rules = [rule("one", "p", "?a k:q ?b"), rule("two", "q", "?a k:r ?b"), rule("three", "r", "?a k:p ?b")]
    [circle] = cycles(readings(rules))
    assert not circle.negative
    assert sorted(circle.rules) == ["one", "three", "two"]
    with pytest.raises(RuleCycleError) as caught:
        ordered(rules)
    assert caught.value.circles == (circle,)


def test_of_many_circles_the_one_through_an_absence_is_told() -> None:
    rules = [
        rule("one", "p", "?a k:q ?b . ?a k:p ?b"),
        rule("two", "q", "?a k:x ?b MINUS { ?a k:p ?b }"),
        rule("apart", "z", "?a k:z ?b"),
    ]
    found = cycles(readings(rules))
    assert {circle.negative: len(circle.readings) for circle in found} == {True: 2, False: 1}
    assert {frozenset(circle.rules) for circle in found} == {frozenset({"apart"}), frozenset({"one", "two"})}


def test_a_rule_that_declares_what_it_comes_after_reads_only_of_those() -> None:
    rules = [rule("one", "p", "?a k:p ?b", after=""), rule("two", "q", "?a k:x ?b", after="one")]
    assert cycles(readings(rules)) == ()
    assert [each.id for each in ordered(rules)] == ["one", "two"]


def test_the_products_rules_have_no_circle_and_no_absence_within_a_stratum() -> None:
    rules = bundled_rules()
    levels = strata(rules)
    assert cycles(readings(rules)) == ()
    assert len(set(levels.values())) > 2
    for reading in readings(rules):
        assert levels[reading.maker] + reading.negative <= levels[reading.reader]


def test_a_folder_of_rules_with_a_circle_is_refused_by_name(tmp_path: Path) -> None:
    for name, where in (("a", "?a k:q ?b"), ("b", "?a k:p ?b")):
        (tmp_path / f"{name}.rq").write_text(rule(name, "p" if name == "a" else "q", where).text, "utf-8")
    with pytest.raises(RuleCycleError, match="a reads k:q by b"):
        read_rules(tmp_path)


TERMS = ["p", "q", "r", "s"]


@given(st.lists(st.tuples(st.sampled_from(TERMS), st.sampled_from(TERMS), st.booleans()), max_size=6))
def test_rules_are_ordered_exactly_when_no_circle_is_found(spec: list[tuple[str, str, bool]]) -> None:
    rules = [
        rule(f"r{n}", makes, f"?a k:x ?b MINUS {{ ?a k:{reads} ?b }}" if negative else f"?a k:{reads} ?b")
        for n, (makes, reads, negative) in enumerate(spec)
    ]
    circles = cycles(readings(rules))
    for circle in circles:
        for one, other in zip(circle.readings, (*circle.readings[1:], circle.readings[0]), strict=True):
            assert one.maker == other.reader
    if circles:
        with pytest.raises(RuleCycleError):
            ordered(rules)
        return
    place = {each.id: at for at, each in enumerate(ordered(rules))}
    assert all(place[reading.maker] < place[reading.reader] for reading in readings(rules))
