"""Like with like: what an actor has with the principal beside its peers, and the gaps. Pure over a Reader.

A cell is the strongest tie of one kind of agreement. An empty cell says which kind of empty it is: known not
to exist, or simply not researched. A gap is a kind that most of the peers have in force and the actor has not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kizuna.atlas.lines import strength
from kizuna.atlas.matrix_peers import likeness_to, members_by_framework
from kizuna.atlas.reader import Reader
from kizuna.atlas.talks import is_open
from kizuna.atlas.terms import Day, Name, day, iri, local_name, name
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.workspace.names import NS

NONE = "none"
UNKNOWN = "not-researched"
STANDING = ("in-force", "provisional", "adopted")
PEERS = 5
CANDIDATES = 24
MOST_PEERS = 60


@dataclass(frozen=True, slots=True)
class Cell:
    """One actor and one kind of agreement.

    Args:
        status: a status slug, or `none` (known not to exist), or `not-researched`.
        agreements: the agreements or talks behind it.
        since: since when it is in force, where known.
    """

    kind: Name
    status: str
    agreements: tuple[str, ...] = ()
    since: Day | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Kinds of agreement across, actors down; the first row is the actor itself.

    `candidates` are the actors one may compare with instead, the likest first.
    """

    kinds: tuple[Name, ...]
    rows: tuple[tuple[Name, tuple[Cell, ...]], ...]
    gaps: tuple[Gap, ...]
    candidates: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A kind of agreement that `have` of `peers` peers hold in force while the actor does not."""

    kind: Name
    status: str
    have: int
    peers: int


class Ties:
    """All ties of the principal by actor and kind, read once for a page."""

    def __init__(self, reader: Reader, words: Vocabulary, principal: str) -> None:
        self._words = words
        self._cells: dict[tuple[str, str], Cell] = {}
        for row in reader.rows("ties", principal=principal):
            actor, kind = iri(row, "actor"), iri(row, "agreementKind")
            status, agreement = iri(row, "status"), iri(row, "agreement")
            if actor and kind and status and agreement:
                self._lay(actor, kind, local_name(status), agreement, day(row, "statusDate"))
        for row in reader.rows("talks", principal=principal):
            actor, kind, talks = iri(row, "actor"), iri(row, "agreementKind"), iri(row, "negotiation")
            status = iri(row, "status")
            if actor and kind and talks and status and is_open(status):
                self._lay(actor, kind, local_name(status), talks, None)
        self._closed: set[str] = set()
        self._open: set[str] = set()
        self._absent: set[tuple[str, str]] = set()
        self._gaps: set[tuple[str, str]] = set()
        for row in reader.rows("known-absence", principal=principal):
            kind, actor, node = iri(row, "agreementKind"), iri(row, "actor"), iri(row, "nodeClass")
            if kind is None or node is None:
                continue
            if node == NS + "ClosedList":
                self._closed.add(kind)
            elif node == NS + "ResearchGap" and actor is None:
                self._open.add(kind)
            elif actor:
                (self._absent if node == NS + "Absence" else self._gaps).add((actor, kind))
        self._depths = Counter(who for (who, _), cell in self._cells.items() if cell.status in STANDING)

    def _lay(self, actor: str, kind: str, status: str, thing: str, since: Day | None) -> None:
        known = self._cells.get((actor, kind))
        name = self._words.class_name(kind) or Name(kind)
        if known is None:
            self._cells[actor, kind] = Cell(name, status, (thing,), since)
            return
        stronger = strength(status) < strength(known.status)
        things = known.agreements if thing in known.agreements else (*known.agreements, thing)
        self._cells[actor, kind] = Cell(
            name, status if stronger else known.status, things, since if stronger else known.since
        )

    def cell(self, actor: str, kind: Name) -> Cell:
        """The cell of an actor and a kind; an empty one says which kind of empty it is."""
        known = self._cells.get((actor, kind.iri))
        if known and known.status != "ended":
            return known
        absent = (actor, kind.iri) in self._absent
        researched = (actor, kind.iri) not in self._gaps and kind.iri not in self._open
        closed = kind.iri in self._closed and researched
        return Cell(kind, NONE if absent or closed else UNKNOWN, known.agreements if known else ())

    def kinds_of(self, actors: Sequence[str]) -> tuple[Name, ...]:
        """The kinds that any of the actors has or negotiates, the commonest first."""
        counts: dict[Name, int] = {}
        for (actor, _), cell in self._cells.items():
            if actor in actors and cell.status != "ended":
                counts[cell.kind] = counts.get(cell.kind, 0) + 1
        return tuple(sorted(counts, key=lambda k: (-counts[k], k.iri)))

    def depth(self, actor: str) -> int:
        """Number of kinds of agreement standing with an actor."""
        return self._depths.get(actor, 0)


def read_ties(reader: Reader, words: Vocabulary, principal: str) -> Ties:
    """All ties of the principal, remembered for the view."""
    return reader.kept(("ties", principal), lambda: Ties(reader, words, principal))


def compare(
    reader: Reader, words: Vocabulary, actor: Name, principal: str, chosen: Sequence[Name] = ()
) -> Comparison | None:
    """Compare an actor with its peers (or the chosen actors). None when there is nothing to compare.

    Peers are the states that share most frameworks with it, each framework weighed by how few members it
    has, among those that have at least one agreement standing with the principal.
    """
    ties = read_ties(reader, words, principal)
    likest = _peers(reader, ties, actor, principal)
    peers = tuple(chosen) or likest[:PEERS]
    kinds = ties.kinds_of([actor.iri, *(p.iri for p in peers)])
    if not peers or not kinds:
        return None
    rows = tuple((a, tuple(ties.cell(a.iri, kind) for kind in kinds)) for a in (actor, *peers))
    candidates = tuple(dict.fromkeys((*peers, *likest)))[:CANDIDATES]
    return Comparison(kinds, rows, _gaps(rows, kinds), candidates)


def _peers(reader: Reader, ties: Ties, actor: Name, principal: str) -> tuple[Name, ...]:
    likeness = likeness_to(members_by_framework(reader), actor.iri)
    states = read_states(reader)
    found = sorted((p for p in likeness if p in states), key=lambda p: (-likeness[p], p))[:MOST_PEERS]
    return tuple(states[p] for p in found if p != principal and ties.depth(p))


def read_states(reader: Reader) -> Mapping[str, Name]:
    """All states by their IRIs, remembered for the view."""
    return reader.kept(
        "states by name",
        lambda: {
            n.iri: n
            for row in reader.rows("actors")
            if iri(row, "actorKind") == NS + "State" and (n := name(row, "actor"))
        },
    )


def _gaps(rows: tuple[tuple[Name, tuple[Cell, ...]], ...], kinds: tuple[Name, ...]) -> tuple[Gap, ...]:
    own, others = rows[0][1], rows[1:]
    gaps = []
    for index, kind in enumerate(kinds):
        have = sum(1 for _, cells in others if cells[index].status in STANDING)
        if have * 2 > len(others) and own[index].status not in STANDING:
            gaps.append(Gap(kind, own[index].status, have, len(others)))
    return tuple(sorted(gaps, key=lambda g: (-g.have, g.kind.iri)))
