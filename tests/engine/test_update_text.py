"""Update requests to a store: shorter than the lines they hold, and the same statements."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from kizuna.engine.remote_publish import changes, grouped, insertions

GRAPH = "urn:x:graph"
names = st.sampled_from([NamedNode(f"urn:x:{one}") for one in "abc"])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6).map(Literal)
objects = names | texts | st.builds(Triple, names, names, names | texts) | st.just(BlankNode("b"))
triples = st.builds(Triple, names | st.just(BlankNode("b")), names, objects)


def lines(found: set[Triple]) -> frozenset[str]:
    return frozenset(f"{one.subject} {one.predicate} {term(one.object)} ." for one in found)


def term(one: object) -> str:
    return f"<<( {one} )>>" if isinstance(one, Triple) else str(one)


@given(st.sets(triples, min_size=1))
def test_grouped_lines_say_the_same_statements(found: set[Triple]) -> None:
    plain, short = Store(), Store()
    plain.update(f"INSERT DATA {{ {chr(10).join(lines(found))} }}")
    short.update(f"INSERT DATA {{ {grouped(lines(found))} }}")
    assert len(plain) == len(found)
    assert canonical(plain) == canonical(short)


@given(st.sets(triples), st.sets(triples))
def test_changes_lead_from_one_state_to_the_other(before: set[Triple], after: set[Triple]) -> None:
    old, new = ({GRAPH: lines(one)} if one else {} for one in (before, after))
    store, wanted = Store(), Store()
    for target, operations in (
        (store, [*insertions(old, 10_000), *changes(old, new)]),
        (wanted, insertions(new, 10_000)),
    ):
        for operation in operations:
            target.update(operation)
    assert canonical(store) == canonical(wanted)


def canonical(store: Store) -> set[str]:
    """Quads, their one blank node by one name."""
    return {
        " ".join(
            "_:b" if isinstance(one, BlankNode) else str(one)
            for one in (quad.subject, quad.predicate, quad.object, quad.graph_name)
        )
        for quad in store
    }


def test_a_subject_and_a_predicate_are_said_once() -> None:
    said = [
        "<urn:x:a> <urn:x:p> <urn:x:b> .",
        '<urn:x:a> <urn:x:p> "two words" .',
        "<urn:x:a> <urn:x:q> _:b .",
    ]
    text = grouped(said)
    assert text.count("<urn:x:a>") == 1
    assert text.count("<urn:x:p>") == 1
    assert Quad(NamedNode("urn:x:a"), NamedNode("urn:x:p"), Literal("two words")) in updated(text)


def updated(text: str) -> Store:
    store = Store()
    store.update(f"INSERT DATA {{ {text} }}")
    return store
