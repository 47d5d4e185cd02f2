"""`kizuna why`: why a statement holds, why a thing is not what a definition asks for, what contradicts itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import cast

import click

from kizuna.atlas.scenarios import ScenarioError
from kizuna.atlas.why import (
    Contradiction,
    Explainers,
    Statement,
    WhyPage,
    WhyStep,
    facts_between,
    read_contradictions,
    read_why,
)
from kizuna.atlas.why_not import ConditionLine, WhyNotPage, read_why_not
from kizuna.atlas.why_terms import TermError, iri_of, term_of
from kizuna.commands.options import language_option, revision_option, scenario_option, told, workspace_option
from kizuna.commands.setup import chosen_view, engine_config
from kizuna.engine.embedded import start_embedded
from kizuna.engine.types import Engine, EngineError, View
from kizuna.settings import Settings, SettingsError
from kizuna.views.proof import Fact
from kizuna.views.rl.words import Language

UNSURE = {
    "ja": "（≈ 年または月までしか分からず、時点より後かもしれない）",
    "en": " (≈ known by its year or month only: it may have come after the day)",
}


def tell(page: WhyPage) -> list[str]:
    """A proof as indented lines, the statement first; what was told above is named by its number."""
    lines: list[str] = []
    _branch(page, page.steps[-1], 0, set(), lines)
    if page.removals:
        lines += [
            "",
            "これがなくなれば成り立たなくなる:" if page.language == "ja" else "What would remove this:",
        ]
        lines += [
            f"  - {' + '.join(record.address for record in choice.records)}" for choice in page.removals
        ]
    return lines


def _branch(page: WhyPage, step: WhyStep, depth: int, told: set[int], lines: list[str]) -> None:
    indent = "  " * depth
    japanese = page.language == "ja"
    if step.number in told and step.rests_on:
        lines.append(
            f"{indent}[{step.number}] {step.statement.text} {'（上に記載）' if japanese else '(told above)'}"
        )
        return
    told.add(step.number)
    unsure = UNSURE[page.language] if step.uncertain else ""
    lines.append(f"{indent}[{step.number}] {step.statement.text}{unsure}")
    lines.append(f"{indent}    {step.because}" + (f" ({step.rule_label})" if step.rule_label else ""))
    lines += [
        f"{indent}    {'出典' if japanese else 'source'}: {source.title}"
        + (f" <{source.address}>" if source.address else "")
        for source in step.sources
    ]
    for number in step.rests_on:
        _branch(page, page.by_number[number], depth + 1, told, lines)


def tell_not(page: WhyNotPage, depth: int = 0) -> list[str]:
    """A comparison with a definition as indented lines."""
    japanese, indent = page.language == "ja", "  " * depth
    verdict = (
        ("属する" if page.member else "属さない") if japanese else ("member" if page.member else "no member")
    )
    lines = [f"{indent}{page.thing.label} – {page.class_.label}: {verdict}"]
    if not page.ways:
        lines.append(
            indent + ("  条件による定義がない。" if japanese else "  It is not defined by conditions.")
        )
    for way in page.ways:
        for line in way.conditions:
            lines += _condition(line, depth + 1)
    return lines


def _condition(line: ConditionLine, depth: int) -> list[str]:
    indent = "  " * depth
    lines = [f"{indent}{'✓' if line.holds else '×'} {' '.join(line.asks)}"]
    lines += [f"{indent}    {fact.text}" for fact in line.facts]
    return lines + (tell_not(line.detail, depth + 2) if line.detail else [])


def tell_contradictions(
    found: tuple[Contradiction, ...], language: str, prove: Callable[[Statement], WhyPage | None]
) -> list[str]:
    """Contradictions as lines, each with the facts that clash and the proof of each that is not stated itself."""
    if not found:
        return ["矛盾はない。" if language == "ja" else "Nothing contradicts the ontology."]
    lines: list[str] = []
    for each in found:
        lines.append(f"{each.rule}: {each.because}")
        for fact in each.facts:
            lines.append(
                f"  {fact.text} ({fact.subject.address} {fact.predicate.address} {fact.object.address})"
            )
            proof = prove(fact)
            if proof is not None and len(proof.steps) > 1:
                branch: list[str] = []
                _branch(proof, proof.steps[-1], 0, set(), branch)
                lines += [f"    {line}" for line in branch]
    return lines


def _answer(
    engine: Engine, view: View, terms: tuple[str, ...], negated: bool, clashes: bool, language: Language
) -> tuple[list[str], int]:
    """What to print, and the exit code."""
    explainers = Explainers()
    if clashes:
        found = read_contradictions(explainers, engine, view, language)

        def prove(fact: Statement) -> WhyPage | None:
            named = (
                term_of(fact.subject.address),
                iri_of(fact.predicate.address),
                term_of(fact.object.address),
            )
            return read_why(explainers, engine, view, Fact(*named), language)

        return tell_contradictions(found, language, prove), 1 if found else 0
    if negated:
        page = read_why_not(explainers, engine, view, iri_of(terms[0]), iri_of(terms[1]), language)
        return tell_not(page), 0
    subject, object_ = term_of(terms[0]), term_of(terms[-1])
    if len(terms) == 2:
        facts: tuple[Fact, ...] = facts_between(engine, view, subject, object_)
    else:
        facts = (Fact(subject, iri_of(terms[1]), object_),)
    proofs = [proof for fact in facts if (proof := read_why(explainers, engine, view, fact, language))]
    if not proofs:
        return ["成り立たない。" if language == "ja" else "It does not hold."], 1
    return [line for proof in proofs for line in (*tell(proof), "")][:-1], 0


@click.command("why")
@click.argument("terms", nargs=-1)
@click.option("--not", "negated", is_flag=True, help="CLASS THING: which conditions of the definition hold.")
@click.option(
    "--contradictions", is_flag=True, help="What contradicts the ontology, with the facts that clash."
)
@click.option(
    "--asof", type=click.DateTime(["%Y-%m-%d"]), help="As of this day (YYYY-MM-DD); default: today."
)
@revision_option
@scenario_option
@workspace_option
@language_option
def why_command(
    terms: tuple[str, ...],
    negated: bool,
    contradictions: bool,
    asof: datetime | None,
    revision: int | None,
    scenarios: tuple[str, ...],
    workspace: Path,
    language: str,
) -> None:
    """Tell why a statement (SUBJECT PROPERTY OBJECT) holds, down to what is stated and its sources.

    Terms are prefixed names (state:JPN, k:memberOf), `id/KIND/SLUG`, IRIs, or literals in quotes. Without PROPERTY all
    that holds between the two is explained.

    Exit codes: 0 explained (no contradiction found), 1 it does not hold (a contradiction was found), 2 it cannot be asked.

    \b
    Examples:
      kizuna why state:AUS k:partyTo agreement:jp-au-raa
      kizuna why state:AUS framework:quad --asof 2018-01-01
      kizuna why --not k:FullSecuritySetPartner state:PHL -l ja
      kizuna why --contradictions
    """
    if not contradictions and len(terms) not in ((2,) if negated else (2, 3)):
        raise click.UsageError("Name SUBJECT PROPERTY OBJECT, or SUBJECT OBJECT, or --not CLASS THING.")
    try:
        settings = Settings.from_environment(os.environ, workspace=workspace)
        with start_embedded(engine_config(settings)) as engine:
            view = chosen_view(engine, workspace, asof.date() if asof else None, scenarios, revision)
            lines, code = _answer(engine, view, terms, negated, contradictions, cast(Language, language))
    except (TermError, EngineError, ScenarioError, SettingsError, OSError) as error:
        message = f"No term: {error}" if isinstance(error, TermError) else told(error, language)
        click.echo(message, err=True)
        sys.exit(2)
    click.echo("\n".join(lines))
    sys.exit(code)
