"""Which workspace is used when none is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from kizuna.workspace import bundled


def test_the_environment_wins_then_here_then_the_bundled_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, package = tmp_path / "here", tmp_path / "package"
    (here / "data").mkdir(parents=True)
    (package / "ontology").mkdir(parents=True)
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setattr(bundled, "BUNDLED", package)
    assert bundled.find_workspace({"KIZUNA_WORKSPACE": "/elsewhere"}, here) == Path("/elsewhere")
    assert bundled.find_workspace({}, here) == here
    assert bundled.find_workspace({}, empty) == package
    monkeypatch.setattr(bundled, "BUNDLED", tmp_path / "none")
    assert bundled.find_workspace({}, empty) == empty
