"""Turn a query result into bytes, in blocks, with exact limits. Runs in a worker; writes only through `emit`.

Solutions are written by the library in the asked format and metered on the way (meter.py). Graphs are written
natively as N-Triples first: a line is a triple, so counting, removing repetitions (an answer of CONSTRUCT is a set,
SPARQL 1.1 §16.2) and cutting are exact; each block of lines is then written in the asked format, sorted, with
the product's prefixes.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import IO, Final, cast

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    parse,
    serialize,
)

from kizuna.engine.formats import GRAPH_FORMATS, RESULT_FORMATS
from kizuna.engine.meter import meter_for
from kizuna.workspace.names import PREFIXES

Emit = Callable[[bytes], None]

SOLUTION_BLOCK: Final = 65_536
GRAPH_BLOCK: Final = 262_144
REMEMBERED_LINES: Final = 1_000_000
"""Repetitions are removed among this many triples; beyond, memory matters more than a repeated line."""


class _Full(Exception):  # noqa: N818 (not an error: it stops the library's writer)
    """A bound is reached."""


class _Blocks(ABC):
    """A binary file for the library to write to, which hands over blocks of at least `size` bytes."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.held: list[bytes] = []
        self.length = 0
        self.rows = 0
        self.truncated = False

    def write(self, data: bytes) -> int:
        """Called by the library, once more even after it was told to stop: its buffer is flushed when dropped."""
        if self.truncated:
            raise _Full
        self.held.append(data)
        self.length += len(data)
        if self.length >= self.size:
            joined = b"".join(self.held)
            taken = self.take(joined, last=False)
            self.held = [joined[taken:]]
            self.length = len(joined) - taken
            if not taken:
                self.size *= 2  # one row longer than a block: don't look again at every write
        return len(data)

    def flush(self) -> None:  # noqa: B027 (a file can be flushed; here there is nothing to do)
        """The library asks for it at the end; what is held is written by `run`."""

    @abstractmethod
    def take(self, block: bytes, last: bool) -> int:
        """Use the beginning of `block` (all of it when it is the last); returns how much was used."""

    def run(self, write: Callable[[_Blocks], object]) -> None:
        """Let `write` fill this file, then use what is left."""
        try:
            write(self)
            self.take(b"".join(self.held), last=True)
        except _Full:
            return

    def full(self) -> _Full:
        """Note that a bound is reached; the result is to be raised."""
        self.truncated = True
        return _Full()


class SolutionWriter(_Blocks):
    """Solutions in one of RESULT_FORMATS, cut after whole rows.

    Args:
        media_type: the format.
        variables: the projection.
        rows: rows at most, None for no bound.
        room: bytes at most, None for no bound.
        emit: takes each block.
    """

    def __init__(
        self, media_type: str, variables: list[str], rows: int | None, room: int | None, emit: Emit
    ) -> None:
        super().__init__(SOLUTION_BLOCK)
        self.meter = meter_for(media_type, tuple(variables))
        self.limit = rows
        self.room = room
        self.emit = emit
        self.first = True

    def take(self, block: bytes, last: bool) -> int:  # noqa: D102
        cut = len(block) if last else self.meter.boundary(block)
        if not cut:
            return 0
        block = block[:cut]
        rows = self.meter.count(block, self.first)
        over_rows = self.limit is not None and self.rows + rows > self.limit
        if over_rows or (self.room is not None and len(block) > self.room):
            self._end(block)
        self._pass(block, rows)
        return cut

    def _pass(self, block: bytes, rows: int) -> None:
        self.emit(block)
        self.rows += rows
        self.first = False
        if self.room is not None:
            self.room -= len(block)

    def _end(self, block: bytes) -> None:
        places = self.meter.places(block, self.first)
        kept = len(places) if self.limit is None else min(len(places), self.limit - self.rows)
        if self.room is not None:
            room = self.room - len(self.meter.suffix)
            # The header always goes out; rows only as far as they fit.
            while kept > 0 and (places[kept] if kept < len(places) else len(block)) > room:
                kept -= 1
        if kept < len(places):
            self._pass(block[: places[kept]] + self.meter.suffix, kept)
            raise self.full()
        self._pass(block, kept)


class GraphWriter(_Blocks):
    """Triples, each once, in one of GRAPH_FORMATS. Arguments as for SolutionWriter."""

    def __init__(self, media_type: str, rows: int | None, room: int | None, emit: Emit) -> None:
        super().__init__(GRAPH_BLOCK)
        self.form = _GraphForm.of(GRAPH_FORMATS[media_type])
        self.limit = rows
        self.room = room
        self.emit = emit
        self.seen: set[bytes] = set()

    def run(self, write: Callable[[_Blocks], object]) -> None:  # noqa: D102
        super().run(write)
        self.emit(self.form.close())

    def take(self, block: bytes, last: bool) -> int:  # noqa: D102
        cut = len(block) if last else block.rfind(b"\n") + 1
        lines = list(dict.fromkeys(block[:cut].split(b"\n")))
        if self.seen:
            lines = [line for line in lines if line not in self.seen]
        lines = [line for line in lines if line]
        if len(self.seen) < REMEMBERED_LINES:
            self.seen.update(lines)
        full = self.limit is not None and self.rows + len(lines) > self.limit
        if full and self.limit is not None:
            lines = lines[: self.limit - self.rows]
        if lines:
            text = self.form.write(lines)
            if self.room is not None:
                if len(text) > self.room:
                    raise self.full()
                self.room -= len(text)
            self.emit(text)
            self.rows += len(lines)
        if full:
            raise self.full()
        return cut


class _GraphForm:
    """Writes blocks of N-Triples lines so that all blocks together are one document."""

    def __init__(self, form: RdfFormat) -> None:
        self.form = form

    @staticmethod
    def of(form: RdfFormat) -> _GraphForm:
        if form in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS):
            return _GraphForm(form)
        if form == RdfFormat.RDF_XML:
            return _RdfXml(form)
        return _JsonLd(form) if form == RdfFormat.JSON_LD else _Turtle(form)

    def write(self, lines: list[bytes]) -> bytes:
        return b"\n".join(lines) + b"\n"

    def close(self) -> bytes:
        return b""

    def _convert(self, lines: list[bytes], prefixes: dict[str, str]) -> bytes:
        triples = parse(b"\n".join(sorted(lines)), format=RdfFormat.N_TRIPLES, lenient=True)
        return serialize(triples, format=self.form, prefixes=prefixes) or b""


class _Turtle(_GraphForm):
    """Turtle, TriG, N3: prefixes are declared when first used."""

    head: Final = re.compile(rb"(?:@prefix [^\n]*\n)+")

    def __init__(self, form: RdfFormat) -> None:
        super().__init__(form)
        self.used: dict[str, str] = {}
        self.unused = dict(PREFIXES)

    def write(self, lines: list[bytes]) -> bytes:
        block = b"\n".join(lines)
        new = {name: iri for name, iri in self.unused.items() if b"<" + iri.encode() in block}
        for name, iri in new.items():
            self.used[name] = iri
            del self.unused[name]
        declared = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in sorted(new.items())).encode()
        return declared + self.head.sub(b"", self._convert(lines, self.used), count=1)


class _RdfXml(_GraphForm):
    """RDF/XML: one root element around the blocks."""

    def __init__(self, form: RdfFormat) -> None:
        super().__init__(form)
        empty = serialize([], format=form, prefixes=PREFIXES) or b""
        self.root = empty.removesuffix(b"</rdf:RDF>")
        self.begun = False

    def write(self, lines: list[bytes]) -> bytes:
        text = self._convert(lines, PREFIXES)
        # The root element's attributes come in any order: cut at its end, not by length.
        body = text[text.index(b">", text.index(b"<rdf:RDF")) + 1 :].removesuffix(b"</rdf:RDF>").lstrip(b"\n")
        head = b"" if self.begun else self.root
        self.begun = True
        return head + body

    def close(self) -> bytes:
        return b"</rdf:RDF>\n" if self.begun else self.root + b"</rdf:RDF>\n"


class _JsonLd(_GraphForm):
    """JSON-LD, expanded: one array around the blocks."""

    def __init__(self, form: RdfFormat) -> None:
        super().__init__(form)
        self.begun = False

    def write(self, lines: list[bytes]) -> bytes:
        body = self._convert(lines, {}).strip()[1:-1]
        head = b"," if self.begun else b"["
        self.begun = True
        return head + body

    def close(self) -> bytes:
        return b"]" if self.begun else b"[]"


def write_solutions(
    result: QuerySolutions, media_type: str, rows: int | None, room: int | None, emit: Emit
) -> tuple[int, bool]:
    """Write solutions; returns the number of rows written and whether a bound cut them."""
    writer = SolutionWriter(media_type, [v.value for v in result.variables], rows, room, emit)
    form: QueryResultsFormat = RESULT_FORMATS[media_type]
    writer.run(lambda sink: result.serialize(cast("IO[bytes]", sink), format=form))
    return writer.rows, writer.truncated


def write_graph(
    result: QueryTriples, media_type: str, rows: int | None, room: int | None, emit: Emit
) -> tuple[int, bool]:
    """Write triples; returns the number of triples written and whether a bound cut them."""
    writer = GraphWriter(media_type, rows, room, emit)
    writer.run(lambda sink: result.serialize(cast("IO[bytes]", sink), format=RdfFormat.N_TRIPLES))
    return writer.rows, writer.truncated


def write_boolean(result: QueryBoolean, media_type: str, emit: Emit) -> None:
    """Write the answer of ASK."""
    emit(result.serialize(format=RESULT_FORMATS[media_type]) or b"")
