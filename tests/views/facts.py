"""A small workspace for the tests of the views: the product's ontology with facts made up for the purpose."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from kizuna.views.build import build_view
from kizuna.workspace.names import GRAPH, ID, NS, PREFIXES

ONTOLOGY = Path(__file__).resolve().parents[2] / "ontology"
FACTS = Path(__file__).parent / "facts.ttl"
PROLOGUE = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
TODAY = date(2026, 11, 24)


@lru_cache(maxsize=1)
def _ontology() -> tuple[Quad, ...]:
    store = Store()
    for path in sorted(ONTOLOGY.glob("*.ttl")):
        graph = f"{GRAPH}ontology/{path.stem}"
        store.load(path.read_bytes(), format=RdfFormat.TURTLE, base_iri=graph, to_graph=NamedNode(graph))
    return tuple(store)


def stated(turtle: str | None = None) -> Store:
    """The ontology with the facts of facts.ttl, or with `turtle` instead (prefixes are supplied)."""
    store = Store()
    store.bulk_extend(_ontology())
    text = FACTS.read_text("utf-8") if turtle is None else turtle
    store.load(PROLOGUE + text, format=RdfFormat.TURTLE, to_graph=NamedNode(GRAPH + "data/test"))
    return store


def view(turtle: str | None = None, as_of: date = TODAY, *patches: bytes) -> Store:
    """A view of those facts."""
    store = stated(turtle)
    build_view(store, as_of, patches)
    return store


def iri(name: str) -> NamedNode:
    """`k:word` for a term, `kind/slug` for a thing."""
    return NamedNode(NS + name[2:] if name.startswith("k:") else ID + name)


def holds(store: Store, subject: str, predicate: str, object_: str) -> bool:
    """Whether a triple holds in any graph."""
    return any(store.quads_for_pattern(iri(subject), iri(predicate), iri(object_), None))


def values(store: Store, subject: str, predicate: str) -> set[str]:
    """Local names or texts of the values of a property."""
    found = set()
    for quad in store.quads_for_pattern(iri(subject), iri(predicate), None, None):
        value = quad.object
        found.add(value.value.removeprefix(ID) if isinstance(value, NamedNode) else value.value)  # type: ignore[union-attr]
    return found


def agreement(slug: str, weight: str, parties: str, *events: str, more: str = "") -> str:
    """Turtle of an agreement and its events.

    Args:
        slug: name of the agreement.
        weight: legal weight.
        parties: space separated things, as "state/AAA state/BBB".
        events: "kind date [party]" each.
        more: further predicates of the agreement, ending in " ;".
    """
    listed = " , ".join(f"<{ID}{party}>" for party in parties.split())
    lines = [
        f"<{ID}agreement/{slug}> a k:Agreement ; {more} k:legalWeight weight:{weight}"
        + (f" ; k:party {listed} ." if listed else " .")
    ]
    lines += [event(f"agreement/{slug}", *entry.split()) for entry in events]
    return "\n".join(lines) + "\n"


def event(subject: str, kind: str, day: str, party: str = "") -> str:
    """Turtle of one life-cycle event; `day` is 2016, 2016-04 or 2016-04-01."""
    precision = {4: "year", 7: "month", 10: "day"}[len(day)]
    full = day + "-01-01"[len(day) - 4 :] if len(day) < 10 else day
    name = f"{ID}event/{subject.replace('/', '-')}-{kind}-{party.replace('/', '-')}-{day}"
    about = f" ; k:eventParty <{ID}{party}>" if party else ""
    return (
        f"<{name}> a k:LifeCycleEvent ; k:eventOf <{ID}{subject}> ; k:eventKind ek:{kind} ;"
        f' k:date "{full}"^^xsd:date ; k:precision precision:{precision}{about} .\n'
    )
