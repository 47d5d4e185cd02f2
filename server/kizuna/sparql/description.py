"""What the endpoint says of itself and of its data: service description, VoID, DCAT. Asks the engine; no other I/O.

Sources: SPARQL 1.1 Service Description; VoID (W3C Interest Group Note, 3 March 2011); DCAT 3. All three are made
from the view, so they fit its as-of date. Addresses come from the request, so they work behind any proxy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from kizuna.engine.types import Engine, Row, View
from kizuna.sparql.formats import FORMATS
from kizuna.workspace.names import DCAT, DCTERMS, FOAF, PREFIXES, RDF, VOID, XSD

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
FORMATS_NS: Final = "http://www.w3.org/ns/formats/"
LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
TITLES: Final = (
    ("Kizuna: partners, frameworks, agreements and cooperation", "en"),
    ("絆：パートナー国・枠組み・協定・協力", "ja"),
)

W3C_FORMATS: Final = {
    "application/sparql-results+json": "SPARQL_Results_JSON",
    "application/sparql-results+xml": "SPARQL_Results_XML",
    "text/csv": "SPARQL_Results_CSV",
    "text/tab-separated-values": "SPARQL_Results_TSV",
    "text/turtle": "Turtle",
    "application/n-triples": "N-Triples",
    "application/rdf+xml": "RDF_XML",
    "application/ld+json": "JSON-LD",
    "application/trig": "TriG",
    "application/n-quads": "N-Quads",
}
RDF_FORMATS: Final = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
}

A: Final = NamedNode(RDF + "type")
Node = NamedNode | BlankNode


@cache
def query_text(name: str) -> str:
    """The text of one of this room's queries."""
    return (resources.files("kizuna.sparql") / "queries" / f"{name}.rq").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of a view.

    Args:
        subjects: different subjects.
        graphs: triples by named graph.
        classes: things by class.
        properties: triples by property, over all graphs.
        languages: labels by language.
    """

    subjects: int
    graphs: tuple[tuple[str, int], ...]
    classes: tuple[tuple[str, int], ...]
    properties: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]

    @property
    def triples(self) -> int:
        """Different triples of the default graph, the union of all graphs."""
        return sum(count for _, count in self.properties)


def _pairs(rows: Iterable[Row], key: str, count: str) -> tuple[tuple[str, int], ...]:
    found = []
    for row in rows:
        term, number = row.get(key), row.get(count)
        if isinstance(term, (NamedNode, Literal)) and isinstance(number, Literal):
            found.append((term.value, int(number.value)))
    return tuple(found)


def read_figures(engine: Engine, view: View) -> Figures:
    """Count a view.

    Raises:
        EngineError: the engine could not answer.
    """
    whole = engine.select(view, query_text("figures-whole"))
    subjects = whole[0].get("subjects") if whole else None
    return Figures(
        subjects=int(subjects.value) if isinstance(subjects, Literal) else 0,
        graphs=_pairs(engine.select(view, query_text("figures-graphs")), "graph", "triples"),
        classes=_pairs(engine.select(view, query_text("figures-classes")), "class", "things"),
        properties=_pairs(engine.select(view, query_text("figures-properties")), "property", "triples"),
        languages=_pairs(engine.select(view, query_text("figures-languages")), "language", "labels"),
    )


class _Notes:
    """Collects triples about subjects."""

    def __init__(self) -> None:
        self.triples: list[Triple] = []

    def say(self, subject: Node, predicate: str, *objects: Node | Literal) -> None:
        for one in objects:
            self.triples.append(Triple(subject, NamedNode(predicate), one))

    def typed(self, subject: Node, *classes: str) -> None:
        self.say(subject, A.value, *(NamedNode(one) for one in classes))

    def titled(self, subject: Node, titles: Iterable[tuple[str, str]]) -> None:
        self.say(subject, DCTERMS + "title", *(Literal(text, language=tag) for text, tag in titles))


def _whole_number(number: int) -> Literal:
    return Literal(str(number), datatype=NamedNode(XSD + "integer"))


def service_description(
    base: str, figures: Figures, *, updates: bool, union: bool, services: bool
) -> list[Triple]:
    """The endpoint's description of itself.

    Args:
        base: address of the server, ending in a slash.
        figures: counts of the view.
        updates: SPARQL Update is available here, to those who have a token.
        union: the default graph is the union of all graphs.
        services: SERVICE is available for some endpoints.
    """
    notes = _Notes()
    service = NamedNode(base + "sparql")
    notes.typed(service, SD + "Service")
    notes.say(service, SD + "endpoint", service)
    languages = ["SPARQL10Query", "SPARQL11Query"] + (["SPARQL11Update"] if updates else [])
    notes.say(service, SD + "supportedLanguage", *(NamedNode(SD + one) for one in languages))
    for one in FORMATS:
        notes.say(service, SD + "resultFormat", NamedNode(FORMATS_NS + W3C_FORMATS[one.media_type]))
    if updates:
        for media_type in RDF_FORMATS:
            notes.say(service, SD + "inputFormat", NamedNode(FORMATS_NS + W3C_FORMATS[media_type]))
    if union:
        notes.say(service, SD + "feature", NamedNode(SD + "UnionDefaultGraph"))
    if services:
        notes.say(service, SD + "feature", NamedNode(SD + "BasicFederatedQuery"))
    dataset, default = NamedNode(base + "dataset"), NamedNode(base + "graphs?default")
    notes.say(service, SD + "defaultDataset", dataset)
    notes.say(service, SD + "availableGraphs", dataset)
    notes.typed(dataset, SD + "Dataset", SD + "GraphCollection")
    notes.say(dataset, SD + "defaultGraph", default)
    notes.typed(default, SD + "Graph")
    notes.say(default, VOID + "triples", _whole_number(figures.triples if union else 0))
    for number, (iri, triples) in enumerate(figures.graphs):
        named, graph = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        notes.say(dataset, SD + "namedGraph", named)
        notes.typed(named, SD + "NamedGraph")
        notes.say(named, SD + "name", NamedNode(iri))
        notes.say(named, SD + "graph", graph)
        notes.typed(graph, SD + "Graph")
        notes.say(graph, VOID + "triples", _whole_number(triples))
    return notes.triples


def void_description(base: str, figures: Figures, as_of: str) -> list[Triple]:
    """The data, by VoID: size, classes, properties, vocabularies, where to query and to fetch it."""
    notes = _Notes()
    dataset = NamedNode(base + "dataset")
    document = NamedNode(base + ".well-known/void")
    notes.typed(document, VOID + "DatasetDescription")
    notes.say(document, FOAF + "primaryTopic", dataset)
    notes.typed(dataset, VOID + "Dataset")
    notes.titled(dataset, TITLES)
    notes.say(dataset, DCTERMS + "license", NamedNode(LICENCE))
    notes.say(dataset, DCTERMS + "temporal", Literal(as_of, datatype=NamedNode(XSD + "date")))
    notes.say(dataset, FOAF + "homepage", NamedNode(base))
    notes.say(dataset, VOID + "sparqlEndpoint", NamedNode(base + "sparql"))
    notes.say(dataset, VOID + "triples", _whole_number(figures.triples))
    notes.say(dataset, VOID + "distinctSubjects", _whole_number(figures.subjects))
    notes.say(dataset, VOID + "classes", _whole_number(len(figures.classes)))
    notes.say(dataset, VOID + "properties", _whole_number(len(figures.properties)))
    for number, (iri, things) in enumerate(figures.classes):
        part = BlankNode(f"class{number}")
        notes.say(dataset, VOID + "classPartition", part)
        notes.say(part, VOID + "class", NamedNode(iri))
        notes.say(part, VOID + "entities", _whole_number(things))
    for number, (iri, triples) in enumerate(figures.properties):
        part = BlankNode(f"property{number}")
        notes.say(dataset, VOID + "propertyPartition", part)
        notes.say(part, VOID + "property", NamedNode(iri))
        notes.say(part, VOID + "triples", _whole_number(triples))
    for iri, triples in figures.graphs:
        graph = NamedNode(iri)
        notes.say(dataset, VOID + "subset", graph)
        notes.typed(graph, VOID + "Dataset")
        notes.say(graph, VOID + "triples", _whole_number(triples))
    for namespace in vocabularies(figures):
        notes.say(dataset, VOID + "vocabulary", NamedNode(namespace))
    return notes.triples


def vocabularies(figures: Figures) -> tuple[str, ...]:
    """The namespaces of the known vocabularies that the view uses, sorted."""
    used = [iri for iri, _ in (*figures.classes, *figures.properties)]
    known = {ns for ns in PREFIXES.values() if not ns.startswith("https://w3id.org/kizuna/id/")}
    return tuple(sorted(ns for ns in known if any(iri.startswith(ns) for iri in used)))


def dcat_description(base: str, figures: Figures, as_of: str) -> list[Triple]:
    """The data, by DCAT: one dataset, its distributions, and the service that gives access to it."""
    notes = _Notes()
    catalogue, dataset = NamedNode(base + "dataset?catalogue"), NamedNode(base + "dataset")
    service = NamedNode(base + "sparql")
    notes.typed(catalogue, DCAT + "Catalog")
    notes.titled(catalogue, TITLES)
    notes.say(catalogue, DCAT + "dataset", dataset)
    notes.say(catalogue, DCAT + "service", service)
    notes.typed(dataset, DCAT + "Dataset")
    notes.titled(dataset, TITLES)
    notes.say(dataset, DCTERMS + "license", NamedNode(LICENCE))
    notes.say(dataset, DCTERMS + "temporal", Literal(as_of, datatype=NamedNode(XSD + "date")))
    notes.say(dataset, DCAT + "landingPage", NamedNode(base))
    notes.say(dataset, DCTERMS + "language", *(Literal(tag) for tag, _ in figures.languages))
    for one in FORMATS:
        if one.media_type not in RDF_FORMATS:
            continue
        distribution = NamedNode(f"{base}graphs?default&format={one.name}")
        notes.say(dataset, DCAT + "distribution", distribution)
        notes.typed(distribution, DCAT + "Distribution")
        notes.say(distribution, DCAT + "downloadURL", distribution)
        notes.say(
            distribution,
            DCAT + "mediaType",
            NamedNode("https://www.iana.org/assignments/media-types/" + one.media_type),
        )
    notes.typed(service, DCAT + "DataService")
    notes.titled(service, (("SPARQL endpoint of Kizuna", "en"), ("絆の SPARQL エンドポイント", "ja")))
    notes.say(service, DCAT + "endpointURL", service)
    notes.say(service, DCAT + "endpointDescription", NamedNode(base + "openapi.json"), service)
    notes.say(service, DCAT + "servesDataset", dataset)
    return notes.triples


def write(triples: Iterable[Triple], media_type: str) -> bytes:
    """The triples in one of RDF_FORMATS, with the product's prefixes."""
    prefixes = {**PREFIXES, "sd": SD}
    form = RDF_FORMATS[media_type]
    told = list(triples)
    names = {str(term) for one in told for term in (one.subject, one.predicate, one.object)}
    short = form in (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.RDF_XML)
    used = {k: ns for k, ns in prefixes.items() if short and any(f"<{ns}" in name for name in names)}
    text = serialize(told, format=form, prefixes=used)
    return text or b""
