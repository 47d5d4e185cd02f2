"""Where scenarios meet each other and where they no longer meet the record. Reads patches; `idle` runs in a fork of the record.

Scenarios are laid over the record one after the other. Where two of them speak of one fact the order decides, and the reader is
told. A scenario was written against some record: what it takes away may be gone since, what it adds may have become true.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Store

from kizuna.atlas.scenarios import load
from kizuna.views.patch import read_patch
from kizuna.workspace.names import SKOS

JOB: Final = "kizuna.atlas.scenarios_meeting:idle"
MOST_LOOKED_UP: Final = 5_000
"""Changes of a scenario up to which a page asks whether the record has moved on; a longer one is a whole import."""
_MANY: Final = frozenset(SKOS + name for name in ("altLabel", "hiddenLabel", "note", "scopeNote", "example"))
"""Of these a thing has as many as it likes: two scenarios that add different ones say nothing different."""
_Changes = dict[tuple[str, str], tuple[set[str], set[str], set[str]]]
"""Subject and property to what is added, what is removed, and the kinds (language, datatype) of the literals added."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two scenarios that speak of the same facts.

    Args:
        earlier, later: their places in the stack, from 0; the later one is laid over the earlier one.
        things: IRIs of what they both speak of.
    """

    earlier: int
    later: int
    things: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Idle:
    """What of a scenario changes nothing in the record as it is now.

    Args:
        removed: how many statements it takes away, and `gone` how many of them the record does not hold.
        added: how many statements it adds, and `known` how many of them the record holds already.
    """

    removed: int
    gone: int
    added: int
    known: int


@lru_cache(maxsize=64)
def meetings(workspace: Path, names: tuple[str, ...]) -> tuple[Meeting, ...]:
    """The pairs of stacked scenarios that speak of the same facts, by their pinned names in the order of the stack.

    Two speak of the same fact when one takes away what the other adds, when both replace the value of a property, or when
    both give it values of one kind that differ.

    Raises:
        LookupError: one of them is not there, or its content is another one now.
    """
    changes = [_changes(load(workspace, name)) for name in names]
    found = []
    for (earlier, one), (later, other) in combinations(enumerate(changes), 2):
        shared = {key[0] for key in one.keys() & other.keys() if _touch(key[1], one[key], other[key])}
        if shared:
            found.append(Meeting(earlier, later, tuple(sorted(shared))))
    return tuple(found)


def _changes(patch: bytes) -> _Changes:
    found: _Changes = {}
    for is_added, quad in read_patch(patch):
        if not isinstance(quad.subject, NamedNode):
            continue
        added, removed, kinds = found.setdefault(
            (quad.subject.value, quad.predicate.value), (set(), set(), set())
        )
        (added if is_added else removed).add(str(quad.object))
        if is_added and isinstance(quad.object, Literal):
            kinds.add(f"{quad.object.language} {quad.object.datatype}")
    return found


def _touch(
    predicate: str, one: tuple[set[str], set[str], set[str]], other: tuple[set[str], set[str], set[str]]
) -> bool:
    if one[0] & other[1] or one[1] & other[0]:
        return True
    differ = one[0] != other[0]
    return differ and bool((one[1] and other[1]) or (predicate not in _MANY and one[2] & other[2]))


def idle(store: Store, patch: bytes) -> bytes:
    """How many statements of a scenario the record does not hold, and does hold. To be run in a fork.

    Args:
        store: the record.
        patch: of the scenario.

    Returns:
        JSON for `read_idle`.
    """
    changes = read_patch(patch)
    removed = [quad for is_added, quad in changes if not is_added]
    added = [quad for is_added, quad in changes if is_added]
    gone = sum(quad not in store for quad in removed)
    return json.dumps([len(removed), gone, len(added), sum(quad in store for quad in added)]).encode()


def read_idle(answer: bytes) -> Idle:
    """The answer of `idle`."""
    return Idle(*json.loads(answer))


def worth_asking(patch: bytes) -> bool:
    """Whether a scenario is short enough to be compared with the record for a page."""
    return patch.count(b"\n") <= MOST_LOOKED_UP
