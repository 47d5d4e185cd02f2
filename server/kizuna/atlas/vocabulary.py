"""The words of the graph itself: classes, controlled lists, and what counts as more special. Pure over a Reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Name, iri, local_name, name, named, number, text
from kizuna.workspace.borrowed import BORROWED, borrowed
from kizuna.workspace.names import ID, NS


@dataclass(frozen=True, slots=True)
class Concept:
    """A member of a controlled list. `scheme` is the list's slug (`role`, `status` …)."""

    name: Name
    scheme: str
    notation: str | None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names of classes and concepts of one view. `order` holds the classes that the ontology gives a place."""

    classes: dict[str, Name]
    parents: dict[str, frozenset[str]]
    concepts: dict[str, Concept]
    properties: dict[str, Name]
    order: dict[str, int] = field(default_factory=dict)

    def class_name(self, class_iri: str | None) -> Name | None:
        """The class with its names; None for None."""
        if class_iri is None:
            return None
        return self.classes.get(class_iri) or _filled(Name(class_iri))

    def concept(self, concept_iri: str | None) -> Name | None:
        """The concept with its names; None for None."""
        if concept_iri is None:
            return None
        found = self.concepts.get(concept_iri)
        return found.name if found else Name(concept_iri)

    def concepts_in(self, iris: Iterable[str]) -> tuple[Name, ...]:
        """The distinct concepts with their names, in the order of their IRIs."""
        return tuple(self.concept(i) or Name(i) for i in sorted(set(iris)))

    def members(self, scheme: str) -> tuple[Name, ...]:
        """All concepts of a list, in the order of their IRIs."""
        return tuple(c.name for c in self.concepts.values() if c.scheme == scheme)

    def is_a(self, class_iri: str, ancestor: str) -> bool:
        """True when the class is `ancestor` or lies below it."""
        return class_iri == ancestor or ancestor in self.parents.get(class_iri, frozenset())

    def below(self, ancestor: str) -> tuple[Name, ...]:
        """All named classes of the ontology strictly below `ancestor`."""
        return tuple(
            n
            for class_iri, n in self.classes.items()
            if ancestor in self.parents.get(class_iri, frozenset()) and class_iri.startswith(NS)
        )

    def most_special(self, types: Iterable[str]) -> str | None:
        """The class that none of the other given classes lies below; ties go to the first IRI."""
        given = sorted(set(types))
        own = [t for t in given if t.startswith(NS)] or given
        for candidate in own:
            if not any(other != candidate and candidate in self.parents.get(other, ()) for other in own):
                return candidate
        return own[0] if own else None


def read_vocabulary(reader: Reader) -> Vocabulary:
    """Read classes and controlled lists of the reader's view."""
    classes: dict[str, Name] = {}
    direct: dict[str, set[str]] = {}
    order: dict[str, int] = {}
    for row in reader.rows("classes"):
        found = _filled(named(row, "class"))
        classes.setdefault(found.iri, found)
        if place := number(row, "order"):
            order[found.iri] = place
        parent = iri(row, "parent")
        if parent:
            direct.setdefault(found.iri, set()).add(parent)
    concepts: dict[str, Concept] = {}
    for row in reader.rows("concepts"):
        concept, scheme = name(row, "concept"), iri(row, "scheme")
        if concept and scheme and concept.iri not in concepts:
            concepts[concept.iri] = Concept(concept, local_name(scheme), text(row, "notation"))
    properties = {other: Name(other, *names) for other, names in BORROWED.items()}
    properties.update(
        {p.iri: _filled(p) for row in reader.rows("properties") if (p := name(row, "property"))}
    )
    return Vocabulary(classes, _closure(direct), concepts, properties, order)


def _filled(found: Name) -> Name:
    """With the product's own words for it, where it is a term of another vocabulary that the graph doesn't name."""
    return Name(found.iri, *borrowed(found.iri, found.ja, found.en))


def _closure(direct: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    closed: dict[str, frozenset[str]] = {}
    for start in direct:
        seen: set[str] = set()
        queue = list(direct[start])
        while queue:
            item = queue.pop()
            if item not in seen:
                seen.add(item)
                queue.extend(direct.get(item, ()))
        closed[start] = frozenset(seen - {start})
    return closed


def concept_iri(scheme: str, slug: str) -> str:
    """The IRI of a member of a controlled list."""
    return f"{ID}{scheme}/{slug}"
