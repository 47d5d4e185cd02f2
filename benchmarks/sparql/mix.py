"""The mix: what analysts ask, by class. `{n}` is filled with a number, so that no server has seen the text before."""

from __future__ import annotations

PREFIXES = """PREFIX k: <https://w3id.org/kizuna/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX role: <https://w3id.org/kizuna/id/role/>
PREFIX ek: <https://w3id.org/kizuna/id/event-kind/>
PREFIX domain: <https://w3id.org/kizuna/id/domain/>
PREFIX state: <https://w3id.org/kizuna/id/state/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""

MIX: dict[str, str] = {
    "lookup": "SELECT ?p ?o {{ state:X{state:04d} ?p ?o }}",
    "label": 'SELECT ?s {{ ?s skos:prefLabel "Country {state}"@en }}',
    "agreements of one": (
        "SELECT ?a ?name {{ ?a k:party state:X{state:04d} ; skos:prefLabel ?name FILTER(LANG(?name) = 'en') }} ORDER BY ?name"
    ),
    "pair": "SELECT ?a ?kind {{ ?a k:party state:X{state:04d} , state:X{other:04d} ; a ?kind }}",
    "members on a day": (
        "SELECT ?m ?f {{ ?p k:participant ?m ; k:framework ?f ; k:from ?from FILTER(?from <= '20{year:02d}-06-30'^^xsd:date) "
        "OPTIONAL {{ ?p k:to ?to }} FILTER(!BOUND(?to) || ?to > '20{year:02d}-06-30'^^xsd:date) }} LIMIT 500"
    ),
    "events of a year": (
        "SELECT ?thing ?kind ?day {{ ?e k:eventOf ?thing ; k:eventKind ?kind ; k:date ?day "
        "FILTER(?day >= '20{year:02d}-01-01'^^xsd:date && ?day <= '20{year:02d}-12-31'^^xsd:date) }} ORDER BY ?day LIMIT 200"
    ),
    "count by kind": "SELECT ?kind (COUNT(?a) AS ?n) {{ ?a k:party ?p ; a ?kind }} GROUP BY ?kind ORDER BY DESC(?n) # {n}",
    "partners ranked": (
        "SELECT ?p (COUNT(DISTINCT ?a) AS ?n) {{ ?a k:party state:X{state:04d} , ?p FILTER(?p != state:X{state:04d}) }} "
        "GROUP BY ?p ORDER BY DESC(?n) LIMIT 20"
    ),
    "two steps": "SELECT DISTINCT ?x {{ ?a k:party state:X{state:04d} , ?y . ?b k:party ?y , ?x }} LIMIT 300",
    "without": ("SELECT ?s {{ ?s a k:State MINUS {{ ?a k:party ?s , state:X{state:04d} }} }} LIMIT 300"),
    "text": "SELECT ?s ?name {{ ?s skos:prefLabel ?name FILTER(CONTAINS(?name, '{state}')) }} LIMIT 100",
    "evidence": (
        "SELECT ?thing ?source {{ ?e k:eventOf ?thing ; k:evidence/k:source ?source . ?thing k:party state:X{state:04d} }} LIMIT 300"
    ),
    "describe": "DESCRIBE state:X{state:04d}",
    "export": "SELECT ?s ?p ?o {{ ?s ?p ?o . ?s a k:State }} LIMIT 5000 # {n}",
}


def query(name: str, number: int) -> str:
    """One query of a class; different numbers give different texts."""
    values = {"n": number, "state": 1 + number * 7 % 150, "other": 1 + number * 11 % 150, "year": number % 26}
    return PREFIXES + MIX[name].format(**values) + f" # {number}"
