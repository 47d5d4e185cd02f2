"""An order in which to visit relations: what a rule reads before what it writes. Pure functions."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def components(edges: dict[Node, list[Node]]) -> list[list[Node]]:
    """Strongly connected components, each after those it can reach (Tarjan 1972, without recursion).

    Args:
        edges: each node's successors; every node is a key.
    """
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    on_stack: set[Node] = set()
    stack: list[Node] = []
    found: list[list[Node]] = []
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, successors = work[-1]
            for successor in successors:
                if successor not in index:
                    index[successor] = low[successor] = len(index)
                    stack.append(successor)
                    on_stack.add(successor)
                    work.append((successor, iter(edges[successor])))
                    break
                if successor in on_stack:
                    low[node] = min(low[node], index[successor])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component: list[Node] = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        component.append(member)
                        if member == node:
                            break
                    found.append(component)
    return found


def dependency_order(rules: Sequence[tuple[Node, Sequence[Node]]]) -> dict[Node, int]:
    """A number for each node such that, cycles apart, a head comes after all of its rule's body.

    Args:
        rules: head and body nodes of each rule.

    Returns:
        Equal numbers for nodes that depend on each other.
    """
    edges: dict[Node, list[Node]] = {}
    for head, body in rules:
        edges.setdefault(head, [])
        for node in body:
            edges.setdefault(node, []).append(head)
    ordered = components(edges)
    last = len(ordered) - 1
    return {node: last - position for position, component in enumerate(ordered) for node in component}
