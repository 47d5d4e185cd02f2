"""docs/shapes.md lists every constraint, with its severity, and no other."""

from __future__ import annotations

import re

import pyoxigraph as ox

from kizuna.validation.catalogue import constraints_of

from .support import REPOSITORY, shapes


def test_every_constraint_is_documented_with_its_severity() -> None:
    store = ox.Store()
    store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in shapes())
    text = (REPOSITORY / "docs/shapes.md").read_text("utf-8")
    documented = dict(re.findall(r"^\| `([A-Za-z0-9-]+)` \| (Violation|Warning|Info) \|", text, re.MULTILINE))
    assert documented == {found.id: found.severity.shacl_name for found in constraints_of(store).values()}
