"""Rows of XLSX files. openpyxl is made to read XML by defusedxml, which refuses entities (it would take lxml if that happened to be
installed); what unpacks to too much is refused before it is unpacked. Plain functions over bytes.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from kizuna.changes.documents import refusal
from kizuna.changes.tables import Row

os.environ["OPENPYXL_LXML"] = "False"

from openpyxl import load_workbook
from openpyxl.xml import DEFUSEDXML, LXML

if LXML or not DEFUSEDXML:
    raise ImportError(
        "Spreadsheets must be read by defusedxml: import kizuna.changes.workbooks before openpyxl."
    )

MOST_UNPACKED: Final = 300_000_000
MOST_RATIO: Final = 400
MOST_PARTS: Final = 2_000


@dataclass(frozen=True, slots=True)
class OpenSheet:
    """A sheet of a file.

    Args:
        title: its title.
        others: titles of the sheets that are not read.
        rows: its rows, to be read once.
    """

    title: str
    others: tuple[str, ...]
    rows: Iterator[Row]


def check_zip(body: bytes) -> None:
    """Refuse archives that unpack to more than a table can need, before anything is unpacked.

    Raises:
        DocumentError: no archive, or one that is out of proportion.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise refusal(
            "bad-table",
            f"XLSX として読めません({error})。途中で切れていないか確かめ、XLSX か CSV で保存し直してください。",
            f"This is no XLSX file ({error}): make sure that it is whole, and save it as XLSX or CSV again.",
        ) from error
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(len(body), 1024):
        raise refusal(
            "table-too-large",
            "展開すると大きすぎる XLSX です。表を分けてください。",
            "The XLSX file unpacks to too much: split the table.",
        )


def open_sheet(body: bytes, table: str, wanted: str = "") -> OpenSheet:
    """Choose a sheet: the wanted one, else the one that has the table's name, else the first. Its rows are not read yet.

    Args:
        body: the file.
        table: name of the mapping.
        wanted: title of a sheet; "" leaves the choice.

    Raises:
        DocumentError: it cannot be read, or has no such sheet.
    """
    check_zip(body)
    try:
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=False, keep_links=False)
        titles = [str(sheet.title) for sheet in book.worksheets]
    except Exception as error:  # whatever a broken or hostile file makes the reader raise
        raise _unreadable(error) from error
    if not titles or (wanted and wanted not in titles):
        names = ", ".join(title[:40] for title in titles[:50])
        raise refusal(
            "unknown-sheet",
            f"「{wanted[:40]}」というシートはありません(あるもの: {names})。",
            f"There is no sheet '{wanted[:40]}' (there are: {names}).",
        )
    title = wanted or (table if table in titles else titles[0])
    number = titles.index(title)
    others = tuple(titles[:number] + titles[number + 1 :])
    return OpenSheet(title, others, _rows(book.worksheets[number]))


def _rows(sheet: Any) -> Iterator[Row]:
    try:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            row = [_text(cell) for cell in cells]
            while row and not row[-1]:
                row.pop()
            yield number, row
    except Exception as error:  # as above
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> Exception:
    name = type(error).__name__
    return refusal(
        "bad-table",
        f"XLSX を読めません({name})。表計算ソフトで開き、XLSX か CSV で保存し直してください。",
        f"The XLSX file cannot be read ({name}): open it in a spreadsheet program and save it as XLSX or CSV again.",
    )


def _text(cell: Any) -> str:
    """A cell as text would have it. A formula stays one: it begins with `=`."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return value if isinstance(value, str) and value.startswith("=") else "="
    if isinstance(value, datetime):
        whole = not value.time().replace(microsecond=0).isoformat().strip("0:")
        return value.date().isoformat() if whole else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
