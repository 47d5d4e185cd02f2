"""A ledger in a fresh file, with somebody who may write in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kizuna.ledger.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    fresh = Ledger(tmp_path / "ledger" / "kizuna.sqlite3")
    fresh.accounts.add("aoi", "publisher")
    return fresh
