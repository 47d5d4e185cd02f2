"""A neighbourhood as a picture: where each node stands, and the network that pyvis builds of it.

The layout is computed here, so that nothing has to settle in the browser: one open thing sits in the middle of rings, a
sector a group; several open things are first set on a circle, then networkx pulls what they share between them.
The same neighbourhood always gives the same picture.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from kizuna.atlas.labels import wrap
from kizuna.atlas.neighbourhood import Edge, Neighbourhood, Node, read_plain
from kizuna.atlas.reader import Reader
from kizuna.atlas.vocabulary import Vocabulary

Point = tuple[float, float]

RING = (168.0, 92.0)
"""Half axes of the innermost ring; the n-th ring has n times as much. Wider than high, as screens and labels are."""
ROOM = 112.0
"""Width that a node with its label takes on a ring."""
ROW = 72.0
MANY = 200
"""With more edges than this they are drawn lighter and without arrows, which would make one dark spot of the middle."""

STYLES: dict[str, tuple[str, str]] = {
    "actor": ("dot", "#00316a"),
    "framework": ("square", "#115a36"),
    "agreement": ("diamond", "#8b3200"),
    "negotiation": ("triangleDown", "#0055ad"),
    "activity": ("triangle", "#5109ad"),
    "domain": ("hexagon", "#006173"),
    "instrument": ("star", "#6b006b"),
    "recommendation": ("star", "#850000"),
    "other": ("dot", "#595959"),
}
"""Shape and colour of each group: the shape alone tells the group, too."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What the page hands to the drawing script: nodes, edges and options as pyvis made them."""

    nodes: Sequence[Mapping[str, Any]]
    edges: Sequence[Mapping[str, Any]]
    options: Mapping[str, Any]


def lay_out(graph: Neighbourhood) -> dict[str, Point]:
    """Where each node stands, in the units of vis-network's canvas (CSS pixels at scale 1)."""
    opened = [n.iri for n in graph.opened]
    hosts = _hosts(graph.edges, set(opened))
    guests = {host: [n for n in graph.nodes if hosts.get(n.thing.iri) == (host,)] for host in opened}
    widest = max(_rings_for(len(nodes)) for nodes in guests.values())
    places = _centres(opened, hosts, widest)
    for host in opened:
        places.update(_ring_places(places[host], guests[host]))
    places.update(_meeting_places(graph.nodes, hosts, places))
    return places


def _hosts(edges: Sequence[Edge], opened: set[str]) -> dict[str, tuple[str, ...]]:
    """For each closed node the open things it is tied to, in a fixed order."""
    hosts: dict[str, set[str]] = {}
    for edge in edges:
        for here, there in ((edge.source, edge.target), (edge.target, edge.source)):
            if there in opened and here not in opened:
                hosts.setdefault(here, set()).add(there)
    return {node: tuple(sorted(ends)) for node, ends in hosts.items()}


def _centres(opened: Sequence[str], hosts: Mapping[str, tuple[str, ...]], rings: int) -> dict[str, Point]:
    """Set the open things so far apart that their rings do not meet; those that share more stand closer."""
    if len(opened) == 1:
        return {opened[0]: (0.0, 0.0)}
    network = nx.Graph()
    network.add_nodes_from(opened)
    for ends in hosts.values():
        network.add_edges_from((a, b) for a in ends for b in ends if a < b)
    angle = {n: 2 * math.pi * i / len(opened) for i, n in enumerate(opened)}
    start = {n: (-math.cos(a), -math.sin(a)) for n, a in angle.items()}
    placed = (
        nx.spring_layout(network, pos=start, seed=1, iterations=50, scale=1.0) if len(opened) > 2 else start
    )
    shared = max(Counter(ends for ends in hosts.values() if len(ends) > 1).values(), default=0)
    reach = (rings + 0.4 + _columns(shared) * ROOM / 2 / RING[0]) * max(1.0, len(opened) / 3)
    return {
        n: (round(float(x) * RING[0] * reach, 1), round(float(y) * RING[1] * reach * 1.4, 1))
        for n, (x, y) in placed.items()
    }


def _columns(shared: int) -> int:
    """In how many columns that many shared nodes stand."""
    return max(1, round(math.sqrt(shared / 3)))


def _room_on(ring: int) -> int:
    """How many labelled nodes stand on a ring (its circumference by Ramanujan's approximation)."""
    a, b = RING[0] * ring, RING[1] * ring
    around = math.pi * (3 * (a + b) - math.sqrt((3 * a + b) * (a + 3 * b)))
    return max(6, int(around / ROOM))


def _rings_for(nodes: int) -> int:
    rings, room = 0, 0
    while room < nodes:
        rings += 1
        room += _room_on(rings)
    return rings


def _ring_places(centre: Point, nodes: Sequence[Node]) -> dict[str, Point]:
    """Deal the nodes out to rings in proportion to their room, so that a group stays one sector on all of them."""
    rings = _rings_for(len(nodes))
    rooms = [_room_on(r + 1) for r in range(rings)]
    whole = sum(rooms)
    dealt: list[list[Node]] = [[] for _ in rooms]
    for count, node in enumerate(nodes, 1):
        lacking = [room * count / whole - len(held) for room, held in zip(rooms, dealt, strict=True)]
        dealt[lacking.index(max(lacking))].append(node)
    places: dict[str, Point] = {}
    for ring, share in enumerate(dealt, 1):
        for index, node in enumerate(share):
            angle = 2 * math.pi * (index + 0.5 * (ring % 2)) / len(share) - math.pi / 2
            x = centre[0] + RING[0] * ring * math.cos(angle)
            y = centre[1] + RING[1] * ring * math.sin(angle)
            places[node.thing.iri] = (round(x, 1), round(y, 1))
    return places


def _meeting_places(
    nodes: Sequence[Node], hosts: Mapping[str, tuple[str, ...]], places: Mapping[str, Point]
) -> dict[str, Point]:
    """Nodes that several open things share stand in columns half way between them."""
    meeting: dict[tuple[str, ...], list[Node]] = {}
    for node in nodes:
        ends = hosts.get(node.thing.iri, ())
        if len(ends) > 1:
            meeting.setdefault(ends, []).append(node)
    found: dict[str, Point] = {}
    for ends, shared in meeting.items():
        x = sum(places[e][0] for e in ends) / len(ends)
        y = sum(places[e][1] for e in ends) / len(ends)
        columns = _columns(len(shared))
        rows = math.ceil(len(shared) / columns)
        for index, node in enumerate(shared):
            column, row = divmod(index, rows)
            found[node.thing.iri] = (
                round(x + (column - (columns - 1) / 2) * ROOM, 1),
                round(y + (row - (rows - 1) / 2) * ROW, 1),
            )
    return found


def draw(
    graph: Neighbourhood,
    language: str,
    pinned: Mapping[str, Point] | None = None,
    sign: Callable[[Node | Edge], str] = lambda _: "",
) -> Picture:
    """Build the network with pyvis, in a language, at fixed places and with physics off.

    Args:
        pinned: nodes that a reader has put elsewhere, with their places.
        sign: a sign for what differs from another view; such an edge is dashed and bears it, such a node is called by it.
    """
    from pyvis.network import Network  # heavy: it brings a notebook along, which only this page needs

    places = {**lay_out(graph), **(pinned or {})}
    ranks = _ranks(graph.nodes)
    network = Network(height="100%", width="100%", directed=True)
    for node in graph.nodes:
        shape, _ = STYLES[node.group]
        x, y = places[node.thing.iri]
        label = f"{sign(node)} {node.thing.label(language)}".strip()
        network.add_node(
            node.thing.iri,
            label="\n".join(wrap(label)),
            title=label,
            group=node.group,
            rank=ranks[node.thing.iri],
            open=node.open,
            shape=shape,
            size=26 if node.open else 9 + min(node.degree, 6),
            x=x,
            y=y,
        )
    for edge in graph.edges:
        words = "、" if language == "ja" else ", "
        network.add_edge(
            edge.source,
            edge.target,
            title=words.join(r.label(language) for r in edge.relations),
            **({"label": sign(edge), "dashes": True, "width": 3} if sign(edge) else {}),
        )
    network.toggle_physics(False)
    nodes, edges, _, _, _, options = network.get_network_data()
    return Picture(nodes, edges, {**json.loads(options), **OPTIONS, "edges": EDGES[len(edges) > MANY]})


def _ranks(nodes: Sequence[Node]) -> dict[str, int]:
    """In which order the nodes are named while there is room: the open ones, then each group in its turn."""
    turns: Counter[str] = Counter()
    order = []
    for node in nodes:
        turns[node.group] += not node.open
        order.append((not node.open, turns[node.group], node.thing.iri))
    return {thing: rank for rank, (_, _, thing) in enumerate(sorted(order, key=lambda item: item[:2]))}


def plain_picture(reader: Reader, words: Vocabulary, thing: str, most: int, language: str) -> Picture | None:
    """The picture of the unfiltered neighbourhood of one thing, remembered for the view.

    Args:
        most: one of `PLAIN`.
    """
    graph = read_plain(reader, words, thing, most)
    if graph is None:
        return None
    return reader.kept(("picture", thing, most, language), lambda: draw(graph, language))


OPTIONS: dict[str, Any] = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False, "randomSeed": 1},
    "interaction": {"hover": True, "keyboard": False, "navigationButtons": False, "tooltipDelay": 120},
    "groups": {
        group: {
            "shape": shape,
            "color": {
                "background": colour,
                "border": colour,
                "highlight": {"background": colour, "border": "#000000"},
            },
        }
        for group, (shape, colour) in STYLES.items()
    },
    "nodes": {
        "physics": False,
        "font": {"face": "Noto Sans JP, Noto Sans CJK JP, sans-serif", "size": 12, "color": "#1a1a1c"},
    },
}

EDGES: dict[bool, dict[str, Any]] = {
    many: {
        "color": {"color": "#dcdce0" if many else "#b8b8bd", "hover": "#1a1a1c", "highlight": "#1a1a1c"},
        "smooth": False,
        "width": 1,
        "arrows": {"to": {"enabled": not many, "scaleFactor": 0.4}},
    }
    for many in (False, True)
}
"""How edges look, by whether there are many of them."""
