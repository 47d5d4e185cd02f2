"""`kizuna import`: tables to Turtle in the workspace. Reads and writes files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kizuna.changes.documents import DocumentError
from kizuna.changes.importing import ImportedTable, UnknownTableError, actor_codes, import_table
from kizuna.changes.sheets import decoded
from kizuna.commands.options import language_option, workspace_option
from kizuna.workspace.load import WorkspaceError, load_store


def _tables(paths: tuple[Path, ...]) -> list[Path]:
    """Files as given; a folder stands for the CSV files in it."""
    found: list[Path] = []
    for path in paths:
        found += sorted(path.glob("*.csv")) if path.is_dir() else [path]
    return found


def _report(tables: list[ImportedTable], language: str) -> int:
    wrong = 0
    for table in tables:
        for problem in table.problems:
            click.echo(problem.text(language), err=True)
            wrong += 1
        click.echo(f"{table.name}: {table.rows} " + ("行" if language == "ja" else "rows"))
    return wrong


@click.command("import")
@click.argument("tables", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--into",
    metavar="NAME",
    help="Folder below data/ that gets one Turtle file a table. Without it the tables are only checked.",
)
@workspace_option
@language_option
def import_command(tables: tuple[Path, ...], into: str | None, workspace: Path, language: str) -> None:
    """Read CSV tables by their declared mappings and write them as canonical Turtle.

    A table's mapping is chosen by its file name (docs/import.md lists them). With any problem nothing is
    written. Exit codes: 0 done, 1 a table has problems, 2 something cannot be read.

    \b
    Examples:
      kizuna import tables/agreements.csv
      kizuna import tables/ --into japan-security
    """
    try:
        actors = actor_codes(load_store(workspace).store)
        done = [
            import_table(path.stem, decoded(path.read_bytes()).removeprefix("\ufeff"), actors)
            for path in _tables(tables)
        ]
    except DocumentError as error:
        problem = error.problem
        click.echo(problem.ja if language == "ja" else problem.en, err=True)
        sys.exit(2)
    except (WorkspaceError, UnknownTableError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    if _report(done, language):
        sys.exit(1)
    if into is None:
        return
    target = workspace / "data" / into
    target.mkdir(parents=True, exist_ok=True)
    for table in done:
        (target / f"{table.name}.ttl").write_text(table.turtle, encoding="utf-8")
