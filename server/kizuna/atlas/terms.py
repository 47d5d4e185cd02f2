"""Small frozen values that pages are made of, and how they are read from query rows. Pure; no I/O.

A *Name* carries both languages, so that a missing translation can be shown as missing; a *Day* carries
the precision of a date, so that "April 2016" never turns into the first of April.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeVar

from pyoxigraph import Literal, NamedNode

from kizuna.engine.types import Row
from kizuna.workspace.names import BASE, ID, NS

T = TypeVar("T")

PRECISIONS = ("day", "month", "year")


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A thing with its names. `ja`/`en` are None where no label in that language exists."""

    iri: str
    ja: str | None = None
    en: str | None = None

    def label(self, language: str) -> str:
        """The label in `language`, else in the other one, else the last part of the IRI."""
        first, second = (self.ja, self.en) if language == "ja" else (self.en, self.ja)
        return first or second or local_name(self.iri)

    def language(self, language: str) -> str | None:
        """The language that `label` is really in: `language`, the other one, or None for a bare IRI part."""
        other = "en" if language == "ja" else "ja"
        for candidate in (language, other):
            if getattr(self, candidate):
                return candidate
        return None


@dataclass(frozen=True, slots=True, order=True)
class Day:
    """A date as precisely as it is known. `value` is the first day of the period.

    Args:
        value: first day of the stated period.
        precision: day, month or year.
    """

    value: date
    precision: str = "day"

    @property
    def text(self) -> str:
        """ISO 8601 with only the known parts: 2024-07-08, 2024-07 or 2024."""
        length = {"day": 10, "month": 7, "year": 4}[self.precision]
        return self.value.isoformat()[:length]


@lru_cache(maxsize=16_384)
def local_name(iri: str) -> str:
    """The last part of an IRI, after `#` or the last `/`."""
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]


def kind_and_slug(iri: str) -> tuple[str, str] | None:
    """(KIND, SLUG) of `…/id/KIND/SLUG`, or None for any other IRI."""
    if not iri.startswith(ID):
        return None
    kind, _, slug = iri[len(ID) :].partition("/")
    return (kind, slug) if kind and slug else None


def short(iri: str) -> str:
    """A short form for people: `id/state/XXX`, `ns#Agreement`, or the IRI itself."""
    return iri[len(BASE) :] if iri.startswith(BASE) else iri


def iri(row: Row, variable: str) -> str | None:
    """The IRI bound to `variable`, or None when unbound or no IRI."""
    term = row.get(variable)
    return term.value if isinstance(term, NamedNode) else None


def text(row: Row, variable: str) -> str | None:
    """The text of the literal bound to `variable`, or None."""
    term = row.get(variable)
    return term.value if isinstance(term, Literal) else None


def number(row: Row, variable: str) -> int:
    """The whole number bound to `variable`; 0 when unbound."""
    term = row.get(variable)
    return int(term.value) if isinstance(term, Literal) else 0


def truth(row: Row, variable: str) -> bool:
    """True when `variable` is bound to the literal true."""
    return text(row, variable) == "true"


def name(row: Row, variable: str) -> Name | None:
    """The thing bound to `variable` with its names in `<variable>Ja` and `<variable>En`."""
    found = iri(row, variable)
    return None if found is None else Name(found, text(row, variable + "Ja"), text(row, variable + "En"))


def named(row: Row, variable: str) -> Name:
    """Like `name`, for a variable that the query always binds.

    Raises:
        KeyError: it is not bound to an IRI, which means that the query is wrong.
    """
    found = name(row, variable)
    if found is None:
        raise KeyError(variable)
    return found


def day(row: Row, variable: str) -> Day | None:
    """The date bound to `variable`, with the precision in `<variable>Precision` (default: day)."""
    value = text(row, variable)
    if value is None:
        return None
    return _day(value, iri(row, variable + "Precision"))


@lru_cache(maxsize=16_384)
def _day(value: str, known: str | None) -> Day:
    """A day of its text and the IRI of its precision: a page has hundreds, most of them many times."""
    precision = local_name(known or "day")
    return Day(date.fromisoformat(value[:10]), precision if precision in PRECISIONS else "day")


def each(read: Callable[[Row, str], T | None], rows: Iterable[Row], variable: str) -> list[T]:
    """What `read` finds for `variable` in each row, without the rows in which it finds nothing."""
    return [found for row in rows if (found := read(row, variable)) is not None]


def term(word: str) -> str:
    """The IRI of a term of the vocabulary."""
    return NS + word
