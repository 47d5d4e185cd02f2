"""How the keeper loads the record, with what the gate will need already worked out: forks inherit it. Reads files; no thread.

Named to the keeper as `kizuna.changes.loading:load_record`.
"""

from __future__ import annotations

from pathlib import Path

from kizuna.changes.gate import shapes_text, validator_of
from kizuna.ledger.load import load_with_ledger
from kizuna.workspace.load import LoadedWorkspace


def load_record(workspace: Path) -> LoadedWorkspace:
    """Load the record (files and ledger) and analyse its shapes.

    Raises:
        WorkspaceError, LedgerError: as `load_with_ledger`.
    """
    loaded = load_with_ledger(workspace)
    _ = validator_of(shapes_text(loaded.store)).reads
    return loaded
