"""`kizuna infer` and `kizuna export`: what a view holds, as files. Reads and writes files."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path

import click
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store, serialize

from kizuna.atlas.scenarios import patches_of, split_names
from kizuna.commands.options import revision_option, scenario_option, workspace_option
from kizuna.engine.viewkeeper import take_back
from kizuna.ledger.load import load_with_ledger, way_back
from kizuna.views.build import build_view
from kizuna.workspace.load import LoadedWorkspace, WorkspaceError
from kizuna.workspace.names import DERIVED_GRAPH, INFERRED_GRAPH
from kizuna.workspace.turtle import to_turtle

GRAPHS = {"derived": (DERIVED_GRAPH,), "inferred": (INFERRED_GRAPH,), "both": (DERIVED_GRAPH, INFERRED_GRAPH)}
DATASETS = {"nq": RdfFormat.N_QUADS, "trig": RdfFormat.TRIG, "jsonld": RdfFormat.JSON_LD}


def _load(workspace: Path, revision: int | None) -> LoadedWorkspace:
    """The record, as it was at a revision when one is given."""
    try:
        loaded = load_with_ledger(workspace)
        if revision is not None and revision != loaded.revision:
            take_back(loaded.store, tuple(way_back(workspace, revision, loaded.revision)))
    except (WorkspaceError, LookupError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    return loaded


def _patches(workspace: Path, scenarios: tuple[str, ...]) -> tuple[bytes, ...]:
    try:
        return patches_of(workspace, split_names(",".join(scenarios)))
    except LookupError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def _write(text: str | bytes, output: Path | None) -> None:
    data = text.encode("utf-8") if isinstance(text, str) else text
    if output is None:
        sys.stdout.buffer.write(data)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(data)


def _named(quad: Quad) -> bool:
    """Whether a quad can stand in canonical Turtle (class expressions of the ontology have no IRI)."""
    return not isinstance(quad.subject, BlankNode) and not isinstance(quad.object, BlankNode)


asof_option = click.option(
    "--asof", type=click.DateTime(["%Y-%m-%d"]), help="As of this day (YYYY-MM-DD); default: today."
)
output_option = click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="Where to write; default: standard output."
)


@click.command("infer")
@click.option("--what", type=click.Choice(sorted(GRAPHS)), default="both", show_default=True)
@asof_option
@revision_option
@scenario_option
@output_option
@workspace_option
def infer_command(
    what: str,
    asof: datetime | None,
    revision: int | None,
    scenarios: tuple[str, ...],
    output: Path | None,
    workspace: Path,
) -> None:
    """Write what follows from the facts as of a day: direct edges (derived) and the OWL 2 RL closure (inferred).

    Exit codes: 0 written, 2 the workspace cannot be read.

    \b
    Examples:
      kizuna infer --what derived
      kizuna infer --asof 2010-01-01 -o 2010.ttl
    """
    store = _load(workspace, revision).store
    build_view(store, asof.date() if asof else date.today(), _patches(workspace, scenarios))
    quads = [
        quad
        for graph in GRAPHS[what]
        for quad in store.quads_for_pattern(None, None, None, NamedNode(graph))
        if _named(quad)
    ]
    _write(to_turtle(quads), output)


def _export_files(loaded: LoadedWorkspace, target: Path) -> None:
    """One canonical Turtle file a data graph; what has blank nodes (ontology, shapes) is left out."""
    for file in loaded.files:
        if file.room != "data":
            continue
        quads = loaded.store.quads_for_pattern(None, None, None, NamedNode(file.graph))
        path = target / Path(*Path(file.graph.split("/graph/data/", 1)[1]).parts).with_suffix(".ttl")
        _write(to_turtle(quads), path)


def _dataset(store: Store, form: str) -> bytes:
    quads = sorted(store, key=str)
    return serialize(quads, format=DATASETS[form]) or b""


@click.command("export")
@click.option(
    "--to", "target", type=click.Path(path_type=Path), help="Folder that gets one Turtle file a graph."
)
@click.option("--format", "-f", "form", type=click.Choice(sorted(DATASETS)), default="nq", show_default=True)
@click.option("--view", "whole", is_flag=True, help="The whole view, derived and inferred graphs included.")
@asof_option
@revision_option
@scenario_option
@output_option
@workspace_option
def export_command(
    target: Path | None,
    form: str,
    whole: bool,
    asof: datetime | None,
    revision: int | None,
    scenarios: tuple[str, ...],
    output: Path | None,
    workspace: Path,
) -> None:
    """Write the graph out: as one dataset file, or with --to as a folder of canonical Turtle files.

    Exit codes: 0 written, 2 the workspace cannot be read.

    \b
    Examples:
      kizuna export -o kizuna.nq
      kizuna export --view --asof 2015-01-01 -f trig -o 2015.trig
      kizuna export --to out/
    """
    loaded = _load(workspace, revision)
    if whole or asof or scenarios:
        build_view(loaded.store, asof.date() if asof else date.today(), _patches(workspace, scenarios))
    if target is not None:
        _export_files(loaded, target)
    else:
        _write(_dataset(loaded.store, form), output)
