"""The graph of relations: what is in it, what its bound leaves out, and where its nodes stand."""

from __future__ import annotations

import json
from itertools import combinations

import pytest

from kizuna.atlas.labels import WIDEST, Box, Spot, name_boxes, width, wrap
from kizuna.atlas.neighbourhood import Edge, Neighbourhood, Node, read_neighbourhood
from kizuna.atlas.picture import draw, lay_out
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Name
from kizuna.atlas.vocabulary import Vocabulary, read_vocabulary
from tests.support.world import WatchedEngine

ID = "https://w3id.org/kizuna/id/"
PHL, AUS = ID + "state/PHL", ID + "state/AUS"


@pytest.fixture
def reader(engine: WatchedEngine) -> Reader:
    return Reader(engine, engine.today())


@pytest.fixture
def words(reader: Reader) -> Vocabulary:
    return read_vocabulary(reader)


def read(
    reader: Reader, words: Vocabulary, *things: str, hidden: tuple[str, ...] = (), most: int = 100
) -> Neighbourhood:
    found = read_neighbourhood(reader, words, things, hidden, most)
    assert found is not None
    return found


def slugs(graph: Neighbourhood) -> set[str]:
    return {n.thing.iri.removeprefix(ID) for n in graph.nodes}


def test_a_state_is_tied_to_frameworks_agreements_talks_and_activities(
    reader: Reader, words: Vocabulary
) -> None:
    graph = read(reader, words, PHL)
    assert {
        "framework/asean",
        "framework/cptpp",
        "agreement/jp-ph-raa",
        "negotiation/jp-ph-isa-talks",
        "activity/osa-ph-radar",
        "public-body/harbour-agency",
    } <= slugs(graph)
    assert not any("participation" in s or "event" in s for s in slugs(graph)), "dated nodes are edges here"


def test_an_edge_tells_its_relation_in_both_languages_and_its_direction(
    reader: Reader, words: Vocabulary
) -> None:
    graph = read(reader, words, PHL)
    edge = next(e for e in graph.edges if e.target == ID + "framework/asean")
    assert edge.source == PHL
    names = {(r.ja, r.en) for r in edge.relations}
    assert all(ja and en for ja, en in names)


def test_a_domain_is_drawn_as_a_domain(reader: Reader, words: Vocabulary) -> None:
    graph = read(reader, words, ID + "agreement/jp-ph-raa")
    domain = next(n for n in graph.nodes if n.thing.iri.endswith("domain/training-and-access"))
    assert domain.group == "domain"


def test_two_open_things_meet_in_what_they_share(reader: Reader, words: Vocabulary) -> None:
    graph = read(reader, words, PHL, AUS)
    cptpp = next(n for n in graph.nodes if n.thing.iri == ID + "framework/cptpp")
    assert cptpp.degree == 2
    assert [n.iri for n in graph.opened] == [PHL, AUS]


def test_a_group_can_be_hidden_and_is_still_counted(reader: Reader, words: Vocabulary) -> None:
    graph = read(reader, words, PHL, hidden=("agreement",))
    assert not any(n.group == "agreement" for n in graph.nodes)
    assert dict(graph.counts)["agreement"] == 2


def test_what_the_bound_leaves_out_is_counted_and_every_group_gets_its_turn(
    reader: Reader, words: Vocabulary
) -> None:
    whole, cut = read(reader, words, PHL), read(reader, words, PHL, most=6)
    assert len(cut.nodes) == 6
    assert cut.cut == len(whole.nodes) - 6
    groups = [n.group for n in cut.nodes if not n.open]
    assert len(set(groups)) == 5
    assert {end for e in cut.edges for end in (e.source, e.target)} <= {n.thing.iri for n in cut.nodes}


def test_unknown_things_are_left_out_and_alone_are_none(reader: Reader, words: Vocabulary) -> None:
    assert read_neighbourhood(reader, words, [ID + "state/XXX"]) is None
    assert [n.iri for n in read(reader, words, ID + "state/XXX", PHL).opened] == [PHL]


def made(leaves: int, shared: int = 0, opened: int = 1) -> Neighbourhood:
    """A graph of so many leaves for each open thing, and so many nodes shared by all of them."""
    centres = [Node(Name(f"urn:c{c}"), "actor", None, None, True) for c in range(opened)]
    own = [
        Node(Name(f"urn:c{c}n{i}"), "agreement", None, None, False)
        for c in range(opened)
        for i in range(leaves)
    ]
    both = [Node(Name(f"urn:s{i}"), "framework", None, None, False) for i in range(shared)]
    edges = [Edge(f"urn:c{c}", f"urn:c{c}n{i}", ()) for c in range(opened) for i in range(leaves)]
    edges += [Edge(f"urn:s{i}", f"urn:c{c}", ()) for c in range(opened) for i in range(shared)]
    return Neighbourhood(tuple(c.thing for c in centres), (), (*centres, *own, *both), tuple(edges), (), 0)


@pytest.mark.parametrize(
    ("leaves", "shared", "opened"), [(0, 0, 1), (1, 0, 1), (150, 0, 1), (40, 30, 2), (10, 5, 5), (999, 0, 1)]
)
def test_every_node_has_a_place_of_its_own(leaves: int, shared: int, opened: int) -> None:
    graph = made(leaves, shared, opened)
    places = lay_out(graph)
    assert set(places) == {n.thing.iri for n in graph.nodes}
    if len(places) < 400:
        closest = min(
            ((ax - bx) ** 2 + (ay - by) ** 2 for (ax, ay), (bx, by) in combinations(places.values(), 2)),
            default=1e9,
        )
        assert closest > 20**2, "nodes must not lie on each other"


def test_the_same_graph_gives_the_same_picture() -> None:
    assert lay_out(made(40, 10, 3)) == lay_out(made(40, 10, 3))


def test_pyvis_builds_the_network_with_physics_off_and_labels_as_text(
    reader: Reader, words: Vocabulary
) -> None:
    picture = draw(read(reader, words, ID + "company/long-name"), "en")
    assert picture.options["physics"] == {"enabled": False}
    assert picture.options["nodes"]["physics"] is False
    opened = next(n for n in picture.nodes if n["id"].endswith("long-name"))
    assert opened["title"].startswith("<b>Bold</b>"), "escaping is the template's task"
    assert len(opened["label"].split("\n")) <= 3
    assert opened["rank"] == 0, "what is open is named first"
    json.dumps({"nodes": picture.nodes, "edges": picture.edges, "options": picture.options})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 300,
        "日・ASEAN包括的経済連携(AJCEP)協定",
        "Japan–US–Philippines trilateral cooperation",
        "<b>שלום</b> " * 20,
    ],
)
def test_a_name_is_broken_into_few_short_lines(text: str) -> None:
    lines = wrap(text)
    assert 1 <= len(lines) <= 3
    assert all(width(line) <= WIDEST for line in lines)
    shown = "".join(lines).replace("…", "").replace(" ", "")
    assert text.replace(" ", "").startswith(shown), "what is left out is the end"


def test_no_name_in_a_picture_lies_on_another_or_on_a_node() -> None:
    spots = [Spot(40.0 * (i % 20), 30.0 * (i // 20), 9.0, ("Long name", "of a thing")) for i in range(200)]
    boxes = name_boxes(spots)
    named = [box for box in boxes if box]
    assert 10 < len(named) < len(spots)
    assert boxes[0], "the first in rank is named"
    nodes = [(spot, Box(spot.x, spot.y, spot.size, spot.size)) for spot in spots]
    for spot, box in zip(spots, boxes, strict=True):
        assert box is None or not any(box.meets(node) for other, node in nodes if other is not spot)
    assert not any(a.meets(b) for a, b in combinations(named, 2))


def test_what_has_few_parties_is_kept_before_what_has_many(reader: Reader, words: Vocabulary) -> None:
    graph = read(
        reader, words, PHL, hidden=("framework", "actor", "negotiation", "activity", "domain"), most=2
    )
    assert "agreement/jp-ph-raa" in slugs(graph) or "agreement/jp-ph-acsa" in slugs(graph)
