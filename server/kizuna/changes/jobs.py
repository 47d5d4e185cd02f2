"""Everything that sandboxes run for changes, imported in one go: the keeper does it before anything is forked.

A sandbox cannot open files, so what it needs has to be loaded before.
"""

from __future__ import annotations

import kizuna.changes.consequences
import kizuna.changes.documents
import kizuna.changes.forms
import kizuna.changes.gate
import kizuna.changes.merge
import kizuna.changes.sheets
import kizuna.changes.updates
import kizuna.changes.workflow  # noqa: F401
