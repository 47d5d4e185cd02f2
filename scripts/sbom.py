"""Writes bills of materials of what an installation holds: CycloneDX from the two lock files, the same bytes every time.

    python scripts/sbom.py FOLDER        (make sbom writes into dist/sbom)

`python.cdx.json` comes from requirements.lock by cyclonedx-py, `frontend.cdx.json` from package-lock.json by npm (what
is bundled, not what bundles). Neither asks a network. What differs from run to run (a serial number, the time, the
version of the tool's host) is taken out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FRONTEND = ROOT / "server" / "frontend"


def python_parts() -> dict[str, Any]:
    """The libraries of requirements.lock."""
    tool = Path(sys.executable).parent / "cyclonedx-py"
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        command = [str(tool), "requirements", "requirements.lock", "--output-reproducible"]
        subprocess.run(
            [*command, "--of", "JSON", "--sv", "1.6", "-o", str(out)],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    for part in found["components"]:
        part["bom-ref"] = part["purl"]
        del part["description"]  # the line of the lock file once more
        for reference in part["externalReferences"]:
            reference.pop("comment", None)
    found["metadata"]["component"] = {"bom-ref": "kizuna", "type": "application", "name": "kizuna"}
    found["dependencies"] = [{"ref": part["purl"]} for part in found["components"]]
    return found


def frontend_parts() -> dict[str, Any]:
    """The libraries that the bundle is made of."""
    command = ["npm", "sbom", "--sbom-format", "cyclonedx", "--package-lock-only", "--omit", "dev"]
    done = subprocess.run(command, cwd=FRONTEND, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    found["metadata"]["component"]["name"] = "kizuna-frontend"
    return found


def settled(found: dict[str, Any]) -> str:
    """The bill as text, without what differs from run to run."""
    found.pop("serialNumber", None)
    for name in ("timestamp", "tools"):
        found["metadata"].pop(name, None)
    found["components"].sort(key=lambda part: str(part["bom-ref"]))
    found["dependencies"].sort(key=lambda one: str(one["ref"]))
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write(folder: Path) -> None:
    """Write both bills.

    Raises:
        CalledProcessError: a tool cannot read its lock file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "python.cdx.json").write_text(settled(python_parts()), "utf-8")
    (folder / "frontend.cdx.json").write_text(settled(frontend_parts()), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
