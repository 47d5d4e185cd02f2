"""What is sent to a store for a change: little when little changed, whole graphs where blank nodes are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, Store

from kizuna.engine import remote_client
from kizuna.engine.remote_client import Store as Remote
from kizuna.engine.remote_publish import Publisher, changes, has_blank, insertions, pack, split

EX = "http://example.org/"
A, B = EX + "a", EX + "b"


def graphs(n_quads: str) -> dict[str, frozenset[str]]:
    return split(n_quads.encode())


def quad(name: str, value: str, graph: str = A) -> str:
    return f"{name} <{EX}p> {value} <{graph}> .\n"


def test_lines_are_told_apart_by_their_graph() -> None:
    found = graphs(quad(f"<{EX}s>", '"a <b> ."@en') + quad(f"<{EX}s>", "_:x", B))
    assert found == {
        A: frozenset({f'<{EX}s> <{EX}p> "a <b> ."@en .'}),
        B: frozenset({f"<{EX}s> <{EX}p> _:x ."}),
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"_:a <{EX}p> <{EX}o> .", True),
        (f"<{EX}s> <{EX}p> _:a .", True),
        (f'<{EX}s> <{EX}p> "_:a" .', False),
        (f'<{EX}s> <{EX}p> "x _:a b" .', False),
    ],
)
def test_blank_nodes_are_seen(line: str, expected: bool) -> None:
    assert has_blank(line) is expected


subjects = st.sampled_from([f"<{EX}1>", f"<{EX}2>", "_:b1", "_:b2"])
values = st.sampled_from(['"1"', '"a\\nb } ; \\" <x>"@ja', f"<{EX}o>", "_:b1", "_:b3"])
states = st.lists(st.tuples(subjects, values, st.sampled_from([A, B])), max_size=8).map(
    lambda quads: graphs("".join(quad(*one) for one in quads))
)


def shape(store: Store) -> list[str]:
    """The store's quads, blank nodes named by what is said with them (enough for these small graphs)."""
    import re

    text = (store.dump(format=RdfFormat.N_QUADS) or b"").decode()
    return sorted(re.sub(r"_:\w+", "_:x", line) for line in text.splitlines())


@given(before=states, after=states)
def test_the_operations_lead_from_any_state_to_any_other(
    before: dict[str, frozenset[str]], after: dict[str, frozenset[str]]
) -> None:
    store = Store()
    for request in pack(insertions(before, 10_000), 10_000):
        store.update(request)
    for request in pack(changes(before, after), 10_000):
        store.update(request)
    wanted = Store()
    for request in pack(insertions(after, 10_000), 10_000):
        wanted.update(request)
    assert shape(store) == shape(wanted)


@settings(max_examples=40)
@given(before=states, after=states)
def test_a_difference_leaves_what_a_publication_from_nothing_gives(
    before: dict[str, frozenset[str]], after: dict[str, frozenset[str]]
) -> None:
    stores = {"on": Store(), "anew": Store()}

    def asked(target: Remote, text: str, *_: object) -> tuple[bytes, bool]:
        found = stores[target.query_url].query(text)
        assert isinstance(found, QuerySolutions)
        return found.serialize(format=QueryResultsFormat.JSON) or b"", False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remote_client, "update", lambda target, text: stores[target.query_url].update(text))
        patch.setattr(remote_client, "query", asked)
        moved, anew = (Publisher(Remote(name, name)) for name in stores)
        moved.publish("one", 1, before)
        gone = {graph: lines - after.get(graph, frozenset()) for graph, lines in before.items()}
        new = {graph: lines - before.get(graph, frozenset()) for graph, lines in after.items()}
        named = not any(has_blank(line) for part in (gone, new) for lines in part.values() for line in lines)
        assert moved.advance("two", 2, gone, new) is named
        if not named:
            moved.publish("two", 2, after)
        anew.publish("two", 2, after)
        assert shape(stores["on"]) == shape(stores["anew"])
        assert not anew.advance("three", 3, {A: frozenset({"<urn:x:no> <urn:x:p> <urn:x:o> ."})}, {})


def test_a_small_change_is_a_small_request() -> None:
    lines = "".join(quad(f"<{EX}{n}>", '"1"') for n in range(1_000))
    (request,) = pack(changes(graphs(lines), graphs(lines + quad(f"<{EX}new>", '"2"'))), 10_000)
    assert len(request) < 200


def test_many_lines_are_cut_into_requests() -> None:
    lines = graphs("".join(quad(f"<{EX}{n}>", '"1"') for n in range(1_000)))
    requests = list(pack(insertions(lines, 10_000), 10_000))
    assert len(requests) > 5
    store = Store()
    for request in requests:
        store.update(request)
    assert len(store) == 1_000
