"""What differs between two views: quads gone and quads come, stated, derived and inferred. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass

from pyoxigraph import Quad, RdfFormat, Store

from kizuna.views.terms import DERIVED, INFERRED

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True, slots=True)
class QuadDifference:
    """Exact difference of two sets of quads.

    Args:
        removed: N-Quads statements (without the full stop) only the first has, sorted.
        added: those only the second has, sorted.
    """

    removed: tuple[str, ...]
    added: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.removed) + len(self.added)

    def patch(self) -> bytes:
        """The difference as RDF Patch: applied to the first, it gives the second."""
        lines = [f"D {line} .\n" for line in self.removed] + [f"A {line} .\n" for line in self.added]
        return "".join(lines).encode()

    def inverse(self) -> QuadDifference:
        """The way back."""
        return QuadDifference(self.added, self.removed)


@dataclass(frozen=True, slots=True)
class ViewDifference:
    """What differs between two views.

    Args:
        stated: in the record itself, as far as it is valid on each day.
        derived: by the rules of `ontology/rules/`.
        inferred: by OWL 2 RL.
    """

    stated: QuadDifference
    derived: QuadDifference
    inferred: QuadDifference

    def __len__(self) -> int:
        return len(self.stated) + len(self.derived) + len(self.inferred)

    def patch(self) -> bytes:
        """All of it as one RDF Patch."""
        return self.stated.patch() + self.derived.patch() + self.inferred.patch()


def difference(before: Store, after: Store) -> ViewDifference:
    """Compare two views that are in this process."""
    return difference_of_dumps(dump(before), dump(after))


def dump(store: Store) -> bytes:
    """All quads of a view as N-Quads: what one process hands another to compare."""
    content = store.dump(format=RdfFormat.N_QUADS)
    return content if content is not None else b""


def difference_of_dumps(before: bytes, after: bytes) -> ViewDifference:
    """Compare two views given as N-Quads, as one engine writes them (one spelling a term).

    Quads with blank nodes are passed over: facts have none, and a blank node has no name to compare by.
    """
    return difference_of_lines(set(before.split(b"\n")), set(after.split(b"\n")))


def difference_of_lines(first: Set[bytes], second: Set[bytes]) -> ViewDifference:
    """Compare two views given as the sets of their lines of N-Quads; as `difference_of_dumps`."""
    gone, come = _statements(first - second), _statements(second - first)
    tails = (f" {DERIVED}", f" {INFERRED}")
    parts = []
    for wanted in (None, *tails):
        parts.append(QuadDifference(_of(gone, wanted, tails), _of(come, wanted, tails)))
    return ViewDifference(*parts)


def difference_of_quads(before: Iterable[Quad], after: Iterable[Quad]) -> QuadDifference:
    """Compare two sets of quads."""
    first, second = {str(quad) for quad in before}, {str(quad) for quad in after}
    return QuadDifference(tuple(sorted(first - second)), tuple(sorted(second - first)))


def _of(statements: set[str], tail: str | None, tails: tuple[str, str]) -> tuple[str, ...]:
    if tail is None:
        return tuple(sorted(line for line in statements if not line.endswith(tails)))
    return tuple(sorted(line for line in statements if line.endswith(tail)))


def _statements(raw: Set[bytes]) -> set[str]:
    lines = (line.decode().removesuffix(" .") for line in raw)
    return {line for line in lines if line and not ("_:" in line and _names_a_blank_node(line))}


def _names_a_blank_node(line: str) -> bool:
    """Whether a term of a statement is a blank node; in the text of a literal the same letters mean nothing."""
    rest = _QUOTED.sub('""', line)
    return rest.startswith("_:") or " _:" in rest
