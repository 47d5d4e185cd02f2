"""`kizuna import`: tables to Turtle in the workspace. Reads and writes files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from kizuna.changes.documents import DocumentError, refusal
from kizuna.changes.importing import MOST_PROBLEMS, ImportedTable, actor_codes, import_table, kind_of
from kizuna.commands.desk import say
from kizuna.commands.options import language_option, workspace_option
from kizuna.validation.labels import short
from kizuna.workspace.load import WorkspaceError, load_store

SUFFIXES = (".csv", ".tsv", ".xlsx")


def _tables(paths: tuple[Path, ...]) -> list[Path]:
    """Files as given; a folder stands for the tables in it."""
    found: list[Path] = []
    for path in paths:
        inside = (one for one in sorted(path.iterdir()) if one.suffix.lower() in SUFFIXES) if path.is_dir() else [path]  # fmt: skip
        found += inside
    return found


def _imported(
    paths: list[Path], table: str | None, sheet: str, workspace: Path
) -> Iterator[tuple[Path, ImportedTable]]:
    """Each file, read.

    Raises:
        DocumentError, WorkspaceError, OSError: something cannot be read.
    """
    actors = actor_codes(load_store(workspace).store)
    names = [table or path.stem for path in paths]
    for path, name in zip(paths, names, strict=True):
        try:
            if names.count(name) > 1:  # one would be written over the other
                raise refusal(
                    "unknown-table",
                    f"「{name}」の表が二つ以上あります。一つずつ取り込んでください。",
                    f"There is more than one table '{name}': import them one by one.",
                )
            if path.suffix.lower() not in SUFFIXES:
                raise refusal(
                    "document-type",
                    "表は CSV、TSV、XLSX で読みます。そのどれかで保存し直してください。",
                    "Tables are read as CSV, TSV or XLSX: save it as one of them.",
                )
            yield path, import_table(name, path.read_bytes(), actors, kind_of(path.suffix), sheet)
        except DocumentError as error:
            error.add_note(f"{path.name}:{error.problem.line}" if error.problem.line else path.name)
            raise


def _count(table: ImportedTable, language: str) -> str:
    said = f"{table.name}: {table.rows} " + say(language, "行", "rows")
    if table.sheet:
        others = ", ".join(table.others)
        left = say(language, f"、読んでいないシート: {others}", f"; sheets not read: {others}")
        said += (
            say(language, f"(シート「{table.sheet}」", f" (sheet '{table.sheet}'") + left * bool(others) + ")"
        )
    return said


def _preview(table: ImportedTable, language: str) -> None:
    """The first rows as they were understood."""
    for line, iri, pairs in table.preview:
        click.echo(f"  {line}  {short(iri)}")
        for predicate, value in pairs:
            click.echo(f"      {short(predicate)}  {short(value[1:-1]) if value[0] == '<' else value}")
    if table.rows > len(table.preview):
        more = table.rows - len(table.preview)
        click.echo(say(language, f"  ほかに{more}行", f"  and {more} rows more"))


@click.command("import")
@click.argument("tables", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--into",
    metavar="NAME",
    help="Folder below data/ that gets one Turtle file a table. Without it the tables are only checked.",
)
@click.option("--table", metavar="NAME", help="Mapping of the table (default: the file's name).")
@click.option(
    "--sheet",
    metavar="TITLE",
    default="",
    help="Sheet of a spreadsheet (default: the one with the mapping's name, else the first).",
)
@click.option("--preview", is_flag=True, help="Show what the first rows of each table state.")
@workspace_option
@language_option
def import_command(
    tables: tuple[Path, ...],
    into: str | None,
    table: str | None,
    sheet: str,
    preview: bool,
    workspace: Path,
    language: str,
) -> None:
    """Read tables (CSV, TSV, XLSX) by their declared mappings and write them as canonical Turtle.

    A table's mapping is chosen by its file name (docs/import.md lists them). With any problem nothing is
    written. Exit codes: 0 done, 1 a table has problems, 2 something cannot be read.

    \b
    Examples:
      kizuna import tables/agreements.csv
      kizuna import tables/ --into japan-security
      kizuna import plan.xlsx --table events --sheet 2026 --preview
    """
    wrong = 0
    done: list[ImportedTable] = []
    try:
        for _path, one in _imported(_tables(tables), table, sheet, workspace):
            for problem in one.problems:
                click.echo(problem.text(language), err=True)
            if len(one.problems) == MOST_PROBLEMS:
                click.echo(
                    say(
                        language,
                        f"{MOST_PROBLEMS}件で打ち切りました。",
                        f"Stopped after {MOST_PROBLEMS} problems.",
                    ),
                    err=True,
                )
            click.echo(_count(one, language))
            if preview:
                _preview(one, language)
            wrong += len(one.problems)
            done.append(one)
    except DocumentError as error:
        place = "".join(f"{note}: " for note in getattr(error, "__notes__", ()))
        click.echo(place + say(language, error.problem.ja, error.problem.en), err=True)
        sys.exit(2)
    except (WorkspaceError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    if wrong:
        sys.exit(1)
    if into is None:
        return
    target = workspace / "data" / into
    target.mkdir(parents=True, exist_ok=True)
    for one in done:
        (target / f"{one.name}.ttl").write_text(one.turtle, encoding="utf-8")
