"""Everything that sandboxes run for changes, imported in one go: the keeper does it before anything is forked.

A sandbox cannot open files, so what it needs has to be loaded before.
"""

from __future__ import annotations

import codecs
import importlib

import kizuna.changes.consequences
import kizuna.changes.documents
import kizuna.changes.following
import kizuna.changes.forms
import kizuna.changes.gate
import kizuna.changes.merge
import kizuna.changes.places
import kizuna.changes.sheets
import kizuna.changes.updates
import kizuna.changes.whole
import kizuna.changes.workflow  # noqa: F401
from kizuna.changes.mapping import built_in

built_in()
for _name in ("utf-8-sig", "utf-16", "cp932", "cp437"):  # the last is that of names in ZIP archives
    codecs.lookup(_name)
importlib.import_module(
    "pyshacl_turbo.report_decode"
)  # it is imported there only when a whole record is validated
