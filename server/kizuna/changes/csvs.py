"""Rows of CSV files, in the encodings that occur: UTF-8, UTF-16, and Shift_JIS as Windows writes it. Plain functions over bytes.

Nothing is guessed: an encoding that does not hold to the end of the file is a problem with its line.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Final

from kizuna.changes.documents import refusal
from kizuna.changes.tables import MOST_CELL, Row

PIECE: Final = 1 << 18  # bytes that are decoded at a time


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
    raise refusal(
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
            raise refusal(
                "bad-table",
                f"{line}行目を表として読めません({error})。引用符を確かめてください。",
                f"Line {line} is no row of a table ({error}): check its quotation marks.",
                line,
            ) from error
