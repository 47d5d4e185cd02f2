"""What is sent to a store for a change: little when little changed, whole graphs where blank nodes are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Store

from kizuna.engine.remote_publish import changes, has_blank, insertions, pack, split

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
