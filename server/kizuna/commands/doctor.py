"""`kizuna doctor`: looks at an installation and says what to do. What it looks at stands in `doctor_*.py`, by theme."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from kizuna.commands import doctor_machine, doctor_record, doctor_settings
from kizuna.commands.doctor_finding import Finding
from kizuna.commands.options import language_option, told, workspace_option
from kizuna.settings import Settings, SettingsError

MARKS: Final = {"good": "✓", "warning": "!", "bad": "✗"}


def examine(settings: Settings) -> Iterator[Finding]:
    """All checks, in the order in which to mend."""
    yield doctor_machine.check_python()
    yield doctor_machine.check_packages()
    yield from doctor_machine.check_kernel()
    yield doctor_settings.check_settings(settings)
    yield from doctor_settings.check_names(os.environ)
    yield doctor_machine.check_clock()
    yield doctor_machine.check_disk(settings.workspace)
    yield doctor_record.check_ledger(settings.workspace, settings.ledger)
    yield doctor_record.check_workspace(settings.workspace)
    yield doctor_record.check_rules(settings.workspace)
    yield doctor_machine.check_bundle()
    yield doctor_machine.check_port(settings.host, settings.port)
    yield from doctor_settings.check_store(settings)
    yield Finding("fonts", "good", "サーバーにフォントは要りません", "No fonts are needed on the server")


@click.command("doctor")
@click.option(
    "--format", "-f", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@workspace_option
@language_option
def doctor_command(form: str, workspace: Path, language: str) -> None:
    """Check this installation and say what to do.

    Exit codes: 0 it will run (there may be warnings), 1 it will not, 2 a setting cannot be read.

    \b
    Examples:
      kizuna doctor
      kizuna doctor -w /srv/kizuna -l ja
    """
    try:
        settings = Settings.from_environment(os.environ, workspace=workspace.resolve())
    except SettingsError as error:
        click.echo(told(error, language), err=True)
        sys.exit(2)
    found = list(examine(settings))
    if form == "json":
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
    else:
        for one in found:
            click.echo(f"{MARKS[one.grade]} {one.check}: {one.ja if language == 'ja' else one.en}")
    sys.exit(1 if any(one.grade == "bad" for one in found) else 0)
