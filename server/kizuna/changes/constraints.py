"""SPARQL constraints (SHACL, section 5) of some things, run by the index instead of by rdflib. Changes only what it is given.

Nine tenths of the time of pySHACL on a small graph goes into parsing these queries anew each time. Only the plain case is taken
over: a SELECT without $PATH, $shapesGraph or $currentShape, on a shape that is targeted itself; everything else stays with the
SHACL engine. The gate's property test compares both ways.
"""

from __future__ import annotations

from typing import Final, cast

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store, Variable

from kizuna.validation.engines import Result
from kizuna.workspace.names import SH

_SPARQL: Final = NamedNode(SH + "sparql")
_SELECT: Final = NamedNode(SH + "select")
_TARGET: Final = NamedNode(SH + "targetNode")
_DEACTIVATED: Final = NamedNode(SH + "deactivated")
_SPECIAL: Final = ("$PATH", "$shapesGraph", "$currentShape", "?PATH", "?shapesGraph", "?currentShape")


def prologue(shapes: Store) -> str:
    """The prefixes that a shapes graph declares (sh:declare), as SPARQL."""
    lines = []
    for quad in shapes.quads_for_pattern(None, NamedNode(SH + "declare"), None, None):
        node = quad.object
        if isinstance(node, (NamedNode, BlankNode)):
            given = {
                name: next(
                    (
                        q.object.value
                        for q in shapes.quads_for_pattern(node, NamedNode(SH + name), None, None)
                        if isinstance(q.object, (Literal, NamedNode))
                    ),
                    "",
                )
                for name in ("prefix", "namespace")
            }
            lines.append(f"PREFIX {given['prefix']}: <{given['namespace']}>\n")
    return "".join(sorted(set(lines)))


def take_over(aimed: set[Quad], data: Store) -> tuple[set[Quad], set[Result]]:
    """Run the plain SPARQL constraints of aimed shapes.

    Args:
        aimed: shapes whose targets are nodes (see kizuna.changes.aimed).
        data: what is validated (default graph).

    Returns:
        the shapes without these constraints, and their results.
    """
    shapes = Store()
    shapes.extend(aimed)
    head = prologue(shapes)
    left, results = set(aimed), set()
    for quad in list(shapes.quads_for_pattern(None, _SPARQL, None, None)):
        shape, constraint = quad.subject, quad.object
        if not isinstance(shape, NamedNode) or not isinstance(constraint, (NamedNode, BlankNode)):
            continue
        texts = [q.object for q in shapes.quads_for_pattern(constraint, _SELECT, None, None)]
        plain = (
            len(texts) == 1
            and isinstance(texts[0], Literal)
            and not any(name in texts[0].value for name in _SPECIAL)
            and not any(shapes.quads_for_pattern(shape, NamedNode(SH + "path"), None, None))
            and not any(shapes.quads_for_pattern(shape, _DEACTIVATED, None, None))
            and not any(shapes.quads_for_pattern(constraint, _DEACTIVATED, None, None))
        )
        if not plain:
            continue
        left.discard(Quad(shape, _SPARQL, constraint))
        severity = _severity(shapes, shape)
        text = head + cast(Literal, texts[0]).value
        for target in shapes.quads_for_pattern(shape, _TARGET, None, None):
            if isinstance(target.object, NamedNode):
                results |= _run(text, data, target.object, shape, severity)
    return left, results


def _severity(shapes: Store, shape: NamedNode) -> str:
    for quad in shapes.quads_for_pattern(shape, NamedNode(SH + "severity"), None, None):
        if isinstance(quad.object, NamedNode):
            return quad.object.value
    return SH + "Violation"


def _run(text: str, data: Store, focus: NamedNode, shape: NamedNode, severity: str) -> set[Result]:
    solutions = cast(QuerySolutions, data.query(text, substitutions={Variable("this"): focus}))
    names = {variable.value for variable in solutions.variables}
    found = set()
    for solution in solutions:
        value = solution["value"] if "value" in names else None
        path = solution["path"] if "path" in names else None
        found.add(
            Result(
                focus=focus.value,
                path=path.value if isinstance(path, NamedNode) else "",
                value=str(focus if value is None else value),
                shape=shape.value,
                component="SPARQLConstraintComponent",
                severity=severity,
            )
        )
    return found
