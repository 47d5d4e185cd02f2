"""What the desk shows of the graph: what is owed, what is stale, what lacks a translation, who said what. Asks the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from kizuna.atlas.evidence import Backing, backing_by
from kizuna.atlas.terms import Name, iri
from kizuna.changes.report import GateReport
from kizuna.changes.texts import Head, added_to
from kizuna.ledger.ledger import Ledger
from kizuna.ledger.records import Commit
from kizuna.web.current import engine, language, reader, view, words
from kizuna.web.desk_names import MOST
from kizuna.workspace.names import GRAPH

_OWED = """
PREFIX k: <https://w3id.org/kizuna/ns#>
SELECT ?kind (COUNT(DISTINCT ?s) AS ?all) (COUNT(DISTINCT ?sourced) AS ?good) WHERE {
  VALUES ?kind { k:Participation k:LifeCycleEvent k:ClosedList k:Absence }
  ?s a ?kind
  OPTIONAL { ?s k:evidence ?e BIND(?s AS ?sourced) }
} GROUP BY ?kind ORDER BY ?kind
"""
_STALE = """
PREFIX k: <https://w3id.org/kizuna/ns#>
SELECT ?year (COUNT(DISTINCT ?e) AS ?count) WHERE { ?e k:checked ?day BIND(SUBSTR(STR(?day), 1, 4) AS ?year) }
GROUP BY ?year ORDER BY ?year
"""
_UNTRANSLATED = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?s ?l WHERE {
  ?s skos:prefLabel ?l FILTER(LANG(?l) IN ("ja", "en"))
  MINUS { ?s skos:prefLabel ?m FILTER(LANG(?m) = "ja") ?s skos:prefLabel ?n FILTER(LANG(?n) = "en") }
} ORDER BY ?s LIMIT 100
"""
_GRAPHS = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"
_CLASSES = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?c ?l WHERE { ?shape sh:targetClass ?c . ?c rdfs:label ?l FILTER(LANG(?l) = ?tongue) } ORDER BY ?l
"""
_LEFT = "SELECT ?s ?g ?p ?o WHERE { VALUES ?s { %s } GRAPH ?g { ?s ?p ?o } }"
_ROOMS = tuple(f"{GRAPH}{room}/" for room in ("data", "ontology", "shapes"))
_STATED = "SELECT ?g ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?p ?o"


@dataclass(frozen=True, slots=True)
class Owed:
    """Statements of a kind, and how many of them have a source."""

    kind: Name
    all: int
    sourced: int

    @property
    def share(self) -> int:
        """Percent with a source."""
        return round(100 * self.sourced / self.all) if self.all else 100


@dataclass(frozen=True, slots=True)
class Said:
    """One statement and the commit that made it; None: it was in the files when the ledger began."""

    predicate: str
    object: str
    graph: str
    commit: Commit | None

    def told(self) -> dict[str, Any]:
        """The statement for programs; `by` is None for what was there from the start."""
        by = None if self.commit is None else told(self.commit)
        return {"predicate": self.predicate, "object": self.object, "graph": self.graph, "by": by}


def told(commit: Commit) -> dict[str, Any]:
    """A publication for programs: who wrote it, who published it, when and what."""
    return {
        "revision": commit.revision,
        "time": commit.time,
        "written_by": commit.said_by,
        "published_by": commit.author,
        "message": commit.message,
        "proposal": commit.proposal,
    }


def _int(term: object) -> int:
    return int(term.value) if isinstance(term, Literal) else 0


def owed() -> tuple[Owed, ...]:
    """The debt of sources, by kind of statement."""
    return tuple(
        Owed(kind, _int(row["all"]), _int(row["good"]))
        for row in engine().select(view(), _OWED)
        if (kind := words().class_name(iri(row, "kind")))
    )


def stale() -> tuple[tuple[str, int], ...]:
    """Pieces of evidence by the year they were last checked in."""
    rows = engine().select(view(), _STALE)
    return tuple((row["year"].value, _int(row["count"])) for row in rows if "year" in row)  # type: ignore[union-attr]


def untranslated() -> tuple[tuple[str, str], ...]:
    """Things whose name is there in one language only."""
    rows = engine().select(view(), _UNTRANSLATED)
    return tuple((row["s"].value, row["l"].value) for row in rows)  # type: ignore[union-attr]


def warned(books: Ledger) -> tuple[tuple[Commit, int, int], ...]:
    """Publications with accepted warnings, the oldest first: how many warnings, and how many days ago."""
    found, now = [], datetime.now(UTC)
    for commit in books.commits():
        if commit.reason:
            days = (now - datetime.fromisoformat(commit.time)).days
            found.append((commit, len(GateReport.from_json(commit.report).warnings), days))
    return tuple(found[:50])


def graphs() -> tuple[str, ...]:
    """Names of the data graphs, without the common beginning."""
    rows = engine().select(view(), _GRAPHS)
    names = [row["g"].value for row in rows if isinstance(row["g"], NamedNode)]
    return tuple(name[len(GRAPH) :] for name in names if name.startswith(GRAPH + "data/"))


def classes() -> tuple[tuple[str, str], ...]:
    """Classes that the shapes speak of: IRI and name."""
    text = _CLASSES.replace("?tongue", f'"{"ja" if language() == "ja" else "en"}"')
    rows = engine().select(view(), text)
    return tuple((row["c"].value, row["l"].value) for row in rows)  # type: ignore[union-attr]


def sources_of(thing: str) -> tuple[tuple[str, Backing], ...]:
    """What backs a thing and each dated statement about it (events, participations): IRI and sources, the thing first."""
    try:
        NamedNode(thing)
    except ValueError:
        return ()
    found = backing_by(reader(), reader().rows("evidence", thing=thing), "statement")
    return tuple(sorted(found.items(), key=lambda item: (item[0] != thing, item[0])))


def who_said(thing: str, commits: list[Commit]) -> tuple[Said, ...]:
    """The statements about a thing, each with the newest commit that added it."""
    try:
        node = NamedNode(thing)
    except ValueError:
        return ()
    by_line: dict[tuple[str, str, str], Commit] = {}
    for commit in reversed(commits):
        for quad in added_to(commit.patch, node.value):
            by_line[str(quad.graph_name), quad.predicate.value, str(quad.object)] = commit
    return tuple(
        Said(
            quad.predicate.value,
            str(quad.object),
            _name(quad)[len(GRAPH) :],
            by_line.get((str(quad.graph_name), quad.predicate.value, str(quad.object))),
        )
        for quad in stated(thing)
    )


def stated(thing: str) -> tuple[Quad, ...]:
    """What the data say about a thing."""
    try:
        node = NamedNode(thing)
    except ValueError:
        return ()
    rows = engine().select(view(), _STATED.replace("?s", str(node)))
    found = (Quad(node, row["p"], row["o"], row["g"]) for row in rows)  # type: ignore[arg-type]
    return tuple(quad for quad in found if _name(quad).startswith(GRAPH + "data/"))


def mendable(patch: Head) -> tuple[str, ...]:
    """Things of a patch of which something is left once it is published: what is only removed has no form to mend it in."""
    added = {quad.subject.value for quad in patch.added if isinstance(quad.subject, NamedNode)}
    asked = [NamedNode(iri) for iri in patch.things() if iri not in added][:MOST]
    gone = set(patch.removed)
    left = set()
    for row in engine().select(view(), _LEFT % " ".join(str(node) for node in asked)) if asked else ():
        quad = Quad(row["s"], row["p"], row["o"], row["g"])  # type: ignore[arg-type]
        if quad not in gone and _name(quad).startswith(_ROOMS):
            left.add(row["s"].value)  # type: ignore[union-attr]
    return tuple(iri for iri in patch.things() if iri in added or iri in left)


def _name(quad: Quad) -> str:
    return quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
