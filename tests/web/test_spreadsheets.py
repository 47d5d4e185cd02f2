"""An answer as CSV for spreadsheets holds nothing that is calculated when it is opened, and loses nothing."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.web.spreadsheets import BOM, without_formulas

CELLS = st.text(st.sampled_from("=+-@\t\r\n\",'a1.e日"), max_size=6)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=3), min_size=1, max_size=5)
NUMBER = re.compile(r"[+-](\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def read(text: bytes) -> list[list[str]]:
    assert text.startswith(BOM)
    return list(csv.reader(io.StringIO(text[len(BOM) :].decode(), newline="")))


def harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in tuple("=+-@\t\r") and not NUMBER.fullmatch(cell) else cell


@pytest.mark.parametrize(
    "cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-1+1", "\t=1", '=HYPERLINK("x","y")']
)
def test_a_formula_becomes_text(cell: str) -> None:
    assert read(b"".join(without_formulas([written([["name"], [cell]])]))) == [["name"], [f"'{cell}"]]


@pytest.mark.parametrize("cell", ["-1", "+2.50", "-1e-7", "a=b", "日本", ""])
def test_numbers_and_names_stay(cell: str) -> None:
    assert read(b"".join(without_formulas([written([["x", cell]])]))) == [["x", cell]]


@given(ROWS, st.integers(1, 9))
def test_every_cell_is_harmless_wherever_the_text_is_cut(rows: list[list[str]], size: int) -> None:
    text = written(rows)
    blocks = [text[i : i + size] for i in range(0, len(text), size)]
    assert read(b"".join(without_formulas(blocks))) == [[harmless(cell) for cell in row] for row in rows]
