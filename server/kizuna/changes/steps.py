"""The small language in which it is said what a shape looks at: steps, chains of steps, reads. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kizuna.workspace.names import RDF, RDFS

TYPE: Final = RDF + "type"
SUB_CLASS: Final = RDFS + "subClassOf"
ANY: Final = "*"
"""Stands for every predicate (closed shapes, negated property sets)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step from node to node.

    Args:
        edges: alternatives, each a predicate's IRI (or ANY) and whether it is gone against its direction.
        star: the step is made any number of times, none included.
    """

    edges: frozenset[tuple[str, bool]]
    star: bool = False

    def turned(self) -> Step:
        """The same step in the other direction."""
        return Step(frozenset((predicate, not inverse) for predicate, inverse in self.edges), self.star)


Chain = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A shape looks at edges from nodes that its focus reaches.

    Args:
        prefixes: chains from the focus to the node; the node is reached by *all* of them. Empty when nothing ties the node to the
            focus: then a change of such an edge concerns every focus.
        step: the edges looked at.
    """

    prefixes: tuple[Chain, ...]
    step: Step
