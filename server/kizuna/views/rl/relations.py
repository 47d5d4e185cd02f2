"""What the closure works on: terms as integers, classes as sets of them, properties as sets of pairs. No I/O."""

from __future__ import annotations

from collections import defaultdict

from kizuna.views.ask import Term

Pair = tuple[int, int]


class Dictionary(dict[Term, int]):
    """Terms to integers, handed out on first sight."""

    def __init__(self) -> None:
        super().__init__()
        self.terms: list[Term] = []

    def __missing__(self, term: Term) -> int:
        number = len(self.terms)
        self[term] = number
        self.terms.append(term)
        return number


class Unary:
    """Members of a class: all, and those not yet carried on."""

    __slots__ = ("all", "fresh", "new", "order")

    def __init__(self, order: int) -> None:
        self.all: set[int] = set()
        self.fresh: set[int] = set()
        self.new: list[set[int]] = []
        self.order = order


class Binary:
    """Pairs of a property: all, those not yet carried on, and look-ups by either end once asked for."""

    __slots__ = ("all", "by_object", "by_subject", "fresh", "new", "order")

    def __init__(self, order: int) -> None:
        self.all: set[Pair] = set()
        self.fresh: set[Pair] = set()
        self.new: list[set[Pair]] = []
        self.by_subject: dict[int, list[int]] | None = None
        self.by_object: dict[int, list[int]] | None = None
        self.order = order

    def objects(self) -> dict[int, list[int]]:
        """Objects by subject."""
        if self.by_subject is None:
            self.by_subject = defaultdict(list)
            for s, o in self.all:
                self.by_subject[s].append(o)
        return self.by_subject

    def subjects(self) -> dict[int, list[int]]:
        """Subjects by object."""
        if self.by_object is None:
            self.by_object = defaultdict(list)
            for s, o in self.all:
                self.by_object[o].append(s)
        return self.by_object

    def settle(self, delta: set[Pair]) -> None:
        """Make the fresh pairs part of all, in the look-ups too."""
        self.all |= delta
        if self.by_subject is not None:
            for s, o in delta:
                self.by_subject[s].append(o)
        if self.by_object is not None:
            for s, o in delta:
                self.by_object[o].append(s)
