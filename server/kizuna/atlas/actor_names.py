"""The names of all actors of a view, read once for it. Pure over a Reader."""

from __future__ import annotations

from collections.abc import Mapping

from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Name, name


def actor_names(reader: Reader) -> Mapping[str, Name]:
    """All actors by their IRIs, remembered for the view."""
    rows = reader.rows("actors")
    return reader.kept("actor names", lambda: {n.iri: n for row in rows if (n := name(row, "actor"))})
