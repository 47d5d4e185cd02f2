"""`kizuna coverage`: what the graph knows, as a page. Reads a workspace, writes one file."""

from __future__ import annotations

import os
import sys
from datetime import date, datetime
from pathlib import Path

import click

from kizuna.atlas.coverage import coverage, markdown
from kizuna.commands.options import workspace_option
from kizuna.commands.setup import engine_config
from kizuna.engine.embedded import start_embedded
from kizuna.engine.types import EngineUnavailableError, View
from kizuna.settings import Settings


def report(workspace: Path, day: date) -> str:
    """The coverage page of a workspace as of a day.

    Raises:
        EngineUnavailableError: the workspace cannot be loaded.
    """
    with start_embedded(engine_config(Settings.from_environment(os.environ, workspace=workspace))) as engine:
        return markdown(coverage(lambda text: engine.select(View(day), text)), day.isoformat())


@click.command("coverage")
@click.option("--as-of", "asof", type=click.DateTime(["%Y-%m-%d"]), help="As of this day; default: today.")
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="Write the page to this file.")
@workspace_option
def coverage_command(asof: datetime | None, write: Path | None, workspace: Path) -> None:
    """Count what the graph knows: by class, framework, kind and domain; its sources; its debt.

    Exit codes: 0 written, 2 the workspace cannot be used.

    \b
    Examples:
      kizuna coverage
      kizuna coverage --write docs/coverage.md
    """
    try:
        text = report(workspace, asof.date() if asof else date.today())
    except EngineUnavailableError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    if write:
        write.write_text(text, encoding="utf-8")
    else:
        click.echo(text)
