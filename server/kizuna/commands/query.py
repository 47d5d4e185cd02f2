"""`kizuna query`: a query against a workspace, from the library, a file, text or standard input."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from kizuna.atlas.scenarios import ScenarioError
from kizuna.commands.options import language_option, revision_option, scenario_option, told, workspace_option
from kizuna.commands.setup import chosen_view, engine_config
from kizuna.engine.embedded import start_embedded
from kizuna.engine.types import EngineError, EngineUnavailableError, Question
from kizuna.settings import Settings, SettingsError
from kizuna.workspace.names import PREFIXES
from kizuna.workspace.queries import (
    LibraryQuery,
    ParameterError,
    QueryFileError,
    load_library,
    parse_query,
    with_prefixes,
)

MEDIA = {
    "table": "application/sparql-results+json",
    "json": "application/sparql-results+json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "xml": "application/sparql-results+xml",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}


def short(term: dict[str, Any]) -> str:
    """A term of the JSON result format as a person reads it: prefixed names, bare literals."""
    value = str(term["value"])
    if term["type"] == "uri":
        for name, iri in sorted(PREFIXES.items(), key=lambda item: -len(item[1])):
            if value.startswith(iri):
                return f"{name}:{value[len(iri) :]}"
    return value


def _width(text: str) -> int:
    """Columns a text takes in a terminal: full-width characters take two (Unicode Annex 11)."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def as_table(result: dict[str, Any]) -> str:
    """A SELECT or ASK result as a text table."""
    if "boolean" in result:
        return "true" if result["boolean"] else "false"
    names = result["head"]["vars"]
    rows = [
        [short(row[name]).replace("\n", " ") if name in row else "" for name in names]
        for row in result["results"]["bindings"]
    ]
    widths = [max([_width(names[at]), *(_width(row[at]) for row in rows)]) for at in range(len(names))]
    lines = [names, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def _find(what: str, workspace: Path) -> LibraryQuery | str:
    """The query meant by the argument: `-`, a file, a name of the library, or the text itself."""
    if what == "-":
        return sys.stdin.read()
    if what.endswith(".rq") and Path(what).is_file():
        text = Path(what).read_text(encoding="utf-8")
        return parse_query(Path(what).stem, text) if "# title@en:" in text else text
    library = load_library(workspace)
    if what in library:
        return library[what]
    if "{" not in what and "?" not in what:
        raise QueryFileError(
            f"There is no query '{what}' in the library; `kizuna query --list` shows those there are."
        )
    return what


def _list(workspace: Path, language: str) -> None:
    for name, query in load_library(workspace).items():
        title = query.title_ja if language == "ja" else query.title_en
        asks = " ".join(
            f"{parameter.name}={parameter.default or parameter.type.upper()}"
            for parameter in query.parameters
        )
        click.echo(f"{name:40} {title}" + (f"  [{asks}]" if asks else ""))


def _values(pairs: tuple[str, ...]) -> dict[str, str]:
    values = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"'{pair}' should be NAME=VALUE.", param_hint="--param")
        values[name] = value
    return values


@click.command("query")
@click.argument("what", required=False)
@click.option(
    "--param", "-p", "params", multiple=True, metavar="NAME=VALUE", help="A parameter of the query."
)
@click.option("--format", "-f", "form", type=click.Choice(sorted(MEDIA)), default="table", show_default=True)
@click.option(
    "--asof", type=click.DateTime(["%Y-%m-%d"]), help="As of this day (YYYY-MM-DD); default: today."
)
@revision_option
@scenario_option
@click.option("--list", "listed", is_flag=True, help="List the query library.")
@workspace_option
@language_option
def query_command(
    what: str | None,
    params: tuple[str, ...],
    form: str,
    asof: datetime | None,
    revision: int | None,
    scenarios: tuple[str, ...],
    listed: bool,
    workspace: Path,
    language: str,
) -> None:
    """Ask a query: a name of the library, a file.rq, SPARQL text, or - for standard input.

    Exit codes: 0 answered, 1 the query is wrong or was stopped by a limit, 2 the workspace cannot be used.

    \b
    Examples:
      kizuna query --list
      kizuna query agreements-of-pair -p b=state:AUS
      kizuna query members-on-date -p framework=framework:eu -p on=2019-06-01 -f csv
      kizuna query 'SELECT * { ?x k:memberOf framework:quad }' --asof 2010-01-01
      kizuna query 'SELECT * { ?x k:memberOf framework:cptpp }' --asof 2028-07-01 --scenario eu-in-cptpp
    """
    try:
        if listed or what is None:
            _list(workspace, language)
            return
        found = _find(what, workspace)
        day = asof.date() if asof else None
        values = _values(params)
        if isinstance(found, LibraryQuery):
            if any(item.name == "lang" for item in found.parameters):
                values.setdefault("lang", language)
            bindings = found.bindings(values, day or date.today())
            text = found.text
        else:
            bindings = {}
            text = with_prefixes(found)
        settings = Settings.from_environment(os.environ, workspace=workspace)
        with start_embedded(engine_config(settings)) as engine:
            view = chosen_view(engine, workspace, day, scenarios, revision)
            answer = engine.query(
                view,
                Question(text, MEDIA[form], bindings=dict(bindings), limits=engine_config(settings).limits),
            )
    except (ParameterError, QueryFileError) as error:
        message = error.ja if isinstance(error, ParameterError) and language == "ja" else str(error)
        click.echo(message, err=True)
        sys.exit(1)
    except (SettingsError, EngineUnavailableError, ScenarioError, OSError) as error:
        click.echo(told(error, language), err=True)
        sys.exit(2)
    except EngineError as error:
        click.echo(told(error, language), err=True)
        sys.exit(1)
    if form == "table":
        click.echo(as_table(json.loads(answer.body)))
    else:
        click.echo(answer.body.decode("utf-8"), nl=False)
    if answer.truncated:
        click.echo(
            "（上限に達したため途中までです）" if language == "ja" else "(cut short: a limit was reached)",
            err=True,
        )
