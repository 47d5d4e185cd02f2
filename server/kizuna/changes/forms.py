"""Forms made from the shapes: which fields a kind of thing has, what each may hold, and what is there now.

`describe` runs inside a fork of the record; it reads the store only. The way back is in kizuna.changes.filled.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final
from typing import Literal as OneOf

from pyoxigraph import Literal, NamedNode, Store

from kizuna.changes.form_rules import Rules, first, gather, objects, supers
from kizuna.validation.labels import Labels
from kizuna.validation.report import Text
from kizuna.workspace.names import NS, RDF, RDFS, SKOS, XSD

JOB: Final = "kizuna.changes.forms:describe"
MOST_CHOICES: Final = 400
GROUNDS: Final = (NS + "evidence", NS + "verification")
"""Where a statement is known from: what was read, or that it is general knowledge with a source still owed."""
FieldKind = OneOf["text", "string", "integer", "decimal", "date", "year", "iri", "choice", "thing"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that can be picked."""

    iri: str
    label: Text


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    Args:
        path: IRI of the property.
        label: its name.
        kind: what it holds; `choice` is picked from `choices`, `thing` is an IRI or kind/slug.
        languages: of text.
        required: a value has to be given.
        many: several values may be given.
        precision: IRI of the property that keeps a date's precision, "" when dates are whole days.
        choices: what can be picked.
        values: what is there now, as the form shows it: (language, text).
        either: IRIs of properties of which one has to be given, this one among them; empty when it stands alone.
    """

    path: str
    label: Text
    kind: FieldKind
    languages: tuple[str, ...] = ()
    required: bool = False
    many: bool = True
    precision: str = ""
    choices: tuple[Choice, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    either: tuple[str, ...] = ()

    @property
    def first(self) -> bool:
        """Whether it stands among the first fields: it has to be given, is given, or says what the thing is."""
        return self.required or bool(self.values or self.either) or self.path == RDF + "type"

    @property
    def tongues(self) -> tuple[str, ...]:
        """Languages that a text is asked for in, and those that it is there in."""
        asked = self.languages or ("ja", "en")
        return (*asked, *(one for one in dict(self.values) if one not in asked))

    def said(self, tongue: str) -> tuple[str, ...]:
        """What is there now in a language."""
        return tuple(text for one, text in self.values if one == tongue)


@dataclass(frozen=True, slots=True)
class Form:
    """A form for one thing.

    Args:
        cls: IRI of its class.
        label: name of the class.
        subject: IRI of the thing, "" for a new one.
        graph: IRI of the graph that states it, "" for a new one.
        fields: required ones first.
    """

    cls: str
    label: Text
    subject: str
    graph: str
    fields: tuple[Field, ...] = field(default=())


_PRECISIONS: Final = {
    NS + "date": NS + "precision",
    NS + "from": NS + "fromPrecision",
    NS + "to": NS + "toPrecision",
    NS + "expectedEnd": NS + "expectedEndPrecision",
    NS + "targetDate": NS + "targetDatePrecision",
    NS + "published": NS + "publishedPrecision",
    NS + "asOf": NS + "asOfPrecision",
}
_KINDS: Final[dict[str, FieldKind]] = {
    XSD + "integer": "integer",
    XSD + "decimal": "decimal",
    XSD + "date": "date",
    XSD + "gYear": "year",
    XSD + "string": "string",
}


def describe(store: Store, cls: str, subject: str) -> bytes:
    """Make the form of a class, filled with what is said about a thing. To be run in a fork.

    Args:
        store: the record.
        cls: IRI of the class; "" for that of the thing.
        subject: IRI of the thing, "" for a new one (then the form is empty).

    Returns:
        JSON for `read_answer`.
    """
    labels = Labels(store)
    thing = NamedNode(subject) if subject else None
    kind = NamedNode(cls or _class_of(store, thing))
    graph = ""
    if thing is not None:
        names = [
            q.graph_name.value
            for q in store.quads_for_pattern(thing, None, None, None)
            if isinstance(q.graph_name, NamedNode)
        ]
        graph = max(sorted(set(names)), key=names.count) if names else ""
    fields = []
    rules = gather(store, kind)
    if all(path in rules for path in GROUNDS):
        # Whatever the shapes let a thing be without: who writes it down says where it is known from.
        for path in GROUNDS:
            rules[path].either |= set(GROUNDS)
    hidden = set(_PRECISIONS.values()) if rules else set()
    for path, rule in rules.items():
        if path in hidden and any(date in rules for date, name in _PRECISIONS.items() if name == path):
            continue
        if made := _field(store, labels, path, rule, thing, kind):
            fields.append(made)
    fields.sort(
        key=lambda one: (
            one["path"] != RDF + "type",
            not one["required"],
            not one["either"],
            one["label"][1],
        )
    )
    label = labels.thing(kind.value)
    return json.dumps(
        {
            "cls": kind.value,
            "label": [label.ja, label.en],
            "subject": subject,
            "graph": graph,
            "fields": fields,
        }
    ).encode()


def _class_of(store: Store, thing: NamedNode | None) -> str:
    """The class of a thing that shapes say most about; that of agreements when they say nothing."""
    types = (
        [one for one in objects(store, thing, RDF + "type") if isinstance(one, NamedNode)] if thing else []
    )
    return max(((len(gather(store, one)), one.value) for one in types), default=(0, NS + "Agreement"))[1]


def _field(
    store: Store, labels: Labels, path: str, rule: Rules, thing: NamedNode | None, cls: NamedNode
) -> dict[str, Any] | None:
    kind: FieldKind = "string"
    choices: list[NamedNode] = []
    if path == RDF + "type":
        choices = [c for c in rule.choices if cls in supers(store, c)]
        kind = "choice"
        if not choices:
            return None
    elif rule.scheme:
        kind = "choice"
        choices = [
            q.subject
            for q in store.quads_for_pattern(None, NamedNode(SKOS + "inScheme"), NamedNode(rule.scheme), None)
            if isinstance(q.subject, NamedNode)
        ]
    elif rule.choices:
        kind, choices = "choice", rule.choices
    elif rule.cls is not None:
        kind = "thing"
        choices = _instances(store, rule.cls)
        if len(choices) <= MOST_CHOICES:
            kind = "choice"
        else:
            choices = []
    elif rule.languages:
        kind = "text"
    elif rule.iri:
        kind = "iri"
    elif rule.datatype in _KINDS:
        kind = _KINDS[rule.datatype]
    label = labels.prop(path)
    offered = sorted(
        ([one.value, *_both(labels.thing(one.value))] for one in set(choices)), key=lambda one: one[2]
    )
    precision = _PRECISIONS.get(path, "") if kind == "date" else ""
    return {
        "path": path,
        "label": _both(label),
        "kind": kind,
        "languages": sorted(rule.languages, reverse=True),
        "required": rule.minimum > 0,
        "many": (rule.maximum is None or rule.maximum > 1) and not rule.each_language_once,
        "precision": precision,
        "choices": offered,
        "values": _values(store, thing, path, precision) if thing is not None else [],
        "either": sorted(rule.either),
    }


def _both(text: Text) -> list[str]:
    return [text.ja, text.en]


def _instances(store: Store, cls: NamedNode) -> list[NamedNode]:
    below, todo = set(), [cls]
    while todo:
        one = todo.pop()
        if one not in below:
            below.add(one)
            todo += [
                q.subject
                for q in store.quads_for_pattern(None, NamedNode(RDFS + "subClassOf"), one, None)
                if isinstance(q.subject, NamedNode)
            ]
    return [
        q.subject
        for one in below
        for q in store.quads_for_pattern(None, NamedNode(RDF + "type"), one, None)
        if isinstance(q.subject, NamedNode)
    ]


def _values(store: Store, thing: NamedNode, path: str, precision: str) -> list[list[str]]:
    found = []
    for value in objects(store, thing, path):
        if isinstance(value, NamedNode):
            found.append(["", value.value])
        elif isinstance(value, Literal):
            text = value.value
            if precision and isinstance(how := first(store, thing, precision), NamedNode):
                text = text[: {"year": 4, "month": 7}.get(how.value.rpartition("/")[2], 10)]
            found.append([value.language or "", text])
    return sorted(found)


def read_answer(answer: bytes) -> Form:
    """What `describe` returned."""
    given = json.loads(answer)
    return Form(
        given["cls"],
        Text(*given["label"]),
        given["subject"],
        given["graph"],
        tuple(
            Field(
                one["path"],
                Text(*one["label"]),
                one["kind"],
                tuple(one["languages"]),
                one["required"],
                one["many"],
                one["precision"],
                tuple(Choice(iri, Text(ja, en)) for iri, ja, en in one["choices"]),
                tuple((language, text) for language, text in one["values"]),
                tuple(one["either"]),
            )
            for one in given["fields"]
        ),
    )
