"""A declared mapping says what each column of a table means. Parses TOML text; no I/O of its own.

A mapping file names the class of the rows, the pattern of their IRIs, and for each column the property and
how its cells are read. See docs/import.md for the format.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from kizuna.workspace.names import PREFIXES

READINGS: Final = frozenset(
    {
        "text",  # language-tagged text: text@ja
        "string",
        "integer",
        "decimal",
        "year",  # xsd:gYear
        "day",  # a full xsd:date
        "date",  # year, month or day: the property and its precision property
        "actor",  # ISO 3166-1 alpha-3 of a state or economy, or kind/slug
        "thing",  # kind/slug, or with thing:KIND a bare slug
        "concept",  # concept:LIST, a word of a controlled list
        "iri",
        "point",  # longitude and latitude in degrees (WGS 84), as the thing's geometry
        "class",  # a kind's word, as the IRI of its class
        "class-or-framework",  # a kind's word, or framework/SLUG, which is stated with k:framework
        "type",  # a kind's word, as the row's own rdf:type
        "evidence",  # source keys; none means: general knowledge
        "optional-evidence",  # source keys; none says nothing
        "evidence-here",  # the row is a source: make its evidence node
    }
)


class MappingError(ValueError):
    """The mapping itself is wrong: says which table and what."""


@dataclass(frozen=True, slots=True)
class Column:
    """How one column is read.

    Args:
        name: heading in the table.
        reading: one of READINGS.
        argument: what follows the reading (`ja` in `text@ja`, `role` in `concept:role`).
        properties: IRIs of the properties the value is stated with.
        precision: IRI of the property that keeps a date's precision.
        many: cells hold several values, separated by semicolons.
        required: an empty cell is a problem.
    """

    name: str
    reading: str
    argument: str = ""
    properties: tuple[str, ...] = ()
    precision: str | None = None
    many: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """What a table means.

    Args:
        name: the table's name, equal to the file name without suffix.
        title_ja: title in Japanese.
        title_en: title in English.
        types: class IRIs that every row gets.
        iri: pattern of the rows' IRIs below `…/id/`.
        columns: in the order of the table.
        words: exceptions from "kebab-case word → CamelCase class".
    """

    name: str
    title_ja: str
    title_en: str
    types: tuple[str, ...]
    iri: str
    columns: tuple[Column, ...]
    words: dict[str, str]

    @property
    def header(self) -> tuple[str, ...]:
        """Headings in order."""
        return tuple(column.name for column in self.columns)

    def class_iri(self, word: str) -> str:
        """Turn a kind's word (`tax-treaty`) into its class (`k:TaxTreaty`)."""
        name = self.words.get(word) or "".join(part.capitalize() for part in word.split("-"))
        return PREFIXES["k"] + name


def expand(name: str) -> str:
    """Expand a prefixed name of the mapping.

    Raises:
        MappingError: the prefix is not one of the product's.
    """
    prefix, colon, local = name.partition(":")
    if not colon or prefix not in PREFIXES:
        raise MappingError(f"'{name}' is not a prefixed name with a known prefix.")
    return PREFIXES[prefix] + local


_AS: Final = re.compile(r"([a-z-]+)(?:[@:]([A-Za-z-]+))?\Z")


def _column(table: str, name: str, given: dict[str, object]) -> Column:
    known = {"as", "property", "precision", "many", "required"}
    if extra := set(given) - known:
        raise MappingError(f"{table}.{name}: unknown key {sorted(extra)[0]}.")
    match = _AS.match(str(given.get("as", "string")))
    if not match or match[1] not in READINGS:
        raise MappingError(f"{table}.{name}: '{given.get('as')}' is not a reading.")
    stated = given.get("property", [])
    names = [stated] if isinstance(stated, str) else stated
    if not isinstance(names, list):
        raise MappingError(f"{table}.{name}: property is a name or a list of names.")
    precision = given.get("precision")
    return Column(
        name=name,
        reading=match[1],
        argument=match[2] or "",
        properties=tuple(expand(str(item)) for item in names),
        precision=expand(str(precision)) if precision else None,
        many=bool(given.get("many", False)),
        required=bool(given.get("required", False)),
    )


def parse_mapping(name: str, text: str) -> Mapping:
    """Parse a mapping file.

    Raises:
        MappingError: the text is not TOML or not a mapping.
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{name}: {error}") from error
    try:
        return Mapping(
            name=name,
            title_ja=given["title"]["ja"],
            title_en=given["title"]["en"],
            types=tuple(expand(item) for item in given.get("types", [])),
            iri=given["iri"],
            columns=tuple(_column(name, key, value) for key, value in given["columns"].items()),
            words=given.get("words", {}),
        )
    except (KeyError, TypeError) as error:
        raise MappingError(f"{name}: {error} is missing or has the wrong form.") from error


@cache
def built_in() -> dict[str, Mapping]:
    """The mappings that ship with the product, by table name."""
    folder = files("kizuna.changes").joinpath("mappings")
    return {
        entry.name.removesuffix(".toml"): parse_mapping(
            entry.name.removesuffix(".toml"), entry.read_text(encoding="utf-8")
        )
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    }
