"""Forms made from the shapes: which fields a kind of thing has, what each may hold, and back from a filled form to quads.

`describe` runs inside a fork of the record; it reads the store only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final
from typing import Literal as OneOf

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from kizuna.changes.cells import first_day
from kizuna.changes.documents import DocumentError, DocumentProblem
from kizuna.validation.labels import Labels, short
from kizuna.validation.report import Text
from kizuna.workspace.names import GRAPH, ID, NS, PREFIXES, RDF, RDFS, SH, SKOS, XSD

JOB: Final = "kizuna.changes.forms:describe"
MOST_CHOICES: Final = 400
Node = NamedNode | BlankNode
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


@dataclass(frozen=True, slots=True)
class Form:
    """A form for one thing.

    Args:
        cls: IRI of its class.
        label: name of the class.
        subject: IRI of the thing, "" for a new one.
        graph: IRI of the graph that states it, "" for a new one.
        fields: required ones first.
        kept: quads (N-Quads lines) about it that the form does not show and leaves as they are.
    """

    cls: str
    label: Text
    subject: str
    graph: str
    fields: tuple[Field, ...] = field(default=())


def _objects(store: Store, subject: Node, predicate: str) -> list[Any]:
    return [q.object for q in store.quads_for_pattern(subject, NamedNode(predicate), None, None)]


def _first(store: Store, subject: Node, predicate: str) -> Any:
    found = _objects(store, subject, predicate)
    return found[0] if found else None


def _items(store: Store, head: Any) -> list[Any]:
    found = []
    while isinstance(head, (NamedNode, BlankNode)) and head.value != RDF + "nil":
        found += _objects(store, head, RDF + "first")
        head = _first(store, head, RDF + "rest")
    return found


def _supers(store: Store, cls: NamedNode) -> set[NamedNode]:
    found, todo = set(), [cls]
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += [o for o in _objects(store, one, RDFS + "subClassOf") if isinstance(o, NamedNode)]
    return found


@dataclass(slots=True)
class _Rules:
    """What the shapes say about one property, gathered."""

    minimum: int = 0
    maximum: int | None = None
    datatype: str = ""
    cls: NamedNode | None = None
    scheme: str = ""
    choices: list[NamedNode] = field(default_factory=list)
    languages: set[str] = field(default_factory=set)
    iri: bool = False
    each_language_once: bool = False


def _gather(store: Store, cls: NamedNode) -> dict[str, _Rules]:
    """Everything that shapes targeted at a class (or a class above it) say about its properties."""
    rules: dict[str, _Rules] = {}
    seen: set[Node] = set()

    def visit(shape: Node) -> None:
        if shape in seen:
            return
        seen.add(shape)
        path = _first(store, shape, SH + "path")
        if isinstance(path, NamedNode):
            _read(store, shape, rules.setdefault(path.value, _Rules()))
            return
        if path is None:
            for nested in _objects(store, shape, SH + "property") + _objects(store, shape, SH + "node"):
                visit(nested)
            for head in _objects(store, shape, SH + "and"):
                for nested in _items(store, head):
                    visit(nested)

    for above in _supers(store, cls):
        for quad in store.quads_for_pattern(None, NamedNode(SH + "targetClass"), above, None):
            if isinstance(quad.subject, (NamedNode, BlankNode)):
                visit(quad.subject)
    return rules


def _number(term: Any) -> int | None:
    return int(term.value) if isinstance(term, Literal) and term.value.isdecimal() else None


def _read(store: Store, shape: Node, into: _Rules) -> None:
    violation = _first(store, shape, SH + "severity") in (None, NamedNode(SH + "Violation"))
    least = _number(_first(store, shape, SH + "minCount"))
    most = _number(_first(store, shape, SH + "maxCount"))
    if least and violation:
        into.minimum = max(into.minimum, least)
    if most is not None:
        into.maximum = most if into.maximum is None else min(into.maximum, most)
    if isinstance(datatype := _first(store, shape, SH + "datatype"), NamedNode):
        into.datatype = datatype.value
    if isinstance(cls := _first(store, shape, SH + "class"), NamedNode):
        into.cls = cls
    if _first(store, shape, SH + "nodeKind") == NamedNode(SH + "IRI"):
        into.iri = True
    if _first(store, shape, SH + "uniqueLang") is not None:
        into.each_language_once = True
    for item in _items(store, _first(store, shape, SH + "languageIn")):
        into.languages.add(item.value)
    into.choices += [i for i in _items(store, _first(store, shape, SH + "in")) if isinstance(i, NamedNode)]
    for node in _objects(store, shape, SH + "node"):
        for nested in _objects(store, node, SH + "property"):
            scheme = _first(store, nested, SH + "hasValue")
            if _first(store, nested, SH + "path") == NamedNode(SKOS + "inScheme") and isinstance(
                scheme, NamedNode
            ):
                into.scheme = scheme.value
    qualified = _first(store, shape, SH + "qualifiedValueShape")
    if isinstance(qualified, (NamedNode, BlankNode)):
        wanted = _items(store, _first(store, qualified, SH + "languageIn"))
        if _number(_first(store, shape, SH + "qualifiedMinCount")) and violation:
            into.languages |= {item.value for item in wanted}
            into.minimum = max(into.minimum, 1) if wanted else into.minimum
        into.choices += [
            i for i in _items(store, _first(store, qualified, SH + "in")) if isinstance(i, NamedNode)
        ]


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
        cls: IRI of the class.
        subject: IRI of the thing, "" for a new one (then the form is empty).

    Returns:
        JSON for `read_answer`.
    """
    labels = Labels(store)
    kind = NamedNode(cls)
    thing = NamedNode(subject) if subject else None
    graph = ""
    if thing is not None:
        names = [
            q.graph_name.value
            for q in store.quads_for_pattern(thing, None, None, None)
            if isinstance(q.graph_name, NamedNode)
        ]
        graph = max(sorted(set(names)), key=names.count) if names else ""
    fields = []
    rules = _gather(store, kind)
    hidden = set(_PRECISIONS.values()) if rules else set()
    for path, rule in rules.items():
        if path in hidden and any(date in rules for date, name in _PRECISIONS.items() if name == path):
            continue
        if made := _field(store, labels, path, rule, thing, kind):
            fields.append(made)
    fields.sort(key=lambda one: (not one["required"], one["label"][1]))
    label = labels.thing(cls)
    return json.dumps(
        {"cls": cls, "label": [label.ja, label.en], "subject": subject, "graph": graph, "fields": fields}
    ).encode()


def _field(
    store: Store, labels: Labels, path: str, rule: _Rules, thing: NamedNode | None, cls: NamedNode
) -> dict[str, Any] | None:
    kind: FieldKind = "string"
    choices: list[NamedNode] = []
    if path == RDF + "type":
        choices = [c for c in rule.choices if cls in _supers(store, c)]
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
    for value in _objects(store, thing, path):
        if isinstance(value, NamedNode):
            found.append(["", value.value])
        elif isinstance(value, Literal):
            text = value.value
            if precision and isinstance(how := _first(store, thing, precision), NamedNode):
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
            )
            for one in given["fields"]
        ),
    )


def _refuse(label: Text, ja: str, en: str) -> DocumentError:
    return DocumentError(DocumentProblem("bad-field", f"「{label.ja}」: {ja}", f"“{label.en}”: {en}"))


def thing_iri(text: str) -> NamedNode:
    """The IRI that somebody typed: kind/slug, a prefixed name, or a whole IRI.

    Raises:
        ValueError: none of these.
    """
    if "://" in text:
        return NamedNode(text)
    prefix, colon, local = text.partition(":")
    if colon and prefix in PREFIXES:
        return NamedNode(PREFIXES[prefix] + local)
    if text.count("/") >= 1 and all(part for part in text.split("/")):
        return NamedNode(ID + text)
    raise ValueError(text)


def quads_of(
    form: Form, subject: NamedNode, graph: str, given: dict[str, list[tuple[str, str]]]
) -> list[Quad]:
    """What a filled form says.

    Args:
        form: the form.
        subject: the thing.
        graph: IRI of the graph that states it.
        given: property IRI to (language, text) pairs as typed; empty ones say nothing.

    Raises:
        DocumentError: a value does not fit its field.
    """
    name = NamedNode(graph if graph.startswith(GRAPH) else GRAPH + "data/" + graph)
    quads: list[Quad] = []
    if not any(one.path == RDF + "type" and given.get(one.path) for one in form.fields):
        quads.append(Quad(subject, NamedNode(RDF + "type"), NamedNode(form.cls), name))
    for one in form.fields:
        for language, typed in given.get(one.path, []):
            text = typed.strip()
            if text:
                quads += [
                    Quad(subject, NamedNode(path), value, name)
                    for path, value in _stated(one, language, text)
                ]
    return quads


def _stated(one: Field, language: str, text: str) -> list[tuple[str, NamedNode | Literal]]:
    if one.kind == "text":
        return [(one.path, Literal(text, language=language or "ja"))]
    if one.kind in ("choice", "thing", "iri"):
        try:
            return [(one.path, NamedNode(text) if one.kind == "iri" else thing_iri(text))]
        except ValueError:
            raise _refuse(
                one.label, f"「{short(text)}」は IRI ではありません。", f"'{short(text)}' is no IRI."
            ) from None
    if one.kind == "date":
        try:
            day, precision = first_day(text)
        except ValueError:
            raise _refuse(
                one.label,
                "2016、2016-04、2016-04-01 のように書いてください。",
                "write 2016, 2016-04 or 2016-04-01.",
            ) from None
        said: list[tuple[str, NamedNode | Literal]] = [
            (one.path, Literal(day.isoformat(), datatype=NamedNode(XSD + "date")))
        ]
        if one.precision:
            said.append((one.precision, NamedNode(PREFIXES["precision"] + precision)))
        elif precision != "day":
            raise _refuse(one.label, "日まで書いてください。", "give the day as well.")
        return said
    datatype = {"integer": "integer", "decimal": "decimal", "year": "gYear"}.get(one.kind)
    return [(one.path, Literal(text, datatype=NamedNode(XSD + datatype)) if datatype else Literal(text))]
