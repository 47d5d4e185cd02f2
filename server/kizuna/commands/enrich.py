"""`kizuna enrich`: names and identifiers from another SPARQL endpoint, as a table for `kizuna import`.

Asks one endpoint that the operator allows; writes a table, never the record: what it found goes through the same
review as any other table. Values enter the query as terms.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click
from pyoxigraph import Literal, NamedNode, QuerySolutions
from pyoxigraph import Store as Local

from kizuna.changes.mapping import built_in
from kizuna.commands.options import language_option, told, workspace_option
from kizuna.engine import remote_client
from kizuna.engine.remote_client import Store
from kizuna.engine.text import term_text
from kizuna.engine.types import EngineError
from kizuna.ledger.database import LedgerError
from kizuna.ledger.load import load_with_ledger
from kizuna.settings import Settings, SettingsError, masked, variable_of
from kizuna.workspace.load import WorkspaceError
from kizuna.workspace.names import ID, NS, SKOS

TABLE: Final = "states"
"""The table that `kizuna import` reads; its mapping says the columns."""
ISO3_PROPERTY: Final = "http://www.wikidata.org/prop/direct/P298"
"""Wikidata's property for ISO 3166-1 alpha-3."""
MOST_BYTES: Final = 20_000_000
_OWN: Final = f"""SELECT ?thing ?code ?label ?alias ?same WHERE {{
  ?thing <{NS}iso3> ?code .
  {{ ?thing <{SKOS}prefLabel> ?label }} UNION {{ ?thing <{SKOS}altLabel> ?alias }} UNION {{ ?thing <{SKOS}exactMatch> ?same }}
}}"""


@dataclass(slots=True)
class Known:
    """What the record says of a state or economy: its names by language, and what it is the same as."""

    kind: str = ""
    names: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    labels: dict[str, str] = field(default_factory=dict)
    same: set[str] = field(default_factory=set)


def known(store: Local) -> dict[str, Known]:
    """States and economies of the record by their ISO 3166-1 code."""
    found: defaultdict[str, Known] = defaultdict(Known)
    rows = store.query(_OWN, use_default_graph_as_union=True)
    assert isinstance(rows, QuerySolutions)  # noqa: S101 (for the type checker)
    for row in rows:
        thing, code, label, alias, same = (row[name] for name in ("thing", "code", "label", "alias", "same"))
        if not isinstance(thing, NamedNode) or not isinstance(code, Literal):
            continue
        one = found[code.value]
        one.kind = thing.value.removeprefix(ID).partition("/")[0]
        for name in (label, alias):
            if isinstance(name, Literal) and name.language:
                one.names[name.language].append(name.value)
        if isinstance(label, Literal) and label.language:
            one.labels[label.language] = label.value
        if isinstance(same, NamedNode):
            one.same.add(same.value)
    return found


def query_for(codes: list[str], code_property: str) -> str:
    """The query for these codes."""
    values = " ".join(term_text(Literal(code)) for code in codes)
    return (
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> SELECT ?code ?thing ?label WHERE { "
        f"VALUES ?code {{ {values} }} ?thing {term_text(NamedNode(code_property))} ?code . "
        'OPTIONAL { ?thing rdfs:label ?label FILTER(LANG(?label) IN ("ja", "en")) } }'
    )


def table(own: dict[str, Known], answer: bytes) -> str:
    """What the endpoint knows beyond the record, as rows of the table `states`. A code with two things is left out."""
    things: defaultdict[str, set[str]] = defaultdict(set)
    labels: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in json.loads(answer)["results"]["bindings"]:
        code, thing = row["code"]["value"], row["thing"]
        if thing["type"] == "uri" and thing["value"].startswith(("http://", "https://")):
            things[code].add(thing["value"])
        if "label" in row:
            labels[code][row["label"].get("xml:lang", "")] = " ".join(row["label"]["value"].split())
    text = io.StringIO()
    writer = csv.DictWriter(text, built_in()[TABLE].header, restval="", lineterminator="\n")
    writer.writeheader()
    for code in sorted(set(things) & set(own)):
        one = own[code]
        if len(things[code]) != 1 or not {"ja", "en"} <= set(one.labels):
            continue
        (thing_iri,) = things[code]
        new = {
            language: name
            for language, name in labels[code].items()
            if language in ("ja", "en") and name not in one.names[language] and not set(name) & set(";|")
        }
        match = "" if thing_iri in one.same else thing_iri
        if new or match:
            row = {"code": code, "kind": one.kind, **{tag: one.labels[tag] for tag in ("ja", "en")}}
            row |= {f"aliases_{tag}": new.get(tag, "") for tag in ("ja", "en")}
            writer.writerow(row | {"wikidata": match})
    return text.getvalue()


@click.command("enrich")
@click.option("--endpoint", required=True, help="The SPARQL endpoint to ask; it must be allowed.")
@click.option(
    "--code-property",
    default=ISO3_PROPERTY,
    show_default=True,
    help="Its property for ISO 3166-1 alpha-3 codes.",
)
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output."
)
@workspace_option
@language_option
def enrich_command(
    endpoint: str, code_property: str, output: Path | None, workspace: Path, language: str
) -> None:
    """Ask another endpoint for names and identifiers of states and economies; write them as a table.

    Nothing is recorded: read the table (name it states.csv), then `kizuna import` it. Exit codes: 0 written, 1 the endpoint
    does not answer, 2 it is not allowed, or the workspace cannot be read, or the table cannot be written.

    \b
    Examples:
      KIZUNA_ENRICH_ENDPOINTS=https://query.wikidata.org/sparql kizuna enrich --endpoint https://query.wikidata.org/sparql -o states.csv
    """
    try:
        settings = Settings.from_environment(os.environ, workspace=workspace.resolve())
        if endpoint not in settings.enrich_endpoints.split():
            raise SettingsError(
                f"{masked(endpoint)} is not allowed: {variable_of('enrich_endpoints')} does not name it.",
                f"{masked(endpoint)} に尋ねることは許されていません。{variable_of('enrich_endpoints')} にそのアドレスがありません。",
            )
        own = known(load_with_ledger(settings.workspace).store)
        text = query_for(sorted(own), code_property)
    except (SettingsError, WorkspaceError, LedgerError, ValueError) as error:
        click.echo(told(error, language), err=True)
        sys.exit(2)
    try:
        answer, cut = remote_client.query(Store(endpoint, endpoint), text, 60.0, most=MOST_BYTES)
        if cut:
            raise EngineError("The answer is too large.")
        rows = table(own, answer)
    except (EngineError, ValueError, KeyError) as error:
        strange = not isinstance(error, EngineError)
        ja = "回答を読めません。ISO 3166-1 の国名コードを持つ SPARQL 1.1 エンドポイントのアドレスか確かめてください。"
        en = "its answer cannot be read: check that the address is that of a SPARQL 1.1 endpoint."
        said = (ja if language == "ja" else en) if strange else told(error, language)
        click.echo(f"{masked(endpoint)}: {said}", err=True)
        sys.exit(1)
    if output is None:
        click.echo(rows, nl=False)
        return
    try:
        output.write_text(rows, "utf-8")
    except OSError as error:
        click.echo(told(error, language), err=True)
        sys.exit(2)
