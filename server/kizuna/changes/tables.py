"""Turn the rows of a table into triples by a declared mapping. Plain functions over rows that are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from kizuna.changes.cells import (
    GENERAL_KNOWLEDGE,
    READ,
    Actors,
    CellError,
    geometry,
    row_iri,
    source_evidence,
)
from kizuna.changes.documents import refusal
from kizuna.changes.mapping import Mapping
from kizuna.changes.seen import Seen
from kizuna.workspace.names import RDF

MOST_ROWS: Final = 200_000
MOST_CELL: Final = 32_767
ERRORS: Final = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})
"""What spreadsheets write where they could not calculate (ECMA-376, 18.17.3)."""

Row = tuple[int, list[str]]
"""Line number and cells."""


@dataclass(frozen=True, slots=True)
class TableProblem:
    """One thing wrong in a table.

    Args:
        table: name of the table.
        line: 1-based line of the row (1 is the header).
        column: heading, or "" for the whole row.
        ja: what is wrong and what to do, in Japanese.
        en: the same in English.
        cell: its address in a spreadsheet (`Sheet1!H2`), or of its row (`Sheet1!2:2`); "" elsewhere.
    """

    table: str
    line: int
    column: str
    ja: str
    en: str
    cell: str = ""

    def text(self, language: str) -> str:
        """The problem in words, with its place."""
        place = f"{self.table}:{self.line}" + (f" [{self.column}]" if self.column else "")
        place += f" {self.cell}" * bool(self.cell)
        return f"{place}: {self.ja if language == 'ja' else self.en}"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row that was understood: its thing and what the row states."""

    line: int
    subject: NamedNode
    triples: tuple[Triple, ...]


def letters(number: int) -> str:
    """The name of a spreadsheet's column: 1 is A, 27 is AA."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def understood(
    mapping: Mapping, rows: Iterable[Row], actors: Actors, problems: list[TableProblem], sheet: str = ""
) -> Iterator[TableRow]:
    """Rows read by a mapping, one by one; what is wrong goes to `problems`. Columns may stand in any order.

    Args:
        mapping: what the columns mean.
        rows: the header and what follows it.
        actors: states and economies of the record by code.
        problems: grows.
        sheet: title of the spreadsheet's sheet; "" for text, where a row of too few cells is a mistake.

    Raises:
        DocumentError: more rows than may be.
    """
    header: list[str] = []

    def wrong(line: int, ja: str, en: str, column: str = "") -> None:
        cell = ""
        if sheet:
            cell = f"{letters(header.index(column) + 1)}{line}" if column in header else f"{line}:{line}"
            cell = f"{sheet}!{cell}"
        problems.append(TableProblem(mapping.name, line, column, ja, en, cell))

    seen = Seen(MOST_ROWS + 1)
    for count, (line, cells) in enumerate(rows):
        if count > MOST_ROWS:
            raise refusal(
                "table-too-large",
                f"{MOST_ROWS}行を超える表です。分けて取り込んでください。",
                f"The table has more than {MOST_ROWS} rows: split it.",
            )
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if not header:
            header = _trimmed([cells[0].removeprefix("\ufeff"), *cells[1:]])
            if wrongs := _header_words(mapping.header, header):
                wrong(line, *wrongs)
                return
            continue
        cells = _trimmed(cells, len(header))
        if sheet:
            cells += [""] * (len(header) - len(cells))
        if len(cells) != len(header):
            wrong(line, *_count_words(len(cells), len(header)))
            continue
        given = dict(zip(header, cells, strict=True))
        nothing = [(name, words) for name, cell in given.items() if (words := _no_value(cell))]
        for name, words in nothing:
            wrong(line, *words, name)
        if nothing:
            continue
        row, found = read_row(mapping, given, line, actors)
        for one in found:
            wrong(one.line, one.ja, one.en, one.column)
        if row is None:
            continue
        if (first := seen.first(row.subject.value, line)) != line:
            wrong(line, f"{first}行目と同じものです。どちらかを消してください。", f"Is the same thing as line {first}: remove one of them.")  # fmt: skip
            continue
        yield row
    if not header:
        expected = ", ".join(mapping.header)
        wrong(1, f"表が空です。1行目に見出しを書いてください: {expected}。", f"The table is empty. Its first line is the header: {expected}.")  # fmt: skip


def _trimmed(cells: list[str], least: int = 0) -> list[str]:
    """Cells without empty ones at the end, beyond the least number."""
    end = len(cells)
    while end > least and not cells[end - 1]:
        end -= 1
    return cells[:end]


def _count_words(cells: int, headings: int) -> tuple[str, str]:
    return (
        f"列の数が違います({cells} / {headings})。区切りの数を見出しに合わせ、区切りを含む値は引用符で囲んでください。",
        f"Wrong number of cells ({cells} / {headings}): "
        "write as many separators as the header has, and quote values that hold one.",
    )


def _no_value(cell: str) -> tuple[str, str] | None:
    """What is wrong with a cell that holds no value but what was to be one."""
    if cell.startswith("="):
        return (
            "数式です。計算はしません。値として貼り付けてください。",
            "Is a formula; nothing is calculated here: paste its value.",
        )
    if cell in ERRORS:
        return f"エラー値({cell})です。値を入れてください。", f"Holds an error ({cell}): give a value."
    return None


def _header_words(known: tuple[str, ...], header: list[str]) -> tuple[str, str] | None:
    """What is wrong with a header."""
    lacking = [name for name in known if name not in header]
    foreign = [name for name in header if name not in known]
    twice = sorted({name for name in header if header.count(name) > 1} & set(known))
    ja, en = [], []
    if lacking:
        ja.append(f"列が足りません: {', '.join(lacking)}。")
        en.append(f"Columns are missing: {', '.join(lacking)}.")
    if foreign:
        ja.append(
            f"知らない列があります: {', '.join(name[:40] or '(見出しなし)' for name in foreign[:20])}。"
        )
        en.append(
            f"Columns that the mapping does not know: {', '.join(name[:40] or '(no heading)' for name in foreign[:20])}."
        )
    if twice:
        ja.append(f"同じ列が二つあります: {', '.join(twice)}。")
        en.append(f"The header names a column twice: {', '.join(twice)}.")
    if not ja:
        return None
    ja.append(f"この表の見出しは {', '.join(known)} です(順は自由)。")
    en.append(f"The header of this table is {', '.join(known)}, in any order.")
    return "".join(ja), " ".join(en)


def read_row(
    mapping: Mapping, row: MappingOf[str, str], line: int, actors: Actors
) -> tuple[TableRow | None, list[TableProblem]]:
    """Read one row. With any problem there is no row."""
    try:
        return _read_row(mapping, row, line, actors)
    except ValueError as error:  # a cell that becomes part of a name, and cannot
        ja, en = (
            f"名前に使えない文字があります（{error}）。",
            f"Has a character that no name can have: {error}.",
        )
        return None, [TableProblem(mapping.name, line, "", ja, en)]


def _read_row(
    mapping: Mapping, row: MappingOf[str, str], line: int, actors: Actors
) -> tuple[TableRow | None, list[TableProblem]]:
    problems: list[TableProblem] = []
    stated: list[tuple[str, NamedNode | Literal]] = [
        (RDF + "type", NamedNode(name)) for name in mapping.types
    ]
    extra: list[Triple] = []
    for column in mapping.columns:
        cell = row[column.name]
        cells = (
            [part.strip() for part in cell.split(";") if part.strip()] if column.many else [cell] * bool(cell)
        )
        if column.required and not cells:
            problems.append(
                TableProblem(
                    mapping.name, line, column.name, "空です。値を入れてください。", "Is empty: give a value."
                )
            )
        if column.reading == "evidence" and not cells:
            stated.append(GENERAL_KNOWLEDGE)
        if column.reading == "point":
            try:
                extra += geometry(NamedNode(row_iri(mapping.iri, row)), cell)
            except CellError as error:
                problems.append(TableProblem(mapping.name, line, column.name, error.ja, error.en))
            continue
        if column.reading == "evidence-here":
            extra += source_evidence(row)
            continue
        for part in cells:
            try:
                stated += READ[column.reading](column, part, mapping, actors)
            except CellError as error:
                problems.append(TableProblem(mapping.name, line, column.name, error.ja, error.en))
    if problems:
        return None, problems
    subject = NamedNode(row_iri(mapping.iri, row))
    triples = [Triple(subject, NamedNode(name), value) for name, value in stated]
    return TableRow(line, subject, tuple(triples + extra)), []
