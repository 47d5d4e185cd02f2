"""The IRIs that the product itself relies on. Pure constants; no I/O.

Only the vocabulary is named here, never a thing: no country, framework or agreement is known to the code.
"""

from __future__ import annotations

from typing import Final

BASE: Final = "https://w3id.org/kizuna/"
NS: Final = BASE + "ns#"
ID: Final = BASE + "id/"
GRAPH: Final = BASE + "graph/"

DERIVED_GRAPH: Final = GRAPH + "derived"
INFERRED_GRAPH: Final = GRAPH + "inferred"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCTERMS: Final = "http://purl.org/dc/terms/"
PROV: Final = "http://www.w3.org/ns/prov#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
ORG: Final = "http://www.w3.org/ns/org#"
GEO: Final = "http://www.opengis.net/ont/geosparql#"
SCHEMA: Final = "https://schema.org/"
TIME: Final = "http://www.w3.org/2006/time#"
ELI: Final = "http://data.europa.eu/eli/ontology#"
SH: Final = "http://www.w3.org/ns/shacl#"
VOID: Final = "http://rdfs.org/ns/void#"
DCAT: Final = "http://www.w3.org/ns/dcat#"

PREFIXES: Final[dict[str, str]] = {
    "k": NS,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "dcterms": DCTERMS,
    "prov": PROV,
    "foaf": FOAF,
    "org": ORG,
    "geo": GEO,
    "schema": SCHEMA,
    "time": TIME,
    "eli": ELI,
    "sh": SH,
    "void": VOID,
    "dcat": DCAT,
    # Controlled lists: one prefix a list, so that queries read as words.
    "role": ID + "role/",
    "ek": ID + "event-kind/",
    "weight": ID + "legal-weight/",
    "finance": ID + "finance/",
    "level": ID + "meeting-level/",
    "precision": ID + "precision/",
    "verification": ID + "verification/",
    "confidence": ID + "confidence/",
    "status": ID + "status/",
    "domain": ID + "domain/",
    "region": ID + "region/",
    "sourcekind": ID + "source-kind/",
    "agendasection": ID + "agenda-section/",
    "scheme": ID + "scheme/",
    # Things: one prefix a kind.
    "state": ID + "state/",
    "economy": ID + "economy/",
    "international-organisation": ID + "international-organisation/",
    "public-body": ID + "public-body/",
    "company": ID + "company/",
    "ngo": ID + "ngo/",
    "place": ID + "place/",
    "geometry": ID + "geometry/",
    "framework": ID + "framework/",
    "participation": ID + "participation/",
    "agreement": ID + "agreement/",
    "event": ID + "event/",
    "negotiation": ID + "negotiation/",
    "activity": ID + "activity/",
    "instrument": ID + "instrument/",
    "recommendation": ID + "recommendation/",
    "bearing": ID + "bearing/",
    "source": ID + "source/",
    "evidence": ID + "evidence/",
    "closed-list": ID + "closed-list/",
    "absence": ID + "absence/",
    "research-gap": ID + "research-gap/",
}
