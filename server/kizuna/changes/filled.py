"""Back from a filled form to quads. Pure."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Quad

from kizuna.changes.cells import first_day
from kizuna.changes.documents import DocumentError, DocumentProblem
from kizuna.changes.forms import Field, Form
from kizuna.validation.labels import short
from kizuna.validation.report import Text
from kizuna.workspace.names import GRAPH, ID, PREFIXES, RDF, XSD


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


def lacking(form: Form, given: dict[str, list[tuple[str, str]]]) -> tuple[Field, ...]:
    """The fields of which one has to be given and none is: the first such group, in the order of the form.

    Args:
        form: the form.
        given: property IRI to (language, text) pairs as typed.
    """
    for one in form.fields:
        if one.either and not any(text.strip() for path in one.either for _, text in given.get(path, [])):
            return tuple(other for other in form.fields if other.path in one.either)
    return ()


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
    if not any(text.strip() for _, text in given.get(RDF + "type", [])):
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
