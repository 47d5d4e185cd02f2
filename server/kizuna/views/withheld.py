"""What a view of a day leaves out of the record, as its own process remembers it. Changes nothing.

Called in a fork of the view's process (`kizuna.views.since`).
"""

from __future__ import annotations

from pyoxigraph import RdfFormat, Store

from kizuna.views.delta.advance import base_of
from kizuna.views.delta.reach import OutOfReachError


def withheld(store: Store) -> bytes:
    """What had not begun, or is not known to have ended, by the day of a view.

    Args:
        store: the view.

    Returns:
        N-Quads; none when the view was made by another builder, which leaves nothing out.
    """
    try:
        held = base_of(store).held
    except OutOfReachError:
        return b""
    return held.dump(format=RdfFormat.N_QUADS) or b""
