"""What a view of a day leaves out of the record. Changes the given store only.

Named to the engine as `kizuna.views.withheld:withheld`, which calls it in a sandbox, on a private copy.
"""

from __future__ import annotations

from datetime import date

from pyoxigraph import RdfFormat, Store, serialize

from kizuna.views.asof import restrict


def withheld(store: Store, day: str) -> bytes:
    """What had not begun, or is not known to have ended, by a day.

    Args:
        store: the stated quads; changed.
        day: YYYY-MM-DD.

    Returns:
        N-Quads.
    """
    return serialize(dict.fromkeys(restrict(store, date.fromisoformat(day))), format=RdfFormat.N_QUADS) or b""
