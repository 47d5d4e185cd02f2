"""openpyxl, made to read XML by defusedxml, which refuses entities. It would take lxml if that happened to be installed."""

from __future__ import annotations

import os

os.environ["OPENPYXL_LXML"] = "False"

from openpyxl import load_workbook
from openpyxl.xml import DEFUSEDXML, LXML

if LXML or not DEFUSEDXML:
    raise ImportError(
        "Spreadsheets must be read by defusedxml: import kizuna.changes.workbooks before openpyxl."
    )

__all__ = ["load_workbook"]
