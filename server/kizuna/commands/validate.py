"""`kizuna validate`: the data of a workspace against its shapes. Reads files, writes one report."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, cast, get_args

import click

from kizuna.commands.options import language_option, workspace_option
from kizuna.commands.since import RevisionError, files_at, newer, root_of, within
from kizuna.validation.catalogue import ShapesError
from kizuna.validation.engines import DEFAULT_ENGINE, EngineName
from kizuna.validation.report import Language, Report
from kizuna.validation.run import validate_workspace
from kizuna.validation.writers import json as as_json
from kizuna.validation.writers import junit, sarif, text, turtle
from kizuna.views.rules import RuleError, read_rules
from kizuna.workspace.load import WorkspaceError

Writer = Callable[[Report, Language, bool, int | None, Path], str]
WRITERS: Final[dict[str, Writer]] = {
    "text": lambda report, language, notes, limit, _where: text.write(
        report, language, notes=notes, limit=limit
    ),
    "json": lambda report, _language, _notes, _limit, _where: as_json.write(report),
    "ttl": lambda report, _language, _notes, _limit, _where: turtle.write(report),
    "sarif": lambda report, language, notes, _limit, where: sarif.write(
        report, language, notes=notes, base=_base(where)
    ),
    "junit": lambda report, language, _notes, _limit, _where: junit.write(report, language),
}


def _base(workspace: Path) -> sarif.Base:
    """Paths from the root of the repository: what a code host resolves, wherever in it the workspace lies."""
    root, whole = root_of(workspace), workspace.resolve()
    within = whole.relative_to(root).as_posix() + "/" if whole != root else ""
    return sarif.Base(uri=root.as_uri() + "/", within=within, otherwise="data")


@click.command("validate")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--base",
    metavar="REV",
    help="A revision of git (such as origin/main): tell only what the files of that revision do not already have.",
)
@click.option("--format", "-f", "form", type=click.Choice(sorted(WRITERS)), default="text", show_default=True)
@click.option(
    "--notes", is_flag=True, help="Tell notes too (missing sources, addresses), not only count them."
)
@click.option("--limit", type=click.IntRange(1), help="Findings told at most (text only).")
@click.option(
    "--engine",
    type=click.Choice(get_args(EngineName)),
    default=DEFAULT_ENGINE,
    show_default=True,
    help="pyshacl is the authority; turbo gives the same report faster (docs/shapes.md).",
)
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output."
)
@workspace_option
@language_option
def validate_command(
    files: tuple[Path, ...],
    base: str | None,
    form: str,
    notes: bool,
    limit: int | None,
    engine: str,
    output: Path | None,
    workspace: Path,
    language: str,
) -> None:
    """Check the data against the shapes and tell what is wrong, on which thing, where, and what to do.

    Everything is validated, since a file can break what another says. With FILES only findings are told whose thing
    is written in one of them, with --base only those that are new: a hook and a workflow need no more (docs/updates.md).

    Errors block, warnings ask, notes inform. Exit codes: 0 nothing blocks, 1 there are errors, 2 a file cannot be
    read, or derivation rules depend on each other in a circle.

    \b
    Examples:
      kizuna validate
      kizuna validate -l ja --notes --limit 50
      kizuna validate --format sarif -o report.sarif
      kizuna validate data/japan/agreements.ttl --base origin/main
    """
    try:
        read_rules(workspace / "ontology" / "rules")
        report = validate_workspace(workspace, engine=cast(EngineName, engine))
        if base is not None:
            with files_at(workspace, base) as then:
                report = newer(report, validate_workspace(then, engine=cast(EngineName, engine)))
        if files:
            report = within(report, workspace, files)
    except (WorkspaceError, ShapesError, RuleError, RevisionError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    told = WRITERS[form](report, cast(Language, language), notes, limit, workspace)
    if output:
        output.write_text(told, encoding="utf-8")
    else:
        click.echo(told)
    sys.exit(0 if report.conforms else 1)
