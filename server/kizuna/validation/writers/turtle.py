"""A report as RDF: a SHACL validation report (SHACL, section 3.6) in Turtle. Pure.

`sh:conforms` is SHACL's own: false as soon as there is any result, a note included.
"""

from __future__ import annotations

from rdflib import SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF
from rdflib.term import Node
from rdflib.util import from_n3

from kizuna.validation.catalogue import SHAPES
from kizuna.validation.report import LANGUAGES, Report
from kizuna.workspace.names import PREFIXES


def _resource(name: str) -> Node:
    return BNode(name[2:]) if name.startswith("_:") else URIRef(name)


def to_graph(report: Report) -> Graph:
    """Build the report graph."""
    graph = Graph()
    for prefix in ("sh", "k", "xsd"):
        graph.bind(prefix, PREFIXES[prefix])
    graph.bind("ks", SHAPES)
    top = BNode()
    graph.add((top, RDF.type, SH.ValidationReport))
    graph.add((top, SH.conforms, Literal(not report.findings, datatype=XSD.boolean)))
    for found in report.findings:
        node = BNode()
        graph.add((top, SH.result, node))
        graph.add((node, RDF.type, SH.ValidationResult))
        graph.add((node, SH.focusNode, _resource(found.focus)))
        graph.add((node, SH.resultSeverity, URIRef(SH + found.severity.shacl_name)))
        graph.add((node, SH.sourceShape, _resource(found.shape)))
        graph.add((node, SH.sourceConstraintComponent, URIRef(SH + found.component)))
        if found.path:
            graph.add((node, SH.resultPath, URIRef(found.path)))
        if found.value:
            value = from_n3(found.value)
            if isinstance(value, Node):
                graph.add((node, SH.value, value))
        for language in LANGUAGES:
            graph.add((node, SH.resultMessage, Literal(found.message(language), lang=language)))
    return graph


def write(report: Report) -> str:
    """Write a report as Turtle."""
    return to_graph(report).serialize(format="turtle")
