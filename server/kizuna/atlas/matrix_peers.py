"""Like with like: which states share most frameworks with each other, small frameworks counting more. Pure over a Reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

import numpy as np

from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import iri

PEERS = 5


def members_by_framework(reader: Reader) -> Mapping[str, frozenset[str]]:
    """Who is a member of each framework, remembered for the view."""
    rows = reader.rows("matrix-members")

    def make() -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for row in rows:
            actor, framework = iri(row, "actor"), iri(row, "framework")
            if actor and framework:
                found.setdefault(framework, set()).add(actor)
        return {framework: frozenset(own) for framework, own in found.items()}

    return reader.kept(("matrix-members",), make)


def find_peers(
    pairs: Iterable[tuple[str, str]], states: Set[str], many: int = PEERS
) -> Mapping[str, tuple[str, ...]]:
    """The most alike states of each.

    Args:
        pairs: (member, framework), each once.
        states: who can be a peer and has peers.
        many: how many peers at most.

    Returns:
        Peers by state, the most alike first; likeness is the sum of 1/size over shared frameworks. A state that shares
        nothing with anybody has none.
    """
    members: dict[str, set[str]] = {}
    for actor, framework in pairs:
        members.setdefault(framework, set()).add(actor)
    names = sorted(states)
    row = {name: i for i, name in enumerate(names)}
    own = np.zeros((len(names), len(members)))
    for column, framework in enumerate(sorted(members)):
        for actor in members[framework] & states:
            own[row[actor], column] = 1 / np.sqrt(len(members[framework]))
    likeness = own @ own.T
    np.fill_diagonal(likeness, 0)
    order = np.argsort(-likeness, axis=1, kind="stable")[:, :many]
    return {name: tuple(names[j] for j in order[i] if likeness[i, j] > 0) for i, name in enumerate(names)}


def likeness_to(members: Mapping[str, frozenset[str]], actor: str) -> Mapping[str, float]:
    """How alike every other actor is to one: the sum of 1/size over the frameworks that both are members of."""
    found: dict[str, float] = {}
    for own in members.values():
        if actor in own:
            for other in own:
                found[other] = found.get(other, 0.0) + 1 / len(own)
    found.pop(actor, None)
    return found
