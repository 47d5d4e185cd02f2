"""Runs the steps of the Containerfile in a folder, where no container engine is: derived from it, so that they cannot drift.

    python deploy/steps.py FOLDER [--wheels DIR]

Each stage gets a folder of its own as its root; COPY copies into it, RUN runs there in a plain shell, with every absolute
path that the Containerfile itself names put below that root. Programs are this machine's. What needs root (useradd) is
left out and said. With --wheels, pip takes what it installs from that folder and asks nobody.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILE = Path(__file__).with_name("Containerfile")
ROOTLY = re.compile(r"^useradd\b")
OURS = re.compile(r"(?<![\w.=/:-])/(?=(?:src|opt|srv|wheel)\b)")


@dataclass(slots=True)
class Stage:
    """One stage of the build.

    Args:
        root: stands for `/`.
        name: after AS.
        workdir: present one, as the Containerfile names it.
        environment: of ENV.
        entrypoint: what the image starts.
        command: what it is given.
        user: whom it runs as.
    """

    root: Path
    name: str
    workdir: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    user: str = "root"

    def place(self, path: str) -> Path:
        """A path of the image, here."""
        return self.root / (path if path.startswith("/") else f"{self.workdir}/{path}").lstrip("/")


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """The instructions of a Containerfile: word and rest, continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    for line in filter(None, map(str.strip, joined.splitlines())):
        word, _, rest = line.partition(" ")
        yield word.upper(), rest.strip()


def _patterns() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    return [line for line in lines if line and line[0] != "#"]


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Names that the build's context does not hold: `**/x` at any depth, all else from the root on."""
    here = Path(folder).relative_to(ROOT)
    return {
        name
        for name in names
        for pattern in _patterns()
        if (fnmatch(name, pattern.removeprefix("**/")) and pattern.startswith("**/"))
        or fnmatch((here / name).as_posix(), pattern)
    }


def _copy(stages: dict[str, Stage], stage: Stage, rest: str) -> None:
    words = rest.split()
    origin, ignore = ROOT, _left_out
    if words[0].startswith("--from="):
        origin, ignore = stages[words.pop(0).removeprefix("--from=")].root, None
    *sources, target = words
    place = stage.place(target)
    for source in sources:
        found = origin / source.lstrip("/")
        if found.is_dir():
            shutil.copytree(found, place, dirs_exist_ok=True, symlinks=True, ignore=ignore)
        else:
            into = place / found.name if target.endswith("/") or len(sources) > 1 else place
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(found, into)


def _run(stage: Stage, rest: str, extra: dict[str, str]) -> None:
    for part in rest.split(" && "):
        if ROOTLY.match(part.strip()):
            print(f"  left out (needs root): {part.strip()}", flush=True)
            continue
        here = OURS.sub(f"{stage.root}/", part.strip())
        print(f"  {here}", flush=True)
        environment = {
            "PATH": f"{stage.root.parent / 'bin'}:{os.environ['PATH']}",
            "HOME": str(stage.root),
            "LANG": "C.UTF-8",
            **extra,
            **stage.environment,
        }
        subprocess.run(["sh", "-eu", "-c", here], cwd=stage.place(""), env=environment, check=True)


def build(folder: Path, wheels: Path | None = None) -> Stage:
    """Run all stages; returns the last.

    Raises:
        CalledProcessError: a step fails.
        ValueError: an instruction that is not known here.
    """
    extra = (
        {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
        if wheels
        else {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("PIP_", "npm_config_", "NPM_CONFIG_"))
        }
    )
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(getattr(sys, "_base_executable", sys.executable))
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for word, rest in instructions(FILE.read_text("utf-8")):
        if word == "FROM":
            name = rest.split()[-1] if " AS " in rest else "final"
            stage = stages[name] = Stage(folder / name, name)
            stage.root.mkdir(parents=True)
            print(f"{name}: FROM {rest.split()[0]}", flush=True)
            continue
        if stage is None:
            raise ValueError("FROM must come first.")
        if word == "WORKDIR":
            stage.workdir = rest
            stage.place("").mkdir(parents=True, exist_ok=True)
        elif word == "COPY":
            _copy(stages, stage, rest)
        elif word == "RUN":
            _run(stage, rest, extra)
        elif word == "ENV":
            stage.environment.update(dict(pair.split("=", 1) for pair in shlex.split(rest)))
        elif word == "USER":
            stage.user = rest
        elif word == "ENTRYPOINT":
            stage.entrypoint = json.loads(rest)
        elif word == "CMD":
            stage.command = json.loads(rest)
        elif word not in ("EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "LABEL", "VOLUME"):
            raise ValueError(f"{word} is not known here.")
    if stage is None:
        raise ValueError("There is no stage.")
    return stage


def main() -> int:
    """Run from the command line; prints what the image would start."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wheels", type=Path)
    options = parser.parse_args()
    stage = build(options.folder.resolve(), options.wheels and options.wheels.resolve())
    print(
        f"starts: {' '.join([str(stage.place(stage.entrypoint[0])), *stage.entrypoint[1:], *stage.command])}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
