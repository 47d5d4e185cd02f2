"""Spreadsheets as a way in: CSV in the encodings that occur, and XLSX, read by a declared mapping with a preview.

`read` runs in a sandboxed fork. Nothing is calculated and nothing is guessed: a formula, a broken cell, an encoding that does not hold
to the end of the file are problems with their place.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from pyoxigraph import NamedNode, Quad, Store

from kizuna.changes.documents import DocumentError, DocumentProblem, Mode, to_patch
from kizuna.changes.importing import actor_codes
from kizuna.changes.mapping import Mapping, built_in
from kizuna.changes.patch import Patch, PatchError, parse_patch
from kizuna.changes.seen import Seen
from kizuna.changes.tables import Actors, TableProblem, TableRow, read_row
from kizuna.changes.workbooks import load_workbook
from kizuna.engine.progress import tell

JOB: Final = "kizuna.changes.sheets:read"
Kind = Literal["csv", "xlsx"]
MOST_ROWS: Final = 200_000
MOST_CELL: Final = 32_767
MOST_UNPACKED: Final = 300_000_000
MOST_RATIO: Final = 400
MOST_PARTS: Final = 2_000
MOST_PROBLEMS: Final = 200
PREVIEWED: Final = 20
PIECE: Final = 1 << 18  # bytes that are decoded at a time

Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a table gave.

    Args:
        patch: the change; empty with problems.
        rows: rows understood.
        problems: what is wrong, with line and column (at most 200).
        preview: the first rows: line, IRI, and (property IRI, N-Triples value) pairs.
    """

    patch: Patch
    rows: int
    problems: tuple[TableProblem, ...]
    preview: tuple[tuple[int, str, tuple[tuple[str, str], ...]], ...]


def read(store: Store, body: bytes, kind: Kind, table: str, graph: str, mode: Mode) -> bytes:
    """Turn a table into a patch. To be run in a fork.

    Args:
        store: the record.
        body: the file.
        kind: csv or xlsx.
        table: name of the mapping.
        graph: IRI of the graph that gets the rows.
        mode: as in kizuna.changes.documents.

    Returns:
        JSON for `read_answer`.
    """
    try:
        sheet = to_sheet(store, body, kind, table, graph, mode)
    except DocumentError as error:
        one = error.problem
        return json.dumps({"problem": [one.code, one.ja, one.en, one.line, one.column]}).encode()
    except PatchError as refused:
        return json.dumps({"problem": [refused.code, refused.ja, refused.en, None, None]}).encode()
    return json.dumps(
        {
            "patch": sheet.patch.text(),
            "rows": sheet.rows,
            "problems": [[p.table, p.line, p.column, p.ja, p.en] for p in sheet.problems],
            "preview": sheet.preview,
        }
    ).encode()


def read_answer(answer: bytes) -> Sheet:
    """What `read` returned.

    Raises:
        DocumentError: the file as a whole cannot be used.
    """
    given = json.loads(answer)
    if "problem" in given:
        raise DocumentError(DocumentProblem(*given["problem"]))
    return Sheet(
        parse_patch(given["patch"]),
        given["rows"],
        tuple(TableProblem(*one) for one in given["problems"]),
        tuple((line, iri, tuple(map(tuple, pairs))) for line, iri, pairs in given["preview"]),
    )


def to_sheet(store: Store, body: bytes, kind: Kind, table: str, graph: str, mode: Mode) -> Sheet:
    """As `read`, with plain data.

    Raises:
        DocumentError, PatchError: the file cannot be used.
    """
    mappings = built_in()
    if table not in mappings:
        raise _error(
            "unknown-table",
            f"「{table}」という表の対応づけはありません({', '.join(mappings)})。",
            f"There is no mapping for a table '{table}' (there are: {', '.join(mappings)}).",
        )
    try:
        name = NamedNode(graph)
    except ValueError as error:
        raise _error(
            "no-graph", f"「{graph}」はグラフの名前になりません。", f"'{graph}' cannot name a graph."
        ) from error
    problems: list[TableProblem] = []
    quads: list[Quad] = []
    preview: list[tuple[int, str, tuple[tuple[str, str], ...]]] = []
    count = 0
    total = body.count(b"\n") if kind == "csv" else 0
    for row in read_rows(body, kind, table, actor_codes(store), problems):
        count += 1
        tell("rows", count, total)
        quads += [Quad(t.subject, t.predicate, t.object, name) for t in row.triples]
        if len(preview) < PREVIEWED:
            preview.append(
                (row.line, row.subject.value, tuple((t.predicate.value, str(t.object)) for t in row.triples))
            )
        if len(problems) >= MOST_PROBLEMS:
            break
    patch = Patch() if problems else to_patch(store, quads, mode, graph)
    return Sheet(patch, count, tuple(problems[:MOST_PROBLEMS]), tuple(preview))


def read_rows(
    body: bytes, kind: Kind, table: str, actors: Actors, problems: list[TableProblem]
) -> Iterator[TableRow]:
    """Rows of a table one by one, as its mapping reads them; what is wrong goes to `problems`. Nothing is kept of them.

    Raises:
        DocumentError: the file cannot be read.
    """
    rows = csv_rows(body) if kind == "csv" else xlsx_rows(body, table, problems)
    return understood(built_in()[table], rows, actors, problems)


def _error(code: str, ja: str, en: str, line: int | None = None) -> DocumentError:
    return DocumentError(DocumentProblem(code, ja, en, line))


# Rows.


def encoding_of(body: bytes) -> str:
    """The encoding of a CSV file: UTF-8 (with BOM or not), UTF-16 (with BOM), or Shift_JIS as Windows writes it.

    Looks through all of it a piece at a time and keeps none of it.

    Raises:
        DocumentError: none of them holds to the end; says in which line it breaks.
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        names = ["utf-16"]
    elif body.startswith(b"\xef\xbb\xbf"):
        names = ["utf-8-sig"]
    else:
        names = ["utf-8", "cp932"]
    furthest = 0
    for name in names:
        breaks = _breaks(body, name)
        if breaks is None:
            return name
        furthest = max(furthest, breaks)
    line = body.count(b"\n", 0, furthest) + 1
    raise _error(
        "bad-encoding",
        f"{line}行目で文字を読めません。文字コードが混ざっていないか確かめ、UTF-8 で保存し直してください。",
        f"Line {line} cannot be read: encodings seem to be mixed. Save the file as UTF-8.",
        line,
    )


def _breaks(body: bytes, encoding: str) -> int | None:
    """Where a file is no longer in an encoding, or has a zero character; None: nowhere."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for offset in range(0, len(body) + 1, PIECE):
        held = len(decoder.getstate()[0])
        piece = body[offset : offset + PIECE]
        try:
            text = decoder.decode(piece, final=offset + PIECE > len(body))
        except UnicodeDecodeError as error:
            return offset - held + error.start
        if "\0" in text:
            return offset
    return None


def decoded(body: bytes) -> str:
    """The whole text of a file.

    Raises:
        DocumentError: as `encoding_of`.
    """
    return body.decode(encoding_of(body))


def csv_rows(body: bytes) -> Iterator[Row]:
    """Line number and cells of each row, read a piece at a time. Commas, or tabs when the first line has tabs and no comma.

    Raises:
        DocumentError: a quotation mark is not closed, a cell is too long, or the encoding does not hold.
    """
    encoding = encoding_of(body)
    first = io.TextIOWrapper(io.BytesIO(body), encoding).readline(MOST_CELL)
    delimiter = "\t" if "\t" in first and "," not in first else ","
    csv.field_size_limit(MOST_CELL)
    reader = csv.reader(
        io.TextIOWrapper(io.BytesIO(body), encoding, newline=""), delimiter=delimiter, strict=True
    )
    while True:
        try:
            yield reader.line_num + 1, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line = reader.line_num
            raise _error(
                "bad-table",
                f"{line}行目を表として読めません({error})。引用符を確かめてください。",
                f"Line {line} is no row of a table ({error}): check its quotation marks.",
                line,
            ) from error


def check_zip(body: bytes) -> None:
    """Refuse archives that unpack to more than a table can need, before anything is unpacked.

    Raises:
        DocumentError: no archive, or one that is out of proportion.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise _error(
            "bad-table", f"XLSX として読めません({error})。", f"This is no XLSX file: {error}"
        ) from error
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(len(body), 1024):
        raise _error(
            "table-too-large",
            "展開すると大きすぎる XLSX です。表を分けてください。",
            "The XLSX file unpacks to too much: split the table.",
        )


def xlsx_rows(body: bytes, table: str, problems: list[TableProblem]) -> Iterator[Row]:
    """Rows of the first sheet, one by one. Formulas and error values go to `problems`.

    Raises:
        DocumentError: it cannot be read.
    """
    check_zip(body)
    try:
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            row = [_cell(cell, number, table, problems) for cell in cells]
            while row and not row[-1]:
                row.pop()
            yield number, row
    except DocumentError:
        raise
    except Exception as error:  # whatever a broken or hostile file makes the reader raise
        raise _error(
            "bad-table",
            f"XLSX を読めません({type(error).__name__})。",
            f"The XLSX file cannot be read ({type(error).__name__}).",
        ) from error


def _cell(cell: Any, line: int, table: str, problems: list[TableProblem]) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        problems.append(_formula(table, line, str(cell.coordinate)))
        return ""
    if cell.data_type == "e":
        problems.append(
            TableProblem(
                table,
                line,
                str(cell.coordinate),
                f"エラー値({value})です。値を入れてください。",
                f"Holds an error ({value}): give a value.",
            )
        )
        return ""
    if isinstance(value, datetime):
        return (
            value.date().isoformat()
            if not value.time().replace(microsecond=0).isoformat().strip("0:")
            else value.isoformat()
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _formula(table: str, line: int, column: str) -> TableProblem:
    return TableProblem(
        table,
        line,
        column,
        "数式です。計算はしません。値として貼り付けてください。",
        "Is a formula; nothing is calculated here: paste its value.",
    )


# What the rows mean.


def understood(
    mapping: Mapping, rows: Iterable[Row], actors: Actors, problems: list[TableProblem]
) -> Iterator[TableRow]:
    """Rows read by a mapping, one by one; what is wrong goes to `problems`. Columns may stand in any order.

    Raises:
        DocumentError: more rows than may be.
    """

    def wrong(line: int, ja: str, en: str, column: str = "") -> None:
        problems.append(TableProblem(mapping.name, line, column, ja, en))

    header: list[str] | None = None
    seen = Seen(MOST_ROWS + 1)
    for count, (line, cells) in enumerate(rows):
        if count > MOST_ROWS:
            raise _error(
                "table-too-large",
                f"{MOST_ROWS}行を超える表です。分けて取り込んでください。",
                f"The table has more than {MOST_ROWS} rows: split it.",
            )
        cells = [cell.strip() for cell in cells]
        if header is None:
            header = [cells[0].removeprefix("\ufeff"), *cells[1:]] if cells else []
            lacking = [name for name in mapping.header if name not in header]
            foreign = [name for name in header if name not in mapping.header]
            twice = [name for name in set(header) if header.count(name) > 1]
            if lacking or foreign or twice:
                wrong(line, *_header_words(lacking, foreign, twice))
                return
            continue
        if not any(cells):
            continue
        cells += [""] * (len(header) - len(cells))
        if len(cells) != len(header):
            counts = f"{len(cells)} / {len(header)}"
            wrong(line, f"列の数が違います({counts})。", f"Wrong number of cells ({counts}).")
            continue
        formulas = [name for name, cell in zip(header, cells, strict=True) if cell.startswith("=")]
        if formulas:
            problems += [_formula(mapping.name, line, name) for name in formulas]
            continue
        row, found = read_row(mapping, dict(zip(header, cells, strict=True)), line, actors)
        problems += found
        if row is None:
            continue
        if (first := seen.first(row.subject.value, line)) != line:
            wrong(line, f"{first}行目と同じものです。", f"Is the same thing as line {first}.")
            continue
        yield row


def _header_words(lacking: list[str], foreign: list[str], twice: list[str]) -> tuple[str, str]:
    ja, en = [], []
    if lacking:
        ja.append(f"列が足りません: {', '.join(lacking)}。")
        en.append(f"Columns are missing: {', '.join(lacking)}.")
    if foreign:
        ja.append(f"知らない列があります: {', '.join(foreign)}。")
        en.append(f"Columns that the mapping does not know: {', '.join(foreign)}.")
    if twice:
        ja.append(f"同じ列が二つあります: {', '.join(sorted(twice))}。")
        en.append(f"The header names a column twice: {', '.join(sorted(twice))}.")
    return "".join(ja), " ".join(en)
