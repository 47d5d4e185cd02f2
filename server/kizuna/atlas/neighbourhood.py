"""A thing and what it is tied to, as a graph: nodes, edges, and what was left out. Plain data over a Reader.

Any number of things can be open at once; a node that several of them share is where they meet. The number of
nodes is bounded, each kind getting its turn, and what the bound cut is counted and said.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kizuna.atlas.about import About, read_about
from kizuna.atlas.lines import strength
from kizuna.atlas.paths import Web, read_web
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Name, day, iri, kind_and_slug, local_name, named, truth
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.engine.types import Row
from kizuna.workspace.names import NS

GROUPS = {
    "framework": "Framework",
    "actor": "Actor",
    "agreement": "Agreement",
    "negotiation": "Negotiation",
    "activity": "Activity",
    "domain": "Domain",
    "instrument": "PolicyInstrument",
    "recommendation": "Recommendation",
}
"""Groups of nodes and the class that makes each; a treaty organisation is drawn as a framework."""

OTHER = "other"
MOST_OPEN = 8


@dataclass(frozen=True, slots=True)
class Node:
    """A thing in the graph. `open` marks those whose neighbours are shown; `degree` counts its edges here."""

    thing: Name
    group: str
    kind: Name | None
    status: str | None
    open: bool
    degree: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """A tie: `relations` are the properties that hold from `source` to `target`."""

    source: str
    target: str
    relations: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """What is not to be shown.

    Args:
        hidden: groups of nodes (open things stay).
        without: local names of relations.
        since, until: only ties that began in this span, both days included; None leaves that end open. With a
            span, ties without a known beginning are left out.
    """

    hidden: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    @property
    def dated(self) -> bool:
        """True when there is a span."""
        return self.since is not None or self.until is not None

    def holds(self, day: date | None) -> bool:
        """True when a tie that began on that day is shown."""
        if not self.dated:
            return True
        return day is not None and (self.since or date.min) <= day <= (self.until or date.max)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The graph with the state it was made by.

    Args:
        opened: the things whose neighbours are shown.
        hidden: groups that are filtered out.
        nodes, edges: what is shown.
        counts: nodes of each group before filter and bound.
        cut: how many nodes the bound left out.
        relations: the relations before any filter, with the number of their ties, the commonest first.
        asked: by what it was filtered.
    """

    opened: tuple[Name, ...]
    hidden: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    counts: tuple[tuple[str, int], ...]
    cut: int
    relations: tuple[tuple[Name, int], ...] = ()
    asked: Filter = Filter()


@dataclass(frozen=True, slots=True)
class Tie:
    """One relation of a thing: to which node, by which property (`word` names it), and whether it leads there."""

    node: Node
    relation: str
    word: Name
    forward: bool


def read_around(reader: Reader, words: Vocabulary, thing: str) -> tuple[Tie, ...]:
    """All ties of a thing, remembered for the view."""
    rows = reader.rows("neighbourhood", thing=thing)
    return reader.kept(("around", thing), lambda: tuple(_ties(rows, words, thing)))


def _ties(rows: Iterable[Row], words: Vocabulary, thing: str) -> Iterator[Tie]:
    nodes: dict[tuple[Name, str | None, str | None], Node] = {}
    for row in rows:
        other, relation = named(row, "other"), iri(row, "relation")
        if relation is None or other.iri == thing:
            continue
        kind, status = iri(row, "otherKind"), iri(row, "status")
        node = nodes.get((other, kind, status))
        if node is None:
            node = nodes[other, kind, status] = Node(
                other,
                _group(other.iri, kind, words),
                words.class_name(kind),
                status and local_name(status),
                False,
            )
        word = words.properties.get(relation, Name(relation))
        yield Tie(node, relation, word, truth(row, "forward"))


def read_neighbourhood(
    reader: Reader,
    words: Vocabulary,
    things: Sequence[str],
    hidden: Collection[str] = (),
    most: int = 150,
    asked: Filter | None = None,
) -> Neighbourhood | None:
    """Read what the things are tied to.

    Args:
        things: IRIs of the open things; those that nothing is stated about are left out.
        hidden: groups not to show (open things stay).
        most: bound on the number of nodes.
        asked: by what else to filter.

    Returns:
        The graph, or None when nothing is stated about any of the things.
    """
    nodes: dict[str, Node] = {}
    ties: dict[tuple[str, str], dict[str, Name]] = {}
    for thing in things:
        about = read_about(reader, words, thing)
        if about is not None:
            nodes[thing] = _open_node(about, words)
    if not nodes:
        return None
    opened = tuple(nodes)
    asked = replace(asked or Filter(), hidden=tuple(sorted(hidden)))
    relations: dict[Name, int] = {}
    for thing in opened:
        began = _beginnings(reader, thing) if asked.dated else {}
        for tie in read_around(reader, words, thing):
            other = tie.node.thing.iri
            relations[tie.word] = relations.get(tie.word, 0) + 1
            if local_name(tie.relation) in asked.without or not asked.holds(began.get(other)):
                continue
            nodes.setdefault(other, tie.node)
            pair = (thing, other) if tie.forward else (other, thing)
            ties.setdefault(pair, {})[tie.relation] = tie.word
    counts: dict[str, int] = {}
    for node in nodes.values():
        if not node.open:
            counts[node.group] = counts.get(node.group, 0) + 1
    weight = _weights(read_web(reader))
    kept = _bounded([n for n in nodes.values() if n.open or n.group not in hidden], ties, most, weight)
    shown = {n.thing.iri for n in kept}
    edges = tuple(
        Edge(source, target, tuple(relations.values()))
        for (source, target), relations in sorted(ties.items())
        if source in shown and target in shown
    )
    allowed = sum(1 for n in nodes.values() if n.open or n.group not in hidden)
    return Neighbourhood(
        opened=tuple(nodes[t].thing for t in opened),
        hidden=tuple(sorted(hidden)),
        nodes=_with_degrees(kept, edges),
        edges=edges,
        counts=tuple((g, counts[g]) for g in (*GROUPS, OTHER) if g in counts),
        cut=allowed - len(kept),
        relations=tuple(sorted(relations.items(), key=lambda item: (-item[1], item[0].iri))),
        asked=asked,
    )


PLAIN = (100, 1000)
"""The bounds that a graph of one thing has when nobody asks for others: what is drawn first, and after "draw all"."""


def read_plain(reader: Reader, words: Vocabulary, thing: str, most: int) -> Neighbourhood | None:
    """The unfiltered neighbourhood of one thing, remembered for the view.

    Args:
        most: one of `PLAIN`.
    """
    key = ("neighbourhood", thing, most)
    return reader.kept(key, lambda: read_neighbourhood(reader, words, [thing], (), most))


def _beginnings(reader: Reader, thing: str) -> dict[str, date]:
    """The earliest known day of the tie between a thing and each of its neighbours."""
    began: dict[str, date] = {}
    for row in reader.rows("neighbourhood-dates", thing=thing):
        other, when = iri(row, "other"), day(row, "date")
        if other and when and (other not in began or when.value < began[other]):
            began[other] = when.value
    return began


def _open_node(about: About, words: Vocabulary) -> Node:
    kind = about.kind.iri if about.kind else None
    return Node(about.thing, _group(about.thing.iri, kind, words), about.kind, None, True)


def _group(thing: str, kind: str | None, words: Vocabulary) -> str:
    """The group by the class of a thing; a bare concept goes by the kind in its IRI (a domain is stated as one)."""
    if kind:
        for group, class_name in GROUPS.items():
            if words.is_a(kind, NS + class_name):
                return group
    parts = kind_and_slug(thing)
    return parts[0] if parts and parts[0] in GROUPS else OTHER


MANY = 1_000
Weight = Callable[[str], tuple[int, int]]


def _weights(web: Web) -> Weight:
    """What a node is worth beside its own kind, the least first.

    A thing counts the more the fewer actors are in it, and the newer it is; an actor, the more it takes part in.
    Where only one party is recorded, as of many a treaty of the whole world, the number says nothing.
    """

    def weight(thing: str) -> tuple[int, int]:
        if thing in web.actors:
            since = web.since.get(thing)
            return (
                len(web.actors[thing]) if len(web.actors[thing]) > 1 else MANY,
                -since.value.toordinal() if since else 0,
            )
        return (-len(web.things.get(thing, ())), 0)

    return weight


def _bounded(
    nodes: list[Node], ties: dict[tuple[str, str], dict[str, Name]], most: int, weight: Weight
) -> list[Node]:
    """At most `most` nodes: open ones first, then the groups in turn, each by shared ties, strength and weight."""
    shared: dict[str, int] = {}
    opened = {node.thing.iri for node in nodes if node.open}
    for one, other in {tuple(sorted(pair)) for pair in ties}:
        for here, there in ((one, other), (other, one)):
            shared[here] = shared.get(here, 0) + (there in opened)
    queues: dict[str, list[Node]] = {}
    for node in sorted(
        nodes,
        key=lambda n: (-shared.get(n.thing.iri, 0), strength(n.status), *weight(n.thing.iri), n.thing.iri),
    ):
        queues.setdefault("open" if node.open else node.group, []).append(node)
    kept = queues.pop("open", [])
    while queues and len(kept) < most:
        for group in [g for g in (*GROUPS, OTHER) if g in queues]:
            if len(kept) < most:
                kept.append(queues[group].pop(0))
            if not queues[group]:
                del queues[group]
    return kept


def _with_degrees(nodes: list[Node], edges: Sequence[Edge]) -> tuple[Node, ...]:
    """The nodes with the number of their edges: open ones, then group by group, in each as they came."""
    degrees: dict[str, int] = {}
    for edge in edges:
        for end in (edge.source, edge.target):
            degrees[end] = degrees.get(end, 0) + 1
    order = (*GROUPS, OTHER)
    return tuple(
        sorted(
            (replace(n, degree=degrees.get(n.thing.iri, 0)) for n in nodes),
            key=lambda n: (not n.open, order.index(n.group)),
        )
    )
