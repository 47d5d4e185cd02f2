"""Two changes of the same thing, side by side: what it was, what was published since, what is proposed. Plain functions.

`conflicts` runs inside a fork of the record; it reads the store only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from pyoxigraph import Quad, RdfFormat, Store, parse

from kizuna.changes.patch import Patch, parse_patch, patch_of

JOB = "kizuna.changes.merge:conflicts"
Choice = Literal["mine", "theirs", "both"]


@dataclass(frozen=True, slots=True)
class Clash:
    """One property of one thing that both have changed.

    Args:
        graph: IRI.
        subject: IRI.
        predicate: IRI.
        base: values (N-Triples terms) when the proposal was made.
        theirs: values now.
        mine: values if the proposal had its way.
        hard: the proposal removes something that is not there any more.
    """

    graph: str
    subject: str
    predicate: str
    base: tuple[str, ...]
    theirs: tuple[str, ...]
    mine: tuple[str, ...]
    hard: bool

    @property
    def key(self) -> str:
        """Names the clash in a form."""
        return f"{self.graph} {self.subject} {self.predicate}"


Place = tuple[str, str, str]


def _place(quad: Quad) -> Place:
    return str(quad.graph_name), str(quad.subject), quad.predicate.value


def _by_place(quads: Iterable[Quad]) -> dict[Place, set[Quad]]:
    found: dict[Place, set[Quad]] = {}
    for quad in quads:
        found.setdefault(_place(quad), set()).add(quad)
    return found


def clashes(store: Store, mine: Patch, since: Patch) -> tuple[Clash, ...]:
    """What both changed.

    Args:
        store: the record now.
        mine: the proposal.
        since: everything published after the proposal's base, as one patch.
    """
    mine_gone, mine_come = _by_place(mine.removed), _by_place(mine.added)
    their_gone, their_come = _by_place(since.removed), _by_place(since.added)
    found = []
    for place in sorted((set(mine_gone) | set(mine_come)) & (set(their_gone) | set(their_come))):
        example = next(iter(mine_gone.get(place, set()) | mine_come.get(place, set())))
        now = set(store.quads_for_pattern(example.subject, example.predicate, None, example.graph_name))
        base = (now - their_come.get(place, set())) | their_gone.get(place, set())
        wanted = (base - mine_gone.get(place, set())) | mine_come.get(place, set())
        # Values that both only added stand beside each other; whether that is right, the shapes say.
        if wanted == now or not (mine_gone.get(place) or their_gone.get(place)):
            continue
        hard = bool(mine_gone.get(place, set()) - now)
        found.append(
            Clash(
                place[0].strip("<>"),
                place[1].strip("<>"),
                place[2],
                _terms(base),
                _terms(now),
                _terms(wanted),
                hard,
            )
        )
    return tuple(found)


def _terms(quads: Iterable[Quad]) -> tuple[str, ...]:
    return tuple(sorted(str(quad.object) for quad in quads))


def conflicts(store: Store, mine: str, since: list[str]) -> bytes:
    """As `clashes`, from patch texts, as JSON: to be run in a fork."""
    whole = Patch()
    for text in since:
        whole = whole.then(parse_patch(text))
    return json.dumps([asdict(one) for one in clashes(store, parse_patch(mine), whole)]).encode()


def read_clashes(content: bytes) -> tuple[Clash, ...]:
    """The reverse of what `conflicts` returns."""
    return tuple(
        Clash(
            one["graph"],
            one["subject"],
            one["predicate"],
            tuple(one["base"]),
            tuple(one["theirs"]),
            tuple(one["mine"]),
            one["hard"],
        )
        for one in json.loads(content)
    )


def _quads(clash: Clash, values: Iterable[str]) -> list[Quad]:
    lines = "".join(f"<{clash.subject}> <{clash.predicate}> {value} <{clash.graph}> .\n" for value in values)
    return list(parse(lines.encode(), format=RdfFormat.N_QUADS))


def resolve(mine: Patch, found: Sequence[Clash], choices: dict[str, Choice]) -> Patch:
    """The proposal made anew on what is there now.

    Args:
        mine: the proposal.
        found: its clashes.
        choices: by the clash's key: `mine` (my values instead of theirs), `theirs` (leave it as it is now), `both` (mine beside theirs).
    """
    places = {(f"<{c.graph}>", f"<{c.subject}>", c.predicate) for c in found}
    removed = [quad for quad in mine.removed if _place(quad) not in places]
    added = [quad for quad in mine.added if _place(quad) not in places]
    for clash in found:
        choice = choices.get(clash.key, "theirs")
        if choice == "mine":
            removed += _quads(clash, set(clash.theirs) - set(clash.mine))
        if choice in ("mine", "both"):
            added += _quads(clash, set(clash.mine) - set(clash.theirs))
    return patch_of(removed, added)


__all__ = ["JOB", "Clash", "clashes", "conflicts", "read_clashes", "resolve"]
