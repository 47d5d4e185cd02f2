"""What is stated about one thing, whatever its kind: names, codes, remarks, links. Pure over a Reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Name, iri, name, text
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.engine.types import Row
from kizuna.workspace.names import DCTERMS, FOAF, NS, RDF, RDFS, SKOS

LABELS = (SKOS + "prefLabel", RDFS + "label")


@dataclass(frozen=True, slots=True)
class Value:
    """One stated value. `name` is set for an IRI, `text` (with its language) for a literal."""

    property: str
    name: Name | None
    text: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class About:
    """A thing and all that is stated with it as the subject."""

    thing: Name
    kind: Name | None
    types: tuple[str, ...]
    values: tuple[Value, ...]

    def texts(self, *properties: str) -> tuple[str, ...]:
        """The distinct texts of these properties, in the order given."""
        found = [v.text for p in properties for v in self.values if v.property == p and v.text is not None]
        return tuple(dict.fromkeys(found))

    def first(self, property_iri: str) -> str | None:
        """The first text of a property, or None."""
        found = self.texts(property_iri)
        return found[0] if found else None

    def names(self, *properties: str) -> tuple[Name, ...]:
        """The distinct things that these properties point to."""
        found = [v.name for p in properties for v in self.values if v.property == p and v.name is not None]
        return tuple(dict.fromkeys(found))

    def one(self, property_iri: str) -> Name | None:
        """The first thing that a property points to, or None."""
        found = self.names(property_iri)
        return found[0] if found else None

    def words(self, property_iri: str) -> Name | None:
        """A text in both languages (a remark, a description), or None when it has neither."""
        both = Name(self.thing.iri, self._in(property_iri, "ja"), self._in(property_iri, "en"))
        return both if both.ja or both.en else None

    def _in(self, property_iri: str, language: str) -> str | None:
        for value in self.values:
            if value.property == property_iri and value.language == language:
                return value.text
        return None

    @property
    def description(self) -> Name | None:
        """dcterms:description, or a domain's skos:definition, in both languages."""
        return self.words(DCTERMS + "description") or self.words(SKOS + "definition")

    @property
    def note(self) -> Name | None:
        """skos:note in both languages."""
        return self.words(SKOS + "note")

    @property
    def official(self) -> Name | None:
        """k:officialName in both languages."""
        return self.words(NS + "officialName")

    @property
    def homepage(self) -> str | None:
        """foaf:homepage when it is an http(s) address."""
        page = self.one(FOAF + "homepage")
        return page.iri if page and page.iri.startswith(("https://", "http://")) else None

    def aliases(self, language: str) -> tuple[str, ...]:
        """Other names in a language or in none, without the label and the official name."""
        official = self.official
        own = {self.thing.label(language), official.label(language) if official else None}
        wanted = [SKOS + "altLabel", NS + "abbreviation", NS + "formerName"]
        found = [
            v.text for p in wanted for v in self.values if v.property == p and v.language in (language, None)
        ]
        return tuple(dict.fromkeys(t for t in found if t and t not in own))


def read_about(reader: Reader, words: Vocabulary, thing: str) -> About | None:
    """All that is stated about `thing`; None when nothing is."""
    rows = reader.rows("about", thing=thing)
    if not rows:
        return None
    return about_from(thing, rows, words)


def about_from(thing: str, rows: Sequence[Row], words: Vocabulary) -> About:
    """Make an About of the rows of the query `about`."""
    values = tuple(_value(row) for row in rows)
    types = tuple(v.name.iri for v in values if v.property == RDF + "type" and v.name)
    labels = {v.language: v.text for p in reversed(LABELS) for v in values if v.property == p}
    title = next((v.text for v in values if v.property == DCTERMS + "title"), None)
    return About(
        thing=Name(thing, labels.get("ja") or (title if not labels else None), labels.get("en")),
        kind=words.class_name(words.most_special(types)),
        types=types,
        values=values,
    )


def _value(row: Row) -> Value:
    value, property_iri = row.get("value"), iri(row, "property") or ""
    if isinstance(value, NamedNode):
        return Value(property_iri, name(row, "value"), None, None)
    language = value.language if isinstance(value, Literal) else None
    return Value(property_iri, None, text(row, "value"), language)
