"""`kizuna diff`: what changed between two views of a workspace, in words, as JSON or as RDF Patch."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from pathlib import Path

import click

from kizuna.atlas.differences import Change, Comparisons, DifferencePage, read_differences
from kizuna.atlas.differences_views import ViewTextError, view_of, year_before
from kizuna.atlas.scenarios import ScenarioError, pinned
from kizuna.atlas.terms import Name
from kizuna.atlas.why_terms import TermError, iri_of
from kizuna.commands.options import language_option, told, workspace_option
from kizuna.commands.setup import engine_config
from kizuna.engine.embedded import start_embedded
from kizuna.engine.types import EngineError, View
from kizuna.settings import Settings, SettingsError

HEADINGS = {
    "status": ("状態が変わったもの", "What stands differently"),
    "tie": ("得られた関係、失われた関係", "Ties gained and lost"),
    "definition": ("当てはまる定義の変化", "Kinds that apply, or no longer"),
    "participation": ("始まった参加、終わった参加", "Participations begun and ended"),
    "event": ("起きたこと", "What happened"),
    "thing": ("現れた対象、消えた対象", "Things that appeared or disappeared"),
}


def tell(page: DifferencePage, language: str) -> list[str]:
    """The changes as lines, kind by kind: `+` what only the later view holds, `-` what only the earlier one holds."""
    lines: list[str] = []
    for kind, (ja, en) in HEADINGS.items():
        changes = page.of(kind)
        if changes:
            lines.append(f"{ja if language == 'ja' else en} ({len(changes)})")
            lines += [f"  {_line(change, language)}" for change in changes]
    return lines or ["違いはない。" if language == "ja" else "Nothing differs."]


def _line(change: Change, language: str) -> str:
    subject = change.subject.label(language)
    first, second = (_label(name, language) for name in (change.predicate, change.object))
    if change.kind == "status":
        return f"{subject}: {first or '–'} → {second or '–'}"
    what = " ".join(word for word in (first, second) if word)
    when = f"{change.day.text} " if change.day else ""
    return f"{'+' if change.gained else '-'} {when}{subject} – {what}"


def _label(name: Name | None, language: str) -> str:
    return "" if name is None else name.label(language)


def _as_json(page: DifferencePage) -> str:
    def name(of: Name | None) -> dict[str, str | None] | None:
        return None if of is None else {"iri": of.iri, "ja": of.ja, "en": of.en}

    changes = [
        {
            "kind": change.kind,
            "gained": change.gained,
            "subject": name(change.subject),
            "predicate": name(change.predicate),
            "object": name(change.object),
            "day": change.day.text if change.day else None,
        }
        for change in page.changes
    ]
    return json.dumps(
        {"from": page.before, "to": page.after, "changes": changes}, ensure_ascii=False, indent=1
    )


@click.command("diff")
@click.option("--from", "before", metavar="VIEW", help="The earlier view (default: a year before today).")
@click.option("--to", "after", metavar="VIEW", help="The later view (default: today).")
@click.option(
    "--about", multiple=True, metavar="THING", help="Only what concerns all of these (state:JPN …)."
)
@click.option(
    "--format", "-f", "form", type=click.Choice(["text", "json", "patch"]), default="text", show_default=True
)
@workspace_option
@language_option
def diff_command(
    before: str | None, after: str | None, about: tuple[str, ...], form: str, workspace: Path, language: str
) -> None:
    """Tell what changed between two views: days, revisions, scenarios.

    A VIEW is a day, and after commas a revision (r12) or scenarios.

    Exit codes: 0 told, 2 a view cannot be read.

    \b
    Examples:
      kizuna diff --from 2015-01-01 --to 2026-01-01 --about state:JPN --about state:AUS
      kizuna diff --from 2028-07-01 --to 2028-07-01,eu-in-cptpp -l ja
      kizuna diff --from 2020-01-01 -f patch
    """
    try:
        things = [iri_of(word).value for word in about]
        settings = Settings.from_environment(os.environ, workspace=workspace)
        with start_embedded(engine_config(settings)) as engine:
            today = View(engine.today().as_of)

            def resolve(name: str) -> str:
                return pinned(workspace, name)

            pair = []
            for text in (before or _days_ago(today.as_of), after or today.as_of.isoformat()):
                pair.append((text, view_of(text, today, resolve)))
            comparisons = Comparisons()
            page = read_differences(comparisons, engine, pair[0], pair[1], things)
            patch = comparisons.of(engine, pair[0][1], pair[1][1]).difference.patch()
    except (TermError, ViewTextError, ScenarioError, EngineError, SettingsError, OSError) as error:
        said = told(error, language)
        click.echo(said if not isinstance(error, ViewTextError) else f"No view: {error}", err=True)
        sys.exit(2)
    if form == "patch":
        click.echo(patch.decode(), nl=False)
    else:
        click.echo(_as_json(page) if form == "json" else "\n".join(tell(page, language)))


def _days_ago(today: date) -> str:
    return year_before(today).isoformat()
