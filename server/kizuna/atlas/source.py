"""Sources: the list, and the page of one with everything that rests on it. Plain data, no words, no HTML."""

from __future__ import annotations

from dataclasses import dataclass

from kizuna.atlas.about import About, read_about
from kizuna.atlas.evidence import evidence_of
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, Name, day, iri, local_name, named, number, text
from kizuna.atlas.vocabulary import Vocabulary

PAGE = 200


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source in the list."""

    source: str
    title: str
    title_language: str | None
    publisher: str | None
    address: str | None
    consulted: Day | None
    published: Day | None
    kind: Name | None
    statements: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that rests on a source: an event, a participation, a thing …"""

    statement: str
    kind: Name | None
    thing: Name
    event: Name | None
    date: Day | None
    role: Name | None
    locator: str | None


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """One page of the list: `total` sources fit, `lines` begin at `start`."""

    kind: str
    text: str
    start: int
    total: int
    lines: tuple[SourceLine, ...]
    kinds: tuple[tuple[Name, int], ...]

    @property
    def following(self) -> int | None:
        """Where the next page starts, or None on the last."""
        return self.start + PAGE if self.start + PAGE < self.total else None

    @property
    def preceding(self) -> int | None:
        """Where the page before starts, or None on the first."""
        return max(0, self.start - PAGE) if self.start else None


@dataclass(frozen=True, slots=True)
class SourcePage:
    """Everything the page of a source shows."""

    about: About
    line: SourceLine
    statements: tuple[Statement, ...]


def read_sources(
    reader: Reader, words: Vocabulary, kind: str = "", text: str = "", start: int = 0, whole: bool = False
) -> SourcesPage:
    """Read the sources of a kind (slug) whose title or publisher holds `text`; all of them with `whole`."""
    lines = reader.kept("sources", lambda: _lines(reader, words))
    counts: dict[Name, int] = {}
    for line in lines:
        if line.kind:
            counts[line.kind] = counts.get(line.kind, 0) + 1
    wanted = text.strip().casefold()
    fitting = [
        line
        for line in lines
        if (not kind or (line.kind and local_name(line.kind.iri) == kind))
        and (not wanted or wanted in line.title.casefold() or wanted in (line.publisher or "").casefold())
    ]
    start = min(max(start, 0), max(len(fitting) - 1, 0))
    shown = fitting if whole else fitting[start : start + PAGE]
    kinds = tuple(sorted(counts.items(), key=lambda i: (-i[1], i[0].iri)))
    return SourcesPage(kind, text, start, len(fitting), tuple(shown), kinds)


def _lines(reader: Reader, words: Vocabulary) -> list[SourceLine]:
    lines: dict[str, SourceLine] = {}
    for row in reader.rows("sources"):
        source = iri(row, "source")
        if source is None or source in lines:
            continue
        evidence = evidence_of(row).evidence[0]
        lines[source] = SourceLine(
            source=source,
            title=evidence.title,
            title_language=evidence.title_language,
            publisher=evidence.publisher,
            address=evidence.address,
            consulted=evidence.consulted,
            published=day(row, "published"),
            kind=words.concept(iri(row, "sourceKind")),
            statements=number(row, "statements"),
        )
    return sorted(lines.values(), key=lambda x: (x.publisher or "~", x.title))


def read_source(reader: Reader, words: Vocabulary, source: str) -> SourcePage | None:
    """Read the page of a source; None when nothing is stated about it."""
    about = read_about(reader, words, source)
    line = next(
        (x for x in reader.kept("sources", lambda: _lines(reader, words)) if x.source == source), None
    )
    if about is None or line is None:
        return None
    statements: dict[tuple[str, str], Statement] = {}
    for row in reader.rows("source-statements", source=source):
        statement, thing = iri(row, "statement"), named(row, "thing")
        if statement is None:
            continue
        statements.setdefault(
            (statement, thing.iri),
            Statement(
                statement=statement,
                kind=words.class_name(iri(row, "statementKind")),
                thing=thing,
                event=words.concept(iri(row, "eventKind")),
                date=day(row, "date"),
                role=words.concept(iri(row, "role")),
                locator=text(row, "locator"),
            ),
        )
    return SourcePage(about, line, tuple(statements.values()))
