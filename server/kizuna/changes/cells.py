"""What the cells of a table mean, each by the reading that its column declares. Plain functions over text that is given."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping as MappingOf
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode, Triple

from kizuna.changes.mapping import Column, Mapping
from kizuna.workspace.names import ID, PREFIXES, RDF, XSD

Actors = MappingOf[str, str]
"""ISO 3166-1 alpha-3 code to the IRI of the state or economy, as the workspace has them."""

_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z", re.ASCII)
_ERAS: Final = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
"""The year before an era's first."""
_ERA: Final = re.compile(r"(明治|大正|昭和|平成|令和)\s*(元|\d{1,2})年?")
_THING: Final = re.compile(r"[a-z]+(?:-[a-z]+)*/[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\Z")
_SLUG: Final = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\Z")
_CODE: Final = re.compile(r"[A-Z]{3}\Z")
_FIELD: Final = re.compile(r"\{(-?)([a-z_]+)\}")


class CellError(ValueError):
    """A cell that cannot be read: message in ja and en."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.ja = ja
        self.en = en


def first_day(text: str) -> tuple[date, str]:
    """Read `2016`, `2016-04` or `2016-04-01` as its first day and its precision (year, month, day).

    Raises:
        ValueError: not one of these forms, or not a day of the calendar.
    """
    match = _DATE.match(text)
    if not match:
        raise ValueError(text)
    year, month, day = match.groups()
    precision = "day" if day else "month" if month else "year"
    return date(int(year), int(month or 1), int(day or 1)), precision


def actor_iri(text: str, actors: Actors) -> str:
    """The IRI of an actor given as ISO code or as kind/slug.

    Raises:
        ValueError: neither, or a code that the workspace does not have.
    """
    if _CODE.match(text):
        if text not in actors:
            raise ValueError(text)
        return actors[text]
    if _THING.match(text):
        return ID + text
    raise ValueError(text)


def slug(text: str) -> str:
    """A cell as a part of an IRI: lower case, hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def row_iri(pattern: str, row: MappingOf[str, str]) -> str:
    """The IRI of a row by the pattern of its mapping."""

    def fill(match: re.Match[str]) -> str:
        # Codes and slugs are names already; anything else is made into one.
        value = row[match[2]] if match[2] in ("slug", "code") else slug(row[match[2]])
        return match[1] + value if value else ""

    return ID + _FIELD.sub(fill, pattern)


Reading = Callable[[Column, str, Mapping, Actors], list[tuple[str, NamedNode | Literal]]]


def _stated(column: Column, value: NamedNode | Literal) -> list[tuple[str, NamedNode | Literal]]:
    return [(name, value) for name in column.properties]


def _typed(datatype: str, form: str, what_ja: str, what_en: str) -> Reading:
    pattern = re.compile(form + r"\Z", re.ASCII)

    def read(column: Column, cell: str, _m: Mapping, _a: Actors) -> list[tuple[str, NamedNode | Literal]]:
        if not pattern.match(cell):
            raise CellError(f"「{cell}」は{what_ja}ではありません。", f"'{cell}' is not {what_en}.")
        return _stated(column, Literal(cell, datatype=NamedNode(XSD + datatype)))

    return read


def _text(column: Column, cell: str, _m: Mapping, _a: Actors) -> list[tuple[str, NamedNode | Literal]]:
    return _stated(column, Literal(cell, language=column.argument))


def _string(column: Column, cell: str, _m: Mapping, _a: Actors) -> list[tuple[str, NamedNode | Literal]]:
    return _stated(column, Literal(cell))


def _date(column: Column, cell: str, _m: Mapping, _a: Actors) -> list[tuple[str, NamedNode | Literal]]:
    try:
        day, precision = first_day(cell)
    except ValueError:
        if (era := _ERA.match(cell)) is not None:
            year = _ERAS[era[1]] + (1 if era[2] == "元" else int(era[2]))
            raise CellError(
                f"「{cell}」は元号です。西暦で書いてください(年は{year})。",
                f"'{cell}' is a year of a Japanese era: write it in the common era (the year is {year}).",
            ) from None
        raise CellError(
            f"「{cell}」は日付ではありません。2016、2016-04、2016-04-01 のように書いてください。",
            f"'{cell}' is not a date: write 2016, 2016-04 or 2016-04-01.",
        ) from None
    found = _stated(column, Literal(day.isoformat(), datatype=NamedNode(XSD + "date")))
    if column.precision:
        found.append((column.precision, NamedNode(PREFIXES["precision"] + precision)))
    elif precision != "day":
        raise CellError(f"「{cell}」には日が要ります。", f"'{cell}' needs a day (YYYY-MM-DD).")
    return found


def _actor(column: Column, cell: str, _m: Mapping, actors: Actors) -> list[tuple[str, NamedNode | Literal]]:
    try:
        return _stated(column, NamedNode(actor_iri(cell, actors)))
    except ValueError:
        raise CellError(
            f"「{cell}」という主体は見つかりません。3文字の ISO コードか「種類/名前」で書いてください。",
            f"There is no actor '{cell}': write an ISO 3166-1 alpha-3 code that the data has, or kind/slug.",
        ) from None


def _thing(column: Column, cell: str, _m: Mapping, actors: Actors) -> list[tuple[str, NamedNode | Literal]]:
    if column.argument:
        cell = cell.removeprefix(f"{column.argument}/")
        if not _SLUG.match(cell):
            raise CellError(f"「{cell}」は識別名ではありません。", f"'{cell}' is not a slug.")
        return _stated(column, NamedNode(f"{ID}{column.argument}/{cell}"))
    if _CODE.match(cell):
        return _actor(column, cell, _m, actors)
    if not _THING.match(cell):
        raise CellError(
            f"「{cell}」は「種類/名前」の形ではありません。", f"'{cell}' is not of the form kind/slug."
        )
    return _stated(column, NamedNode(ID + cell))


def _concept(column: Column, cell: str, _m: Mapping, _a: Actors) -> list[tuple[str, NamedNode | Literal]]:
    if not _SLUG.match(cell):
        raise CellError(f"「{cell}」は一覧の語ではありません。", f"'{cell}' is not a word of the list.")
    return _stated(column, NamedNode(f"{ID}{column.argument}/{cell}"))


def _iri(column: Column, cell: str, _m: Mapping, _a: Actors) -> list[tuple[str, NamedNode | Literal]]:
    parts = urlsplit(cell)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise CellError(
            f"「{cell}」は http(s) のアドレスではありません。", f"'{cell}' is not an http(s) address."
        )
    try:
        return _stated(column, NamedNode(cell))
    except ValueError:
        raise CellError(
            f"「{cell}」に使えない文字があります（%xx に直してください）。",
            f"'{cell}' has a character that an address can't hold: percent-encode it.",
        ) from None


def _class(column: Column, cell: str, mapping: Mapping, _a: Actors) -> list[tuple[str, NamedNode | Literal]]:
    value = NamedNode(mapping.class_iri(cell))
    return [(RDF + "type", value)] if column.reading == "type" else _stated(column, value)


def _class_or_framework(
    column: Column, cell: str, mapping: Mapping, actors: Actors
) -> list[tuple[str, NamedNode | Literal]]:
    if "/" not in cell:
        return _class(column, cell, mapping, actors)
    if not cell.startswith("framework/") or not _THING.match(cell):
        raise CellError(f"「{cell}」は枠組みではありません。", f"'{cell}' is not framework/SLUG.")
    return [(PREFIXES["k"] + "framework", NamedNode(ID + cell))]


def _evidence(_c: Column, cell: str, _m: Mapping, _a: Actors) -> list[tuple[str, NamedNode | Literal]]:
    if not _SLUG.match(cell):
        raise CellError(f"「{cell}」は出典の鍵ではありません。", f"'{cell}' is not a source key.")
    return [(PREFIXES["k"] + "evidence", NamedNode(PREFIXES["evidence"] + cell))]


READ: Final[dict[str, Reading]] = {
    "text": _text,
    "string": _string,
    "integer": _typed("integer", r"-?\d+", "整数", "a whole number"),
    "decimal": _typed("decimal", r"-?\d+(\.\d+)?", "数", "a number"),
    "year": _typed("gYear", r"\d{4}", "年", "a year"),
    "day": _date,
    "date": _date,
    "actor": _actor,
    "thing": _thing,
    "concept": _concept,
    "iri": _iri,
    "class": _class,
    "class-or-framework": _class_or_framework,
    "type": _class,
    "evidence": _evidence,
    "optional-evidence": _evidence,
}

GENERAL_KNOWLEDGE: Final = (
    PREFIXES["k"] + "verification",
    NamedNode(PREFIXES["verification"] + "general-knowledge"),
)


def source_evidence(row: MappingOf[str, str]) -> list[Triple]:
    """The evidence node of a source row: one a source, confidence by what kind of source it is."""
    node = NamedNode(PREFIXES["evidence"] + row["key"])
    confidence = {"official": "high", "reference": "medium", "press": "medium"}.get(row["kind"], "low")
    k = PREFIXES["k"]
    return [
        Triple(node, NamedNode(RDF + "type"), NamedNode(k + "Evidence")),
        Triple(node, NamedNode(k + "source"), NamedNode(PREFIXES["source"] + row["key"])),
        Triple(node, NamedNode(k + "checked"), Literal(row["consulted"], datatype=NamedNode(XSD + "date"))),
        Triple(node, NamedNode(k + "confidence"), NamedNode(PREFIXES["confidence"] + confidence)),
    ]


_POINT: Final = re.compile(r"(-?\d{1,3}(?:\.\d+)?) (-?\d{1,2}(?:\.\d+)?)\Z")


def geometry(thing: NamedNode, cell: str) -> list[Triple]:
    """The geometry of a thing (GeoSPARQL 1.1): a WKT point, longitude first."""
    if not _POINT.match(cell):
        raise CellError(
            f"「{cell}」は「経度 緯度」ではありません。", f"'{cell}' is not 'LONGITUDE LATITUDE' in degrees."
        )
    geo = PREFIXES["geo"]
    node = NamedNode(PREFIXES["geometry"] + thing.value.rsplit("/", 1)[-1])
    return [
        Triple(thing, NamedNode(geo + "hasGeometry"), node),
        Triple(node, NamedNode(RDF + "type"), NamedNode(geo + "Geometry")),
        Triple(
            node,
            NamedNode(geo + "asWKT"),
            Literal(f"POINT({cell})", datatype=NamedNode(geo + "wktLiteral")),
        ),
    ]
