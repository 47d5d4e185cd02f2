"""The bills of materials are valid CycloneDX, name everything that is locked, and are the same bytes every time."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.support.world import ROOT

VERSIONS = {"1.5": SchemaVersion.V1_5, "1.6": SchemaVersion.V1_6}
NAMES = ("python.cdx.json", "frontend.cdx.json")


def write(folder: Path) -> Path:
    subprocess.run([sys.executable, str(ROOT / "scripts" / "sbom.py"), str(folder)], check=True)
    return folder


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert shutil.which("npm")
    return write(tmp_path_factory.mktemp("bills"))


def parts(bills: Path, name: str) -> dict[str, str]:
    found: dict[str, Any] = json.loads((bills / name).read_text("utf-8"))
    return {part["purl"].split("?")[0]: part["bom-ref"] for part in found["components"]}


@pytest.mark.parametrize("name", NAMES)
def test_a_bill_is_valid(bills: Path, name: str) -> None:
    text = (bills / name).read_text("utf-8")
    assert JsonStrictValidator(VERSIONS[json.loads(text)["specVersion"]]).validate_str(text) is None


def test_every_locked_library_is_named(bills: Path) -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    locked = {f"pkg:pypi/{name}@{version}" for name, version in re.findall(r"(?m)^([\w.-]+)==([\w.]+)", lock)}
    assert len(locked) > 20
    assert locked == set(parts(bills, "python.cdx.json"))


def test_what_is_bundled_is_named_and_what_bundles_is_not(bills: Path) -> None:
    lock = json.loads((ROOT / "server" / "frontend" / "package-lock.json").read_text("utf-8"))["packages"]
    bundled = {
        "pkg:npm/" + path.rpartition("node_modules/")[2].replace("@", "%40") + "@" + one["version"]
        for path, one in lock.items()
        if path and not one.get("dev") and not one.get("devOptional") and not one.get("optional")
    }
    assert len(bundled) > 20
    assert bundled == set(parts(bills, "frontend.cdx.json"))


def test_two_runs_give_the_same_bytes_and_nothing_of_this_machine(bills: Path, tmp_path: Path) -> None:
    again = write(tmp_path)
    for name in NAMES:
        text = (bills / name).read_text("utf-8")
        assert text == (again / name).read_text("utf-8")
        assert str(ROOT) not in text
