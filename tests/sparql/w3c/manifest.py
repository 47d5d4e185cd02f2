"""Reads test manifests (mf:Manifest) into plain cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rdflib import Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS
from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
BASE = "http://www.w3.org/test-suite/"
"""Where the files of a suite pretend to be: a base that does not depend on the machine."""


@dataclass(frozen=True)
class Graphs:
    """A dataset: files of the default graph, and of named graphs by IRI."""

    default: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Exchange:
    """One HTTP request of a protocol test and what may come back."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: str | None
    encoding: str
    statuses: tuple[str, ...]
    boolean: bool | None
    format: str | None
    answer: str | None
    answer_type: str | None


@dataclass(frozen=True)
class Case:
    """One test."""

    suite: str
    name: str
    kind: str
    file: str | None = None
    data: Graphs = field(default_factory=Graphs)
    result: str | None = None
    result_data: Graphs = field(default_factory=Graphs)
    exchanges: tuple[Exchange, ...] = ()
    lax: bool = False


class Suite:
    """The files of a suite by the IRIs they pretend to have.

    Args:
        root: the folder that holds them.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def iri(self, path: Path) -> str:
        return BASE + path.resolve().relative_to(self.root).as_posix()

    def path(self, iri: str) -> Path:
        return self.root / iri.removeprefix(BASE).split("#")[0]

    def text(self, iri: str) -> bytes:
        return self.path(iri).read_bytes()

    def cases(self, manifest: Path) -> list[Case]:
        """All cases of a manifest and of those it includes."""
        graph = Graph()
        graph.parse(manifest, format="turtle", publicID=self.iri(manifest))
        found: list[Case] = []
        for head in graph.subjects(RDF.type, MF.Manifest):
            for included in graph.objects(head, MF.include):
                for one in Collection(graph, included):
                    found += self.cases(self.path(str(one)))
            for entries in graph.objects(head, MF.entries):
                for entry in Collection(graph, entries):
                    found.append(self._case(graph, manifest, entry))
        return found

    def _case(self, graph: Graph, manifest: Path, entry: Node) -> Case:
        suite = manifest.resolve().parent.relative_to(self.root).as_posix()
        kinds = [str(k).rpartition("#")[2] for k in graph.objects(entry, RDF.type)]
        kind = next((k for k in kinds if k.endswith("Test") or "Test" in k or "Syntax" in k), "")
        name = str(entry).rpartition("#")[2]
        action = graph.value(entry, MF.action)
        result = graph.value(entry, MF.result)
        if kind in ("ProtocolTest", "GraphStoreProtocolTest"):
            return Case(
                suite, name, kind, data=_graphs(graph, entry, UT), exchanges=_exchanges(graph, action)
            )
        if isinstance(action, URIRef):
            return Case(suite, name, kind, str(action), result=None if result is None else str(result))
        if kind == "UpdateEvaluationTest":
            return Case(
                suite,
                name,
                kind,
                str(graph.value(action, UT.request)),
                _graphs(graph, action, UT),
                None,
                _graphs(graph, result, UT),
            )
        file = graph.value(action, QT.query)
        return Case(
            suite,
            name,
            kind,
            None if file is None else str(file),
            _graphs(graph, action, QT),
            None if result is None else str(result),
            lax=graph.value(entry, MF.resultCardinality) == MF.LaxCardinality,
        )


def _graphs(graph: Graph, node: Node | None, namespace: Namespace) -> Graphs:
    default = tuple(sorted(str(one) for one in graph.objects(node, namespace.data)))
    named = []
    for one in graph.objects(node, namespace.graphData):
        label, file = graph.value(one, RDFS.label), graph.value(one, namespace.graph)
        named.append((str(label or file or one), str(file or one)))
    return Graphs(default, tuple(sorted(named)))


def _exchanges(graph: Graph, action: Node | None) -> tuple[Exchange, ...]:
    requests = graph.value(action, HT.requests)
    return tuple(_exchange(graph, one) for one in Collection(graph, requests)) if requests else ()


def _fields(graph: Graph, node: Node | None) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for headers in graph.objects(node, HT.headers):
        for one in Collection(graph, headers):
            found.append((str(graph.value(one, HT.fieldName)), str(graph.value(one, HT.fieldValue))))
    return tuple(found)


def _exchange(graph: Graph, node: Node) -> Exchange:
    def text(subject: Node | None, predicate: URIRef) -> str | None:
        value: Any = graph.value(subject, predicate)
        return None if value is None else str(value)

    body, answer = graph.value(node, HT.body), graph.value(node, HT.resp)
    answer_body = graph.value(answer, HT.body)
    boolean = text(answer, MF.expectedBoolean)
    return Exchange(
        method=text(node, HT.methodName) or "GET",
        path=text(node, HT.absolutePath) or "",
        headers=_fields(graph, node),
        body=text(body, CNT.chars),
        encoding=text(body, CNT.characterEncoding) or "UTF-8",
        statuses=tuple(str(s).rpartition("#")[2] for s in graph.objects(answer, MF.expectedStatus)),
        boolean=None if boolean is None else boolean == "true",
        format=text(answer, MF.expectedFormat),
        answer=text(answer_body, CNT.chars),
        answer_type=dict(_fields(graph, answer)).get("content-type"),
    )
