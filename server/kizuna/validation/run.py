"""Validate graphs, or a whole workspace, and tell the outcome in words. Reads the workspace's files; writes nothing.

What is validated is what is *stated*: the ontology (for its classes and lists) together with the data. Derived
and inferred graphs are not, for they follow from the stated ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from kizuna.validation.catalogue import constraints_of, unnamed
from kizuna.validation.engines import DEFAULT_ENGINE, EngineName, Result, run
from kizuna.validation.labels import Labels
from kizuna.validation.locate import statements
from kizuna.validation.report import Constraint, Finding, Location, Report
from kizuna.workspace.files import GraphFile
from kizuna.workspace.load import load_store
from kizuna.workspace.names import GRAPH

Places = Mapping[tuple[str, str], Location]
"""Where a subject is written (predicate ""), or one of its predicates."""


def _default_graph(quads: Iterable[ox.Quad | ox.Triple]) -> ox.Store:
    store = ox.Store()
    store.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    return store


def _value(n3: str) -> object:
    """Read a value node back from its N-Triples form; None when it is a blank node or none."""
    if not n3 or n3.startswith("_:"):
        return None
    line = f"<urn:s> <urn:p> {n3} .".encode()
    return next(iter(ox.parse(line, format=ox.RdfFormat.N_TRIPLES))).object


def finding_of(result: Result, constraint: Constraint, labels: Labels) -> Finding:
    """Put one result of an engine into words (without its place)."""
    term = _value(result.value)
    value = None if result.value in ("", f"<{result.focus}>") else result.value
    return Finding(
        focus=result.focus,
        focus_label=labels.thing(result.focus),
        path=result.path or None,
        path_label=labels.prop(result.path) if result.path else None,
        value=value,
        value_label=labels.value(result.value, term) if value else None,
        constraint=constraint,
        component=result.component,
    )


def validate_graphs(
    data: Iterable[ox.Quad | ox.Triple],
    shapes: Iterable[ox.Quad | ox.Triple],
    *,
    engine: EngineName = DEFAULT_ENGINE,
    focus: Sequence[str] | None = None,
) -> Report:
    """Validate triples against shapes.

    Args:
        data: the stated triples, with the ontology and its lists among them.
        shapes: the shapes graph.
        engine: `turbo` for whole graphs, `pyshacl` for the authority.
        focus: IRIs; only these things are validated (all when None).

    Raises:
        ShapesError: a constraint of the shapes cannot be reported on.
    """
    data_store, shapes_store = _default_graph(data), _default_graph(shapes)
    constraints = constraints_of(shapes_store)
    outcome = run(data_store, shapes_store, engine=engine, focus=focus)
    labels = Labels(data_store)
    findings = [
        finding_of(result, constraints.get(result.shape) or unnamed(result.shape), labels)
        for result in outcome.results
    ]
    findings.sort(key=lambda found: (-found.severity, found.constraint.id, found.focus, found.value or ""))
    return Report(
        findings=tuple(findings),
        constraints=tuple(constraints.values()),
        triples=len(data_store),
        engine=outcome.engine,
        seconds=outcome.seconds,
    )


def find_places(
    workspace: Path, files: Iterable[GraphFile], subjects: set[str]
) -> dict[tuple[str, str], Location]:
    """Find where some subjects are written in Turtle files.

    Returns:
        The first place of each `(subject, predicate)`, and of each subject under the predicate "".

    Raises:
        OSError: a file cannot be read.
    """
    places: dict[tuple[str, str], Location] = {}
    for file in files:
        path = file.path.relative_to(workspace).as_posix()
        text = file.path.read_text(encoding="utf-8")
        for subject, predicate, line in statements(text, base=file.graph):
            if subject in subjects:
                location = Location(path, line)
                places.setdefault((subject, ""), location)
                places.setdefault((subject, predicate), location)
    return places


def validate_workspace(workspace: Path, *, engine: EngineName = DEFAULT_ENGINE) -> Report:
    """Validate the data of a workspace, with its ontology, against its shapes.

    Raises:
        WorkspaceError: the folder does not exist or a file cannot be read; says which file and line.
        ShapesError: a constraint of the shapes cannot be reported on.
    """
    loaded = load_store(workspace)
    stated: list[ox.Quad] = []
    shapes: list[ox.Quad] = []
    for quad in loaded.store:
        name = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        (shapes if name.startswith(GRAPH + "shapes/") else stated).append(quad)
    report = validate_graphs(stated, shapes, engine=engine)
    files = [file for file in loaded.files if file.room != "shapes"]
    places = find_places(workspace, files, {finding.focus for finding in report.findings})
    return with_places(report, places)


def with_places(report: Report, places: Places) -> Report:
    """Add to each finding where its property, or else its thing, is written."""
    findings = tuple(
        replace(found, location=places.get((found.focus, found.path or "")) or places.get((found.focus, "")))
        for found in report.findings
    )
    return replace(report, findings=findings)
