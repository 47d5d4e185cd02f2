"""Canonical Turtle: the same triples always give the same bytes, and a diff reads well. No I/O.

Subjects, predicates and objects are sorted; `a` comes first; one statement a line; only used prefixes
are declared. Facts hold no blank nodes, so none can be written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kizuna.workspace.names import PREFIXES, RDF, XSD

_TYPE = RDF + "type"
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\Z")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPED = re.compile(r'[\\"\n\r\t]')


class BlankNodeError(ValueError):
    """A fact has a blank node; give the thing an IRI."""


class _Names:
    """Shortens IRIs and remembers which prefixes were used."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._by_namespace = {iri: prefix for prefix, iri in prefixes.items()}
        self.used: set[str] = set()

    def __call__(self, iri: str) -> str:
        cut = max(iri.rfind("#"), iri.rfind("/")) + 1
        prefix = self._by_namespace.get(iri[:cut])
        if prefix is None or not _LOCAL.match(iri[cut:]):
            return f"<{iri}>"
        self.used.add(prefix)
        return f"{prefix}:{iri[cut:]}"


def _term(term: object, names: _Names) -> str:
    if isinstance(term, NamedNode):
        return names(term.value)
    if isinstance(term, Literal):
        text = '"' + _ESCAPED.sub(lambda match: _ESCAPES[match[0]], term.value) + '"'
        if term.language:
            return f"{text}@{term.language}"
        if term.datatype.value == XSD + "string":
            return text
        return f"{text}^^{names(term.datatype.value)}"
    raise BlankNodeError(f"{term} has no IRI; facts hold no blank nodes.")


def to_turtle(
    triples: Iterable[Triple | Quad], prefixes: Mapping[str, str] = PREFIXES, *, comment: str = ""
) -> str:
    """Write triples (a quad's graph is ignored) as canonical Turtle.

    Args:
        triples: in any order, repeats allowed.
        prefixes: prefix to namespace; only those used are declared.
        comment: text for the head of the file, one `#` line a line.

    Raises:
        BlankNodeError: a subject or object is a blank node.
    """
    names = _Names(prefixes)
    subjects: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for triple in triples:
        predicate = "a" if triple.predicate.value == _TYPE else names(triple.predicate.value)
        subjects[_term(triple.subject, names)][predicate].add(_term(triple.object, names))
    blocks = []
    for subject in sorted(subjects):
        lines = []
        for predicate in sorted(subjects[subject], key=lambda name: (name != "a", name)):
            objects = sorted(subjects[subject][predicate])
            lines.append(f"    {predicate} " + ",\n        ".join(objects))
        blocks.append(f"{subject}\n" + " ;\n".join(lines) + " .\n")
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    declared = "".join(f"@prefix {name}: <{prefixes[name]}> .\n" for name in sorted(names.used))
    return head + declared + ("\n" if declared else "") + "\n".join(blocks)
