"""Read the constraints out of a shapes graph: every shape with a severity is one. Pure functions.

Source: SHACL, section 2.1 (shapes), 2.1.4 (severity), 2.1.5 (messages); `ks:fix` is our own annotation.
"""

from __future__ import annotations

from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kizuna.validation.report import Constraint, Severity, Text
from kizuna.workspace.names import BASE, SH

SHAPES: Final = BASE + "shapes#"
_SEVERITIES: Final = {SH + severity.shacl_name: severity for severity in Severity}


class ShapesError(ValueError):
    """A constraint of the shapes lacks what a report needs (a name, a message or a fix in a language)."""


def text_of(store: Store, subject: NamedNode, predicate: str) -> Text | None:
    """Read a text given in both languages; a missing language falls back on the other; None when neither."""
    found = {
        quad.object.language: quad.object.value
        for quad in store.quads_for_pattern(subject, NamedNode(predicate), None, None)
        if isinstance(quad.object, Literal)
    }
    ja, en = found.get("ja"), found.get("en")
    if ja is None and en is None:
        return None
    return Text(ja or en or "", en or ja or "")


def constraints_of(shapes: Store) -> dict[str, Constraint]:
    """List the constraints of a shapes store (default graph) by IRI, in the order of their IRIs.

    Raises:
        ShapesError: a constraint has no name or no message.
    """
    found: dict[str, Constraint] = {}
    for quad in shapes.quads_for_pattern(None, NamedNode(SH + "severity"), None, DefaultGraph()):
        subject, value = quad.subject, quad.object
        if not isinstance(subject, NamedNode) or not isinstance(value, NamedNode):
            continue
        if value.value not in _SEVERITIES:
            raise ShapesError(f"{subject.value}: {value.value} is not one of SHACL's severities.")
        name = text_of(shapes, subject, SH + "name")
        message = text_of(shapes, subject, SH + "message")
        if name is None or message is None:
            raise ShapesError(f"{subject.value}: a constraint needs sh:name and sh:message.")
        fix = text_of(shapes, subject, SHAPES + "fix") or Text("", "")
        found[subject.value] = Constraint(subject.value, _SEVERITIES[value.value], name, message, fix)
    return dict(sorted(found.items()))


def unnamed(iri: str) -> Constraint:
    """Stand in for a shape that the catalogue does not hold (a foreign shapes graph)."""
    words = Text(iri, iri)
    wrong = Text("この形状を満たしていません。", "This shape is not met.")
    return Constraint(iri, Severity.VIOLATION, words, wrong, Text("", ""))
