"""Run a SHACL engine over triples and bring its report into one plain form.

`pyshacl` is the authority. `turbo` (pyshacl-turbo) is for whole graphs: a test holds that both report the same
on every broken fixture (docs/decisions/0011). Neither opens a file or a socket here: both get graphs in memory,
imports are off, and our shapes hold no rules. Each run gets freshly made graphs, for pySHACL writes into its shapes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pyoxigraph as ox
import pyshacl
import pyshacl_turbo
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdfLiteral
from rdflib.namespace import OWL, RDF, RDFS, SH
from rdflib.term import Node

from kizuna.validation.aim import aim

_TARGETS: Final = (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
EngineName = Literal["turbo", "pyshacl"]
DEFAULT_ENGINE: Final[EngineName] = "turbo"


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """One result of a validation report (SHACL, section 3.6), as strings.

    Args:
        focus: IRI, or `_:` and a label for a blank node.
        path: IRI of a plain property path; "" for a complex path or none.
        value: the value node in N-Triples form; "" when there is none.
        shape: IRI of the source shape.
        component: local name of the constraint component.
        severity: IRI of the severity.
    """

    focus: str
    path: str
    value: str
    shape: str
    component: str
    severity: str


@dataclass(frozen=True, slots=True)
class Run:
    """The results of an engine (without repeats, sorted), its report graph, and how long it took."""

    results: tuple[Result, ...]
    graph: Graph
    engine: EngineName
    seconds: float


def to_rdflib(triples: Iterable[ox.Quad | ox.Triple]) -> Graph:
    """Copy triples into a fresh rdflib graph, term by term (several times faster than parsing text).

    RDF 1.2 triple terms, which rdflib does not know, are left out.
    """
    graph = Graph()
    known: dict[object, Node] = {}

    def term(value: object) -> Node | None:
        if value in known:
            return known[value]
        made: Node
        if isinstance(value, ox.NamedNode):
            made = URIRef(value.value)
        elif isinstance(value, ox.BlankNode):
            made = BNode(value.value)
        elif isinstance(value, ox.Literal):
            # A plain string has no datatype in rdflib's own parsers; sh:in compares on that.
            plain = value.language is None and value.datatype.value.endswith("XMLSchema#string")
            datatype = None if plain or value.language else URIRef(value.datatype.value)
            made = RdfLiteral(value.value, lang=value.language, datatype=datatype, normalize=False)
        else:
            return None
        known[value] = made
        return made

    for triple in triples:
        subject, predicate, value = term(triple.subject), term(triple.predicate), term(triple.object)
        if subject is not None and predicate is not None and value is not None:
            graph.add((subject, predicate, value))
    return graph


def _name(node: Node | None) -> str:
    if node is None:
        return ""
    if isinstance(node, URIRef):
        return str(node)
    return node.n3()


def _results(report: Graph) -> tuple[Result, ...]:
    # Only what the report itself lists: an engine may hang details of nested shapes beneath a result.
    found = set()
    for node in report.objects(None, SH.result):
        path = report.value(node, SH.resultPath)
        value = report.value(node, SH.value)
        found.add(
            Result(
                focus=_name(report.value(node, SH.focusNode)),
                path=str(path) if isinstance(path, URIRef) else "",
                value="" if value is None else value.n3(),
                shape=_name(report.value(node, SH.sourceShape)),
                component=_name(report.value(node, SH.sourceConstraintComponent)).rpartition("#")[2],
                severity=_name(report.value(node, SH.resultSeverity)),
            )
        )
    return tuple(sorted(found))


def run_graphs(data: Graph, shapes: Graph, *, engine: EngineName = DEFAULT_ENGINE) -> Run:
    """Validate an rdflib graph against another; see `run`. pySHACL writes into `shapes`: hand it a fresh one.

    Raises:
        ValueError: an engine that does not exist.
    """
    if engine not in ("turbo", "pyshacl"):
        raise ValueError(f"There is no SHACL engine called {engine!r}.")
    validate: Callable[..., Any] = pyshacl_turbo.validate if engine == "turbo" else pyshacl.validate
    begin = time.perf_counter()
    _, report, _ = validate(data, shacl_graph=shapes, advanced=False, inference="none", do_owl_imports=False)
    if not isinstance(report, Graph):
        raise TypeError(f"{engine} gave no report graph: {report!r}")
    seconds = time.perf_counter() - begin
    return Run(_results(report), report, engine, seconds)


def run(
    data: Iterable[ox.Quad | ox.Triple],
    shapes: Iterable[ox.Quad | ox.Triple],
    *,
    engine: EngineName = DEFAULT_ENGINE,
    focus: Sequence[str] | None = None,
) -> Run:
    """Validate data (with the ontology and its lists among it) against shapes.

    Args:
        data: the triples to validate; graph names of quads are ignored.
        shapes: the shapes graph.
        engine: which engine.
        focus: IRIs; only these things are validated (all of them when None).

    Raises:
        ValueError: an engine that does not exist.
    """
    if focus is not None and not focus:
        return Run((), Graph(), engine, 0.0)
    data_graph, shapes_graph = to_rdflib(data), to_rdflib(shapes)
    if focus is not None:
        aim(shapes_graph, data_graph, focus)
    return run_graphs(data_graph, shapes_graph, engine=engine)


class Compiled:
    """Shapes as `turbo` has them, to be asked again and again about some things at a time.

    Args:
        shapes: the shapes; only read.
    """

    def __init__(self, shapes: Graph) -> None:
        compile_shapes: Callable[..., Any] = pyshacl_turbo.compile_shapes
        self._shapes = compile_shapes(shapes)

    def at(self, data: ox.Store, focus: Sequence[str]) -> tuple[Result, ...]:
        """Results about some things: those that `run_graphs` gives about them.

        Args:
            data: all that the shapes can see from them (default graph).
            focus: IRIs.
        """
        _, report, _ = self._shapes.validate(data, focus_nodes=[URIRef(iri) for iri in focus])
        return _results(report)


def run_in_parts(data: Graph, shapes: Graph, parts: int) -> Iterator[tuple[int, int, tuple[Result, ...]]]:
    """Validate by `turbo`, some shapes at a time: for whoever wants to hear how far it is. The results are those of `run_graphs`.

    Args:
        data: what is validated.
        shapes: the shapes.
        parts: in how many goes, at most. Each reads the data anew, which is about a tenth of validating it at once.

    Yields:
        shapes done, shapes in all, and the results of the last ones.
    """
    targeted = {node for target in _TARGETS for node in shapes.subjects(target)}
    for cls in (RDFS.Class, OWL.Class):
        targeted |= {
            node for node in shapes.subjects(RDF.type, cls) if (node, RDF.type, SH.NodeShape) in shapes
        }
    order = sorted(targeted, key=str)
    compile_shapes: Callable[..., Any] = pyshacl_turbo.compile_shapes
    compiled = compile_shapes(shapes)
    size = max(1, -(-len(order) // parts))
    for begin in range(0, len(order), size):
        some = order[begin : begin + size]
        _, report, _ = compiled.validate(data, use_shapes=some)
        yield begin + len(some), len(order), _results(report)
