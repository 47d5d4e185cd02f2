"""What a view holds, and what has changed in it since it was asked last, as its own process remembers it. Changes nothing.

Named to the engine by dotted names, which calls these functions in a fork of the view's process.
"""

from __future__ import annotations

import json

from pyoxigraph import Quad, RdfFormat, Store, serialize

from kizuna.views.delta.advance import changes_since, place_of
from kizuna.views.withheld import withheld


def whole(store: Store) -> bytes:
    """All of a view.

    Args:
        store: the view.

    Returns:
        a line of JSON with the place (see `place_of`) and the sizes of what follows in N-Quads: the view, and what it leaves out.
    """
    return _told(place_of(store), store.dump(format=RdfFormat.N_QUADS) or b"", withheld(store))


def since(store: Store, place: str) -> bytes:
    """What has changed since a place.

    Args:
        store: the view.
        place: what `whole` or this function has said before.

    Returns:
        as `whole`: quads that went and came, and those that the view leaves out no more and newly; no parts when it is not known.
    """
    changes = changes_since(store, place)
    if changes is None:
        return _told(place_of(store))
    seen: tuple[set[Quad], set[Quad]] = (set(), set())
    held: tuple[set[Quad], set[Quad]] = (set(), set())
    for change in changes:
        _follow(seen, change.removed, change.added)
        _follow(held, change.held_removed, change.held_added)
    parts = [serialize(quads, format=RdfFormat.N_QUADS) or b"" for quads in (*seen, *held)]
    return _told(place_of(store), *parts)


def _follow(net: tuple[set[Quad], set[Quad]], removed: frozenset[Quad], added: frozenset[Quad]) -> None:
    """What goes after it has come, or comes after it has gone, has not changed."""
    gone, new = net
    for quad in removed:
        (new.remove if quad in new else gone.add)(quad)
    for quad in added:
        (gone.remove if quad in gone else new.add)(quad)


def _told(place: str, *parts: bytes) -> bytes:
    head = json.dumps({"place": place, "sizes": [len(part) for part in parts]})
    return b"".join((head.encode(), b"\n", *parts))
