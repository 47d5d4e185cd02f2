"""Who the workspace is seen from: the setting decides, else the workspace's own complete lists. Pure over a Reader."""

from __future__ import annotations

from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import iri
from kizuna.workspace.names import ID


def find_principal(reader: Reader, setting: str) -> str | None:
    """IRI of the principal, or None when neither the setting nor the workspace names one.

    Args:
        reader: the view.
        setting: `KIND/SLUG`, a full IRI, or empty.
    """
    if setting:
        return setting if ":" in setting else ID + setting
    row = reader.first("principal")
    return iri(row, "actor") if row else None
